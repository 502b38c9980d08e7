"""Where the same texts carry other labels: topics, documents, and the way in which labels changed."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from textdrift.drift.concept.changed_documents import changed_documents
from textdrift.drift.concept.labelled import LabelledEmbeddings
from textdrift.drift.concept.pooled_fit import PooledFit
from textdrift.drift.concept.reversal import reversal
from textdrift.drift.concept.topics_that_changed import topics_that_changed
from textdrift.drift.contract import Evidence
from textdrift.tokens.marking_words import marking_words

__all__ = ["where_labels_changed"]

_SHOWN_DOCUMENTS = 10


def where_labels_changed(
    fit: PooledFit,
    guess: NDArray[Any],
    topics: NDArray[Any],
    windows: tuple[LabelledEmbeddings, LabelledEmbeddings],
    *,
    level: float,
) -> tuple[Evidence, ...]:
    """Return the tables ``concept_topics``, ``documents`` and ``reversal``.

    Parameters
    ----------
    fit:
        The cross-fitted guesses of the modelled labels.
    guess:
        Shape (N, k), the reference's own guess of them, from `reference_guess`.
    topics:
        Shape (N,), from 0.
    windows:
        The two windows, whose words name the topics where there are any.
    level:
        Of the topics and of a pattern.
    """
    reference, current = windows
    words = None
    counts = None
    if reference.counts is not None and current.counts is not None:
        counts = (reference.counts, current.counts)
        words = marking_words(counts, topics, int(topics.max()) + 1)
    way = reversal(fit, guess, reference.label_names, counts=counts, level=level)
    return (
        Evidence(name="concept_topics", rows=topics_that_changed(fit, topics, words=words, level=level)),
        Evidence(
            name="documents",
            rows=changed_documents(fit, guess, reference.label_names, topics=topics, n_documents=_SHOWN_DOCUMENTS),
        ),
        Evidence(name="reversal", rows=(way.described(),)),
    )
