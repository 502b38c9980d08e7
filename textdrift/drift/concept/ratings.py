"""Labels that are ratings: did the same texts get more or fewer stars?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.concept.pooled_fit import PooledFit
from textdrift.stats.cross_fitting import standardised_logit

__all__ = ["rating_fit", "rating_variance", "ratings_of"]

_FEWEST = 3
_EDGE = 1e-6


def ratings_of(label_names: tuple[str, ...]) -> NDArray[Any] | None:
    """Return the number that each label is, shape (k,), or ``None`` where labels are no numbers or fewer than three.

    >>> ratings_of(("1", "2", "5.0")).tolist(), ratings_of(("0", "1")), ratings_of(("bad", "good", "odd"))
    ([1.0, 2.0, 5.0], None, None)
    """
    if len(label_names) < _FEWEST:
        return None
    try:
        ratings = np.array([float(name) for name in label_names])
    except ValueError:
        return None
    return ratings if np.isfinite(ratings).all() else None


def rating_fit(fit: PooledFit, ratings: NDArray[Any]) -> PooledFit:
    """Return the fit of one more label: the rating, brought to [0, 1] from the lowest to the highest.

    A change by one star of many texts is small for each label and plain for the mean. The rating is guessed from the
    guesses of its labels, so nothing is learned anew.

    Parameters
    ----------
    fit:
        The cross-fitted guesses; labels that are not modelled have no rating of their own and leave the mean out.
    ratings:
        The rating of each label of the fit, shape (k,).
    """
    height = _heights(ratings)
    total = np.maximum(fit.label.sum(axis=1), _EDGE)
    guessed = fit.label_probability / np.maximum(fit.label_probability.sum(axis=1, keepdims=True), _EDGE)
    mean_guess = guessed @ height
    held = fit.label.sum(axis=1) > 1 - _EDGE
    rating = np.where(held, (fit.label @ height) / total, mean_guess)
    return replace(
        fit,
        label_names=("rating",),
        label=rating[:, None],
        label_probability=mean_guess[:, None],
        score=standardised_logit(np.clip(mean_guess, _EDGE, 1 - _EDGE))[:, None],
        inflation=fit.inflation.max(keepdims=True),
    )


def rating_variance(fit: PooledFit, ratings: NDArray[Any]) -> NDArray[Any]:
    """Return the variance of the rating of `rating_fit` among the copies of each text, shape (N, 1).

    Zero for most texts: they have no copies, or copies that agree.
    """
    height = _heights(ratings)
    total = np.maximum(fit.label.sum(axis=1), _EDGE)
    mean = (fit.label @ height) / total
    return np.asarray(np.maximum(0.0, (fit.label @ height**2) / total - mean**2)[:, None])


def _heights(ratings: NDArray[Any]) -> NDArray[Any]:
    """Bring ratings to [0, 1]."""
    return np.asarray((ratings - ratings.min()) / max(float(np.ptp(ratings)), _EDGE))
