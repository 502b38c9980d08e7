"""Does the monitored model still answer the same texts alike? Only then do its answers say something of the text."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from textdrift.stats.cross_fitting import cross_fitted_mean, cross_fitted_probability
from textdrift.stats.multiplicity import bonferroni

__all__ = ["answers_moved_p_value"]

_WINDOW_INVERSE_PENALTY = 3.0
_WINDOW_EDGE = 0.01
_PENALTY = 1.0


def answers_moved_p_value(
    points: NDArray[Any], answers: NDArray[Any], is_current: NDArray[Any], folds: NDArray[Any]
) -> float:
    """Return a p-value for "given the text, the model's answers do not depend on the window".

    The generalised covariance measure (Shah and Peters 2020) of each answer a and the window w: with guesses m(x) and
    g(x) of both that never saw the text, (a - m)(w - g) has mean zero, also when weighted by m, which sees answers that
    drew closer together or apart; Bonferroni over answers and weights.

    Parameters
    ----------
    points:
        Shape (N, d).
    answers:
        Shape (N, q), such as log-probabilities.
    is_current:
        Shape (N,), boolean.
    folds:
        Shape (N,), integers from 0.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> points, is_current = rng.normal(size=(800, 3)), np.arange(800) % 2 == 1
    >>> same = points[:, :1] + 0.1 * rng.normal(size=(800, 1))
    >>> other = np.where(is_current[:, None], -same, same)
    >>> folds = np.arange(800) // 2 % 5
    >>> [answers_moved_p_value(points, a, is_current, folds) < 0.01 for a in (same, other)]
    [False, True]
    """
    g = cross_fitted_probability(points, is_current, folds, inverse_penalty=_WINDOW_INVERSE_PENALTY)
    left = is_current - np.clip(g, _WINDOW_EDGE, 1 - _WINDOW_EDGE)
    guess = cross_fitted_mean(points, answers, folds, penalty=_PENALTY)
    spread = guess.std(axis=0)
    weight = (guess - guess.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    plain = (answers - guess) * left[:, None]
    terms = np.hstack([plain, plain * weight])
    squares = np.sqrt((terms**2).sum(axis=0))
    z = np.divide(terms.sum(axis=0), squares, out=np.zeros_like(squares), where=squares > 0)
    return bonferroni(2 * ndtr(-np.abs(z)))
