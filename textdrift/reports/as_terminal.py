"""A report as text for a terminal: the verdict first, then what moved, why, where, and what could not be seen."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console, ConsoleRenderable, Group
from rich.padding import Padding
from rich.text import Text

from textdrift.reports import wording
from textdrift.reports.concept import concept_of
from textdrift.reports.cost import cost_of, verdict_line
from textdrift.reports.kind_summary import KindSummary, kind_summaries
from textdrift.reports.labels_to_ask import asked_of
from textdrift.reports.lexical import lexical_of, term_groups, unit_words
from textdrift.reports.meaning import Meaning, meaning_of
from textdrift.reports.performance import performance_of
from textdrift.reports.terminal_concept import concept_lines, concept_words, unlabelled_words
from textdrift.reports.terminal_model import asked_lines, cost_lines, performance_lines
from textdrift.reports.terminal_parts import (
    ROWS_SHOWN,
    both,
    cell,
    cut,
    line,
    new_table,
    said,
    sentence_case,
    shares,
    word,
)

__all__ = ["as_terminal"]

TOPICS_SHOWN = 3
STORIES_SHOWN = 3
SHIFTS_SHOWN = 5
DOUBTFUL = 0.05
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
    console.print(said(report["summary"]))
    for title, content in _sections(report):
        console.print()
        console.print(Text(title, style="bold"))
        console.print(Padding(content, (0, 0, 0, 2)))
    # rich pads cells with spaces; a line that ends in none can be copied and compared.
    return "\n".join(line.rstrip() for line in written.getvalue().splitlines()).rstrip("\n")


def _headline(report: Mapping[str, Any]) -> Text:
    reference, current = report["reference"], report["current"]
    verdict = verdict_line(report).upper()
    names = f"{_name(reference, 'reference')} → {_name(current, 'current')}"
    rows = f"{wording.count(reference['rows'])} → {wording.count(current['rows'])} rows"
    style = VERDICT_STYLES.get(report["verdict"], "bold")
    if "," in verdict:  # the cost decided otherwise
        style = VERDICT_STYLES["inconclusive" if report["passed"] else "drift"]
    return Text.assemble((verdict, style), "  ", names, "  ", (rows, "dim"))


def _name(window: Mapping[str, Any], role: str) -> str:
    return wording.clipped(wording.visible(window["name"] or role), 40)


def _sections(report: Mapping[str, Any]) -> Iterator[tuple[str, ConsoleRenderable]]:
    """Yield the parts of the report that have something to say, in reading order."""
    diagnosis = report["diagnosis"]
    kinds = kind_summaries(report)
    if kinds:
        yield "What moved" if diagnosis["kinds"] else "What was compared", _kinds(kinds, diagnosis["ambiguous"])
    yield from _concept_and_model(report)
    if diagnosis["terms"]:
        yield "The words", Group(*_words(report))
    yield from _evidence(report)
    for name, title, content in (
        ("segments", "Where it is strongest", _segments),
        ("causes", "Likely causes", _causes),
        ("documents", "Texts to look at", _documents),
    ):
        if diagnosis[name]:
            yield title, content(diagnosis[name])
    asked = asked_of(report)
    if asked is not None:
        yield "Labels to ask for", Group(*asked_lines(asked))
    unsure = [summary for summary in kinds if summary.state == "unsure"]
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
    """Yield the topics and categories of the kinds that drifted."""
    meaning = meaning_of(report)
    if meaning is not None and meaning.finding["drifted"] and meaning.moved:
        yield "Where the meaning moved", _topics(meaning)
    for finding in report["findings"]:
        for evidence in finding["evidence"] if finding["drifted"] else ():
            if evidence["name"] == "categories":
                yield sentence_case(wording.kind_words(finding["kind"])), _categories(evidence["rows"])


def _kinds(kinds: Sequence[KindSummary], ambiguous: Sequence[Sequence[str]]) -> ConsoleRenderable:
    table = new_table("", "kind", "size", ("matters\nfrom", "right"), ("adjusted\np", "right"))
    for summary in kinds:
        finding, effect = summary.finding, summary.finding["effect"]
        name, style = effect["name"], STATE_STYLES.get(summary.state, "dim")
        interval = ", ".join(wording.bare_size(effect[end], name) for end in ("low", "high"))
        table.add_row(
            Text(STATE_MARKS[summary.state], style=style),
            Text.assemble(both(wording.visible(summary.words), summary.kind), (f"\n{summary.state_words}", style)),
            Text.assemble(
                (wording.effect_size(effect["value"], name), "bold" if summary.state == "drift" else ""),
                f" [{interval}]\n",
                both(summary.effect_words, name, style="dim"),
            ),
            Text(wording.threshold_size(effect["material_from"], name)),
            Text(wording.p_value(finding["adjusted_p_value"])),
        )
    clauses = (
        " and ".join(f"{wording.kind_words(kind)} ({wording.visible(kind)})" for kind in group) for group in ambiguous
    )
    return Group(table, *(Text(f"The data cannot tell {clause} apart: either may have moved.") for clause in clauses))


def _words(report: Mapping[str, Any]) -> Iterator[ConsoleRenderable]:
    """Yield the words that moved, and in a line each: other units, words that moved together, what moved sentiment."""
    words = [term for term in report["diagnosis"]["terms"] if term.get("unit", "words") == "words"]
    terms = [term for term in words if term["kind"] != "concept"]
    if terms:
        yield _terms(terms)
    relabelled = [term for term in words if term["kind"] == "concept"]
    concept = concept_of(report)
    if relabelled:
        # Their shares are not those of the other words: of a label, among the texts that hold the word.
        yield Text("Words whose texts changed label: the share of a label among the texts that hold them", style="dim")
        known = concept.words if concept is not None else ()
        yield concept_words(known) if known else unlabelled_words(relabelled)
    lexical = lexical_of(report)
    for group in term_groups(report):
        if group.unit != "words":
            named = ", ".join(f"{word(t['term'])} {shares(t)}" for t in group.terms[:TOPICS_SHOWN])
            more = ", …" if len(group.terms) > TOPICS_SHOWN else ""
            yield line(sentence_case(wording.visible(unit_words(group.unit))), f"{named}{more}")
    for story in lexical.stories[:STORIES_SHOWN]:
        named = ", ".join(map(word, story["words"][:SHIFTS_SHOWN])) + (
            ", …" if len(story["words"]) > SHIFTS_SHOWN else ""
        )
        yield line("Together", f"{named}  {shares(story)}")
    if lexical.sentiment_shift and lexical.sentiment_moved:
        means = (wording.plain(lexical.sentiment_means[f"{window}_mean"]) for window in ("reference", "current"))
        change = lexical.sentiment_means["change"]
        # The words that push the way the mean went; those that hold against it stand in the JSON report.
        words = [row for row in lexical.sentiment_shift if row["term"] is not None and row["part"] * change > 0]
        words = words[:SHIFTS_SHOWN]
        named = ", ".join(f"{'more' if row['direction'] == 'up' else 'less'} {word(row['term'])}" for row in words)
        yield line("Sentiment", f"{' → '.join(means)}, by {named}")

    for marked in lexical.blind:
        p_value = marked.finding["p_value"]
        if marked.reader == "vocabulary" or (p_value is not None and p_value <= DOUBTFUL):
            yield line("Model", wording.visible(marked.finding["sentence"]))


def _terms(terms: Sequence[Mapping[str, Any]]) -> ConsoleRenderable:
    several = len({term["kind"] for term in terms}) > 1
    table = new_table("word", ("before", "right"), ("now", "right"), "", ("p", "right"), *(["kind"] if several else []))
    for term in terms[:ROWS_SHOWN]:
        up = term["direction"] == "up"
        table.add_row(
            cell(term["term"]),
            Text(wording.share(term["reference_share"])),
            Text(wording.share(term["current_share"])),
            Text("↑" if up else "↓", style="red" if up else "blue"),
            Text(wording.p_value(term["p_value"])),
            *([Text(wording.kind_words(term["kind"]), style="dim")] if several else []),
        )
    return cut(table, terms)


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
    return f"{named or 'topic ' + wording.visible(topic['cluster'])} ({shares(topic)})"


def _categories(rows: Sequence[Mapping[str, Any]]) -> ConsoleRenderable:
    table = new_table("value", ("before", "right"), ("now", "right"))
    for row in rows[:ROWS_SHOWN]:
        table.add_row(
            cell(wording.value_text(row["value"])),
            Text(wording.share(row["reference_share"])),
            Text(wording.share(row["current_share"])),
        )
    return cut(table, rows)


def _segments(segments: Sequence[Mapping[str, Any]]) -> ConsoleRenderable:
    table = new_table("segment", "what moved", ("size", "right"), ("p", "right"))
    for segment in segments[:ROWS_SHOWN]:
        table.add_row(
            cell(f"{segment['column']} = {wording.value_text(segment['value'])}"),
            cell(wording.kind_words(segment["kind"]) + _inside(segment)),
            Text(wording.segment_size(segment["effect"], segment["kind"])),
            Text(wording.p_value(segment["p_value"])),
        )
    return cut(table, segments)


def _inside(segment: Mapping[str, Any]) -> str:
    """Say what moved inside a segment, as far as the report tells."""
    if segment.get("term"):
        return f" ({segment['term']})"
    if segment.get("label") is not None:
        return f" ({wording.value_text(segment['label'])})"
    before, now = segment.get("reference_accuracy"), segment.get("current_accuracy")
    return "" if before is None or now is None else f" ({wording.share(before)} → {wording.share(now)})"


def _causes(causes: Sequence[Mapping[str, Any]]) -> ConsoleRenderable:
    lines: list[Text] = []
    for cause in causes[:ROWS_SHOWN]:
        facts = [
            f"{wording.share(cause[key])} {words}"
            for key, words in (("share_explained", "of the change explained"), ("share_of_rows", "of the rows touched"))
            if cause.get(key) is not None
        ]
        parts = [
            both(sentence_case(wording.cause_words(cause["cause"])), cause["cause"], style="bold"),
            said(cause["sentence"]),
        ]
        lines += [*parts, Text(", ".join(facts), style="dim")] if facts else parts
    return cut(Group(*lines), causes)


def _documents(documents: Sequence[Mapping[str, Any]]) -> ConsoleRenderable:
    told = ("text", "words", "expected_label")
    if not any(name in document for document in documents for name in told):
        rows = ", ".join(f"{wording.visible(d['window'])} {d['row']}" for d in documents[:ROWS_SHOWN])
        return Text(f"Rows {rows}. Ask for examples to see their texts.")
    any_text = any("text" in document for document in documents)
    relabelled = any(_relabelled(document) for document in documents)
    what = "text" if any_text else "words that moved" if any("words" in d for d in documents) else ""
    columns = [what, *(["label, and before"] if relabelled else [])] if what else ["label, and before"]
    table = new_table("window", ("row", "right"), ("score", "right"), *columns)
    for document in documents[:ROWS_SHOWN]:
        text, words = document.get("text"), ", ".join(map(word, document.get("words", ())))
        shown = said(text) if text is not None else said(words) if words else Text(_unshown(document), style="dim")
        table.add_row(
            Text(wording.visible(document["window"])),
            Text(str(document["row"])),
            Text(wording.plain(document["score"])),
            *([shown] if what else []),
            *([Text(_relabelled(document), overflow="fold")] if relabelled else []),
        )
    return cut(table, documents)


def _relabelled(document: Mapping[str, Any]) -> str:
    """Say which label a text carries, and which it would have carried before; empty where that is not told."""
    now, before = document.get("label"), document.get("expected_label")
    if now is None or before is None:
        return ""
    return f"{word(wording.value_text(now))}, before {word(wording.value_text(before))}"


def _unshown(document: Mapping[str, Any]) -> str:
    """Say why a document is worth a look though nothing of it is shown."""
    return f"by its {wording.kind_words(document['kind'])}" if "kind" in document else "not shown"


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
        lines.append(Text.assemble((wording.visible(summary.words), "bold"), f": {could}{matters}"))
    return Group(*lines)
