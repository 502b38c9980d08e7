"""The documents with a label, or a prediction, as vectors, words and shares of labels."""

from __future__ import annotations

import numpy as np

from textdrift.drift.concept.labelled import LabelledEmbeddings
from textdrift.drift.prepared import Prepared
from textdrift.drift.window_pair import WindowPair
from textdrift.tokens.token_counts import TokenCounts

__all__ = ["MOST_LABELLED", "labelled_documents"]

MOST_LABELLED = 10_000
"""Labelled documents of a window that the fits of concept drift look at: a thirtieth of them relabelled shows surely,
and five times as many took five minutes of two processors."""


def labelled_documents(pair: WindowPair, at_most: int, role: str = "label") -> Prepared:
    """Return what tests of concept drift look at: vectors, words, and labels (or predictions) of both windows.

    Documents without a label are left out; of more than `at_most` in a window a random sample stays, and it is said.
    """
    reference, current = pair.categories(role)
    names = reference.names
    in_both = reference.shares.any(axis=0) & current.shares.any(axis=0)
    notes = []
    if not in_both.all():
        alone = ", ".join(repr(name) for name, both in zip(names, in_both, strict=True) if not both)
        notes.append(f"One window alone holds the {role}s {alone}; texts with them count among the other {role}s.")
    kept = [(categories.documents, categories.shares) for categories in (reference, current)]
    documents = pair.sample(at_most, (kept[0][0], kept[1][0]))
    for side, name in enumerate(("reference", "current")):
        if len(documents[side]) < len(kept[side][0]):
            notes.append(
                f"Concept drift looked at a random sample of {len(documents[side])} of the {len(kept[side][0])} "
                f"{name} documents with a {role}."
            )
    if not all(map(len, documents)) or not in_both.any():
        return Prepared(reference=None, current=None, documents=documents, notes=tuple(notes))
    embeddings = pair.embeddings(documents)
    sides = []
    for side in (0, 1):
        of_document = np.zeros((len(pair.documents[side]), len(names)))
        of_document[kept[side][0]] = kept[side][1]
        counts = None if pair.has_feature_points else pair.token_counts[side]
        sides.append(
            LabelledEmbeddings(
                embeddings=embeddings[side],
                shares=of_document[documents[side]],
                label_names=names,
                counts=None if counts is None else TokenCounts(counts.counts[documents[side]], counts.terms),
                scores=pair.model_answers.scores(side, documents[side]) if role == "label" else None,
            )
        )
    return Prepared(reference=sides[0], current=sides[1], documents=documents, notes=tuple(notes))
