"""MissingValues: the question whether values of some column are missing more, or less, often."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.drift.quality.share_change import ShareChange, check_level, share_of_rows
from textdrift.stats.multiplicity import holm
from textdrift.windows.numbers_in_words import percentage

__all__ = ["MissingFlags", "MissingValues"]

_NAMED = 5


@dataclass(frozen=True, slots=True)
class MissingFlags:
    """Which values of a window are missing.

    Attributes
    ----------
    names:
        The columns.
    flags:
        Shape (n, n_columns), true where a value is missing.
    """

    names: tuple[str, ...]
    flags: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class MissingValues:
    """The share of rows without a value, looked at in every column of features.

    Null hypothesis: in each column, rows of both windows miss their value with the same probability. Each column has a
    two-sided exact test (Fisher 1934), adjusted for the others (Holm 1979), so that the smallest keeps its level under
    any dependence of the columns. The result tells of one column, its p-value and its size: of those at or under
    ``level`` the one that changed most, else the one with the smallest p-value. Linear in the values.

    Parameters
    ----------
    level:
        The level at which a column is told of, and the detectable effect stated.

    Examples
    --------
    >>> full = MissingFlags(("amount", "age"), np.zeros((200, 2), dtype=bool))
    >>> flags = full.flags.copy()
    >>> flags[:30, 0] = True
    >>> result = MissingValues().compare(full, MissingFlags(full.names, flags), rng=np.random.default_rng(0))
    >>> result.table("causes")[0]["sentence"], result.p_value < 1e-6
    ('Missing values of “amount” rose from 0 % to 15.0 % of all rows.', True)
    """

    level: float = 0.05

    def __post_init__(self) -> None:
        """Refuse a level that is no probability."""
        check_level(self.level)

    def compare(self, reference: MissingFlags, current: MissingFlags, *, rng: np.random.Generator) -> DriftResult:
        """Compare two windows over the same columns; an exact test draws nothing from ``rng``."""
        del rng
        n, m = len(reference.flags), len(current.flags)
        counts = zip(
            reference.names, reference.flags.sum(axis=0).tolist(), current.flags.sum(axis=0).tolist(), strict=True
        )
        marks = {name: ShareChange(before, n, after, m) for name, before, after in counts}
        if not marks or min(n, m) == 0:
            nothing = Effect(name="share_of_rows", value=0.0, low=0.0, high=1.0, detectable=float("inf"))
            what = "A window without rows" if marks else "No column of features"
            note = f"{what}: missing values could not be compared."
            return DriftResult(
                test="quality.missing_values", kind="quality", statistic=0.0, p_value=1.0, effects=(nothing,),
                n_documents=(n, m), notes=(note,),
            )  # fmt: skip
        p_values = np.array([mark.two_sided_p for mark in marks.values()])
        adjusted = dict(zip(marks, holm(p_values).tolist(), strict=True))
        # Where p-values are equal, the larger change is the one to tell of.
        order = sorted(marks, key=lambda name: (marks[name].two_sided_p, -abs(marks[name].change)))
        moved = [name for name in order if adjusted[name] <= self.level and marks[name].change != 0.0]
        # Where none moved, the column whose p-value is the result's: a larger change of another may be chance.
        largest = max(moved, key=lambda name: abs(marks[name].change)) if moved else order[0]
        share = self.level / len(marks)
        # A share near one half needs the largest change to show.
        hardest = min(marks.values(), key=lambda mark: abs(mark.reference_share - 0.5))
        detectable = hardest.detectable(share)
        effect = share_of_rows(marks[largest].change, marks[largest].interval, detectable)
        rows = tuple(
            {
                "column": name, "reference": marks[name].reference_share, "current": marks[name].current_share,
                "change": marks[name].change, "p_value": adjusted[name],
            }
            for name in order
        )  # fmt: skip
        return DriftResult(
            test="quality.missing_values",
            kind="quality",
            statistic=abs(marks[largest].change),
            p_value=adjusted[largest],
            effects=(effect,),
            n_documents=(n, m),
            evidence=(
                _causes(largest, marks[largest], [name for name in moved if name != largest]),
                Evidence(name="missing_values", rows=rows),
            ),
        )


def _causes(name: str, mark: ShareChange, others: list[str]) -> Evidence:
    """Return the table ``causes``: one row that tells of the largest change and names the other columns."""
    if mark.change == 0.0:
        return Evidence(name="causes", rows=())
    direction, verb = ("up", "rose") if mark.change > 0.0 else ("down", "fell")
    sentence = (
        f"Missing values of “{name}” {verb} from {percentage(mark.reference_share)} to "
        f"{percentage(mark.current_share)} of all rows"
    )
    if others:
        listed = ", ".join(f"“{other}”" for other in others[:_NAMED])
        more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        sentence += f"; their share moved in {listed}{more} too"
    row = {
        "cause": "missing", "column": name, "share_of_rows": abs(mark.change), "direction": direction,
        "sentence": f"{sentence}.",
    }  # fmt: skip
    return Evidence(name="causes", rows=(row,))
