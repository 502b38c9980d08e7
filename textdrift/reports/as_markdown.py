"""A report as Markdown for pull requests: the verdict first, then what moved, why, where, and what to do."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from textdrift.reports import numerals, wording
from textdrift.reports.columns_in_text import columns_part
from textdrift.reports.columns_section import column_named
from textdrift.reports.cost import verdict_line
from textdrift.reports.gate import gate_sentences
from textdrift.reports.kind_summary import KindSummary, kind_summaries, too_few_to_tell
from textdrift.reports.lexical import unit_of, unit_words
from textdrift.reports.markdown_details import causes_part, playbook_part, segments_part, too_small_part, words_part
from textdrift.reports.markdown_model import asked_part, cost_part, documents_part, performance_part
from textdrift.reports.markdown_parts import Limits, both, folded, interval, more, prose, table, verbatim
from textdrift.reports.own_words import of_its_windows, own_words

__all__ = ["as_markdown"]

CHARACTERS = 60_000
"""GitHub takes comments of up to 65,536 characters; what a pipeline puts around a report must fit too."""

Report = Mapping[str, Any]


@of_its_windows
def as_markdown(report: Report) -> str:
    """Return a report as GitHub-flavoured Markdown of at most 60,000 characters, to be a comment on a pull request.

    Texts of the report stay text: no markup, link, mention or formula in them is obeyed. Where a report is too long,
    its tables are cut, weakest rows first, and say so. Numbers are those of the JSON of the same report.

    Parameters
    ----------
    report:
        The dict of ``DriftReport.to_dict``, as described by ``report_schema``.

    Examples
    --------
    >>> window = {"rows": 2, "rows_used": 2, "documents": 2, "start": None, "end": None, "name": "week 1"}
    >>> print(as_markdown({
    ...     "schema": "textdrift.report/1", "verdict": "no_drift", "summary": "Nothing changed.",
    ...     "reference": window, "current": window | {"name": "week 2"}, "findings": [],
    ...     "diagnosis": {"kinds": [], "ambiguous": [], "causes": [], "terms": [], "segments": [], "documents": []},
    ...     "settings": {}, "versions": {}, "seed": 0, "seconds": {}, "notes": [],
    ... }).split("| window")[0].rstrip())
    ## No drift
    <BLANKLINE>
    Nothing changed.
    """
    limits = Limits(rows=12, characters=600)
    while True:
        page = "\n\n".join(_parts(report, limits)) + "\n"
        smaller = limits.halved()
        if len(page) <= CHARACTERS or smaller == limits:
            return page
        limits = smaller


def _parts(report: Report, limits: Limits) -> Iterator[str]:
    """Yield the parts of the report that have something to say, in reading order."""
    yield from _head(report, limits)
    kinds = kind_summaries(report)
    if kinds:
        yield f"### What {'moved' if report['diagnosis']['kinds'] else 'was compared'}"
        yield from _kinds(kinds, report, limits)
    for title, part in (
        ("Likely causes", causes_part),
        ("The words", words_part),
        ("Columns", columns_part),
        ("Where it is strongest", segments_part),
        ("How well the model does", performance_part),
        ("What it costs", cost_part),
        ("What to do", playbook_part),
    ):
        lines = list(part(report, limits))
        if lines:
            yield f"### {own_words(title)}"
            yield from lines
    yield from _folds(report, limits)


def _head(report: Report, limits: Limits) -> Iterator[str]:
    """Yield the verdict, how bad it is, what it means, and the two windows."""
    severity = report.get("severity")
    yield f"## {verdict_line(report)}{f' ({prose(severity, 20)})' if severity else ''}"
    yield prose(report["summary"], limits.characters)
    gate = gate_sentences(report)
    if gate:
        yield f"**Gate.** {' '.join(prose(sentence, limits.characters) for sentence in gate)}"
    if report.get("business_summary"):
        yield f"**What it means.** {prose(report['business_summary'], limits.characters)}"
    timed = any(report[role][end] for role in ("reference", "current") for end in ("start", "end"))
    rows = []
    for role in ("reference", "current"):
        window = report[role]
        name = f" {verbatim(window['name'])}" if window["name"] else ""
        times = [prose(numerals.moment(window[end]), 40) for end in ("start", "end")] if timed else []
        rows.append([f"{role}{name}", *(numerals.count(window[c]) for c in ("rows", "rows_used", "documents")), *times])
    yield table(["window", "rows>", "used>", "distinct texts>", *(["from", "to"] if timed else [])], rows)
    for note in report.get("notes", [])[: limits.rows]:
        yield f"*Note:* {prose(note, limits.characters)}"
    yield from more(report.get("notes", []), limits)


def _kinds(kinds: Sequence[KindSummary], report: Report, limits: Limits) -> Iterator[str]:
    rows = []
    for summary in kinds[: limits.rows]:
        finding, effect = summary.finding, summary.finding["effect"]
        drifted = summary.state == "drift"
        state = f"**{summary.state_words}**" if drifted else summary.state_words
        severity = finding.get("severity") if drifted else None
        rows.append(
            [
                both(summary.words, summary.kind, strong=drifted),
                f"{state}, {prose(severity, 20)}" if severity else state,
                f"{interval(effect)} {prose(summary.effect_words, 60)}"
                if summary.is_told
                else f"cannot be told: {prose(summary.reason, limits.characters)}",
                wording.threshold_size(effect["material_from"], effect["name"]),
                prose(numerals.p_value(finding["adjusted_p_value"]), 20),
            ]
        )
    yield table(["kind", "outcome", "size, with 95 % interval", "matters from>", "adjusted p>"], rows)
    yield from more(kinds, limits)
    for group in report["diagnosis"]["ambiguous"][: limits.rows]:
        named = " and ".join(both(wording.kind_words(kind), kind) for kind in group)
        yield f"The data cannot tell {named} apart: either may have moved."
    unsure = too_few_to_tell(kinds)
    if unsure:
        # A silence below this size means nothing.
        yield f"Not enough rows to tell: {'; '.join(map(_could_have_shown, unsure[: limits.rows]))}."


def _could_have_shown(summary: KindSummary) -> str:
    look = summary.look
    if look is None or not math.isfinite(look.detectable):
        could = "would have shown no size" if not summary.reason else f"cannot be told: {prose(summary.reason, 240)}"
    else:
        could = f"would have shown sizes from {wording.threshold_size(look.detectable, look.effect)}"
    # One bracket: what was looked at, where it is not what the words say, and what would have shown.
    what = prose(summary.look_words.strip(" ()"), 80)
    return f"{prose(summary.words, 60)} ({f'{what}: ' if what else ''}{could})"


def _folds(report: Report, limits: Limits) -> Iterator[str]:
    """Yield what a reader opens only for the details."""
    yield from folded("Texts to look at", documents_part(report, limits))
    yield from folded("Labels to ask for", asked_part(report, limits))
    yield from folded("Segments that are too small to judge", too_small_part(report, limits))
    yield from folded("Every test", _tests(report, limits))
    yield from folded("Settings, versions and seconds", _run(report, limits))
    yield f"Seed {report['seed']}. Every number here stands in the JSON of the same report."


def _tests(report: Report, limits: Limits) -> Iterator[str]:
    findings = report["findings"]
    rows = []
    for finding in findings[: 4 * limits.rows]:
        unit = unit_of(finding)
        column = column_named(finding)
        counted = f" of {verbatim(column)}" if column else ""
        counted = counted if unit == "words" else f" of {prose(unit_words(unit), 40)}"
        drifted = "supporting" if finding.get("supporting") else "drifted" if finding["drifted"] else "not drifted"
        rows.append(
            [
                f"{verbatim(finding['test'])}{counted}",
                prose(finding["kind"], 40),
                drifted + ("" if finding["conclusive"] else ", not conclusive"),
                f"{interval(finding['effect'])} {verbatim(finding['effect']['name'])}",
                prose(numerals.exact_p_value(finding["p_value"]), 20),
                prose(numerals.exact_p_value(finding["adjusted_p_value"]), 20),
            ]
        )
    if rows:
        yield table(["test", "kind", "outcome", "size", "p>", "adjusted p>"], rows)
        yield from more(findings, Limits(4 * limits.rows, limits.characters))


def _run(report: Report, limits: Limits) -> Iterator[str]:
    tables = {name: report.get(name) or {} for name in ("settings", "versions", "seconds", "fingerprints")}
    rows = [
        [verbatim(name, 100), verbatim(numerals.value_text(value), 100)]
        for table_name, values in tables.items()
        for name, value in list(_flat(values, f"{table_name}."))[: 4 * limits.rows]
    ]
    if rows:
        yield table(["name", "value"], rows)


def _flat(values: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    """Yield nested tables as dotted names and values."""
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
