"""The figures of a report by flat names, as experiment trackers want them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from textdrift.errors import SettingsError
from textdrift.reports.drift_report import DriftReport
from textdrift.reports.tolerant_parts import Row, names_of, number_of, rows_of, table_of, text_of

__all__ = ["report_values", "tracked_figures", "tracked_tags"]

_SEVERITIES = ("info", "warning", "critical")
_LONGEST_NAME, _LONGEST_TAG = 250, 5000
_TABLES = {"unit": "unit", "reader": "reader", "column": "column"}


def report_values(report: DriftReport | Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the dict of a report, which may be one already.

    Raises
    ------
    SettingsError
        When it is neither a ``DriftReport`` nor what its ``to_dict`` gives.
    """
    if isinstance(report, DriftReport):
        return report.to_dict()
    if isinstance(report, Mapping) and "verdict" in report and "findings" in report:
        return report
    raise SettingsError(f"a report was needed, or the dict of its to_dict(); got a {type(report).__name__}")


def tracked_figures(report: Row, *, prefix: str = "") -> dict[str, float]:
    """Return the figures of a report by names that do not change from run to run.

    ``passed`` (0 or 1), ``severity`` (0 none to 3 critical), ``drifted/KIND``, ``effect/TEST/NAME``,
    ``material_from/TEST/NAME``, ``p_value/TEST``, ``adjusted_p_value/TEST``, ``rows/WINDOW``, ``documents/WINDOW``,
    ``seconds``; a report of a job has its ``exit_code`` too. No name is the folder of another. Of two tests of one name
    the one that drifted speaks.

    Examples
    --------
    >>> effect = {"name": "total_variation", "value": 0.2, "material_from": 0.05}
    >>> finding = {"test": "columns.categorical", "kind": "label", "drifted": True, "effect": effect, "p_value": 0.01,
    ...            "adjusted_p_value": 0.02}
    >>> report = {"passed": False, "severity": "warning", "diagnosis": {"kinds": ["label"]}, "findings": [finding]}
    >>> for name, value in tracked_figures(report, prefix="drift/").items():
    ...     print(name, value)
    drift/passed 0.0
    drift/severity 2.0
    drift/drifted/label 1.0
    drift/effect/columns.categorical.label/total_variation 0.2
    drift/material_from/columns.categorical.label/total_variation 0.05
    drift/p_value/columns.categorical.label 0.01
    drift/adjusted_p_value/columns.categorical.label 0.02
    drift/seconds 0.0
    """
    found: dict[str, float] = {}
    for name, value in _figures(report):
        if value is not None:
            found.setdefault(f"{prefix}{name}"[:_LONGEST_NAME], float(value))
    return found


def tracked_tags(report: Row) -> dict[str, str]:
    """Return what is to be searched for: verdict, severity, kinds, causes, summary, version, digest, and the job.

    >>> tracked_tags({"verdict": "drift", "diagnosis": {"kinds": ["lexical", "label"]}, "summary": "Words changed."})
    {'verdict': 'drift', 'kinds': 'lexical, label', 'summary': 'Words changed.'}
    """
    diagnosis, job = table_of(report, "diagnosis"), table_of(report, "job")
    causes = dict.fromkeys(text_of(cause, "cause") for cause in rows_of(diagnosis, "causes"))
    tags = {
        "job": text_of(job, "name"),
        "window": text_of(job, "window"),
        "stage": text_of(job, "stage"),
        "verdict": text_of(report, "verdict"),
        "severity": text_of(report, "severity"),
        "kinds": ", ".join(names_of(diagnosis, "kinds")),
        "causes": ", ".join(causes),
        "summary": text_of(report, "summary"),
        "version": text_of(table_of(report, "versions"), "textdrift"),
        "digest": text_of(report, "digest"),
    }
    return {name: value[:_LONGEST_TAG] for name, value in tags.items() if value}


def _figures(report: Row) -> Iterator[tuple[str, float | None]]:
    yield "passed", report.get("passed") is True
    yield "exit_code", number_of(table_of(report, "gate"), "exit_code")
    severity = text_of(report, "severity")
    yield "severity", _SEVERITIES.index(severity) + 1 if severity in _SEVERITIES else 0
    drifted = set(names_of(table_of(report, "diagnosis"), "kinds"))
    findings = sorted(rows_of(report, "findings"), key=_loudness)
    kinds = {text_of(finding, "kind") for finding in findings if finding.get("supporting") is not True}
    for kind in sorted(kinds | drifted):
        yield f"drifted/{_part(kind)}", kind in drifted
    for finding in findings:
        yield from _of_finding(finding)
    for window in ("reference", "current"):
        for count in ("rows", "documents"):
            yield f"{count}/{window}", number_of(table_of(report, window), count)
    seconds = table_of(report, "seconds")
    yield "seconds", sum(number_of(seconds, name) or 0.0 for name in seconds)


def _loudness(finding: Row) -> tuple[bool, float]:
    return finding.get("drifted") is not True, number_of(finding, "p_value") or 0.0


def _of_finding(finding: Row) -> Iterator[tuple[str, float | None]]:
    test = ".".join(map(_part, (text_of(finding, "test"), *_about(finding))))
    effect = table_of(finding, "effect")
    name = _part(text_of(effect, "name"))
    yield f"effect/{test}/{name}", number_of(effect, "value")
    yield f"material_from/{test}/{name}", number_of(effect, "material_from")
    yield f"p_value/{test}", number_of(finding, "p_value")
    yield f"adjusted_p_value/{test}", number_of(finding, "adjusted_p_value")


def _about(finding: Row) -> list[str]:
    """Return what a test looked at, where one test runs more than once."""
    about = [text_of(finding, "kind")] if text_of(finding, "test") == "columns.categorical" else []
    for table in rows_of(finding, "evidence"):
        key = _TABLES.get(text_of(table, "name"))
        if key is not None:
            about += [said for row in rows_of(table, "rows") if (said := text_of(row, key)) and said != "words"]
    return about


def _part(name: str) -> str:
    """Return one part of a name, with nothing in it that a tracker refuses."""
    return re.sub(r"[^\w.-]", "_", name).strip(".") or "_"
