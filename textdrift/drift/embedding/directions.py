"""Along which directions the mean of a cloud moved, and whether the cloud became wider."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from textdrift.drift.contract import Evidence
from textdrift.drift.embedding.clouds import Clouds

__all__ = ["directions_table", "leading_axes"]

_AXES = (1, 8, 32)
_MOST_FITTED = 10_000
_ROUNDING = 1e-12
_MOST = 0.5
_FEW = 8


def directions_table(clouds: Clouds, rng: np.random.Generator) -> Evidence:
    """Return the table ``directions``, rows ``{"name": …, "value": …}``.

    ``share_on_1_axis``, ``share_on_8_axes``, ``share_on_32_axes``: how much of the squared distance of the means lies
    along the leading principal axes of both windows (see ``leading_axes``). ``variance_ratio``: total variance of the
    current points over that of the reference, ``None`` where the reference has none. ``pattern`` is one word for it:

    - ``spread``: the width of the cloud changed more than its mean moved, both in standard deviations of the reference
      (the squared distance without its noise, tr S_reference / n + tr S_current / m);
    - ``one direction``: one axis carries half of the squared distance or more;
    - ``few directions``: the 8 leading axes together do;
    - ``many weak directions``: they do not.
    """
    difference = clouds.current.mean(axis=0, dtype=np.float64) - clouds.reference.mean(axis=0, dtype=np.float64)
    variances = [float(side.var(axis=0, dtype=np.float64).sum()) for side in (clouds.reference, clouds.current)]
    squares = float(difference @ difference)
    moved = squares > _ROUNDING * (sum(variances) + float((clouds.reference.astype(np.float64)[0] ** 2).sum()))
    along = (leading_axes(clouds, max(_AXES), rng) @ difference) ** 2 / squares if moved else np.zeros(1)
    shares = {f"share_on_{k}_{'axis' if k == 1 else 'axes'}": float(min(1.0, along[:k].sum())) for k in _AXES}
    ratio = variances[1] / variances[0] if variances[0] > 0 else None
    noise = variances[0] / len(clouds.reference) + variances[1] / len(clouds.current)
    mean_moved = np.sqrt(max(0.0, squares - noise) / variances[0]) if variances[0] > 0 else np.inf
    width_changed = abs(np.sqrt(ratio) - 1) if ratio is not None else 0.0
    pattern = "spread" if width_changed > mean_moved else _pattern_of_mean(along)
    values: dict[str, Any] = {**shares, "variance_ratio": ratio, "pattern": pattern}
    return Evidence(name="directions", rows=tuple({"name": name, "value": value} for name, value in values.items()))


def _pattern_of_mean(along: NDArray[Any]) -> str:
    if along.max() >= _MOST:
        return "one direction"
    return "few directions" if along[:_FEW].sum() >= _MOST else "many weak directions"


def leading_axes(
    clouds: Clouds, n_axes: int, rng: np.random.Generator, *, without: NDArray[Any] | None = None
) -> NDArray[Any]:
    """Return the leading principal axes of both windows together, shape (at most n_axes, d), of length 1.

    Each window is taken about its own mean: otherwise any shift of the mean would be an axis of its own making.

    Parameters
    ----------
    rng:
        Draws the rows that the axes are found on, where there are more than 10,000.
    without:
        A direction of length 1, shape (d,), that the axes are to be orthogonal to.
    """
    n, m = len(clouds.reference), len(clouds.current)
    rows = np.arange(n + m) if n + m <= _MOST_FITTED else np.sort(rng.choice(n + m, size=_MOST_FITTED, replace=False))
    sides = clouds.reference[rows[rows < n]], clouds.current[rows[rows >= n] - n]
    points = np.vstack([side - side.mean(axis=0, dtype=np.float64) for side in sides if len(side)])
    if without is not None:
        points -= np.outer(points @ without, without)
    d = points.shape[1]
    if len(points) < d:
        axes = linalg.svd(points, full_matrices=False)[2][:n_axes]
    else:
        axes = linalg.eigh(points.T @ points, subset_by_index=(max(0, d - n_axes), d - 1))[1].T[::-1]
    # An axis has no sign of its own: its largest coordinate is made positive, whatever the library returned.
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1)
    return np.asarray(axes * np.where(largest < 0, -1.0, 1.0))
