"""How well cross-fitted probabilities tell events from other rows, with errors that know of the cross-fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["AREA_INFLATION", "SHARE_INFLATION", "Separation", "separation"]

SHARE_INFLATION = float(np.sqrt(1 + 2 / np.pi))
"""How much more a cross-fitted share of hits spreads than independent hits would, when there is nothing to learn."""

AREA_INFLATION = float(np.sqrt(1 + 3 / np.pi))
"""The same for the area under the curve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """How well cross-fitted probabilities tell events from the other rows.

    Attributes
    ----------
    flagged_events, flagged_others:
        Share of events, and of other rows, whose probability exceeds the share of events among all rows.
    share:
        Their difference J (Youden 1950). At most the total variation distance of the two laws of features, whatever the
        model: at least this share of the events differs.
    share_error:
        Its standard error.
    area:
        P(an event scores above another row), ties counted half: the area under the ROC curve.
    area_error:
        Its standard error.
    """

    flagged_events: float
    flagged_others: float
    share: float
    share_error: float
    area: float
    area_error: float


def separation(probability: NDArray[Any], is_event: NDArray[Any], units: NDArray[Any]) -> Separation:
    """Measure how well out-of-fold probabilities tell events from other rows.

    Two rows of different folds teach each other's judge, so what they agree on counts twice, and the usual standard
    errors are too small. With nothing to learn, a model that weighs pairs of rows symmetrically gives row i the score
    g_i = sum_j k_ij w_j, and the covariance of w_i h(g_i) with w_j h(g_j) is that of w with h(g), squared. Summed over
    pairs it adds 2 / pi of the variance for h = sign (the share) and 3 / pi for h = rank (the area): the errors are
    inflated by `SHARE_INFLATION` and `AREA_INFLATION`. Where the classes differ the covariance fades and the errors are
    a little large. Within a class the rows of a unit are summed before they are squared (Liang and Zeger 1986); one
    unit right and one wrong are added, so that a perfect score has an error too (Agresti and Coull 1998). The error of
    the area is that of DeLong, DeLong and Clarke-Pearson (1988).

    Parameters
    ----------
    probability:
        Shape (N,), from `textdrift.stats.cross_fitting.cross_fitted_probability`.
    is_event:
        Shape (N,), boolean, of both values.
    units:
        Shape (N,), integers: rows of one unit depend on each other. A unit is all events or none.

    Examples
    --------
    >>> import numpy as np
    >>> is_event = np.arange(200) < 100
    >>> apart = separation(np.where(is_event, 0.9, 0.1), is_event, np.arange(200))
    >>> apart.share, apart.area, round(apart.share_error, 3)
    (1.0, 1.0, 0.018)
    """
    scores, others = probability[is_event], probability[~is_event]
    unit_of_event, unit_of_other = units[is_event], units[~is_event]
    prior = is_event.mean()
    hits, hits_error = _mean_and_error(scores > prior, unit_of_event)
    alarms, alarms_error = _mean_and_error(others > prior, unit_of_other)
    area, event_error = _mean_and_error(_share_below(scores, others), unit_of_event)
    _, other_error = _mean_and_error(_share_below(others, scores), unit_of_other)
    return Separation(
        flagged_events=hits,
        flagged_others=alarms,
        share=hits - alarms,
        share_error=SHARE_INFLATION * float(np.hypot(hits_error, alarms_error)),
        area=area,
        area_error=AREA_INFLATION * float(np.hypot(event_error, other_error)),
    )


def _mean_and_error(values: NDArray[Any], units: NDArray[Any]) -> tuple[float, float]:
    """Return the mean of values in [0, 1], and its standard error over units with a 0 and a 1 of average size added."""
    _, unit = np.unique(units, return_inverse=True)
    size = np.bincount(unit)
    total = np.bincount(unit, weights=np.asarray(values, dtype=np.float64))
    usual = size.mean()
    size, total = np.append(size, [usual, usual]), np.append(total, [0.0, usual])
    residual = total - size * (total.sum() / size.sum())
    return float(np.mean(values)), float(np.sqrt((residual**2).sum()) / size.sum())


def _share_below(scores: NDArray[Any], others: NDArray[Any]) -> NDArray[Any]:
    """Return, for each score, the share of the others below it, ties counted half."""
    order = np.sort(others)
    below, up_to = np.searchsorted(order, scores, side="left"), np.searchsorted(order, scores, side="right")
    return np.asarray((below + up_to) / (2 * len(others)))
