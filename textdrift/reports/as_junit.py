"""A report as JUnit XML for continuous integration: one case per deciding test, failed where it drifted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from textdrift.reports import numerals, wording
from textdrift.reports.columns_section import column_named
from textdrift.reports.cost import verdict_line
from textdrift.reports.evidence_tables import table_of
from textdrift.reports.gate import fails_gate, gate_case
from textdrift.reports.lexical import unit_of
from textdrift.reports.visible_text import clipped, visible

__all__ = ["as_junit"]

_BRIEFLY = 500
_TERMS_SHOWN = 10
_SUITE = "textdrift"

# Characters that XML 1.0 cannot hold (production [2] Char) and that ``visible`` leaves as they are.
_NOT_XML = re.compile("[\ufffe\uffff]")

Report = Mapping[str, Any]


def as_junit(report: Report) -> str:
    """Return a report as JUnit XML, the format in which test results are read by Jenkins, GitLab, GitHub and others.

    One suite; one case per test that decides, by the name of the test and the column or unit that it looked at. A case
    fails where the test drifted, and is skipped where these windows could not have shown a material change. Supporting
    tests explain and are no cases. The gate stands among the properties as ``passed``: a price may pass a run that
    drifted. Characters that XML cannot hold are written as escapes.

    Parameters
    ----------
    report:
        The dict of ``DriftReport.to_dict``, as described by ``report_schema``.

    Examples
    --------
    >>> window = {"rows": 2, "rows_used": 2, "documents": 2, "start": None, "end": None, "name": "week 1"}
    >>> print(as_junit({
    ...     "schema": "textdrift.report/1", "verdict": "no_drift", "summary": "Nothing changed.",
    ...     "reference": window, "current": window | {"name": "week 2"}, "findings": [],
    ...     "diagnosis": {"kinds": [], "ambiguous": [], "causes": [], "terms": [], "segments": [], "documents": []},
    ...     "settings": {}, "versions": {}, "seed": 0, "seconds": {"total": 0.5}, "notes": [],
    ... }).splitlines()[1])
    <testsuites name="textdrift" tests="0" failures="0" errors="0" skipped="0" time="0.5">
    """
    deciding = [finding for finding in report["findings"] if not finding.get("supporting", False)]
    states = Counter(_state(finding, report) for finding in deciding)
    challenged = gate_case(report)
    if challenged is not None:
        states[challenged.state] += 1
    seconds = report.get("seconds") or {}
    totals = {
        "name": _SUITE,
        "tests": str(len(deciding) + (challenged is not None)),
        "failures": str(states["failure"]),
        "errors": "0",
        "skipped": str(states["skipped"]),
        **_time(seconds.get("total")),
    }
    suites = ET.Element("testsuites", totals)
    suite = ET.SubElement(suites, "testsuite", totals)
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(report):
        ET.SubElement(properties, "property", {"name": name, "value": _line(value)})
    for name, finding in zip(_names(deciding), deciding, strict=True):
        _add_case(suite, name, finding, _time(_seconds_of(finding, seconds)), state=_state(finding, report))
    if challenged is not None:
        case = ET.SubElement(suite, "testcase", {"classname": f"{_SUITE}.gate", "name": "gate.challenger"})
        about = {"message": _line(challenged.sentence), "type": "challenger"} if challenged.state == "failure" else {}
        told = ET.SubElement(case, _ELEMENTS[challenged.state], about)
        told.text = _line(challenged.sentence)
    ET.SubElement(suite, "system-out").text = _lines(report["summary"], *report.get("notes", ()))
    ET.indent(suites)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(suites, encoding="unicode")}\n'


_ELEMENTS = {"failure": "failure", "skipped": "skipped", "passed": "system-out"}


def _state(finding: Report, report: Report) -> str:
    """Return how a case ends: drift of a kind that the gate lets pass is told, and fails nothing."""
    if finding["drifted"]:
        return "failure" if fails_gate(report, finding["kind"]) else "passed"
    return "passed" if finding["conclusive"] else "skipped"


def _add_case(suite: ET.Element, name: str, finding: Report, time: Mapping[str, str], *, state: str) -> None:
    kind = finding["kind"]
    case = ET.SubElement(suite, "testcase", {"classname": f"{_SUITE}.{_line(kind)}", "name": name, **time})
    if state == "failure":
        failure = ET.SubElement(case, "failure", {"message": _line(finding["sentence"]), "type": _line(kind)})
        failure.text = _lines(*_sizes(finding), *_terms(finding), *finding.get("notes", ()))
    elif state == "skipped":
        ET.SubElement(case, "skipped", {"message": _line(f"inconclusive: {_could_have_shown(finding)}")})
    else:
        ET.SubElement(case, "system-out").text = _lines(finding["sentence"], *_sizes(finding))


def _names(findings: Sequence[Report]) -> Iterator[str]:
    """Yield a name for each case that no other has, so that a system that follows a case over time finds it again."""
    seen: Counter[str] = Counter()
    for finding in findings:
        about = _about(finding)
        name = _line(f"{finding['test']} ({about})" if about else finding["test"])
        seen[name] += 1
        yield name if seen[name] == 1 else f"{name} {seen[name]}"


def _about(finding: Report) -> str:
    """Return what a test looked at, where it runs more than once; empty for all others."""
    if unit_of(finding) != "words":
        return unit_of(finding)
    if finding["kind"] == "features":
        return column_named(finding)
    return str(finding["kind"]) if finding["test"] == "columns.categorical" else ""


def _seconds_of(finding: Report, seconds: Report) -> object:
    about = _about(finding)
    if f"{finding['test']}.{about}" in seconds:
        return seconds[f"{finding['test']}.{about}"]
    if f"{finding['test']}.{finding['kind']}.{about}" in seconds:
        return seconds[f"{finding['test']}.{finding['kind']}.{about}"]
    return seconds.get(finding["test"]) if unit_of(finding) == "words" else None


def _sizes(finding: Report) -> Iterator[str]:
    """Yield how large the effect is, from which size it matters, and how surprising it is."""
    effect, name = finding["effect"], finding["effect"]["name"]
    yield f"{wording.effect_words(name)}: {wording.size_told(effect)}"
    yield f"matters from: {wording.threshold_size(effect['material_from'], name)}"
    yield f"adjusted p: {numerals.exact_p_value(finding['adjusted_p_value'])}"
    if finding.get("severity"):
        yield f"severity: {finding['severity']}"


def _terms(finding: Report) -> Iterator[str]:
    rows = table_of(finding, "terms").get("rows", ())
    named = [clipped(str(row["term"]), 60) for row in rows[:_TERMS_SHOWN] if "term" in row]
    if named:
        yield f"words: {', '.join(named)}{', …' if len(rows) > _TERMS_SHOWN else ''}"


def _could_have_shown(finding: Report) -> str:
    name, detectable = finding["effect"]["name"], finding["detectable"]
    could = "no size" if detectable is None else f"sizes from {wording.threshold_size(detectable['value'], name)}"
    matters = wording.threshold_size(finding["effect"]["material_from"], name)
    return f"these windows would have shown {could}, it matters from {matters}. {finding['sentence']}"


def _properties(report: Report) -> Iterator[tuple[str, object]]:
    """Yield what a reader of the results wants to know of the whole run."""
    diagnosis = report["diagnosis"]
    yield "verdict", report["verdict"]
    yield "outcome", verdict_line(report)
    for name in ("passed", "severity", "seed"):
        if report.get(name) is not None:
            yield name, numerals.value_text(report[name])
    if diagnosis["kinds"]:
        yield "kinds", ", ".join(diagnosis["kinds"])
    if diagnosis["causes"]:
        yield "cause", diagnosis["causes"][0]["cause"]
    for role in ("reference", "current"):
        for part in ("name", "rows", "rows_used", "documents", "start", "end"):
            if report[role].get(part) is not None:
                yield f"{role}.{part}", report[role][part]
        if (report.get("fingerprints") or {}).get(role):
            yield f"{role}.fingerprint", report["fingerprints"][role]
    for name, version in report["versions"].items():
        yield f"version.{clipped(_line(name), 60)}", numerals.value_text(version)


def _time(seconds: object) -> Mapping[str, str]:
    return {"time": str(seconds)} if isinstance(seconds, int | float) else {}


def _line(text: object) -> str:
    """Return a text that may stand in an attribute: one line, short, and nothing that XML cannot hold."""
    shown = visible(clipped(str(text), _BRIEFLY))
    return clipped(_NOT_XML.sub(lambda match: match.group().encode("unicode_escape").decode(), shown), _BRIEFLY)


def _lines(*texts: object) -> str:
    return "\n".join(map(_line, texts))
