"""Schema: the question whether the columns that have a role still hold what they held."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.drift.quality.role_columns import RoleColumn, RoleColumns, folded
from textdrift.drift.quality.share_change import check_level
from textdrift.stats.contingency import hypergeometric_at_most
from textdrift.windows.numbers_in_words import percentage
from textdrift.windows.window import AbsentColumn

__all__ = ["Schema"]

_BEYOND_CHANCE = 1e-6
_ENOUGH_ROWS = 20
_NEARLY_ALL = 0.99
_HALF = 0.5
_DIGITS = (0, 1, 2)
_ROUNDING = 1e-6  # float32 rounds in the eighth digit
_LONGEST = 60
_MOST_NAMED = 3
_WITH_A_CLOSED_LIST = ("label", "prediction")


@dataclass(frozen=True, slots=True)
class Schema:
    """Did a type, a spelling, the list of labels or the unit of the probabilities change?

    No null hypothesis: a schema is no matter of chance, so there is no p-value. What chance could bring is left out: a
    value that only one window holds counts as new or vanished where exchangeable rows would all fall into that window
    with probability 1e-6 at most, over all values together. Looked at are only columns that have a role:

    - the type in the source, as far as that has types (a csv file has none, and times may be written as text); of a
      feature in a csv file, cells of one window alone that spell no number, named by the first of them;
    - a spelling of a label, prediction or segment that the reference never uses, for a name that it does;
    - a label or a prediction that is new, or gone; all of them at once may be the old ones renamed, and are one change;
    - a column that is empty where it was not, or the other way round; labels may come late and times have a test;
    - probabilities that are rounded to 0 and 1, or to one or two digits, where they were not, or the other way round;
    - rows that lack probabilities, more or fewer than chance brings;
    - a column that only the reference has, whatever the rows hold.

    A column that the reference lacks, and probabilities beyond 0 to 1 or that do not sum to one, are refused before any
    test runs.
    The effect is the largest share of rows that one of the changes touches. Linear time.

    Parameters
    ----------
    level:
        Not used; every test has one.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from textdrift.drift.quality.role_columns import role_columns
    >>> from textdrift.windows.reading import read_window
    >>> from textdrift.windows.window import Roles
    >>> def columns(labels):
    ...     table = pa.table({"text": [f"cup {i}" for i in range(80)], "label": labels})
    ...     return role_columns(read_window(table, Roles(label="label"), name="today"), np.arange(80))
    >>> numbers, strings = columns([0, 1] * 40), columns(["0", "1"] * 40)
    >>> Schema().compare(numbers, strings, rng=np.random.default_rng(0)).table("causes")[0]["sentence"]
    "Column 'label' (the label) holds text and held numbers."
    """

    level: float = 0.05

    def __post_init__(self) -> None:
        """Refuse a level that is no probability."""
        check_level(self.level)

    def compare(self, reference: RoleColumns, current: RoleColumns, *, rng: np.random.Generator) -> DriftResult:
        """Compare the columns of two windows; nothing is drawn from ``rng``."""
        del rng
        sides = reference.n_rows, current.n_rows
        changes = [_gone(column) for column in current.absent]
        for before, after in zip(reference.columns, current.columns, strict=True):
            changes += [*_type(before, after), *_emptied(before, after, sides)]
            changes += _values(before, after, sides)
        changes += _lacking(reference.probabilities, current.probabilities)
        changes += _resolution(*(_complete(side.probabilities) for side in (reference, current)))
        changes.sort(key=lambda change: -change.share)
        share = changes[0].share if changes else 0.0
        rows = tuple(
            {"cause": "schema", "share_of_rows": c.share, "direction": c.direction, "sentence": c.sentence}
            for c in changes
        )
        return DriftResult(
            test="quality.schema",
            kind="quality",
            statistic=share,
            p_value=1.0,
            has_p_value=False,
            effects=(Effect(name="share_of_rows", value=share, low=share, high=share, detectable=0.0),),
            n_documents=sides,
            evidence=(Evidence(name="causes", rows=rows),),
        )


@dataclass(frozen=True, slots=True)
class _Change:
    share: float
    direction: str
    sentence: str


def _gone(column: AbsentColumn) -> _Change:
    renamed = f"; the new column '{column.resembles}' may be it under another name" if column.resembles else ""
    return _Change(1.0, "up", f"{column.told} is gone{renamed}.")


def _lacking(reference: NDArray[np.float64], current: NDArray[np.float64]) -> Iterator[_Change]:
    """Find rows that lack probabilities in one window more often than chance brings."""
    if not reference.shape[1] or min(len(reference), len(current)) < _ENOUGH_ROWS:
        return
    n_rows = len(reference), len(current)
    n_null = n_rows[0] - len(_complete(reference)), n_rows[1] - len(_complete(current))
    then, now = n_null[0] / n_rows[0], n_null[1] / n_rows[1]
    fewer = 0 if now > then else 1  # the side that lacks fewer than its share
    chance = float(hypergeometric_at_most(n_null[fewer], sum(n_null), n_rows[fewer], sum(n_rows)))
    if then != now and chance <= _BEYOND_CHANCE:
        sentence = f"The probabilities are null in {percentage(now)} of the rows and were in {percentage(then)}."
        yield _Change(abs(now - then), "up" if now > then else "down", sentence)


def _complete(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rows that lack no probability."""
    return np.asarray(points[np.isfinite(points).all(axis=1)])


