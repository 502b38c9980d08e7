"""Naive Bayes on words: a score for every text from texts that it shares no fold with."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

__all__ = ["cross_fitted_word_scores"]


def cross_fitted_word_scores(
    presence: sparse.csr_matrix,
    is_event: NDArray[Any],
    folds: NDArray[Any],
    *,
    fitted_on: NDArray[Any] | None = None,
    smoothing: float = 1.0,
) -> NDArray[Any]:
    """Return how much the words of each text speak for an event, as a feature for a second model that is cross-fitted.

    The score of a text is the sum of log P(word | event) - log P(word | no event) over its words, divided by the root
    of their number: the log-count ratio that Wang and Manning (2012) give to a linear model. Column j is for the model
    that will judge fold j. There the score of a text comes from texts of neither its own fold nor fold j, so that the
    second model learns from scores as honest as those it is asked about, and never hears of the labels it judges. As
    counts add up, the folds are left out by subtraction: the cost is one pass over the words for each pair of folds.

    Parameters
    ----------
    presence:
        Shape (N, v), above zero where a text holds a word.
    is_event:
        Shape (N,), boolean.
    folds:
        Shape (N,), integers from 0 to K - 1.
    fitted_on:
        Shape (N,), boolean: the only texts to learn from; all where it is left out.
    smoothing:
        Texts of each kind that are thought to hold every word, before any is seen.

    Returns
    -------
    Shape (N, K).

    Examples
    --------
    >>> import numpy as np
    >>> words = sparse.csr_matrix(np.array([[1, 0], [1, 0], [0, 1], [0, 1]] * 3))
    >>> scores = cross_fitted_word_scores(words, np.array([True, True, False, False] * 3), np.repeat([0, 1, 2], 4))
    >>> (scores[:4] > 0).all(axis=1).tolist()
    [True, True, False, False]
    """
    held = sparse.csr_matrix(presence, copy=True)
    held.data = (held.data > 0).astype(np.float64)
    n_folds = int(folds.max()) + 1
    learned = np.ones(len(folds), dtype=bool) if fitted_on is None else np.asarray(fitted_on, dtype=bool)
    strata = np.where(learned, 2 * folds + np.asarray(is_event, dtype=np.int64), 2 * n_folds)
    # One row for each fold and kind: how many of its texts hold each word.
    member = sparse.csr_matrix(
        (np.ones(len(folds)), (strata, np.arange(len(folds)))), shape=(2 * n_folds + 1, len(folds))
    )
    holders = np.asarray((member @ held).todense())[:-1].reshape(n_folds, 2, -1)
    texts = np.bincount(strata, minlength=2 * n_folds + 1)[:-1].reshape(n_folds, 2)
    length = np.sqrt(np.maximum(np.asarray(held.sum(axis=1)).ravel(), 1.0))
    scores = np.empty((len(folds), n_folds))
    for own in range(n_folds):
        rows = np.flatnonzero(folds == own)
        words = held[rows]
        for judged in range(n_folds):
            out = [own] if judged == own else [own, judged]
            counts = holders.sum(axis=0) - holders[out].sum(axis=0)
            sizes = texts.sum(axis=0) - texts[out].sum(axis=0)
            without, with_event = np.log((counts + smoothing) / (sizes[:, None] + 2 * smoothing))
            scores[rows, judged] = words @ (with_event - without) / length[rows]
    return scores
