"""Cross-fitting: a probability for every row from a model that never saw that row."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.stats.many_events import fit_events

__all__ = [
    "cross_fitted_mean",
    "cross_fitted_probabilities",
    "cross_fitted_probability",
    "principal_components",
    "standardised_logit",
    "stratified_folds",
]

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
            known = np.hstack([features, _to_unit_spread(features_by_fold[:, :, fold], learned)])
        model = LogisticRegression(
            C=inverse_penalty, solver="newton-cholesky", tol=_TOLERANCE, max_iter=_MAX_ITERATIONS
        )
        with warnings.catch_warnings():
            # A model that stopped early still gives a valid (only less sharp) prediction for rows it never saw.
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(known[learned], is_event[learned])
        probability[scored] = model.predict_proba(known[scored])[:, 1]
    return probability


def cross_fitted_probabilities(
    features: NDArray[Any],
    events: NDArray[Any],
    folds: NDArray[Any],
    *,
    inverse_penalty: float,
    fitted_on: NDArray[Any] | None = None,
    own_by_fold: NDArray[Any],
) -> NDArray[Any]:
    """Return `cross_fitted_probability` of many events, all fitted together: the same models, in far less time.

    Both stop where the mean slope is nearly 0, this one nearer to it: probabilities differ by some thousandths.

    Parameters
    ----------
    features, folds, inverse_penalty, fitted_on:
        As in `cross_fitted_probability`.
    events:
        Shape (N, k), boolean.
    own_by_fold:
        Shape (N, k, n_folds): one feature more for each event, which differs with the fold that is judged; it is
        brought to unit spread on the rows that teach. Shape (N, 0, n_folds) where there is none.

    Returns
    -------
    Shape (N, k). Cost: ``n_folds`` times O(N d^2 + N d k), with some 50 passes.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.linspace(-1, 1, 40)[:, None]
    >>> events, none = np.hstack([x > 0, x < 0.5]), np.empty((40, 0, 2))
    >>> p = cross_fitted_probabilities(x, events, np.arange(40) % 2, inverse_penalty=10.0, own_by_fold=none)
    >>> p[[0, -1]].round(2).tolist()
    [[0.0, 1.0], [1.0, 0.07]]
    """
    probability = np.empty(events.shape)
    for fold in np.unique(folds):
        scored = folds == fold
        learned = ~scored if fitted_on is None else ~scored & fitted_on
        own = _to_unit_spread(own_by_fold[:, :, fold], learned)
        # Each event has one feature of its own, or none has.
        own = own[:, None, :] if own.shape[1] else np.empty((len(own), 0, events.shape[1]))
        models = fit_events(
            features[learned], events[learned], own_features=own[learned], inverse_penalty=inverse_penalty
        )
        probability[scored] = models.probability(features[scored], own[scored])
    return probability


def _to_unit_spread(features: NDArray[Any], learned: NDArray[Any]) -> NDArray[Any]:
    """Centre features and scale them to unit spread on the rows that teach."""
    spread = features[learned].std(axis=0)
    return np.asarray((features - features[learned].mean(axis=0)) / np.where(spread > 0, spread, 1.0))


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
