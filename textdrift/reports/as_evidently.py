"""A report in the shape of Evidently's ``Report.run(...).dict()``, for those whose programs read that."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import xxhash

from textdrift.reports import wording
from textdrift.reports.finding_columns import column_of, deciding_findings, is_of_one_column, what_counted
from textdrift.reports.gate import fails_gate
from textdrift.reports.tolerant_parts import Row, number_of, table_of, text_of
from textdrift.reports.visible_text import clipped, visible

__all__ = ["as_evidently", "evidently_values"]

_LONGEST = 500
_COUNT, _DRIFT = "evidently:metric_v2:DriftedColumnsCount", "evidently:metric_v2:ValueDrift"


def evidently_values(report: Row) -> dict[str, list[dict[str, Any]]]:
    """Return a report as ``metrics`` and ``tests``, as Evidently 0.7 gives them with ``include_tests=True``.

    One ``ValueDrift`` for each deciding test, and one ``DriftedColumnsCount`` before them, of the columns of the data:
    a test of several columns together has its own name in brackets instead of one, and is not counted. A value is the
    adjusted p-value, and its threshold ``alpha``; where a test states a fact, the value is its size, and the threshold
    the size from which it matters. Whether a column drifted is said by the status of the test, ``FAIL``, since a drift
    must also be large enough to matter; ``WARNING`` is a test that could not have seen one, and ``SUCCESS`` the rest.
    The test of the count fails where the report does.

    Parameters
    ----------
    report:
        The dict of ``DriftReport.to_dict``, as described by ``report_schema``.

    Examples
    --------
    >>> effect = {"name": "js_bits", "value": 0.08, "material_from": 0.02}
    >>> finding = {"test": "lexical.token_frequency", "kind": "lexical", "drifted": True, "conclusive": True,
    ...            "adjusted_p_value": 0.001, "effect": effect, "sentence": "The words changed."}
    >>> report = {"findings": [finding], "passed": False, "settings": {"alpha": 0.05, "roles": {"text": "review"}}}
    >>> values = evidently_values(report)
    >>> values["metrics"][1]["metric_name"], values["metrics"][1]["value"]
    ('ValueDrift(column=review,method=textdrift lexical.token_frequency p_value,threshold=0.05)', 0.001)
    >>> [(test["name"], test["status"]) for test in values["tests"]]
    [('Share of Drifted Columns: Less 1.000', 'FAIL'), ('Value Drift for column review', 'FAIL')]
    """
    alpha = number_of(table_of(report, "settings"), "alpha")
    metrics, tests = [], []
    columns: set[str] = set()
    drifted: set[str] = set()
    for finding in deciding_findings(report):
        column = _clean(column_of(finding, report))
        if is_of_one_column(finding, report):
            columns.add(column)
        if column in columns and finding.get("drifted") is True:
            drifted.add(column)
        metric = _value_drift(finding, column, 0.05 if alpha is None else alpha)
        metrics.append(metric)
        tests.append(_test_of(finding, metric, is_critical=fails_gate(report, text_of(finding, "kind"))))
    share = 1.0 / max(1, len(columns))  # one column is enough
    count = _metric(
        f"DriftedColumnsCount(drift_share={share:.3g})",
        {"type": _COUNT, "drift_share": share},
        {"count": float(len(drifted)), "share": len(drifted) * share},
    )
    return {"metrics": [count, *metrics], "tests": [_test_of_count(report, count, share), *tests]}


def as_evidently(report: Mapping[str, Any]) -> str:
    """Return the same as JSON, as Evidently's ``.json()`` gives it.

    >>> json.loads(as_evidently({"findings": [], "passed": True}))["metrics"][0]["value"]
    {'count': 0.0, 'share': 0.0}
    """
    return json.dumps(evidently_values(report), ensure_ascii=False, allow_nan=False)


def _clean(text: str) -> str:
    return visible(clipped(text, _LONGEST))


def _metric(name: str, config: dict[str, Any], value: Any) -> dict[str, Any]:
    return {"id": xxhash.xxh3_128_hexdigest(name.encode()), "metric_name": name, "config": config, "value": value}


def _value_drift(finding: Row, column: str, alpha: float) -> dict[str, Any]:
    effect, p_value = table_of(finding, "effect"), number_of(finding, "adjusted_p_value")
    named = " ".join(part for part in ("textdrift", text_of(finding, "test"), what_counted(finding)) if part)
    if p_value is not None:
        method, threshold, value = f"{named} p_value", alpha, p_value
    else:
        method = f"{named} {wording.effect_words(text_of(effect, 'name'))}"
        threshold, value = number_of(effect, "material_from") or 0.0, number_of(effect, "value") or 0.0
    name = f"ValueDrift(column={column},method={method},threshold={threshold:g})"
    return _metric(name, {"type": _DRIFT, "column": column, "method": method, "threshold": threshold}, value)


def _status(finding: Row) -> str:
    if finding.get("drifted") is True:
        return "FAIL"
    return "SUCCESS" if finding.get("conclusive") is not False else "WARNING"


def _test_of(finding: Row, metric: dict[str, Any], *, is_critical: bool) -> dict[str, Any]:
    config = metric["config"]
    bound = {"type": "evidently:test_v2:ValueDriftTest", "is_critical": is_critical, "alias": None}
    return {
        "id": "drift",
        "name": f"Value Drift for column {config['column']}",
        "description": _clean(text_of(finding, "sentence")),
        "metric_config": {"metric_id": metric["id"], "params": config},
        "test_config": {},
        "status": _status(finding),
        "bound_test": {
            "type": "evidently:bound_test:ValueDriftBoundTest",
            "test": bound | {"label_filters": None},
            "metric_fingerprint": metric["id"],
        },
    }


def _test_of_count(report: Row, metric: dict[str, Any], share: float) -> dict[str, Any]:
    verdict = text_of(report, "verdict")
    status = "FAIL" if report.get("passed") is False else "WARNING" if verdict == "inconclusive" else "SUCCESS"
    config = {
        "type": "evidently:test_v2:LessThanMetricTest", "is_critical": True, "alias": None, "label_filters": None,
        "threshold": share,
    }  # fmt: skip
    return {
        "id": "lt",
        "name": f"Share of Drifted Columns: Less {share:.3f}",
        "description": _clean(text_of(report, "summary")),
        "metric_config": {"metric_id": metric["id"], "params": metric["config"]},
        "test_config": config,
        "status": status,
        "bound_test": {
            "type": "evidently:bound_test:CountBoundTest",
            "test": config,
            "metric_fingerprint": metric["id"],
            "is_count": False,
        },
    }
