"""Two stories of moved label shares, and where the texts stand: P(label) moved, or texts were relabelled."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special
from scipy.special import ndtr

__all__ = ["Stories", "label_flows", "stories_given_text", "stories_within_labels"]

_EDGE = 0.005
_FEW_CROSS = 0.1
_FEW_LABELS = 5
_FITTING_STEPS = 100
_FITTED = 1e-9
_HALF = 0.5
_HARDLY_HELD = 10.0
_TINY = float(np.finfo(float).tiny)


@dataclass(frozen=True, slots=True)
class Stories:
    """Where the texts stand between two stories: P(label) moved, or the same texts were given other labels.

    Attributes
    ----------
    shown:
        Mean log-likelihood ratio of the current texts, first story over second.
    shifted, shifted_error:
        What it is when only P(label) moved, and the standard error of `shown` around it.
    relabelled, relabelled_error:
        The same when labels changed for the same texts, for no more of them than the moved shares ask for.
    p_crossed:
        One-sided p-value of the first story against labels swapped at random.
    """

    shown: float
    shifted: float
    shifted_error: float
    relabelled: float
    relabelled_error: float
    p_crossed: float

    @property
    def p_value(self) -> float:
        """Two-sided p-value of the first story."""
        return float(2 * ndtr(-(abs(self.shown - self.shifted) / self.shifted_error)))

    @property
    def way(self) -> float:
        """0 at the first story, 1 at the second; 0 where they say the same."""
        apart = self.shifted - self.relabelled
        return float((self.shifted - self.shown) / apart) if apart > 0 else 0.0

    @property
    def way_errors(self) -> tuple[float, float]:
        """The standard error of `way` under either story; infinite where they say the same."""
        apart = self.shifted - self.relabelled
        if apart <= 0:
            return np.inf, np.inf
        return self.shifted_error / apart, self.relabelled_error / apart

    @property
    def log_likelihood_ratio(self) -> float:
        """Above 0 where `shown` is likelier under the first story."""
        first, second = (
            -0.5 * ((self.shown - mean) / error) ** 2 - np.log(error)
            for mean, error in ((self.shifted, self.shifted_error), (self.relabelled, self.relabelled_error))
        )
        return float(first - second)


def label_flows(before: NDArray[Any], after: NDArray[Any]) -> NDArray[Any]:
    """Return the share of the texts of label l that carry y in the end, shape (k, k), when as few as can be change.

    A label that became rarer gives away what it lost, at random, to those that became more common, in proportion to
    what they gained.

    >>> label_flows(np.array([0.5, 0.5]), np.array([0.6, 0.4])).round(2).tolist()
    [[1.0, 0.0], [0.2, 0.8]]
    """
    gained, lost = np.maximum(after - before, 0.0), np.maximum(before - after, 0.0)
    given = lost / np.maximum(before, _TINY)
    return np.asarray(np.diag(1 - given) + np.outer(given, gained / max(float(gained.sum()), _TINY)))


def stories_within_labels(guess: NDArray[Any], member: NDArray[Any], is_current: NDArray[Any]) -> Stories:
    """Hold the current texts of each label against both stories, where the texts of a label did not move otherwise.

    With P0(y | x) the guess, pi0 and pi1 the shares of the labels and A the flows between them, the ratio of a text x
    with label y is s = log(pi1_y / pi0_y) - log(sum_l P0(l | x) A_ly / P0(y | x)), and no other tells the two stories
    apart better (Neyman and Pearson 1933). Texts of a label that lost some at random say nothing; those of a label that
    gained read as it always did, or as what they were before. The reference's own labels say what s is to be: under the
    first story its mean among the reference texts of y, under the second that of the texts of any l, A_ly of each. So a
    poor guess costs power and not the level. Means are taken label by label and weighed by pi1.

    Parameters
    ----------
    guess:
        Shape (N, k), P(label | text) as the reference alone has it; every text from models that never saw it.
    member:
        Shape (N, k), the share of each label among the copies of a text; rows sum to 1 or, without any of them, to 0.
    is_current:
        Shape (N,), boolean.
    """
    before, after = _label_shares(member, is_current)
    flows = label_flows(before, after)
    likely = _likely(guess)
    ratio = np.log(after / before) - np.log((likely @ flows) / likely)
    old, new = member[~is_current], member[is_current]
    shown, noise = _mean_by_label(ratio[is_current], new, after)
    shifted, shifted_variance = _mean_by_label(ratio[~is_current], old, after)
    relabelled, relabelled_variance = _mean_by_label(ratio[~is_current], old @ flows, after)
    # Chance alone moves the shares of the labels a little, and that part reads as the first story.
    gained = after > before
    moved, share = float((after - before)[gained].sum()), float(after[gained].sum())
    chance = np.sqrt(share * (1 - share) * (1 / len(old) + 1 / len(new))) / max(moved, _TINY)
    relabelled_variance += ((shifted - relabelled) * min(1.0, chance)) ** 2
    odd = _odd(likely)
    now, now_variance = _mean_by_label(odd[is_current], new, after)
    then, then_variance = _mean_by_label(odd[~is_current], old, after)
    return Stories(
        shown=shown,
        shifted=shifted,
        shifted_error=_root(noise + shifted_variance),
        relabelled=relabelled,
        relabelled_error=_root(noise + relabelled_variance),
        p_crossed=float(ndtr(-((now - then) / _root(now_variance + then_variance)))),
    )


def stories_given_text(guess: NDArray[Any], member: NDArray[Any], is_current: NDArray[Any]) -> Stories:
    """Hold the labels of the current texts, given the texts, against both stories, whatever else the texts did.

    Where topics moved too, texts within a label moved with them, and only P(label | text) is left to tell. A moved
    P(label) multiplies the odds of each label by a constant, which the current labels set; relabelling adds to each
    label a share of the texts of another. Two laws that do not hold each other, judged by their log-likelihood ratio
    (Vuong 1989). The guess is first brought to scale on the reference, whose noise stands in the errors: more texts are
    needed than within labels, and the guess must be right.

    Parameters
    ----------
    guess, member, is_current:
        As in `stories_within_labels`.
    """
    likely = _to_scale(guess, member, ~is_current)
    x, y = likely[is_current], member[is_current]
    x, y = x[y.sum(axis=1) > 0], y[y.sum(axis=1) > 0]
    after = y.mean(axis=0)
    constants, flows = _constants(x, after), label_flows(x.mean(axis=0), after)
    shifted, relabelled = _times(x, constants), x @ flows
    weights = np.log(shifted) - np.log(relabelled)
    before = likely[~is_current]
    reference, held = _Residuals(before, member[~is_current]), _Residuals(shifted, y)
    # What the guess gets wrong on the reference's own labels, it gets wrong on these texts, too.
    shifted_before = _times(before, constants)
    weights_before, odd_before = np.log(shifted_before) - np.log(before @ flows), _odd(shifted_before)
    bias, noise = reference.mean(weights_before), reference.variance(weights_before)
    odd = _odd(shifted)
    crossed = held.mean(odd) - reference.mean(odd_before)
    return Stories(
        shown=float((y * weights).sum(axis=1).mean()),
        shifted=float((shifted * weights).sum(axis=1).mean()) + bias,
        shifted_error=_root(held.variance(weights) + noise),
        relabelled=float((relabelled * weights).sum(axis=1).mean()) + bias,
        relabelled_error=_root(_Residuals(relabelled, y).variance(weights) + noise),
        p_crossed=float(ndtr(-(crossed / _root(held.variance(odd) + reference.variance(odd_before))))),
    )


@dataclass(frozen=True, slots=True)
class _Residuals:
    """Labels beside what was likely, both (n, k); a weight for each text and label makes a mean of what is left."""

    likely: NDArray[Any]
    label: NDArray[Any]

    def mean(self, weights: NDArray[Any]) -> float:
        return float(((self.label - self.likely) * weights).sum(axis=1).mean())

    def variance(self, weights: NDArray[Any]) -> float:
        """Return the variance of the mean; the labels' own sums, which a constant has set, are taken out of it."""
        left = self.label - self.likely
        terms = (left * weights).sum(axis=1)
        terms = terms - left @ np.linalg.lstsq(left, terms, rcond=None)[0]
        return float((terms**2).sum() / len(terms) ** 2)