def _type(before: RoleColumn, after: RoleColumn) -> Iterator[_Change]:
    then, now = before.source_type, after.source_type
    if then is None or now is None or then == now:
        return
    if before.role == "time" and "text" in (then, now):  # json has no times and writes them as text
        return
    first = "".join(f": {cell}" for cell in (before.first_odd, after.first_odd) if cell)
    yield _Change(1.0, "up", f"{after.told} holds {now} and held {then}{first}.")


def _emptied(before: RoleColumn, after: RoleColumn, sides: tuple[int, int]) -> Iterator[_Change]:
    if before.role in ("label", "time", "probability") or min(sides) < _ENOUGH_ROWS:
        return
    then, now = before.n_null / sides[0], after.n_null / sides[1]
    if now == 1.0 and then <= _HALF:
        yield _Change(now - then, "up", f"{after.told} is empty and was not.")
    if then == 1.0 and now <= _HALF:
        yield _Change(then - now, "down", f"{after.told} is no longer empty.")


def _values(before: RoleColumn, after: RoleColumn, sides: tuple[int, int]) -> Iterator[_Change]:
    """Find values of one window alone: another spelling of a name of the other window, or a name of its own."""
    if (
        before.counts
        and after.counts
        and not before.counts.keys() & after.counts.keys()
        and _is_other_type(before, after)
    ):
        return
    spelled = [_spellings(column) for column in (before, after)]
    if _are_all_renamed(before, after, spelled, sides):
        old, new = (_named(column) for column in (before, after))
        sentence = (
            f"{after.told} names all of its values otherwise: it holds {new} and held {old}, perhaps the same renamed."
        )
        yield _Change(1.0, "up", sentence)
        return
    n_values = len(before.counts.keys() | after.counts.keys())
    for value, k in sorted(after.counts.items()):
        if value in before.counts or _by_chance(k, sides[0], sum(sides)) * n_values > _BEYOND_CHANCE:
            continue
        share, known = k / sides[1], spelled[0].get(folded(value))
        if known is not None:
            sentence = f"{after.told} spells {_quoted(known)} as {_quoted(value)} in {percentage(share)} of the rows."
            yield _Change(share, "up", sentence)
        elif before.role in _WITH_A_CLOSED_LIST and before.counts:
            sentence = f"{after.told} holds {_quoted(value)} in {percentage(share)} of the rows, a new value."
            yield _Change(share, "up", sentence)
    for value, k in sorted(before.counts.items()):
        gone = before.role in _WITH_A_CLOSED_LIST and after.counts and folded(value) not in spelled[1]
        if gone and _by_chance(k, sides[1], sum(sides)) * n_values <= _BEYOND_CHANCE:
            share = k / sides[0]
            sentence = f"{after.told} lacks {_quoted(value)}, which {percentage(share)} of the rows held."
            yield _Change(share, "down", sentence)


def _are_all_renamed(
    before: RoleColumn, after: RoleColumn, spelled: list[dict[str, str]], sides: tuple[int, int]
) -> bool:
    """Whether the windows share no value in any spelling, and each has one that is there beyond chance."""
    if (
        before.role not in _WITH_A_CLOSED_LIST
        or not before.counts
        or not after.counts
        or spelled[0].keys() & spelled[1]
    ):
        return False
    N, n_values = sum(sides), len(before.counts) + len(after.counts)
    most = max(before.counts.values()), max(after.counts.values())
    chances = _by_chance(most[0], sides[1], N), _by_chance(most[1], sides[0], N)
    return max(chances) * n_values <= _BEYOND_CHANCE


def _named(column: RoleColumn) -> str:
    """Name the most frequent values of a column."""
    ranked = sorted(column.counts, key=lambda value: (-column.counts[value], value))
    told = ", ".join(_quoted(value) for value in ranked[:_MOST_NAMED])
    return told + (f" and {len(ranked) - _MOST_NAMED} more" if len(ranked) > _MOST_NAMED else "")


def _spellings(column: RoleColumn) -> dict[str, str]:
    """Return each name in its most frequent spelling."""
    return {folded(value): value for value, _ in sorted(column.counts.items(), key=lambda item: (item[1], item[0]))}


def _is_other_type(before: RoleColumn, after: RoleColumn) -> bool:
    return None not in (before.source_type, after.source_type) and before.source_type != after.source_type


def _by_chance(k: int, n_without: int, N: int) -> float:
    """Return the probability that none of k rows of N falls among those of one window."""
    return float(hypergeometric_at_most(0, k, n_without, N))


def _resolution(reference: NDArray[np.float64], current: NDArray[np.float64]) -> Iterator[_Change]:
    if not reference.shape[1] or min(len(reference), len(current)) < _ENOUGH_ROWS:
        return
    for digits in _DIGITS:
        then, now = (_share_with_digits(points, digits) for points in (reference, current))
        what = "0 and 1" if digits == 0 else f"{digits} digit{'s' if digits > 1 else ''}"
        if now >= _NEARLY_ALL and then <= _HALF:
            yield _Change(now - then, "up", f"The probabilities are rounded to {what} and were not.")
            return
        if then >= _NEARLY_ALL and now <= _HALF:
            yield _Change(then - now, "down", f"The probabilities are no longer rounded to {what}.")
            return


def _share_with_digits(points: NDArray[np.float64], digits: int) -> float:
    scaled = points * 10.0**digits
    return float((np.abs(scaled - np.round(scaled)) <= _ROUNDING * 10.0**digits).all(axis=1).mean())


def _quoted(value: Any) -> str:
    text = str(value)
    return f"'{text if len(text) <= _LONGEST else text[: _LONGEST - 1] + '…'}'"
