"""What stands behind a drift of words: stories, word shifts, and the documents that hold the words that moved."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.contract import Evidence, sizes_table
from textdrift.drift.lexical.stories import stories_table
from textdrift.drift.lexical.terms import TermTests, moved, term_tests
from textdrift.drift.lexical.word_shift import label_scores, sentiment_shift, term_scores, word_shift
from textdrift.tokens.token_counts import TokenCounts

__all__ = ["explain_words"]

_MOST_DOCUMENTS = 10
_MOST_WORDS = 5
_FALSE_DISCOVERIES = 0.05


def explain_words(
    reference: TokenCounts,
    current: TokenCounts,
    *,
    level: float = _FALSE_DISCOVERIES,
    min_documents: int = 5,
    shares: NDArray[np.float64] | None = None,
    label_names: tuple[str, ...] = (),
) -> tuple[Evidence, ...]:
    """Return the tables that explain how the words of two windows differ.

    ``stories``: words that moved together. ``word_shift``: the parts of the Jensen-Shannon divergence.
    ``sentiment_shift``: where the reference is labelled and its labels have an order, the parts of the change of the
    mean sentiment of the words, each word scored by the reference alone, with the means in ``sentiment_means``.
    ``documents``: of each window those that hold most of the words that set it apart, with these words.

    Parameters
    ----------
    reference, current:
        Documents x terms over one vocabulary.
    level:
        Bounds the expected share of false ones among the words that count as moved.
    min_documents:
        As for ``TokenFrequency``: the parts of ``word_shift`` add up to its ``js_bits``.
    shares:
        Share of each label among the copies of each reference document, shape (n, k); a row of zeros has no label.
    label_names:
        The k labels.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from textdrift.tokens.counting import count_tokens
    >>> before = pa.array([f"parcel {i} on time" for i in range(40)])
    >>> after = pa.array([f"parcel {i} {'lost in the storm' if i < 20 else 'on time'}" for i in range(40)])
    >>> tables = {table.name: table.rows for table in explain_words(*count_tokens(before, after))}
    >>> tables["stories"][0]["words"], tables["documents"][0]["words"]
    (['in', 'lost', 'storm', 'the'], ['in', 'lost', 'storm', 'the'])
    """
    tests = term_tests(reference, current, level=level)
    words = moved(tests, q=level)
    rises = tests.log_odds[words] > 0
    tables = [
        stories_table(reference, current, moved=words, rises=rises),
        word_shift(reference, current, min_documents=min_documents),
    ]
    scores = label_scores(label_names) if shares is not None and len(label_names) else None
    if scores is not None and shares is not None:
        shift = sentiment_shift(reference, current, term_scores(reference, shares, scores))
        means = {
            "reference_mean": shift.reference_mean,
            "current_mean": shift.current_mean,
            "change": shift.change,
            "standard_error": shift.standard_error,
        }
        tables += [shift.table, Evidence(name="sentiment_means", rows=sizes_table(means).rows)]
    tables.append(_documents(reference, current, tests, words))
    return tuple(table for table in tables if table.rows)


def _documents(reference: TokenCounts, current: TokenCounts, tests: TermTests, words: NDArray[np.intp]) -> Evidence:
    """Rank the documents of each window by the log-odds of the words they hold; 1 for the most telling document."""
    towards_current = tests.log_odds[words]
    rows: list[dict[str, Any]] = []
    for window, counts, weight in (("current", current, towards_current), ("reference", reference, -towards_current)):
        held = counts.holders[:, words]
        telling = np.asarray(held @ weight, dtype=np.float64).ravel()
        first = np.argsort(-telling.round(9), kind="stable")[:_MOST_DOCUMENTS]
        for document in first[telling[first] > 0]:
            places = held.indices[held.indptr[document] : held.indptr[document + 1]]
            places = np.sort(places[weight[places] > 0])  # words stand strongest first
            rows.append(
                {
                    "window": window,
                    "document": int(document),
                    "score": float(telling[document] / telling[first[0]]),
                    "words": [tests.terms[words[place]] for place in places[:_MOST_WORDS]],
                }
            )
    return Evidence(name="documents", rows=tuple(rows))