def _to_scale(guess: NDArray[Any], member: NDArray[Any], among: NDArray[Any]) -> NDArray[Any]:
    """Bring the guesses of all labels to scale together, by logistic regression of the labels on their logs.

    Of few labels each has a weight for the log of each. Of many those k^2 weights would outnumber the texts: there one
    weight serves all logs, and each label has a constant (Guo et al. 2017).
    """
    logs = np.log(_likely(guess))
    if logs.shape[1] > _FEW_LABELS:
        return _likely(_scaled_by_one(logs, member * among[:, None]))
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    rows, columns = np.nonzero(member * among[:, None])
    model = LogisticRegression(C=_HARDLY_HELD, solver="newton-cholesky", max_iter=_FITTING_STEPS)
    with warnings.catch_warnings():
        # A scale that is nearly right only costs power.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(logs[rows], columns, sample_weight=member[rows, columns])
    return _likely(model.predict_proba(logs))


def _scaled_by_one(logs: NDArray[Any], member: NDArray[Any]) -> NDArray[Any]:
    """Return the likeliest softmax(a logs + b), a one number, b a constant for each label, both hardly held."""
    taught = member.sum(axis=1) > 0
    x, y = logs[taught], member[taught]
    size = y.sum(axis=1, keepdims=True)
    start = np.concatenate([[1.0], np.zeros(logs.shape[1])])

    def loss_and_slope(weights: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        score = weights[0] * x + weights[1:]
        log_sum = special.logsumexp(score, axis=1, keepdims=True)
        left = size * np.exp(score - log_sum) - y
        held = (weights - start) / _HARDLY_HELD
        loss = float((size * log_sum).sum() - (y * score).sum() + 0.5 * held @ (weights - start))
        return loss, np.concatenate([[(left * x).sum()], left.sum(axis=0)]) + held

    weights = optimize.minimize(loss_and_slope, start, jac=True, method="L-BFGS-B").x
    return np.asarray(special.softmax(weights[0] * logs + weights[1:], axis=1))


def _times(likely: NDArray[Any], constants: NDArray[Any]) -> NDArray[Any]:
    """Multiply the odds of each label by a constant."""
    moved = likely * constants
    return np.asarray(moved / moved.sum(axis=1, keepdims=True))


def _constants(likely: NDArray[Any], after: NDArray[Any]) -> NDArray[Any]:
    """Return the constants that give the labels the shares `after` (iterative proportional fitting)."""
    constants = np.ones(len(after))
    for _ in range(_FITTING_STEPS):
        step = np.maximum(after, _TINY) / _times(likely, constants).mean(axis=0)
        constants = constants * step / step.max()
        if np.abs(np.log(step)).max() < _FITTED:
            break
    return constants


def _odd(likely: NDArray[Any]) -> NDArray[Any]:
    """Return the log-likelihood ratio of "a tenth of the texts has a label drawn from the others", for each label."""
    others = max(1, likely.shape[1] - 1)
    return np.asarray(np.log(1 - _FEW_CROSS + _FEW_CROSS * (1 - likely) / (np.clip(likely, _EDGE, 1.0) * others)))


def _mean_by_label(values: NDArray[Any], weights: NDArray[Any], shares: NDArray[Any]) -> tuple[float, float]:
    """Return sum_y shares_y mean_y, the mean of column y under the weights of column y, and its variance."""
    size = np.maximum(weights.sum(axis=0), _TINY)
    mean = (weights * values).sum(axis=0) / size
    variance = ((weights * (values - mean)) ** 2).sum(axis=0) / size**2
    return float(shares @ mean), float(shares**2 @ variance)


def _label_shares(member: NDArray[Any], is_current: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the share of each label in each window; half a text is put where a window holds none."""
    before, after = (np.maximum(member[side].sum(axis=0), _HALF) for side in (~is_current, is_current))
    return before / before.sum(), after / after.sum()


def _likely(guess: NDArray[Any]) -> NDArray[Any]:
    """Return the guesses held off 0, with rows that sum to 1."""
    likely = np.clip(guess, _EDGE, 1.0)
    return np.asarray(likely / likely.sum(axis=1, keepdims=True))


def _root(variance: float) -> float:
    return float(np.sqrt(max(variance, _TINY)))
