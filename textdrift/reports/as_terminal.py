"""A report as text for a terminal: the verdict first, then what moved, why, where, and what could not be seen."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console, ConsoleRenderable, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from textdrift.reports import wording
from textdrift.reports.kind_summary import KindSummary, kind_summaries
from textdrift.reports.meaning import Meaning, meaning_of

__all__ = ["as_terminal"]

ROWS_SHOWN = 12
TOPICS_SHOWN = 3
CHARACTERS_SHOWN = 400
NARROWEST = 60

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
    console = Console(
        file=written,
        width=max(width, NARROWEST),
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
        soft_wrap=False,
        _environ={},  # a report must not change with the environment it is written in
    )
    console.print(_headline(report))
    console.print()
    console.print(_said(report["summary"]))
    for title, content in _sections(report):
        console.print()
        console.print(Text(title, style="bold"))
        console.print(Padding(content, (0, 0, 0, 2)))
    # rich pads cells with spaces; a line that ends in none can be copied and compared.
    return "\n".join(line.rstrip() for line in written.getvalue().splitlines()).rstrip("\n")


def _headline(report: Mapping[str, Any]) -> Text:
    reference, current = report["reference"], report["current"]
    verdict = wording.verdict_words(report["verdict"]).upper()
    names = f"{_name(reference, 'reference')} → {_name(current, 'current')}"
    rows = f"{wording.count(reference['rows'])} → {wording.count(current['rows'])} rows"
    return Text.assemble((verdict, VERDICT_STYLES.get(report["verdict"], "bold")), "  ", names, "  ", (rows, "dim"))


def _name(window: Mapping[str, Any], role: str) -> str:
    return wording.clipped(wording.visible(window["name"] or role), 40)


def _sections(report: Mapping[str, Any]) -> Iterator[tuple[str, ConsoleRenderable]]:
    """Yield the parts of the report that have something to say, in reading order."""
    diagnosis = report["diagnosis"]
    kinds = kind_summaries(report)
    if kinds:
        yield "What moved" if diagnosis["kinds"] else "What was compared", _kinds(kinds, diagnosis["ambiguous"])
    if diagnosis["terms"]:
        yield "The words", _terms(diagnosis["terms"])
    yield from _evidence(report)
    for name, title, content in (
        ("segments", "Where it is strongest", _segments),
        ("causes", "Likely causes", _causes),
        ("documents", "Texts to look at", _documents),
    ):
        if diagnosis[name]:
            yield title, content(diagnosis[name])
    unsure = [summary for summary in kinds if summary.state == "unsure"]
    if unsure:
        yield "Not enough rows to tell", _unsure(unsure)
    if report.get("notes"):
        yield "Notes", Group(*(_said(note) for note in report["notes"]))


def _evidence(report: Mapping[str, Any]) -> Iterator[tuple[str, ConsoleRenderable]]:
    """Yield the topics and categories of the kinds that drifted."""
    meaning = meaning_of(report)
    if meaning is not None and meaning.finding["drifted"] and meaning.moved:
        yield "Where the meaning moved", _topics(meaning)
    for finding in report["findings"]:
        for evidence in finding["evidence"] if finding["drifted"] else ():
            if evidence["name"] == "categories":
                yield _sentence_case(wording.kind_words(finding["kind"])), _categories(evidence["rows"])


def _kinds(kinds: Sequence[KindSummary], ambiguous: Sequence[Sequence[str]]) -> ConsoleRenderable:
    table = _table("", "kind", "size", ("matters\nfrom", "right"), ("adjusted\np", "right"))
    for summary in kinds:
        finding, effect = summary.finding, summary.finding["effect"]
        name, style = effect["name"], STATE_STYLES.get(summary.state, "dim")
        interval = ", ".join(wording.bare_size(effect[end], name) for end in ("low", "high"))
        table.add_row(
            Text(STATE_MARKS[summary.state], style=style),
            Text.assemble(_both(wording.kind_words(summary.kind), summary.kind), (f"\n{summary.state_words}", style)),
            Text.assemble(
                (wording.effect_size(effect["value"], name), "bold" if summary.state == "drift" else ""),
                f" [{interval}]\n",
                _both(wording.effect_words(name), name, style="dim"),
            ),
            Text(wording.threshold_size(effect["material_from"], name)),
            Text(wording.p_value(finding["adjusted_p_value"])),
        )
    clauses = (
        " and ".join(f"{wording.kind_words(kind)} ({wording.visible(kind)})" for kind in group) for group in ambiguous
    )
    return Group(table, *(Text(f"The data cannot tell {clause} apart: either may have moved.") for clause in clauses))


def _terms(terms: Sequence[Mapping[str, Any]]) -> ConsoleRenderable:
    several = len({term["kind"] for term in terms}) > 1
    table = _table("word", ("before", "right"), ("now", "right"), "", ("p", "right"), *(["kind"] if several else []))
    for term in terms[:ROWS_SHOWN]:
        up = term["direction"] == "up"
        table.add_row(
            _cell(term["term"]),
            Text(wording.share(term["reference_share"])),
            Text(wording.share(term["current_share"])),
            Text("↑" if up else "↓", style="red" if up else "blue"),
            Text(wording.p_value(term["p_value"])),
            *([Text(wording.kind_words(term["kind"]), style="dim")] if several else []),
        )
    return _cut(table, terms)


def _topics(meaning: Meaning) -> ConsoleRenderable:
    """Name the topics that grew and those that shrank, one line each, those that carry most of the shift first."""
    lines = []
    for words, style, topics in (("Grew", "red", meaning.grown), ("Shrank", "blue", meaning.shrunk)):
        if topics:
            named = "; ".join(map(_topic, topics[:TOPICS_SHOWN])) + ("; …" if len(topics) > TOPICS_SHOWN else "")
            lines.append(Text.assemble((words, style), ": ", named, overflow="fold"))
    return Group(*lines)


def _topic(topic: Mapping[str, Any]) -> str:
    named = ", ".join(wording.clipped(wording.visible(word), 30) for word in topic.get("words", ())[:TOPICS_SHOWN])
    shares = f"{wording.share(topic['reference_share'])} → {wording.share(topic['current_share'])}"
    return f"{named or 'topic ' + wording.visible(topic['cluster'])} ({shares})"


def _categories(rows: Sequence[Mapping[str, Any]]) -> ConsoleRenderable:
    table = _table("value", ("before", "right"), ("now", "right"))
    for row in rows[:ROWS_SHOWN]:
        table.add_row(
            _cell(wording.value_text(row["value"])),
            Text(wording.share(row["reference_share"])),
            Text(wording.share(row["current_share"])),
        )
    return _cut(table, rows)


def _segments(segments: Sequence[Mapping[str, Any]]) -> ConsoleRenderable:
    table = _table("segment", "what moved", ("size", "right"), ("p", "right"))
    for segment in segments[:ROWS_SHOWN]:
        table.add_row(
            _cell(f"{segment['column']} = {wording.value_text(segment['value'])}"),
            Text(wording.kind_words(segment["kind"])),
            Text(wording.segment_size(segment["effect"], segment["kind"])),
            Text(wording.p_value(segment["p_value"])),
        )
    return _cut(table, segments)


def _causes(causes: Sequence[Mapping[str, Any]]) -> ConsoleRenderable:
    lines: list[Text] = []
    for cause in causes[:ROWS_SHOWN]:
        facts = [
            f"{wording.share(cause[key])} {words}"
            for key, words in (("share_explained", "of the change explained"), ("share_of_rows", "of the rows touched"))
            if cause.get(key) is not None
        ]
        parts = [
            _both(_sentence_case(wording.cause_words(cause["cause"])), cause["cause"], style="bold"),
            _said(cause["sentence"]),
        ]
        lines += [*parts, Text(", ".join(facts), style="dim")] if facts else parts
    return _cut(Group(*lines), causes)


def _documents(documents: Sequence[Mapping[str, Any]]) -> ConsoleRenderable:
    if not any("text" in document for document in documents):
        rows = ", ".join(f"{wording.visible(d['window'])} {d['row']}" for d in documents[:ROWS_SHOWN])
        return Text(f"Rows {rows}. Ask for examples to see their texts.")
    table = _table("window", ("row", "right"), ("score", "right"), "text")
    for document in documents[:ROWS_SHOWN]:
        text = document.get("text")
        table.add_row(
            Text(wording.visible(document["window"])),
            Text(str(document["row"])),
            Text(wording.plain(document["score"])),
            Text("not shown", style="dim") if text is None else _said(text),
        )
    return _cut(table, documents)


def _unsure(kinds: Sequence[KindSummary]) -> ConsoleRenderable:
    """Say of each kind what these windows could have shown; a silence below that size means nothing."""
    lines = []
    for summary in kinds:
        name, detectable = summary.finding["effect"]["name"], summary.finding["detectable"]
        could = (
            "no size would have shown"
            if detectable is None
            else f"would have shown from {wording.threshold_size(detectable['value'], name)}"
            f" (with power {wording.plain(detectable['power'])})"
        )
        material = summary.finding["effect"]["material_from"]
        matters = "" if material is None else f", matters from {wording.threshold_size(material, name)}"
        lines.append(Text.assemble((wording.kind_words(summary.kind), "bold"), f": {could}{matters}"))
    return Group(*lines)


def _table(*columns: str | tuple[str, str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in columns:
        if isinstance(column, tuple):
            table.add_column(Text(column[0]), justify="right", no_wrap=True)
        else:
            table.add_column(Text(column), overflow="fold")
    return table


def _cut(shown: ConsoleRenderable, rows: Sequence[object]) -> ConsoleRenderable:
    if len(rows) <= ROWS_SHOWN:
        return shown
    return Group(shown, Text(f"and {len(rows) - ROWS_SHOWN} more in the JSON report", style="dim"))


def _said(text: object) -> Text:
    return Text(wording.clipped(wording.visible(text), CHARACTERS_SHOWN), overflow="fold")


def _cell(text: object) -> Text:
    return Text(wording.clipped(wording.visible(text), 60), overflow="fold")


def _both(words: str, name: str, *, style: str = "") -> Text:
    """Return the words a person understands, and the technical name beside them."""
    return Text.assemble((words, style), (f" ({wording.visible(name)})", "dim"))


def _sentence_case(words: str) -> str:
    return words[:1].upper() + words[1:]
