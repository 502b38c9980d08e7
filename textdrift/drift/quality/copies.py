"""Copies: the question whether more, or fewer, rows repeat an earlier one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from textdrift.drift.contract import DriftResult, Evidence
from textdrift.drift.quality.blocks import Units, pieces_of, shuffled, units_of
from textdrift.drift.quality.share_change import (
    ShareChange,
    check_level,
    rows_of_each_cluster,
    rows_of_each_text,
    share_of_rows,
)
from textdrift.errors import SettingsError
from textdrift.stats.contingency import hypergeometric_at_most
from textdrift.windows.auditing import Audit
from textdrift.windows.numbers_in_words import percentage

__all__ = ["Copies"]

Counts = NDArray[np.int64]

_CHEAP_ROUND = 99
_SETTLED = 0.1
_CELLS_AT_ONCE = 4_000_000


@dataclass(frozen=True, slots=True)
class Copies:
    """The share of rows that are copies, or near-copies, of an earlier row of their window.

    Copies come about in two honest ways, and each has its own null hypothesis:

    - *popular* texts recur ("ok"): rows of both windows are exchangeable;
    - *bursts* (a template, a retweet) fall into one window as a block: blocks are exchangeable. A block is what one
      window holds of a text beyond its fair share of it. The reference says how large an honest burst is: where its
      largest block has g rows, those of the current window are taken apart into pieces of at most g.

    Rows, and blocks, are permuted between the windows; the statistic is the distance of the difference of copy shares
    from its mean over the permutations, since a larger window meets more repeats of a popular text. The p-value is the
    larger of the two: it keeps its level when either hypothesis holds, and not when bursts are so rare, or their sizes
    so uneven, that the reference shows none like the current window's: then such a burst is a change. Nor can fewer
    than about ten bursts that end be told from chance, nor one burst from the reference's where it is some ten times as
    large as their largest. That is no blindness: where sizes have a tail like k^-a, the largest burst of one of two
    equal windows is r times the other's with probability 1 / (1 + r^a), 1 in 11 for r = 10 and a = 1.

    Where there are near-copies, copies are counted twice, word for word and with near-copies (a template with other
    numbers, links or a word; see ``near_copy_clusters``); the smaller p-value is doubled and its count is reported.
    Each look may then take twice the permutations.

    The effect is the change of the copy share beyond what the hypothesis expects, but no more than the change itself,
    and zero where the two differ in sign: windows that share texts, each without a copy, are as unlike a permutation
    as can be, and no row of either is repeated.

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
        exact, near = rows_of_each_text(reference, current), rows_of_each_cluster(reference, current)
        # Whether there are near-copies is the same for every split of the rows, so one look at the data may decide it.
        looks = (exact,) if len(near) == len(exact) else (near, exact)
        n_permutations = len(looks) * (self.n_permutations + 1) - 1
        found = min((self._look(counts, n_permutations, rng) for counts in looks), key=lambda look: look.p_value)
        copies, effect = found.copies, found.effect
        half = float(ndtri(0.975)) * found.error
        z = float(ndtri(1.0 - self.level / (2.0 * len(looks))) + ndtri(0.8))
        reach = max(z * found.deviation, copies.detectable(self.level / len(looks)))
        word_for_word, nearly = _copies(exact), _copies(near)
        return DriftResult(
            test="quality.copies",
            kind="quality",
            statistic=abs(found.excess),
            p_value=min(1.0, len(looks) * found.p_value),
            effects=(
                share_of_rows(
                    effect, (max(effect - half, -1.0), min(effect + half, 1.0)), reach if reach <= 1.0 else float("inf")
                ),
            ),
            n_documents=(reference.n_usable, current.n_usable),
            evidence=(
                Evidence(name="causes", rows=_causes(effect, copies.current_share, word_for_word.current_share)),
                Evidence(
                    name="measures",
                    rows=(
                        {
                            "measure": "share_copies",
                            "reference": word_for_word.reference_share,
                            "current": word_for_word.current_share,
                        },
                        {
                            "measure": "share_near_copies",
                            "reference": nearly.reference_share - word_for_word.reference_share,
                            "current": nearly.current_share - word_for_word.current_share,
                        },
                        {
                            "measure": "rows_of_the_most_frequent_text",
                            "reference": int(exact[:, 0].max(initial=0)),
                            "current": int(exact[:, 1].max(initial=0)),
                        },
                    ),
                ),
            ),
        )

    def _look(self, counts: Counts, n_permutations: int, rng: np.random.Generator) -> _Look:
        nulls = (_rows(counts), _blocks(counts))
        chosen = _larger_p(nulls, min(_CHEAP_ROUND, n_permutations), rng)
        if chosen.p_value <= _SETTLED and n_permutations > _CHEAP_ROUND:
            chosen = _larger_p(nulls, n_permutations, rng)
        copies = _copies(counts)
        return _Look(
            copies=copies,
            p_value=chosen.p_value,
            deviation=chosen.deviation,
            excess=copies.change - chosen.expected if copies.n and copies.m else 0.0,
            error=float(np.hypot(_cluster_error(counts[:, 0]), _cluster_error(counts[:, 1]))),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What one way to count copies says: the shares, and their change beyond what the null hypothesis expects."""

    copies: ShareChange
    p_value: float
    deviation: float
    excess: float
    error: float

    @property
    def effect(self) -> float:
        return _smaller_of_one_sign(self.copies.change, self.excess)


@dataclass(frozen=True, slots=True)
class _Permuted:
    """The p-value of one null hypothesis, the expected difference under it and the deviation of the permuted ones."""

    p_value: float
    expected: float
    deviation: float


def _rows(counts: Counts) -> Units:
    """Return the null hypothesis of popular texts: every row is a unit."""
    return _units(counts, np.zeros_like(counts), 1)


def _blocks(counts: Counts) -> Units:
    """Return the null hypothesis of bursts: what a window holds of a text beyond its fair share is one unit."""
    return _units(counts, *pieces_of(counts, *(int(rows) for rows in counts.sum(axis=0))))


def _units(counts: Counts, block: Counts, g: int) -> Units:
    """Return the units of the texts that are not unique; the rows of the others cannot be copies."""
    n, m = (int(rows) for rows in counts.sum(axis=0))
    repeated = counts.sum(axis=1) > 1
    return units_of(counts[repeated], block[repeated], g, n=n, m=m)


def _larger_p(nulls: tuple[Units, ...], n_permutations: int, rng: np.random.Generator) -> _Permuted:
    """Return the null hypothesis that the data contradict least."""
    return max((_permute(units, n_permutations, rng) for units in nulls), key=lambda permuted: permuted.p_value)


def _permute(units: Units, n_permutations: int, rng: np.random.Generator) -> _Permuted:
    """Permute units between the windows, which keep their numbers of rows."""
    n_units = len(units.sizes)
    if n_units == 0 or units.n == 0 or units.m == 0:
        return _Permuted(1.0, 0.0, 0.0)
    differences = [_differences(units, units.in_reference[None, :])]
    step = max(1, _CELLS_AT_ONCE // n_units)
    for start in range(0, n_permutations, step):
        b = min(step, n_permutations - start)
        differences.append(_differences(units, shuffled(units, b, rng)))
    every = np.concatenate(differences)
    distance = np.abs(every - every.mean())
    as_far = int(np.count_nonzero(distance[1:] >= distance[0] - 1e-12))  # equal splits may differ by rounding
    return _Permuted((1 + as_far) / (1 + n_permutations), _expected(units), float(every[1:].std()))


def _differences(units: Units, in_reference: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the shares of copies, current - reference, one per row of ``in_reference``, shape (b, n_units)."""
    starts = np.flatnonzero(np.diff(units.texts, prepend=-1))
    reference = np.add.reduceat(np.where(in_reference, units.sizes, 0), starts, axis=1)
    current = np.add.reduceat(units.sizes, starts) - reference
    copies_reference = np.maximum(reference - 1, 0).sum(axis=1)
    copies_current = np.maximum(current - 1, 0).sum(axis=1)
    return np.asarray(copies_current / units.m - copies_reference / units.n)


def _expected(units: Units) -> float:
    """Return the expected difference: per text, its rows there less one unless none of its units is there."""
    rows, n_units = np.bincount(units.texts, units.sizes), np.bincount(units.texts)
    N = units.n + units.m
    copies = [
        float((rows * (here / N) - 1.0 + hypergeometric_at_most(0, n_units, here, N)).sum())
        for here in (units.n, units.m)
    ]
    return copies[1] / units.m - copies[0] / units.n


def _copies(counts: Counts) -> ShareChange:
    """Return how many rows of each window repeat an earlier one."""
    (k1, k2), (n, m) = np.maximum(counts - 1, 0).sum(axis=0), counts.sum(axis=0)
    return ShareChange(int(k1), int(n), int(k2), int(m))


def _smaller_of_one_sign(change: float, excess: float) -> float:
    """Return the number nearer to zero, or zero where the signs differ."""
    return min(change, excess, key=abs) if change * excess > 0.0 else 0.0


def _causes(effect: float, current_share: float, word_for_word: float) -> tuple[dict[str, Any], ...]:
    """Return the table ``causes``; ``current_share`` counts near-copies where those are what changed."""
    if effect == 0.0:
        return ()
    near = current_share - word_for_word
    nearly = f"{percentage(near)} but for a few words, numbers or links"
    split = f" ({percentage(word_for_word)} word for word, {nearly})" if near > 0 else ""
    sentence = (
        f"{percentage(current_share)} of the rows with a text repeat an earlier one{split}; "
        f"{percentage(max(current_share - effect, 0.0))} would, had nothing changed."
    )
    direction = "up" if effect > 0.0 else "down"
    return ({"cause": "repeated", "share_of_rows": abs(effect), "direction": direction, "sentence": sentence},)


def _cluster_error(sizes: Counts) -> float:
    """Return the standard error of a window's share of copies, its texts drawn as clusters (ratio estimator)."""
    sizes = sizes[sizes > 0]
    n = sizes.sum()
    if n == 0:
        return 1.0
    share = (n - len(sizes)) / n
    residuals = (sizes - 1) - share * sizes
    return float(np.sqrt((residuals**2).sum()) / n)
