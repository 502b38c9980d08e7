"""Cross-fitting: a probability for every row from a model that never saw that row."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "AREA_INFLATION",
    "SHARE_INFLATION",
    "Separation",
    "cross_fitted_mean",
    "cross_fitted_probability",
    "principal_components",
    "separation",
    "standardised_logit",
    "stratified_folds",
]

SHARE_INFLATION = float(np.sqrt(1 + 2 / np.pi))
"""How much more a cross-fitted share of hits spreads than independent hits would, when there is nothing to learn."""

AREA_INFLATION = float(np.sqrt(1 + 3 / np.pi))
"""The same for the area under the curve."""

_MAX_ITERATIONS = 50
_TOLERANCE = 1e-3
_EDGE = 1e-4


def stratified_folds(strata: NDArray[Any], n_folds: int, rng: np.random.Generator) -> NDArray[Any]:
    """Return a fold for every row, so that each stratum is spread over the folds as evenly as it can be.

    Parameters
    ----------
    strata:
        Shape (N,), integers; rows of one value are one stratum.
    n_folds:
        Number of folds.
    rng:
        Deals the rows of a stratum into the folds.

    Returns
    -------
    Integers 0 to n_folds - 1, shape (N,).

    Examples
    --------
    >>> import numpy as np
    >>> folds = stratified_folds(np.array([0, 0, 0, 1, 1, 1]), 3, np.random.default_rng(0))
    >>> sorted(folds[:3].tolist()), sorted(folds[3:].tolist())
    ([0, 1, 2], [0, 1, 2])
    """
    folds = np.empty(len(strata), dtype=np.int64)
    dealt = 0
    for stratum in np.unique(strata):
        rows = np.flatnonzero(strata == stratum)
        # Each stratum goes on where the last one stopped: else many small ones would all fill the first fold.
        folds[rng.permutation(rows)] = (dealt + np.arange(rows.size)) % n_folds
        dealt += rows.size
    return folds


def cross_fitted_probability(
    features: NDArray[Any],
    is_event: NDArray[Any],
    folds: NDArray[Any],
    *,
    inverse_penalty: float,
    fitted_on: NDArray[Any] | None = None,
    features_by_fold: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Return P(event | features) of every row by ridge logistic regression on the other folds.

    Errors of such a guess are independent of the row's own noise (Chernozhukov et al. 2018).

    Parameters
    ----------
    features:
        Shape (N, d).
    is_event:
        Shape (N,), boolean; every fold's complement must hold both values.
    folds:
        Shape (N,), from `stratified_folds`.
    inverse_penalty:
        ``C`` of the ridge penalty ``|w|^2 / (2 C)``: larger is freer.
    fitted_on:
        Shape (N,), boolean: the only rows that models may learn from, all rows where it is left out. Rows outside it
        are still scored, each by the model of its own fold, so that scored rows of both kinds meet models fitted on
        equally many rows.
    features_by_fold:
        Shape (N, q, n_folds): more features, which differ with the fold that is judged because they were themselves
        learned without it. They are brought to unit spread on the rows that teach.

    Returns
    -------
    Shape (N,), in (0, 1). Cost: ``n_folds`` fits of O(N d^2) each.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.linspace(-1, 1, 40)[:, None]
    >>> p = cross_fitted_probability(x, x[:, 0] > 0, np.arange(40) % 2, inverse_penalty=10.0)
    >>> bool(p[0] < 0.1), bool(p[-1] > 0.9)
    (True, True)
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    probability = np.empty(len(is_event))
    for fold in np.unique(folds):
        scored = folds == fold
        learned = ~scored if fitted_on is None else ~scored & fitted_on
        known = features
        if features_by_fold is not None:
            more = features_by_fold[:, :, fold]
            spread = more[learned].std(axis=0)
            known = np.hstack([features, (more - more[learned].mean(axis=0)) / np.where(spread > 0, spread, 1.0)])
        model = LogisticRegression(
            C=inverse_penalty, solver="newton-cholesky", tol=_TOLERANCE, max_iter=_MAX_ITERATIONS
        )
        with warnings.catch_warnings():
            # A model that stopped early still gives a valid (only less sharp) prediction for rows it never saw.
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(known[learned], is_event[learned])
        probability[scored] = model.predict_proba(known[scored])[:, 1]
    return probability


def cross_fitted_mean(
    features: NDArray[Any], values: NDArray[Any], folds: NDArray[Any], *, penalty: float
) -> NDArray[Any]:
    """Return the mean of each value given the features, for every row by ridge regression on the other folds.

    Parameters
    ----------
    features:
        Shape (N, d).
    values:
        Shape (N, q).
    folds:
        Shape (N,), from `stratified_folds`.
    penalty:
        Of the squared coefficients; the features and values are centred, and their mean is not penalised.

    Returns
    -------
    Shape (N, q). Cost: O(N d^2).

    Examples
    --------
    >>> import numpy as np
    >>> x = np.linspace(-1, 1, 40)[:, None]
    >>> cross_fitted_mean(x, 2 * x, np.arange(40) % 2, penalty=1e-9)[:2, 0].round(3).tolist()
    [-2.0, -1.897]
    """
    guess = np.empty(values.shape)
    for fold in np.unique(folds):
        scored = folds == fold
        x, y = features[~scored], values[~scored]
        centre, mean = x.mean(axis=0), y.mean(axis=0)
        x = x - centre
        slope = np.linalg.solve(x.T @ x + penalty * np.eye(x.shape[1]), x.T @ (y - mean))
        guess[scored] = mean + (features[scored] - centre) @ slope
    return guess


def standardised_logit(probability: NDArray[Any]) -> NDArray[Any]:
    """Return log(p / (1 - p)), centred and scaled to unit spread; zeros where all p are equal.

    >>> import numpy as np
    >>> standardised_logit(np.array([0.1, 0.2, 0.9])).round(2).tolist()
    [-0.91, -0.48, 1.39]
    """
    p = np.clip(probability, _EDGE, 1 - _EDGE)
    score = np.log(p / (1 - p))
    centred = score - score.mean()
    spread = centred.std()
    return np.asarray(centred / spread if spread > _EDGE else np.zeros_like(centred))


def principal_components(points: NDArray[Any], n_components: int) -> NDArray[Any]:
    """Return the points, centred and projected on their directions of most variance; neither whitened nor scaled.

    Parameters
    ----------
    points:
        Shape (N, d).
    n_components:
        At most this many; never more than N - 1 or d.

    Returns
    -------
    Shape (N, min(n_components, N - 1, d)), ``float64``, the strongest direction first. Cost: O(N d min(N, d)).

    Examples
    --------
    >>> import numpy as np
    >>> points = np.array([[0.0, 0.0], [2.0, 0.0], [4.0, 0.1]])
    >>> principal_components(points, 1).shape
    (3, 1)
    """
    from scipy.linalg import eigh

    centred = np.asarray(points, dtype=np.float64)
    centred = centred - centred.mean(axis=0)
    n_rows, d = centred.shape
    k = max(1, min(n_components, n_rows - 1, d))
    if d <= n_rows:
        _, directions = eigh(centred.T @ centred, subset_by_index=[d - k, d - 1])
        return np.ascontiguousarray((centred @ directions)[:, ::-1])
    # Fewer rows than columns: the same projection from the smaller N x N matrix of inner products.
    values, vectors = eigh(centred @ centred.T, subset_by_index=[n_rows - k, n_rows - 1])
    return np.ascontiguousarray((vectors * np.sqrt(np.maximum(values, 0.0)))[:, ::-1])


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
        Shape (N,), from `cross_fitted_probability`.
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
