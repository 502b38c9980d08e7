"""How many of comparable texts changed label: the net change of each label, and whichever way."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.concept.pooled_fit import PooledFit

__all__ = ["net_relabelled", "relabelled_ways", "share_relabelled"]

_LEAST_GROWTH = 0.5


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
    share pi of current texts; where a and b are found, a / (1 + pi (a + b)) was the change from the f before, and the
    same for b. The standard error is the sandwich's of the regression without the bounds, hence a little large.
    """
    from scipy.optimize import nnls

    v = fit.window_residual
    influence = np.zeros(len(v))
    share, current = 0.0, float(fit.is_current.mean())
    # One label against the rest is the whole story; its mirror has the same a and b, swapped.
    weight = 1.0 if fit.label.shape[1] == 1 else 0.5
    for y, f in zip(fit.label.T, fit.label_probability.T, strict=True):
        plain = np.column_stack([1 - f, f])
        scaled = plain @ np.linalg.lstsq(plain, y, rcond=None)[0]
        design = np.column_stack([v * (1 - scaled), -v * scaled])
        contrast = np.array([np.mean(1 - scaled), np.mean(scaled)])
        bounded = nnls(design, y - scaled)[0]
        grown = 1 + current * float(bounded.sum())
        share += weight * float(contrast @ bounded) / grown
        inverse = np.linalg.pinv(design.T @ design)
        left = y - scaled - design @ (inverse @ (design.T @ (y - scaled)))
        influence += weight / grown * (design @ (inverse @ contrast)) * left
    return share, float(np.sqrt((influence**2).sum()))


def relabelled_ways(fit: PooledFit, column: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the share of texts without a label that gained it, of those with it that lost it, and their covariance.

    Let c and d be the coefficients of v (1 - f) and -v f in the least squares regression of y - f, as in
    ``share_relabelled``, but free to be negative, so that each has an honest standard error (the sandwich's). They
    speak of the pooled f, which a share pi of current texts has moved half-way already: where a share a of the texts
    without the label gained it before f was pooled, and b lost it, c = a (1 + pi (c + d)), and the same for d. Shapes
    (2,) and (2, 2).
    """
    y, f, v = fit.label[:, column], fit.label_probability[:, column], fit.window_residual
    plain = np.column_stack([1 - f, f])
    scaled = plain @ np.linalg.lstsq(plain, y, rcond=None)[0]
    design = np.column_stack([v * (1 - scaled), -v * scaled])
    inverse = np.linalg.pinv(design.T @ design)
    pooled = inverse @ (design.T @ (y - scaled))
    influence = (design @ inverse) * (y - scaled - design @ pooled)[:, None]
    current = float(fit.is_current.mean())
    grown = max(1 + current * float(pooled.sum()), _LEAST_GROWTH)
    jacobian = np.eye(2) / grown - current * np.outer(pooled, np.ones(2)) / grown**2
    return pooled / grown, jacobian @ (influence.T @ influence) @ jacobian.T
