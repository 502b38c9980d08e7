"""A report in the shape of whylogs' drift scores, for those whose programs read them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from textdrift.reports.finding_columns import column_of, deciding_findings, what_counted
from textdrift.reports.tolerant_parts import Row, number_of, table_of, text_of

__all__ = ["as_whylogs", "whylogs_values"]


def whylogs_values(report: Row) -> dict[str, dict[str, Any]]:
    """Return a report as ``calculate_drift_scores(..., with_thresholds=True)`` of whylogs 1.6 gives it.

    One score for each column: that of its test that drifted, else of its most surprising one. A test of several columns
    together, or of no column, has its own name in brackets instead. The p-value is the
    adjusted one, ``None`` where a test states a fact. The category is the decision of the report, ``DRIFT``,
    ``POSSIBLE_DRIFT`` where these windows could not have shown one, or ``NO_DRIFT``; it may be ``NO_DRIFT`` under a
    small p-value, since a drift must also be large enough to matter.

    Parameters
    ----------
    report:
        The dict of ``DriftReport.to_dict``, as described by ``report_schema``.

    Examples
    --------
    >>> finding = {"test": "lexical.token_frequency", "kind": "lexical", "drifted": True, "conclusive": True,
    ...            "adjusted_p_value": 0.001, "statistic": 4.2}
    >>> report = {"findings": [finding], "settings": {"alpha": 0.05, "roles": {"text": "review"}}}
    >>> score = whylogs_values(report)["review"]
    >>> score["algorithm"], score["pvalue"], score["drift_category"]
    ('textdrift.lexical.token_frequency', 0.001, 'DRIFT')
    """
    alpha = number_of(table_of(report, "settings"), "alpha")
    level = 0.05 if alpha is None else alpha
    scores: dict[str, dict[str, Any]] = {}
    for finding in deciding_findings(report):
        counted = what_counted(finding)
        scores.setdefault(
            column_of(finding, report),
            {
                "algorithm": f"textdrift.{text_of(finding, 'test')}{'.' if counted else ''}{counted}",
                "pvalue": number_of(finding, "adjusted_p_value"),
                "statistic": number_of(finding, "statistic"),
                "thresholds": {"NO_DRIFT": [level, 1], "DRIFT": [0, level]},
                "drift_category": _category(finding),
            },
        )
    return scores


def as_whylogs(report: Mapping[str, Any]) -> str:
    """Return the same as JSON.

    >>> as_whylogs({"findings": []})
    '{}'
    """
    return json.dumps(whylogs_values(report), ensure_ascii=False, allow_nan=False)


def _category(finding: Row) -> str:
    if finding.get("drifted") is True:
        return "DRIFT"
    return "NO_DRIFT" if finding.get("conclusive") is not False else "POSSIBLE_DRIFT"
