"""What tests that look inside segments are given: the documents that count, with their segments and topics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from textdrift.drift.embedding.segments import SlicedEmbeddings
from textdrift.drift.lexical.segments import SlicedCounts
from textdrift.drift.prepared import Prepared
from textdrift.drift.slice_search import documents_affordable
from textdrift.drift.slices import SegmentCodes, segment_codes
from textdrift.drift.window_pair import WindowPair
from textdrift.embeddings.topics import topics_of
from textdrift.tokens.marking_words import marking_words

__all__ = [
    "NamedTopics",
    "named_topics",
    "segments_of",
    "sliced_vectors",
    "sliced_words",
    "topic_column",
    "with_topics",
]

_TOPIC = "topic"

_TOPICS_STREAM = 611  # topics are the same whoever asks, so that tests and names speak of the same ones
_FEWEST_TOPICS, _MOST_TOPICS = 4, 12
_SHOWN_WORDS = 4
_MOST_DOCUMENTS = 20_000  # of a window

Documents = tuple[NDArray[Any], NDArray[Any]]


def segments_of(pair: WindowPair, documents: Documents) -> tuple[SegmentCodes, SegmentCodes]:
    """Return the segments of some documents of both windows; the first row of a document says its values."""
    columns = {
        column: (_values(pair, 0, column, documents[0]), _values(pair, 1, column, documents[1]))
        for column in pair.windows[0].roles.segments
    }
    return segment_codes(columns, (len(documents[0]), len(documents[1])))


def _values(pair: WindowPair, side: int, column: str, documents: NDArray[Any]) -> pa.Array:
    return pair.windows[side].column(column).take(pa.array(pair.documents[side].first_rows[documents]))


@dataclass(frozen=True, slots=True)
class NamedTopics:
    """Topics of the texts of both windows, for at most 20,000 documents of each.

    Attributes
    ----------
    names:
        Words that mark each topic, joined by commas.
    documents:
        Whose topics are known, ascending.
    codes:
        The topic of each of these documents, its place among the names.
    """

    names: tuple[str, ...]
    documents: Documents
    codes: Documents


def named_topics(pair: WindowPair) -> NamedTopics:
    """Return 4 to 12 topics of the documents that count as independent.

    Topics are clusters of the vectors of both windows together, made without regard to the windows; the same pair
    always gets the same ones. Cost: that of `topics_of`.
    """
    documents = pair.sample(_MOST_DOCUMENTS, pair.every_document)
    reference, current = pair.embeddings(documents)
    n = len(reference)
    points = np.vstack([reference.points, current.points])
    n_topics = int(np.clip(round(np.sqrt(len(points)) / 8), _FEWEST_TOPICS, _MOST_TOPICS))
    topics = topics_of(points, n_topics, np.random.default_rng(_TOPICS_STREAM))
    words: list[list[str]] = [[] for _ in range(len(topics))]
    if pair.windows[0].roles.text is not None:
        first, second = (counts.taken(chosen) for counts, chosen in zip(pair.token_counts, documents, strict=True))
        words = marking_words((first, second), topics.of_row, len(topics))
    names: list[str] = []
    for number, of_topic in enumerate(words, start=1):
        name = ", ".join(of_topic[:_SHOWN_WORDS]) or f"topic {number}"
        names.append(f"{name} ({number})" if name in names else name)
    return NamedTopics(tuple(names), documents, (topics.of_row[:n], topics.of_row[n:]))


def with_topics(
    pair: WindowPair, documents: Documents, segments: tuple[SegmentCodes, SegmentCodes]
) -> tuple[SegmentCodes, SegmentCodes]:
    """Return the segments of some documents with their topics as one more column; -1 where a topic is not known."""
    topics = named_topics(pair)
    sides = []
    for side, chosen, known, codes in zip(segments, documents, topics.documents, topics.codes, strict=True):
        place = np.minimum(np.searchsorted(known, chosen), len(known) - 1)
        of_document = np.where(known[place] == chosen, codes[place], -1)
        sides.append(side.with_column(topic_column(pair), topics.names, of_document))
    return sides[0], sides[1]


def topic_column(pair: WindowPair) -> str:
    """Return what the column of topics is called: another name where a segment column has that one."""
    taken = {*pair.windows[0].roles.segments, pair.windows[0].roles.prediction}
    return _TOPIC if _TOPIC not in taken else f"{_TOPIC} of the text"


def sliced_vectors(pair: WindowPair, test: Any) -> Prepared:
    """Give the vectors of independent documents with their segments and topics, a sample of very many."""
    n_columns = len(pair.windows[0].roles.segments) + 1
    documents, notes = _affordable(pair, test, n_columns)
    if not all(map(len, documents)):
        return Prepared(reference=None, current=None, documents=documents)
    segments = with_topics(pair, documents, segments_of(pair, documents))
    sides = [
        SlicedEmbeddings(points, codes) for points, codes in zip(pair.embeddings(documents), segments, strict=True)
    ]
    return Prepared(reference=sides[0], current=sides[1], documents=documents, notes=notes)


def sliced_words(pair: WindowPair, test: Any) -> Prepared:
    """Give the words of independent documents with their segments, a sample of very many."""
    documents, notes = _affordable(pair, test, len(pair.windows[0].roles.segments))
    if not all(map(len, documents)):
        return Prepared(reference=None, current=None, documents=documents)
    sides = [
        SlicedCounts(counts.taken(chosen), codes)
        for counts, chosen, codes in zip(pair.token_counts, documents, segments_of(pair, documents), strict=True)
    ]
    return Prepared(reference=sides[0], current=sides[1], documents=documents, notes=notes)


def _affordable(pair: WindowPair, test: Any, n_columns: int) -> tuple[Documents, tuple[str, ...]]:
    eligible = pair.every_document
    at_most = documents_affordable(n_columns, test.n_permutations, test.max_documents)
    documents = pair.sample(at_most, eligible)
    notes = tuple(
        f"Segments were searched in a random sample of {len(documents[side])} of the {len(eligible[side])} {name} "
        "documents."
        for side, name in enumerate(("reference", "current"))
        if len(documents[side]) < len(eligible[side])
    )
    if pair.groups is not None:
        notes += (f"One document of each of {pair.groups.n_groups} groups was looked at, drawn from both windows.",)
    return documents, notes
