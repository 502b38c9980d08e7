"""What the tests of languages and templates are given: each document looked at once more, as a text."""

from __future__ import annotations

from math import ceil
from typing import Any

import pyarrow as pa

from textdrift.drift.prepared import Prepared
from textdrift.drift.quality.language import Language
from textdrift.drift.quality.template import Skeletons
from textdrift.drift.window_pair import WindowPair
from textdrift.windows.languages import spoken_in
from textdrift.windows.skeletons import skeleton_clusters

__all__ = ["skeletons", "spoken"]

_FEWEST, _LEAST_SHARE = 5, 0.001  # documents of a template, and their share of the smaller window


def spoken(pair: WindowPair, test: Language) -> Prepared:
    """Give the languages of the documents that count as independent, of very many a sample."""
    eligible = pair.every_document
    documents = eligible if test.max_documents is None else pair.sample(test.max_documents, eligible)
    notes = [
        f"The languages of a random sample of {len(documents[side])} of the {len(eligible[side])} {name} documents."
        for side, name in enumerate(("reference", "current"))
        if len(documents[side]) < len(eligible[side])
    ]
    if pair.groups is not None:
        notes.append(f"One document of each of {pair.groups.n_groups} groups was looked at, drawn from both windows.")
    reference, current = (
        spoken_in(held.texts.take(pa.array(chosen)), held.first_rows[chosen])
        for held, chosen in zip(pair.documents, documents, strict=True)
    )
    return Prepared(reference=reference, current=current, documents=documents, notes=tuple(notes))


def skeletons(pair: WindowPair, _test: Any) -> Prepared:
    """Give the skeletons of all documents, whatever their group: templates are bursts, and those are known to the test.

    Skeletons are sought in both windows at once, so they do not know which window a text came from.
    """
    documents = pair.placed_documents
    n, m = map(len, documents)
    texts = pa.concat_arrays(
        [held.texts.take(pa.array(chosen)) for held, chosen in zip(pair.documents, documents, strict=True)]
    )
    found = skeleton_clusters(texts, fewest=max(_FEWEST, ceil(_LEAST_SHARE * min(n, m))))
    reference, current = (
        Skeletons(skeleton, held.first_rows[chosen])
        for skeleton, held, chosen in zip((found[:n], found[n:]), pair.documents, documents, strict=True)
    )
    return Prepared(reference=reference, current=current, documents=documents)
