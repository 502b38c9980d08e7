"""Blocks: rows of one text, or documents of one template, that came together and are moved together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.quality.share_change import ShareChange
from textdrift.stats.permutations import in_two_rounds, permutation_p_value

__all__ = ["Units", "change_p_value", "pieces_of", "shuffled", "units_of"]

Counts = NDArray[np.int64]

_SETTLED = 0.1
_CELLS_AT_ONCE = 4_000_000


@dataclass(frozen=True, slots=True)
class Units:
    """What is exchangeable under one null hypothesis.

    ``sizes`` and ``texts`` have shape (n_units,), sorted by text: the rows of each unit, and the text (0, 1, ...) it
    belongs to. ``in_reference`` says where it was found. ``n_unique`` further rows are units of one row each that
    cannot carry what is counted: only their number matters. ``n`` and ``m`` are all rows of the windows.
    """

    sizes: Counts
    texts: Counts
    in_reference: NDArray[np.bool_]
    n_unique: int
    n: int
    m: int


def pieces_of(counts: Counts, n: int, m: int) -> tuple[Counts, int]:
    """Return how many rows of each text are a block in each window, shape (n_texts, 2), and its largest honest size.

    A block is what one window holds of a text beyond its fair share of it. The reference says how large an honest burst
    is: where its largest block has g rows, those of the current window are taken apart into pieces of at most g.
    """
    n, m = max(n, 1), max(m, 1)
    fair = np.column_stack([counts[:, 1] * (n / m), counts[:, 0] * (m / n)])
    block = np.floor(np.maximum(counts - fair, 0.0)).astype(np.int64)
    return block, max(1, int(block[:, 0].max(initial=0)))


def units_of(counts: Counts, block: Counts, g: int, *, n: int, m: int) -> Units:
    """Return blocks in pieces of at most g rows, and every other row for itself.

    Parameters
    ----------
    counts, block:
        Shape (n_texts, 2), (reference, current): rows of each text, and how many of them are a block.
    g:
        Rows of the largest piece.
    n, m:
        All rows of the windows; those that ``counts`` does not hold are units of their own.
    """
    text, window = (index.ravel() for index in np.indices(counts.shape))
    whole, rest, single = block.ravel() // g, block.ravel() % g, (counts - block).ravel()
    size = np.concatenate([np.full(text.size, g), np.maximum(rest, 1), np.ones(text.size, dtype=np.int64)])
    times = np.concatenate([whole, (rest > 0).astype(np.int64), single])
    sizes, texts, windows = (np.repeat(a, times) for a in (size, np.tile(text, 3), np.tile(window, 3)))
    order = np.argsort(texts, kind="stable")
    return Units(sizes[order], texts[order], windows[order] == 0, n + m - int(counts.sum()), n, m)


def shuffled(units: Units, b: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return which units the first n rows hold after b shuffles of all units, shape (b, n_units).

    Unique rows need no labels. Where all units are rows, how many of those with copies come first is hypergeometric.
    With blocks, every unit draws a place in (0, 1), and the unique rows before the place x are their number before
    n / N, a binomial count, plus those between: close to the line through it.
    """
    n_units, share = len(units.sizes), units.n / (units.n + units.m)
    if units.sizes.max() == 1:
        taken = rng.hypergeometric(n_units, units.n_unique, units.n, size=b)
        return rng.permuted(np.arange(n_units) < taken[:, None], axis=1)
    places = rng.random((b, n_units))
    order = np.argsort(places, axis=1)
    before = (
        np.cumsum(units.sizes[order], axis=1) - units.sizes[order] / 2
    )  # a block across the border goes to one side
    unique = rng.binomial(units.n_unique, share, size=b)[:, None]
    unique_before = unique + (np.take_along_axis(places, order, axis=1) - share) * units.n_unique
    in_reference = np.empty((b, n_units), dtype=bool)
    np.put_along_axis(in_reference, order, before + unique_before < units.n, axis=1)
    return in_reference


def change_p_value(counts: Counts, n: int, m: int, *, n_permutations: int, rng: np.random.Generator) -> float:
    """Return the p-value of a change of the share of marked rows, where marked rows may come in bursts.

    Each of two null hypotheses may hold, as in ``Copies``: rows of both windows are exchangeable (Fisher's exact test,
    two-sided), or blocks are, see ``pieces_of`` (permutations, the distance of the difference of shares from its mean).
    The larger p-value keeps its level under either. Where the reference holds no burst, every block is a row and the
    exact test says it all.

    Parameters
    ----------
    counts:
        Shape (n_texts, 2), (reference, current): the marked rows of each text.
    n, m:
        All rows of each window.
    n_permutations:
        Of the full round; a round of 99 settles p > 0.1.
    rng:
        Draws the permutations; nothing is drawn where the exact test says it all.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> round(change_p_value(np.array([[1, 20]]), 200, 200, n_permutations=999, rng=rng), 6)
    1.3e-05
    >>> change_p_value(np.array([[20, 0], [0, 20], [0, 20]]), 200, 200, n_permutations=99, rng=rng) > 0.1
    True
    """
    k1, k2 = (int(marked) for marked in counts.sum(axis=0))
    p_value = ShareChange(k1, n, k2, m).two_sided_p
    block, g = pieces_of(counts, n, m)
    if g == 1 or p_value > _SETTLED:
        return p_value
    units = units_of(counts, block, g, n=n, m=m)
    return max(p_value, in_two_rounds(lambda b: _permuted(units, b, rng), n_permutations).p_value)


@dataclass(frozen=True, slots=True)
class _Permuted:
    p_value: float


def _permuted(units: Units, n_permutations: int, rng: np.random.Generator) -> _Permuted:
    differences = [_differences(units, units.in_reference[None, :])]
    step = max(1, _CELLS_AT_ONCE // len(units.sizes))
    differences.extend(
        _differences(units, shuffled(units, min(step, n_permutations - start), rng))
        for start in range(0, n_permutations, step)
    )
    every = np.concatenate(differences)
    distance = np.abs(every - every.mean())
    return _Permuted(permutation_p_value(distance[0], distance[1:]))


def _differences(units: Units, in_reference: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the shares of marked rows, current - reference, one per row of ``in_reference``, shape (b, n_units)."""
    reference = np.where(in_reference, units.sizes, 0).sum(axis=1)
    return np.asarray((units.sizes.sum() - reference) / units.m - reference / units.n)
