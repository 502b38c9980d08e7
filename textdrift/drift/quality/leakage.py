"""Leakage: the question whether texts of the reference lie in the current window."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.drift.quality.share_change import check_level, rows_of_each_cluster, rows_of_each_text
from textdrift.errors import SettingsError
from textdrift.stats.contingency import hypergeometric_at_most, wilson_intervals
from textdrift.stats.permutations import in_two_rounds, permutation_p_value
from textdrift.windows.auditing import Audit
from textdrift.windows.numbers_in_words import percentage

__all__ = ["ONE_WINDOW", "AuditedRows", "Leakage"]

ONE_WINDOW = "Both windows hold the very same texts: they are one window, and no leak was looked for."

Counts = NDArray[np.int64]

_CELLS_AT_ONCE = 4_000_000
_POWER = 0.8
_ENOUGH_REPEATS = 5
_DROPPED = (
    "Neither window repeats a text to the letter, though texts that nearly agree repeat: copies were dropped from each "
    "by itself. How many texts both share is then no matter of chance, and is shown alone."
)


@dataclass(frozen=True, slots=True)
class AuditedRows:
    """The texts of one window, and the ids of its rows.

    ``ids`` has shape (n_rows,): a number of each id, the same in both windows, -1 for a row without; ``None`` where no
    column has the role.
    """

    audit: Audit
    ids: NDArray[np.int64] | None = None


@dataclass(frozen=True, slots=True)
class Leakage:
    """How many texts lie in both windows, beyond the number that chance puts there.

    Null hypothesis: the rows of both windows are exchangeable, however often each text is repeated. The statistic is
    the number of texts (clusters of near-copies) with rows in both windows; rows are permuted, and only more of them
    than chance gives count. Short texts repeat by nature ("thanks!"): they do so inside each window too, and that is
    what the null hypothesis knows. Bursts fall into one window and make the test the more careful. Where there is an
    id column, ids are looked at in the same way, and the smaller p-value is doubled.

    The effect is the share of the current window's texts that lie in the reference beyond chance. A leaked text mostly
    has two rows, and chance alone would put a share q of such pairs into both windows; S straddling texts where chance
    lets expect E make (S - E) / (1 - q) leaks. Two windows
    that hold the very same texts are one window, and nothing is said of them. Windows from which copies were dropped,
    each by itself, cannot be told from a leak; where no text is repeated inside a window the sentence says so.

    Cost: permutations x rows whose text is not unique.

    Parameters
    ----------
    level:
        The level at which the detectable effect is stated.
    n_permutations:
        Of the full round; 99 settle p > 0.1. With ids each look takes twice as many.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from textdrift.windows.auditing import audit
    >>> from textdrift.windows.duplicates import distinct_documents
    >>> from textdrift.windows.window import Roles, Window
    >>> def audited(texts):
    ...     window = Window(pa.table({"text": pa.array(texts, pa.large_string())}), Roles(), "window")
    ...     return AuditedRows(audit(window, distinct_documents(window)))
    >>> reference = audited([f"cup {i}" for i in range(500)])
    >>> current = audited([f"cup {i}" for i in range(450, 950)])
    >>> result = Leakage().compare(reference, current, rng=np.random.default_rng(0))
    >>> result.p_value, round(result.effects[0].value, 3)
    (0.001, 0.1)
    """

    level: float = 0.05
    n_permutations: int = 999

    def __post_init__(self) -> None:
        """Refuse a level that is no probability, and a test without permutations."""
        check_level(self.level)
        if self.n_permutations < 1:
            raise SettingsError(f"n_permutations={self.n_permutations!r}, and at least 1 is needed: try 999")

    def compare(self, reference: AuditedRows, current: AuditedRows, *, rng: np.random.Generator) -> DriftResult:
        """Compare the rows of two windows; the permutations are drawn from ``rng``."""
        tables = {"texts": rows_of_each_cluster(reference.audit, current.audit)}
        if reference.ids is not None and current.ids is not None:
            tables["ids"] = _rows_of_each_id(reference.ids, current.ids)
        n_permutations = len(tables) * (self.n_permutations + 1) - 1
        looks = [_look(name, counts, n_permutations, self.level / len(tables), rng) for name, counts in tables.items()]
        best = min(looks, key=lambda look: (look.p_value, -look.excess))
        notes: tuple[str, ...] = ()
        if looks[0].is_one_window:
            notes = (ONE_WINDOW,)
        dropped = best.name == "texts" and _copies_were_dropped(reference.audit, current.audit, best)
        if dropped:
            notes = (_DROPPED,)
        return DriftResult(
            test="quality.leakage",
            kind="quality",
            statistic=best.excess,
            p_value=1.0 if dropped else min(1.0, len(tables) * best.p_value),
            has_p_value=not dropped,
            effects=(best.effect,),
            n_documents=(looks[0].n_reference, looks[0].n_current),
            evidence=(
                Evidence(name="causes", rows=best.causes),
                Evidence(
                    name="sizes",
                    rows=tuple(
                        {"name": name, "value": value}
                        for look in looks
                        for name, value in (
                            (f"{look.name}_in_both_windows", look.n_straddling),
                            (f"{look.name}_expected_in_both_windows", look.expected),
                        )
                    ),
                ),
            ),
            notes=notes,
        )


def _copies_were_dropped(reference: Audit, current: Audit, look: _Look) -> bool:
    """Whether near-copies repeat inside the windows and equal texts never do."""
    equal = rows_of_each_text(reference, current)
    return look.n_twice_in_one >= _ENOUGH_REPEATS and not (equal > 1).any()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What texts, or ids, say: how many are in both windows, and how many beyond chance."""

    name: str
    n_reference: int
    n_current: int
    n_straddling: int
    n_twice_in_one: int
    expected: float
    p_value: float
    effect: Effect

    @property
    def excess(self) -> float:
        return self.effect.value * self.n_current

    @property
    def is_one_window(self) -> bool:
        return self.n_straddling == self.n_reference == self.n_current > 0

    @property
    def causes(self) -> tuple[dict[str, object], ...]:
        if self.effect.value == 0.0:
            return ()
        share, honest = self.n_straddling / self.n_current, self.n_straddling - round(self.excess)
        sentence = (
            f"{self.n_straddling:,} {self.name} of the current window ({percentage(share)}) lie in the reference "
            "too, where "
            f"chance explains {honest:,}."
        )
        if self.n_straddling == self.n_current and self.name == "texts":
            sentence = (
                f"All {self.n_straddling:,} texts of the current window lie in the reference too, where chance "
                f"explains {honest:,}: the window is a part of the reference."
            )
        elif self.name == "ids":
            sentence += " Windows that overlap by design look alike."
        elif not self.n_twice_in_one:
            sentence += " Neither window repeats any: copies may have been dropped from each by itself."
        return ({"cause": "leak", "share_of_rows": self.effect.value, "direction": "up", "sentence": sentence},)


