"""Shares of labels and of predictions, in one order, so that one table can be read beside the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["CategoryTable", "category_tables"]

Row = Mapping[str, Any]

_ORDERED_UP_TO = 20  # values; of more the ones that moved most stand first, as the report has them


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryTable:
    """The shares of the values of one kind, ``label`` or ``prediction``, and whether they moved."""

    kind: str
    drifted: bool
    rows: Sequence[Row]


def category_tables(report: Mapping[str, Any]) -> list[CategoryTable]:
    """Return the tables of shares of a report, but for those of features, all with their values in one order.

    The values of the first table, that of the labels where there are labels, stand by their share before, the most
    frequent first; the other tables follow. Tables of many values keep the order of the report.

    Examples
    --------
    >>> def found(kind, **shares):
    ...     rows = [{"value": value, "reference_share": share} for value, share in shares.items()]
    ...     return {"kind": kind, "drifted": True, "evidence": [{"name": "categories", "rows": rows}]}
    >>> report = {"findings": [found("prediction", bad=0.4, good=0.6), found("label", good=0.7, bad=0.3)]}
    >>> [[row["value"] for row in table.rows] for table in category_tables(report)]
    [['good', 'bad'], ['good', 'bad']]
    """
    tables = [
        CategoryTable(kind=finding["kind"], drifted=bool(finding["drifted"]), rows=evidence["rows"])
        for finding in report["findings"]
        if finding["kind"] != "features"
        for evidence in finding["evidence"]
        if evidence["name"] == "categories" and evidence["rows"]
    ]
    order: dict[Any, int] = {}
    for table in sorted(tables, key=lambda table: table.kind != "label"):
        for row in sorted(table.rows, key=lambda row: -row["reference_share"]):
            order.setdefault(row["value"], len(order))
    if len(order) > _ORDERED_UP_TO:
        return tables
    return [
        CategoryTable(
            kind=table.kind, drifted=table.drifted, rows=sorted(table.rows, key=lambda row: order[row["value"]])
        )
        for table in tables
    ]
