"""How many of comparable texts changed label: the net change of each label, and whichever way."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.concept.pooled_fit import PooledFit

__all__ = ["net_relabelled", "relabelled_ways", "share_by_reference", "share_relabelled"]

_FLAT = 0.7

_LEAST_GROWTH = 0.5
_WITHIN = 0.2
_WITHIN_FREE = 0.5


def net_relabelled(fit: PooledFit) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return by how much each label became more common for the same texts, and its standard error, both (k,).

    sum(R) / sum((w - g)^2): the average over texts that both windows hold (overlap weights, Li, Morgan and Zaslavsky
    2018). -0.07 reads "7 of 100 comparable texts lost the label".
    """
    window = fit.window_residual
    products = fit.label_residual * window[:, None]
    weight = (window**2).sum()
    return products.sum(axis=0) / weight, np.sqrt(fit.inflation * (products**2).sum(axis=0)) / weight


def share_relabelled(fit: PooledFit) -> tuple[float, float]:
    """Return the share of texts whose label changed, whichever way, and its standard error.

    Where a share a of the texts without a label gained it, and a share b of those with it lost it, the label's
    probability moved by a (1 - f) - b f. So a and b are the coefficients of v (1 - f) and -v f, v = w - g, in the least
    squares regression of y - f, f first brought to scale by a regression of y on [1 - f, f]; the share relabelled is
    a mean(1 - f) + b mean(f). Being shares, a and b are held non-negative (Lawson and Hanson): that sees a change one
    way, which moves all texts alike, as well as one both ways, which moves the clear ones. Over labels: half the sum,
    since each text that changes is lost to one label and gained by another. The pooled f has moved already, by the
    share pi of current texts: where a and b are found, a / (1 + pi (a + b)) was the change from the f before, and the
    same for b, and the f before was (1 + pi (a + b)) f - pi a. Put together, the share relabelled is
    a mean(1 - f) + b mean(f) - 2 pi a b / (1 + pi (a + b)).

    Of a label that no text shows, such as the middle one of a scale, f is much the same for all texts and only the
    difference of the two terms can be told. So a and b are drawn a little to what they would be if texts of all labels
    changed alike, as if each was known to be within 0.2 of that (a ridge). The standard error is the sandwich's of the
    regression without the bounds, hence a little large, and what such a pull may be wrong by.
    """
    from scipy.optimize import nnls

    v = fit.window_residual
    influence = np.zeros(len(v))
    share, unknown, current = 0.0, 0.0, float(fit.is_current.mean())
    # One label against the rest is the whole story; its mirror has the same a and b, swapped.
    weight = 1.0 if fit.label.shape[1] == 1 else 0.5
    pairs = zip(fit.label.T, fit.label_probability.T, strict=True)
    guesses = np.column_stack([_to_scale(y, f) for y, f in pairs])
    alike = _changes_alike(fit, guesses)
    for y, f in zip(fit.label.T, guesses.T, strict=True):
        design = np.column_stack([v * (1 - f), -v * f])
        contrast = np.array([np.mean(1 - f), np.mean(f)])
        pull = np.sqrt(_precision(y - f, _WITHIN))
        bounded = nnls(np.vstack([design, pull * np.eye(2)]), np.concatenate([y - f, pull * alike]))[0]
        grown = 1 + current * float(bounded.sum())
        share += weight * float(contrast @ bounded - 2 * current * bounded.prod() / grown)
        inverse = np.linalg.pinv(design.T @ design + pull**2 * np.eye(2))
        left = y - f - design @ (inverse @ (design.T @ (y - f) + pull**2 * alike))
        influence += weight / grown * (design @ (inverse @ contrast)) * left
        unknown += (weight / grown * pull**2 * _WITHIN) ** 2 * float(((inverse @ contrast) ** 2).sum())
    # Of k labels one is known from the others: as much is unknown of two as of one against the rest.
    k = fit.label.shape[1]
    return share, float(np.sqrt((influence**2).sum() + unknown * k / max(1, k - 1)))


