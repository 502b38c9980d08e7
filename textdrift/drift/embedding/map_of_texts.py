"""A map of the texts of two windows, with the shift of the mean from left to right."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.contract import Evidence
from textdrift.drift.embedding.clouds import Clouds
from textdrift.drift.embedding.directions import leading_axes

__all__ = ["map_table"]

_SHOWN_DOCUMENTS = 250
_DECIMALS = 3
_ROUNDING = 1e-12


def map_table(clouds: Clouds, clusters: NDArray[Any], rng: np.random.Generator) -> Evidence:
    """Return the table ``map``: at most 250 random documents of each window on two axes, each scaled to [-1, 1].

    ``x`` runs along the difference of the means, the current side to the right. Each document is measured along the
    difference of *other* documents (half of them, drawn at random; groups stay whole): along a difference that it had
    a part in, any two samples of one source would seem to lie apart. ``y`` is the leading principal axis of both
    windows that is orthogonal to the shift. Without any shift ``x`` is the leading axis; where all points are one,
    every coordinate is 0.

    Parameters
    ----------
    clusters:
        Shape (n + m,), the number of each row's cluster, reference rows first.
    rng:
        Draws the documents and the halves.
    """
    n, m = len(clouds.reference), len(clouds.current)
    shown = _some_rows(n, rng), _some_rows(m, rng)
    points = np.vstack([clouds.reference[shown[0]], clouds.current[shown[1]]]).astype(np.float64)
    old, new = (side.mean(axis=0, dtype=np.float64) for side in (clouds.reference, clouds.current))
    points -= (old + new) / 2
    spread = float((points**2).sum(axis=1).mean())
    if spread <= _ROUNDING * float((old**2).sum()):
        x = y = np.zeros(len(points))
    else:
        direction, x = _along_shift(clouds, shown, points, spread, rng)
        across = points - np.outer(points @ direction, direction)
        y = across @ leading_axes(clouds, 1, rng, without=direction)[0]
    numbers = [*shown[0].tolist(), *shown[1].tolist()]
    of_shown = clusters[np.concatenate([shown[0], shown[1] + n])]
    windows = ["reference"] * len(shown[0]) + ["current"] * len(shown[1])
    rows = zip(windows, numbers, _scaled(x), _scaled(y), of_shown.tolist(), strict=True)
    return Evidence(
        name="map",
        rows=tuple(
            {"window": window, "document": document, "x": right, "y": up, "cluster": cluster}
            for window, document, right, up, cluster in rows
        ),
    )


def _some_rows(n_rows: int, rng: np.random.Generator) -> NDArray[np.int64]:
    if n_rows <= _SHOWN_DOCUMENTS:
        return np.arange(n_rows)
    return np.sort(rng.choice(n_rows, size=_SHOWN_DOCUMENTS, replace=False))


def _along_shift(
    clouds: Clouds,
    shown: tuple[NDArray[Any], NDArray[Any]],
    points: NDArray[Any],
    spread: float,
    rng: np.random.Generator,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the direction of the shift and where each shown point lies along it, by the half it is not in."""
    whole = _direction(clouds, np.ones(len(clouds.units), dtype=bool), spread)
    if whole is None:
        axis = leading_axes(clouds, 1, rng)[0]
        return axis, points @ axis
    if min(clouds.n_units) < 2:  # noqa: PLR2004 - one unit has no halves
        return whole, points @ whole
    first_half = _half_of_units(clouds, rng)[clouds.units]
    of_shown = first_half[np.concatenate([shown[0], shown[1] + len(clouds.reference)])]
    scores = np.zeros(len(points))
    for half in (True, False):
        direction = _direction(clouds, first_half != half, spread)
        if direction is not None:
            scores[of_shown == half] = points[of_shown == half] @ direction
    return whole, scores


def _half_of_units(clouds: Clouds, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return which units are in the first half, half of those of each window."""
    return np.concatenate([rng.permutation(count) % 2 == 0 for count in clouds.n_units])


def _direction(clouds: Clouds, rows: NDArray[np.bool_], spread: float) -> NDArray[Any] | None:
    """Return the direction from the old mean to the new one, of length 1; None where they are equal."""
    n = len(clouds.reference)
    old, new = clouds.reference[rows[:n]], clouds.current[rows[n:]]
    difference = new.mean(axis=0, dtype=np.float64) - old.mean(axis=0, dtype=np.float64)
    length = float(np.linalg.norm(difference))
    return None if length**2 <= _ROUNDING * spread else difference / length


def _scaled(coordinates: NDArray[Any]) -> list[float]:
    farthest = float(np.abs(coordinates).max())
    scaled = coordinates / farthest if farthest > 0 else coordinates
    return [float(value) for value in (scaled.round(_DECIMALS) + 0.0)]  # + 0.0: no minus zero