def _look(name: str, counts: Counts, n_permutations: int, level: float, rng: np.random.Generator) -> _Look:
    n, m = (int(rows) for rows in counts.sum(axis=0))
    n_reference, n_current = (int(held) for held in np.count_nonzero(counts, axis=0))
    straddling = (counts > 0).all(axis=1)
    repeated = counts[counts.sum(axis=1) > 1]
    observed = int(np.count_nonzero(straddling))
    same = observed == n_reference == n_current
    chance = _straddling_by_chance(repeated.sum(axis=1), n, m)
    expected, K = float(chance.sum()), len(repeated)
    p, deviation = 1.0, 0.0
    if K and n and m and not same:
        outcome = in_two_rounds(lambda b: _permuted(repeated, n, m, b, rng), n_permutations)
        p, deviation = outcome.p_value, outcome.deviation
    q = float(_straddling_by_chance(np.array([2]), n, m)[0]) if min(n, m) else 1.0
    shared = observed / K if K else 0.0
    share, low, high = (
        0.0 if same or q >= 1.0 else min(max((K * s - expected) / (1.0 - q) / n_current, 0.0), 1.0)
        for s in (shared, *(float(end) for end in wilson_intervals(shared, K)))
    )
    if not K:
        high = min(1.0, 3.0 / n_current) if n_current else 1.0  # none seen of m: at most 3 in m
    reach = inf
    if q < 1.0:
        z = float(ndtri(1.0 - level) + ndtri(_POWER))
        reach = max(z * deviation / (1.0 - q), log(level) / log(q)) / n_current
    effect = Effect(name="share_of_rows", value=share, low=low, high=high, detectable=reach if reach <= 1.0 else inf)
    return _Look(
        name=name,
        n_reference=n_reference,
        n_current=n_current,
        n_straddling=observed,
        n_twice_in_one=int(np.count_nonzero((repeated > 1).any(axis=1))),
        expected=expected,
        p_value=p,
        effect=effect,
    )


def _straddling_by_chance(sizes: Counts, n: int, m: int) -> NDArray[np.float64]:
    """Return the probability that the rows of each text fall into both windows: not all here, not all there."""
    all_current = hypergeometric_at_most(0, sizes, n, n + m)
    all_reference = hypergeometric_at_most(0, sizes, m, n + m)
    return np.asarray(np.clip(1.0 - all_current - all_reference, 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class _Permuted:
    p_value: float
    deviation: float


def _permuted(repeated: Counts, n: int, m: int, n_permutations: int, rng: np.random.Generator) -> _Permuted:
    """Permute rows: how many of those whose text is not unique come into the reference, and then which of them."""
    sizes = repeated.sum(axis=1)
    n_rows, starts = int(sizes.sum()), np.concatenate([[0], np.cumsum(sizes)[:-1]])
    step = max(1, _CELLS_AT_ONCE // n_rows)
    found = []
    for start in range(0, n_permutations, step):
        b = min(step, n_permutations - start)
        taken = rng.hypergeometric(n_rows, n + m - n_rows, n, size=b)
        in_reference = rng.permuted(np.arange(n_rows) < taken[:, None], axis=1)
        held = np.add.reduceat(in_reference, starts, axis=1, dtype=np.int64)
        found.append(np.count_nonzero((held > 0) & (held < sizes), axis=1))
    counts = np.concatenate(found)
    observed = float(np.count_nonzero((repeated > 0).all(axis=1)))
    return _Permuted(permutation_p_value(observed, counts.astype(np.float64)), float(counts.std()))


def _rows_of_each_id(reference: NDArray[np.int64], current: NDArray[np.int64]) -> Counts:
    n_ids = 1 + max(int(reference.max(initial=-1)), int(current.max(initial=-1)))
    sides = [np.bincount(ids[ids >= 0], minlength=n_ids) for ids in (reference, current)]
    counts = np.column_stack(sides).astype(np.int64)
    return np.asarray(counts[counts.any(axis=1)])
