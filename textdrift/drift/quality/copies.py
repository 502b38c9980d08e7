"""Copies: the question whether more, or fewer, rows repeat an earlier one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from textdrift.drift.contract import DriftResult, Evidence
from textdrift.drift.quality.share_change import ShareChange, check_level, rows_of_each_text, share_of_rows
from textdrift.errors import SettingsError
from textdrift.stats.contingency import hypergeometric_at_most
from textdrift.windows.auditing import Audit

__all__ = ["Copies"]

Counts = NDArray[np.int64]

_CHEAP_ROUND = 99
_SETTLED = 0.1
_CELLS_AT_ONCE = 4_000_000


@dataclass(frozen=True, slots=True)
class Copies:
    """The share of rows that are copies of an earlier row of their window.

    Copies come about in two honest ways, and each has its own null hypothesis:

    - *popular* texts recur ("ok"): rows of both windows are exchangeable;
    - *bursts* (a template, a retweet) fall into one window as a block: blocks are exchangeable. A block is what one
      window holds of a text beyond its fair share of it. Blocks count as large as both windows know them: where the
      largest block of one window has g rows, those of the other are taken apart into pieces of at most g.

    Rows, and blocks, are permuted between the windows; the statistic is the distance of the difference of copy shares
    from its mean over the permutations, since a larger window meets more repeats of a popular text. The p-value is the
    larger of the two: it keeps its level when either hypothesis holds. It does not when bursts are so rare that one
    window holds none: then a burst in the other is a change.

    Cost: permutations x rows whose text is not unique. A round of 99 permutations settles p > 0.1; otherwise a fresh
    full round replaces it.

    Parameters
    ----------
    level:
        The level at which the detectable effect is stated.
    n_permutations:
        Of each full round; p is at least 1 / (1 + n_permutations).

    Examples
    --------
    >>> import numpy as np, pyarrow as pa
    >>> from textdrift.windows.auditing import audit
    >>> from textdrift.windows.duplicates import distinct_documents
    >>> from textdrift.windows.window import Roles, Window
    >>> def audited(texts):
    ...     window = Window(pa.table({"text": pa.array(texts, pa.large_string())}), Roles(), "window")
    ...     return audit(window, distinct_documents(window))
    >>> reference = audited([f"cup {i}" for i in range(200)])
    >>> current = audited([f"tea {i}" for i in range(180)] + ["tea 0"] * 20)
    >>> result = Copies().compare(reference, current, rng=np.random.default_rng(0))
    >>> result.p_value, result.effects[0].value
    (0.001, 0.1)
    """

    level: float = 0.05
    n_permutations: int = 999

    def __post_init__(self) -> None:
        """Refuse a level that is no probability, and a test without permutations."""
        check_level(self.level)
        if self.n_permutations < 1:
            raise SettingsError(f"n_permutations={self.n_permutations!r}, and at least 1 is needed: try 999")

    def compare(self, reference: Audit, current: Audit, *, rng: np.random.Generator) -> DriftResult:
        """Compare two audits; the permutations are drawn from ``rng``."""
        copies = ShareChange(reference.n_copies, reference.n_usable, current.n_copies, current.n_usable)
        counts = rows_of_each_text(reference, current)
        nulls = (_rows(counts), _blocks(counts))
        chosen = _larger_p(nulls, min(_CHEAP_ROUND, self.n_permutations), rng)
        if chosen.p_value <= _SETTLED and self.n_permutations > _CHEAP_ROUND:
            chosen = _larger_p(nulls, self.n_permutations, rng)
        excess = copies.change - chosen.expected if copies.n and copies.m else 0.0
        error = float(np.hypot(_cluster_error(counts[:, 0]), _cluster_error(counts[:, 1])))
        half = float(ndtri(0.975)) * error
        z = float(ndtri(1.0 - self.level / 2.0) + ndtri(0.8))
        reach = max(z * chosen.deviation, copies.detectable(self.level))
        return DriftResult(
            test="quality.copies",
            kind="quality",
            statistic=abs(excess),
            p_value=chosen.p_value,
            effects=(
                share_of_rows(
                    excess, (max(excess - half, -1.0), min(excess + half, 1.0)), reach if reach <= 1.0 else float("inf")
                ),
            ),
            n_documents=(len(reference.documents), len(current.documents)),
            evidence=(
                Evidence(name="causes", rows=_causes(excess, copies.current_share)),
                Evidence(
                    name="sizes",
                    rows=(
                        {
                            "measure": "share_copies",
                            "reference": copies.reference_share,
                            "current": copies.current_share,
                        },
                        {
                            "measure": "rows_of_the_most_frequent_text",
                            "reference": int(counts[:, 0].max(initial=0)),
                            "current": int(counts[:, 1].max(initial=0)),
                        },
                    ),
                ),
            ),
        )


@dataclass(frozen=True, slots=True)
class _Null:
    """What is exchangeable under one null hypothesis.

    ``sizes`` and ``texts`` have shape (n_units,), sorted by text: the rows of each unit whose text is not unique, and
    the text (0, 1, ...) it belongs to. ``in_reference`` says where it was found. Unique rows are units of one row that
    cannot be copies: only their number matters, (reference, current).
    """

    sizes: Counts
    texts: Counts
    in_reference: NDArray[np.bool_]
    n_unique: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Permuted:
    """The p-value of one null hypothesis, the expected difference under it and the deviation of the permuted ones."""

    p_value: float
    expected: float
    deviation: float


def _rows(counts: Counts) -> _Null:
    """Return the null hypothesis of popular texts: every row is a unit."""
    return _null(counts, np.zeros_like(counts), 1)


def _blocks(counts: Counts) -> _Null:
    """Return the null hypothesis of bursts: what a window holds of a text beyond its fair share is one unit."""
    n, m = np.maximum(counts.sum(axis=0), 1)
    fair = np.column_stack([counts[:, 1] * (n / m), counts[:, 0] * (m / n)])
    block = np.floor(np.maximum(counts - fair, 0.0)).astype(np.int64)
    return _null(counts, block, max(1, int(block.max(axis=0, initial=0).min())))


def _null(counts: Counts, block: Counts, g: int) -> _Null:
    """Return the units: blocks in pieces of at most g rows, every other row for itself."""
    repeated = counts.sum(axis=1) > 1
    n_unique = tuple(int(c) for c in counts[~repeated].sum(axis=0))
    counts, block = counts[repeated], block[repeated]
    text, window = (index.ravel() for index in np.indices(counts.shape))
    flat, whole, rest = counts.ravel(), block.ravel() // g, block.ravel() % g
    single = flat - block.ravel()
    size = np.concatenate([np.full(flat.size, g), np.maximum(rest, 1), np.ones(flat.size, dtype=np.int64)])
    times = np.concatenate([whole, (rest > 0).astype(np.int64), single])
    sizes, texts, windows = (np.repeat(a, times) for a in (size, np.tile(text, 3), np.tile(window, 3)))
    order = np.argsort(texts, kind="stable")
    return _Null(sizes[order], texts[order], windows[order] == 0, (n_unique[0], n_unique[1]))


def _larger_p(nulls: tuple[_Null, ...], n_permutations: int, rng: np.random.Generator) -> _Permuted:
    """Return the null hypothesis that the data contradict least."""
    return max((_permute(null, n_permutations, rng) for null in nulls), key=lambda permuted: permuted.p_value)


def _permute(null: _Null, n_permutations: int, rng: np.random.Generator) -> _Permuted:
    """Permute units between the windows, each keeping its number of units."""
    n_units = len(null.sizes)
    if n_units == 0:
        return _Permuted(1.0, 0.0, 0.0)
    n_in_reference = int(null.in_reference.sum()) + null.n_unique[0]
    n_unique = sum(null.n_unique)
    differences = [_differences(null, null.in_reference[None, :], n_in_reference)]
    step = max(1, _CELLS_AT_ONCE // n_units)
    for start in range(0, n_permutations, step):
        size = min(step, n_permutations - start)
        # Unique rows need no labels: how many units with copies go to the reference is hypergeometric, which is free.
        taken = rng.hypergeometric(n_units, n_unique, n_in_reference, size=size)
        in_reference = rng.permuted(np.arange(n_units) < taken[:, None], axis=1)
        differences.append(_differences(null, in_reference, n_in_reference))
    every = np.concatenate(differences)
    distance = np.abs(every - every.mean())
    as_far = int(np.count_nonzero(distance[1:] >= distance[0] - 1e-12))  # equal splits may differ by rounding
    return _Permuted((1 + as_far) / (1 + n_permutations), _expected(null, n_in_reference), float(every[1:].std()))


def _expected(null: _Null, n_in_reference: int) -> float:
    """Return the expected difference: per text, its rows there less one unless none of its units is there."""
    rows, units = np.bincount(null.texts, null.sizes), np.bincount(null.texts)
    n_all = len(null.sizes) + sum(null.n_unique)
    shares = []
    for n_here in (n_in_reference, n_all - n_in_reference):
        fraction = n_here / n_all
        absent = hypergeometric_at_most(0, units, n_here, n_all)
        copies = float((rows * fraction - 1.0 + absent).sum())
        shares.append(copies / max(fraction * (rows.sum() + sum(null.n_unique)), 1.0))
    return float(shares[1] - shares[0])


def _differences(null: _Null, in_reference: NDArray[np.bool_], n_in_reference: int) -> NDArray[np.float64]:
    """Return share of copies current - reference, one per row of ``in_reference``, shape (b, n_units)."""
    starts = np.flatnonzero(np.diff(null.texts, prepend=-1))
    owned = np.where(in_reference, null.sizes, 0)
    reference = np.add.reduceat(owned, starts, axis=1)
    current = np.add.reduceat(null.sizes, starts) - reference
    unique_in_reference = n_in_reference - in_reference.sum(axis=1)
    n = reference.sum(axis=1) + unique_in_reference
    m = current.sum(axis=1) + sum(null.n_unique) - unique_in_reference
    copies_reference = np.maximum(reference - 1, 0).sum(axis=1)
    copies_current = np.maximum(current - 1, 0).sum(axis=1)
    return np.asarray(copies_current / np.maximum(m, 1) - copies_reference / np.maximum(n, 1))


def _causes(excess: float, current_share: float) -> tuple[dict[str, Any], ...]:
    if excess == 0.0:
        return ()
    sentence = (
        f"{current_share:.1%} of the rows with a text repeat an earlier one; "
        f"{max(current_share - excess, 0.0):.1%} would, had nothing changed."
    )
    direction = "up" if excess > 0.0 else "down"
    return ({"cause": "repeated", "share_of_rows": abs(excess), "direction": direction, "sentence": sentence},)


def _cluster_error(sizes: Counts) -> float:
    """Return the standard error of a window's share of copies, its texts drawn as clusters (ratio estimator)."""
    sizes = sizes[sizes > 0]
    n = sizes.sum()
    if n == 0:
        return 1.0
    share = (n - len(sizes)) / n
    residuals = (sizes - 1) - share * sizes
    return float(np.sqrt((residuals**2).sum()) / n)
