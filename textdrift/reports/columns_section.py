"""The features of a report, column by column: what a page, a terminal and a table show of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from textdrift.reports.evidence_tables import NUMBER, fitting_rows, number_or_none, table_of

__all__ = [
    "QUANTILES_SHOWN",
    "ColumnShown",
    "column_named",
    "column_rows",
    "columns_of",
    "histogram_bars",
    "joint_of",
    "unseen_of",
]

Report = Mapping[str, Any]

QUANTILES_SHOWN = ("5 %", "25 %", "median", "75 %", "95 %")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnShown:
    """One feature: its finding, and the tables behind it that fit.

    Attributes
    ----------
    name, type:
        The column; ``numeric``, ``categorical``, or ``None`` where nothing could be compared.
    finding:
        Of its test.
    moved:
        The row of the diagnosis; empty where the column did not move.
    histogram, quantiles, categories:
        Tables of both windows; empty where there are none.
    stability:
        The population stability index and its band; ``None`` where it is not known.
    missing:
        The shares of missing values of both windows; ``None`` where they are not known.
    """

    name: str
    type: str | None
    finding: Report
    moved: Report
    histogram: Sequence[Report]
    quantiles: Sequence[Report]
    categories: Sequence[Report]
    stability: Report | None
    missing: tuple[float, float] | None


def columns_of(report: Report) -> list[ColumnShown]:
    """Return the features of a report, those that moved first, in the order of the diagnosis, then by p-value."""
    moved = {row["column"]: row for row in report["diagnosis"].get("columns") or ()}
    place = {name: i for i, name in enumerate(moved)}
    shown = [
        _shown(finding, str(row["column"]), row.get("type"), moved.get(row["column"], {}))
        for finding in report["findings"]
        if finding["kind"] == "features"
        for row in fitting_rows(table_of(finding, "column"), {"column": str})[:1]
    ]
    return sorted(shown, key=lambda column: (place.get(column.name, len(place)), _p(column.finding)))


def column_named(finding: Report) -> str:
    """Return the feature that a finding is of; empty where it is of none, or of all together.

    >>> column_named({"evidence": [{"name": "column", "rows": [{"column": "amount"}]}]}), column_named({"evidence": []})
    ('amount', '')
    """
    return next((str(row["column"]) for row in fitting_rows(table_of(finding, "column"), {"column": str})), "")


def column_rows(report: Report) -> list[dict[str, Any]]:
    """Return a plain row for each feature, those that moved first: the table ``columns`` of a report."""
    rows = []
    for column in columns_of(report):
        finding, effect = column.finding, column.finding["effect"]
        median = next((row for row in column.quantiles if row["name"] == "median"), {})
        missing = column.missing or (None, None)
        index = column.stability or {}
        n_rows = finding.get("n_documents") or (None, None)
        rows.append(
            {
                "column": column.name,
                "type": column.type,
                "drifted": finding["drifted"],
                "effect": effect["name"],
                "value": effect["value"],
                "low": effect["low"],
                "high": effect["high"],
                "material_from": effect["material_from"],
                "p_value": finding["p_value"],
                "adjusted_p_value": finding["adjusted_p_value"],
                "missing_reference": missing[0],
                "missing_current": missing[1],
                "median_reference": median.get("reference"),
                "median_current": median.get("current"),
                "population_stability_index": index.get("population_stability_index"),
                "band_uncalibrated": index.get("band"),
                "way": column.moved.get("way"),
                "direction": column.moved.get("direction"),
                "n_reference": n_rows[0],
                "n_current": n_rows[1],
            }
        )
    return rows


def _p(finding: Report) -> float:
    value = number_or_none(finding.get("p_value"))
    return 1.0 if value is None else value


def _shown(finding: Report, name: str, kind: object, moved: Report) -> ColumnShown:
    pair = {"reference": NUMBER, "current": NUMBER}
    shares = {"reference_share": NUMBER, "current_share": NUMBER}
    missing = fitting_rows(table_of(finding, "missing"), pair)
    stability = fitting_rows(table_of(finding, "stability"), {"population_stability_index": NUMBER, "band": str})
    return ColumnShown(
        name=name,
        type=str(kind) if kind in {"numeric", "categorical"} else None,
        finding=finding,
        moved=moved,
        histogram=fitting_rows(table_of(finding, "histogram"), {"low": NUMBER, "high": NUMBER, **shares}),
        quantiles=fitting_rows(table_of(finding, "quantiles"), {"name": str, **pair}),
        categories=fitting_rows(table_of(finding, "categories"), shares),
        stability=stability[0] if stability else None,
        missing=(missing[0]["reference"], missing[0]["current"]) if missing else None,
    )


@dataclass(frozen=True, slots=True)
class HistogramBar:
    """A bin of a drawn histogram, in percent of its width and height: the reference upwards, the current downwards."""

    start: float
    width: float
    before: float
    now: float


def histogram_bars(histogram: Sequence[Report]) -> list[HistogramBar]:
    """Return where to draw the bins, each as wide as the others: the highest of both windows fills its half.

    >>> bins = [{"low": 0, "high": 1, "reference_share": 0.5, "current_share": 0.25},
    ...         {"low": 1, "high": 2, "reference_share": 0.5, "current_share": 0.75}]
    >>> [(bar.before, bar.now) for bar in histogram_bars(bins)]
    [(33.3, 16.7), (33.3, 50.0)]
    """
    highest = max((row[side] for row in histogram for side in ("reference_share", "current_share")), default=0.0) or 1.0
    width = 100 / max(1, len(histogram))
    return [
        HistogramBar(
            round(i * width, 2),
            round(0.9 * width, 2),
            round(50 * row["reference_share"] / highest, 1),
            round(50 * row["current_share"] / highest, 1),
        )
        for i, row in enumerate(histogram)
    ]


def joint_of(report: Report) -> Report | None:
    """Return the finding of the test of all columns together, where columns go along otherwise than before."""
    columns = {"first": str, "second": str, "reference": NUMBER, "current": NUMBER}
    return next(
        (
            finding
            for finding in report["findings"]
            if finding["test"] == "columns.joint"
            and finding["drifted"]
            and finding["effect"]["name"] == "correlation_change"
            and fitting_rows(table_of(finding, "pairs"), columns)
        ),
        None,
    )


def unseen_of(report: Report) -> Sequence[Report]:
    """Return the values that the reference does not hold, where they came beyond chance."""
    finding = next((f for f in report["findings"] if f["test"] == "columns.unseen" and f["drifted"]), None)
    return fitting_rows(table_of(finding, "unseen_values"), {"column": str, "share": NUMBER}) if finding else ()