def share_by_reference(fit: PooledFit, guess: NDArray[Any]) -> tuple[float, float] | None:
    """Return the share relabelled as the reference's own guess tells it; ``None`` where the pooled guess can tell it.

    Where most texts changed label, the old and the new labels of a text cancel in the pooled guess: it grows flat, and
    no share can be read off it. The guess of the reference alone still knows what each text was. So where the pooled
    guess varies less than 0.7 times as much, a and b are the coefficients of 1 - f and -f in the regression of y - f on
    the current texts, f brought to scale on the reference, and held non-negative. Where a label always turns into one
    and the same other label, of three or more, this is not quite the law: 0.6 is told as 0.6 to 0.68.

    Parameters
    ----------
    fit:
        The cross-fitted guesses.
    guess:
        Shape (N, k), from models that saw reference texts alone.
    """
    from scipy.optimize import nnls

    before, now = fit.is_current < 1, fit.is_current > 0
    scaled = np.column_stack([_scaled_on(before, y, f) for y, f in zip(fit.label.T, guess.T, strict=True)])
    pooled = np.column_stack([_to_scale(y, f) for y, f in zip(fit.label.T, fit.label_probability.T, strict=True)])
    if pooled.var(axis=0).sum() >= _FLAT * scaled.var(axis=0).sum():
        return None
    weight = 1.0 if fit.label.shape[1] == 1 else 0.5
    share, influence = 0.0, np.zeros(int(now.sum()))
    for y, f in zip(fit.label[now].T, scaled[now].T, strict=True):
        design = np.column_stack([1 - f, -f])
        contrast = np.array([np.mean(1 - f), np.mean(f)])
        bounded = nnls(design, y - f)[0]
        share += weight * float(contrast @ bounded)
        influence += weight * (design @ (np.linalg.pinv(design.T @ design) @ contrast)) * (y - f - design @ bounded)
    return min(1.0, share), float(np.sqrt((influence**2).sum()))


def _scaled_on(rows: NDArray[Any], y: NDArray[Any], f: NDArray[Any]) -> NDArray[Any]:
    plain = np.column_stack([1 - f, f])
    return np.asarray(np.clip(plain @ np.linalg.lstsq(plain[rows], y[rows], rcond=None)[0], 0.0, 1.0))


def _to_scale(y: NDArray[Any], f: NDArray[Any]) -> NDArray[Any]:
    """Return the guess after a regression of the label on [1 - f, f]."""
    plain = np.column_stack([1 - f, f])
    return np.asarray(plain @ np.linalg.lstsq(plain, y, rcond=None)[0])


def _changes_alike(fit: PooledFit, guesses: NDArray[Any]) -> NDArray[Any]:
    """Return gained and lost, shape (2,), had the same share of each label changed to any other: one regression."""
    others = max(1, guesses.shape[1] - 1)
    moved = fit.window_residual[:, None] * ((1 - guesses) / others - guesses)
    size = float((moved**2).sum())
    share = float((moved * (fit.label - guesses)).sum()) / size if size > 0 else 0.0
    return np.array([1 / others, 1.0]) * max(0.0, share)


def _precision(residual: NDArray[Any], within: float) -> float:
    """Return the ridge penalty that says "so near, give or take", given how much the residuals vary."""
    return float(np.mean(residual**2)) / within**2


def relabelled_ways(fit: PooledFit, column: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the share of texts without a label that gained it, of those with it that lost it, and their covariance.

    Let c and d be the coefficients of v (1 - f) and -v f in the least squares regression of y - f, as in
    ``share_relabelled``, but free to be negative, so that each has an honest standard error (the sandwich's). They
    speak of the pooled f, which a share pi of current texts has moved half-way already: where a share a of the texts
    without the label gained it before f was pooled, and b lost it, c = a (1 + pi (c + d)), and the same for d. Where f
    is much the same for all texts only the difference of the two terms can be told; c and d are drawn a little to 0, as
    if known to be within a half of it, lest they stand at plus and minus thousands; what that may be wrong by is in
    the covariance. Shapes (2,) and (2, 2).
    """
    y, v = fit.label[:, column], fit.window_residual
    scaled = _to_scale(y, fit.label_probability[:, column])
    design = np.column_stack([v * (1 - scaled), -v * scaled])
    precision = _precision(y - scaled, _WITHIN_FREE)
    inverse = np.linalg.pinv(design.T @ design + precision * np.eye(2))
    pooled = inverse @ (design.T @ (y - scaled))
    influence = (design @ inverse) * (y - scaled - design @ pooled)[:, None]
    current = float(fit.is_current.mean())
    grown = max(1 + current * float(pooled.sum()), _LEAST_GROWTH)
    jacobian = np.eye(2) / grown - current * np.outer(pooled, np.ones(2)) / grown**2
    pulled = (precision * _WITHIN_FREE) ** 2 * inverse @ inverse
    return pooled / grown, jacobian @ (influence.T @ influence + pulled) @ jacobian.T
