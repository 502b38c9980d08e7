"""Stories: words that moved together, in the same documents, told once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, special

from textdrift.drift.contract import Evidence
from textdrift.stats.co_occurrence import shared_beyond_chance
from textdrift.tokens.token_counts import RowCounts, TokenCounts, check_shared_terms

__all__ = ["stories_table"]

Indices = NDArray[np.intp]

_MOST_WORDS = 100
_MOST_LISTED = 20
_MOST_DOCUMENTS = 5
_TOGETHER = 2
_CLOSE = 0.2
_FALSE_LINKS = 0.05


def stories_table(reference: RowCounts, current: RowCounts, *, moved: Indices, rises: NDArray[np.bool_]) -> Evidence:
    """Group words that moved the same way and stand in the same documents, as the evidence table ``stories``.

    Words that rose are looked at where they stand, in the current window, and words that fell in the reference. How
    close two words are is told by ``shared_beyond_chance``: of the documents that hold the rarer word, the share that
    holds the other too, beyond chance and at its lower bound. A pair that chance explains is not close at all; at most
    one table in twenty holds a pair that chance alone linked. Average linkage (Sokal and Michener 1958) joins words
    while they are on average at least 0.2 close, so that a chain of neighbours does not glue two stories together.

    A row is a story of two words or more; a word that moved alone is a story of its own and is not listed here. Rows
    that are bins of many documents say nothing about which words stand together: their table is empty.

    Parameters
    ----------
    reference, current:
        Counts over one vocabulary.
    moved:
        Indices of the terms that moved, the strongest first, shape (k,). The first 100 are looked at.
    rises:
        Which of them rose, shape (k,).

    Returns
    -------
    At most 20 rows, the strongest first (by the deviance of the 2 x 2 table of window by telling the story):
    ``story`` numbers them from 1; ``direction``, ``up`` or ``down``; ``words``, the strongest first;
    ``reference_documents``, ``current_documents`` and ``reference_share``, ``current_share``, the documents that tell
    it, holding at least half of its words and at least two, as a number and as a share of the window; ``documents``, up
    to 5 rows of ``window`` that hold most of its words. Cost: O(stored counts), and 100 times that of the moved words.

    Raises
    ------
    TokenizerError
        The windows do not share one vocabulary.

    Examples
    --------
    >>> before = sparse.csr_matrix(np.zeros((40, 3), dtype=np.int32))
    >>> after = np.zeros((40, 3), dtype=np.int32)
    >>> after[:10, :2] = 1  # "late" and "storm" in the same ten documents
    >>> after[20:30, 2] = 1  # "refund" in ten others
    >>> terms = ("late", "refund", "storm")
    >>> reference = TokenCounts(before, terms)
    >>> current = TokenCounts(sparse.csr_matrix(after[:, [0, 2, 1]]), terms)
    >>> table = stories_table(reference, current, moved=np.array([2, 0, 1]), rises=np.ones(3, dtype=bool))
    >>> [(row["words"], row["current_documents"], row["documents"]) for row in table.rows]
    [(['storm', 'late'], 10, [0, 1, 2, 3, 4])]
    """
    check_shared_terms(reference, current)
    if not (isinstance(reference, TokenCounts) and isinstance(current, TokenCounts)):
        return Evidence(name="stories", rows=())
    moved, rises = moved[:_MOST_WORDS], rises[:_MOST_WORDS]
    held = reference.holders[:, moved], current.holders[:, moved]
    stories = [
        _story(held, words, rose=rose)
        for rose, window in ((True, current), (False, reference))
        for words in _groups(window, held[rose], np.flatnonzero(rises == rose))
    ]
    # Stories of equal evidence keep the order of their strongest words.
    stories.sort(key=lambda story: -round(story[0], 9))
    rows = (
        {"story": number, **row, "words": [reference.terms[moved[word]] for word in row["words"]]}
        for number, (_, row) in enumerate(stories[:_MOST_LISTED], start=1)
    )
    return Evidence(name="stories", rows=tuple(rows))


def _groups(window: TokenCounts, held: sparse.csr_matrix, words: Indices) -> Iterator[Indices]:
    """Yield the groups of two words or more, columns of ``held``, that documents of the window hold together."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    if len(words) < _TOGETHER or len(window) == 0:
        return
    distinct_terms = np.diff(window.counts.indptr)
    # Words that rose and words that fell make one table.
    close = shared_beyond_chance(held[:, words], distinct_terms, level=_FALSE_LINKS / 2)
    apart = 1.0 - close
    np.fill_diagonal(apart, 0.0)
    group_of = fcluster(linkage(squareform(apart), method="average"), t=1.0 - _CLOSE, criterion="distance")
    for group in dict.fromkeys(group_of.tolist()):
        if np.count_nonzero(group_of == group) >= _TOGETHER:
            yield words[group_of == group]


def _story(
    held: tuple[sparse.csr_matrix, sparse.csr_matrix], words: Indices, *, rose: bool
) -> tuple[float, dict[str, Any]]:
    """Return one story as a row of evidence, its words as columns, behind the strength of that evidence."""
    words_held = [np.asarray(side[:, words].sum(axis=1)).ravel() for side in held]
    enough = max(_TOGETHER, (len(words) + 1) // 2)
    tellers = [int(np.count_nonzero(of_window >= enough)) for of_window in words_held]
    n, m = (side.shape[0] for side in held)
    of_window = words_held[rose]
    # Stable: of two documents that hold as many words, the first.
    fullest = np.argsort(-of_window, kind="stable")[:_MOST_DOCUMENTS]
    row = {
        "direction": "up" if rose else "down",
        "words": words.tolist(),
        "reference_documents": tellers[0],
        "current_documents": tellers[1],
        "reference_share": tellers[0] / max(1, n),
        "current_share": tellers[1] / max(1, m),
        "window": "current" if rose else "reference",
        "documents": fullest[of_window[fullest] >= enough].tolist(),
    }
    return _deviance(tellers[0], n, tellers[1], m), row


def _deviance(k: int, n: int, others: int, m: int) -> float:
    """Return the likelihood ratio statistic G² of the 2 x 2 table, window by mark (Dunning 1993)."""
    pooled = (k + others) / max(1, n + m)
    return float(
        sum(
            2 * size * (special.rel_entr(held / size, pooled) + special.rel_entr(1 - held / size, 1 - pooled))
            for held, size in ((k, n), (others, m))
            if size
        )
    )
