"""A report as text for a terminal: the verdict first, then what moved, why, where, and what could not be seen."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import ConsoleRenderable, Group
from rich.padding import Padding
from rich.text import Text

from textdrift.reports import numerals, wording
from textdrift.reports.categories import category_tables
from textdrift.reports.cause_facts import cause_facts
from textdrift.reports.columns_in_text import columns_lines
from textdrift.reports.concept import concept_of
from textdrift.reports.cost import cost_of, verdict_line
from textdrift.reports.gate import gate_sentences
from textdrift.reports.kind_summary import KindSummary, kind_summaries, too_few_to_tell
from textdrift.reports.labels_to_ask import asked_of
from textdrift.reports.meaning import Meaning, meaning_of
from textdrift.reports.own_words import of_its_windows, own_words
from textdrift.reports.performance import performance_of
from textdrift.reports.terminal_concept import concept_lines
from textdrift.reports.terminal_model import asked_lines, cost_lines, performance_lines
from textdrift.reports.terminal_parts import (
    ROWS_SHOWN,
    both,
    cell,
    cut,
    new_console,
    new_table,
    said,
    sentence_case,
    shares,
    word,
)
from textdrift.reports.terminal_places import documents_table, segments_table
from textdrift.reports.terminal_playbook import playbook_shown
from textdrift.reports.terminal_words import word_lines
from textdrift.reports.tolerant_parts import table_of
from textdrift.reports.visible_text import clipped, visible

__all__ = ["as_terminal"]

TOPICS_SHOWN = 3
_POWER = 0.8

VERDICT_STYLES: Mapping[str, str] = {"drift": "bold red", "no_drift": "bold green", "inconclusive": "bold yellow"}
STATE_MARKS: Mapping[str, str] = {
    "drift": "●",
    "ambiguous": "◐",
    "explained": "◐",
    "small": "◐",
    "unsure": "?",
    "none": "○",
}
STATE_STYLES: Mapping[str, str] = {"drift": "red", "ambiguous": "yellow", "unsure": "yellow", "none": "green"}


@of_its_windows
def as_terminal(report: Mapping[str, Any], *, width: int = 100, color: bool = False) -> str:
    r"""Return a report as lines of text, at most ``width`` columns wide, for a terminal or a log.

    Texts of the report are printed as they are: no markup is obeyed, and control characters are written out.

    Parameters
    ----------
    report:
        The dict of ``DriftReport.to_dict``, as described by ``report_schema``.
    width:
        Columns; under 60 the tables stay 60 columns wide.
    color:
        Whether to write ANSI colors; nothing is said by color alone.

    Examples
    --------
    >>> window = {"rows": 2, "rows_used": 2, "documents": 2, "start": None, "end": None, "name": "week 1"}
    >>> print(as_terminal({
    ...     "schema": "textdrift.report/1", "verdict": "no_drift", "summary": "Nothing changed.",
    ...     "reference": window, "current": window | {"name": "week 2"}, "findings": [],
    ...     "diagnosis": {"kinds": [], "ambiguous": [], "causes": [], "terms": [], "segments": [], "documents": []},
    ...     "settings": {}, "versions": {}, "seed": 0, "seconds": {}, "notes": [],
    ... }))
    NO DRIFT  week 1 → week 2  2 → 2 rows
    <BLANKLINE>
    Nothing changed.
    """
    written = io.StringIO()
    console = new_console(written, width=width, color=color)
    console.print(_headline(report))
    console.print()
    console.print(said(report["summary"]))
    for title, content in _sections(report):
        console.print()
        console.print(Text(own_words(title), style="bold"))
        console.print(Padding(content, (0, 0, 0, 2)))
    # rich pads cells with spaces; a line that ends in none can be copied and compared.
    return "\n".join(line.rstrip() for line in written.getvalue().splitlines()).rstrip("\n")


def _headline(report: Mapping[str, Any]) -> Text:
    reference, current = report["reference"], report["current"]
    verdict = verdict_line(report).upper()
    names = f"{_name(reference, 'reference')} → {_name(current, 'current')}"
    rows = f"{numerals.count(reference['rows'])} → {numerals.count(current['rows'])} rows"
    style = VERDICT_STYLES.get(report["verdict"], "bold")
    if "," in verdict:  # the cost or the gate decided otherwise
        style = VERDICT_STYLES["inconclusive" if report["passed"] else "drift"]
    severity = f"  {clipped(visible(report['severity']), 20)}" if report.get("severity") else ""
    return Text.assemble((verdict, style), severity, "  ", names, "  ", (rows, "dim"))


def _name(window: Mapping[str, Any], role: str) -> str:
    return clipped(visible(window["name"] or role), 40)


def _sections(report: Mapping[str, Any]) -> Iterator[tuple[str, ConsoleRenderable]]:
    """Yield the parts of the report that have something to say, in reading order."""
    diagnosis = report["diagnosis"]
    gate = gate_sentences(report)
    if gate:
        yield "The gate", said(" ".join(gate))
    if report.get("business_summary"):
        yield "In plain words", said(report["business_summary"])
    kinds = kind_summaries(report)
    if kinds:
        yield "What moved" if diagnosis["kinds"] else "What was compared", _kinds(kinds, diagnosis["ambiguous"])
    yield from _concept_and_model(report)
    if diagnosis["terms"]:
        yield "The words", Group(*word_lines(report))
    yield from _evidence(report)
    for rows, title, content in (
        (diagnosis["segments"], "Where it is strongest", lambda _: segments_table(report)),
        (diagnosis["causes"], "Likely causes", _causes),
        (report.get("playbook"), "What to do", playbook_shown),
        (diagnosis["documents"], "Texts to look at", documents_table),
    ):
        if rows:
            yield title, content(rows)
    asked = asked_of(report)
    if asked is not None:
        yield "Labels to ask for", Group(*asked_lines(asked))
    unsure = too_few_to_tell(kinds)
    if unsure:
        yield "Not enough rows to tell", _unsure(unsure)
    if report.get("notes"):
        yield "Notes", Group(*(said(note) for note in report["notes"]))


def _concept_and_model(report: Mapping[str, Any]) -> Iterator[tuple[str, ConsoleRenderable]]:
    """Yield what the same texts now mean, how well the model does, and what that costs."""
    concept, performance, cost = concept_of(report), performance_of(report), cost_of(report)
    if concept is not None:
        unclear = any("concept" in group for group in report["diagnosis"]["ambiguous"])
        yield "The same text, another label", Group(*concept_lines(concept, unclear=unclear))
    if performance is not None:
        yield "How well the model does", Group(*performance_lines(performance))
    if cost is not None:
        yield "What it costs", Group(*cost_lines(cost))


def _evidence(report: Mapping[str, Any]) -> Iterator[tuple[str, ConsoleRenderable]]:
    """Yield the columns, topics and categories of the kinds that drifted."""
    columns = columns_lines(report)
    if columns is not None:
        yield "Columns", columns
    meaning = meaning_of(report)
    if meaning is not None and meaning.finding["drifted"] and meaning.moved:
        yield "Where the meaning moved", _topics(meaning)
    for held in category_tables(report):
        if held.drifted:
            yield sentence_case(wording.kind_words(held.kind)), _categories(held.rows)


def _kinds(kinds: Sequence[KindSummary], ambiguous: Sequence[Sequence[str]]) -> ConsoleRenderable:
    table = new_table("", "kind", "size", ("matters\nfrom", "right"), ("adjusted\np", "right"))
    for summary in kinds:
        finding, effect = summary.finding, summary.finding["effect"]
        name, style = effect["name"], STATE_STYLES.get(summary.state, "dim")
        size, _, interval = _size(summary).partition(" [")
        table.add_row(
            Text(STATE_MARKS[summary.state], style=style),
            Text.assemble(both(visible(summary.words), summary.kind), (f"\n{summary.state_words}", style)),
            Text.assemble(
                (size, "bold" if summary.state == "drift" else ""),
                f" [{interval}\n" if interval else "\n",
                both(summary.effect_words, name, style="dim") if summary.is_told else said(summary.reason),
            ),
            Text(wording.threshold_size(effect["material_from"], name)),
            Text(numerals.p_value(finding["adjusted_p_value"])),
        )
    clauses = (" and ".join(f"{wording.kind_words(kind)} ({visible(kind)})" for kind in group) for group in ambiguous)
    return Group(table, *(Text(f"The data cannot tell {clause} apart: either may have moved.") for clause in clauses))


def _size(summary: KindSummary) -> str:
    return wording.size_told(summary.finding["effect"]) if summary.is_told else "cannot be told"


def _topics(meaning: Meaning) -> ConsoleRenderable:
    """Name the topics that grew and those that shrank, one line each, those that carry most of the shift first."""
    lines = []
    for words, style, topics in (("Grew", "red", meaning.grown), ("Shrank", "blue", meaning.shrunk)):
        if topics:
            named = "; ".join(map(_topic, topics[:TOPICS_SHOWN])) + ("; …" if len(topics) > TOPICS_SHOWN else "")
            lines.append(Text.assemble((words, style), ": ", named, overflow="fold"))
    return Group(*lines)


def _topic(topic: Mapping[str, Any]) -> str:
    named = ", ".join(map(word, topic.get("words", ())[:TOPICS_SHOWN]))
    return f"{named or 'topic ' + visible(topic['cluster'])} ({shares(topic)})"


def _categories(rows: Sequence[Mapping[str, Any]]) -> ConsoleRenderable:
    table = new_table("value", ("before", "right"), ("now", "right"))
    for row in rows[:ROWS_SHOWN]:
        table.add_row(
            cell(numerals.value_text(row["value"])),
            Text(numerals.share(row["reference_share"])),
            Text(numerals.share(row["current_share"])),
        )
    return cut(table, rows)


def _causes(causes: Sequence[Mapping[str, Any]]) -> ConsoleRenderable:
    lines: list[Text] = []
    for cause in causes[:ROWS_SHOWN]:
        facts = cause_facts(cause)
        parts = [
            both(sentence_case(wording.cause_words(cause["cause"], cause.get("column"))), cause["cause"], style="bold"),
            said(cause["sentence"]),
        ]
        lines += [*parts, Text("; ".join(facts), style="dim")] if facts else parts
    return cut(Group(*lines), causes)


def _unsure(kinds: Sequence[KindSummary]) -> ConsoleRenderable:
    """Say of each kind what these windows could have shown; a silence below that size means nothing."""
    lines = []
    for summary in kinds:
        look = summary.look
        if look is None or not math.isfinite(look.detectable):
            could = f"cannot be told: {summary.reason}" if summary.reason else "no size would have shown"
        else:
            power = numerals.plain(table_of(summary.finding, "detectable").get("power") or _POWER)
            could = f"would have shown from {wording.threshold_size(look.detectable, look.effect)} (with power {power})"
        material = None if look is None else look.material_from
        matters = (
            ""
            if look is None or material is None
            else (f", matters from {wording.threshold_size(material, look.effect)}")
        )
        lines.append(Text.assemble((visible(summary.words), "bold"), f"{summary.look_words}: {could}{matters}"))
    return Group(*lines)
