"""Why, where and what to do, as Markdown: causes, words, segments and the playbook."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from textdrift.reports import numerals, wording
from textdrift.reports.cause_facts import cause_facts
from textdrift.reports.concept import concept_of
from textdrift.reports.lexical import lexical_of, term_groups, unit_words
from textdrift.reports.links import web_link
from textdrift.reports.markdown_parts import Limits, both, folded, more, prose, slice_name, table, verbatim
from textdrift.reports.segments import segments_of

__all__ = ["causes_part", "playbook_part", "segments_part", "too_small_part", "words_part"]

_NAMED = 5

Report = Mapping[str, Any]


def causes_part(report: Report, limits: Limits) -> Iterator[str]:
    """Yield what likely caused the drift, and how much of it goes with each cause."""
    causes = report["diagnosis"]["causes"]
    items = []
    for cause in causes[: limits.rows]:
        name = both(_capital(wording.cause_words(cause["cause"], cause.get("column"))), cause["cause"], strong=True)
        facts = "; ".join(prose(fact, 200) for fact in cause_facts(cause))
        items.append(f"1. {name}: {prose(cause['sentence'], limits.characters)}{f' ({facts})' if facts else ''}")
    if items:
        yield "\n".join(items)
        yield from more(causes, limits)


def words_part(report: Report, limits: Limits) -> Iterator[str]:
    """Yield the words that moved, then in a line each: other units, and words that moved together."""
    for group in term_groups(report):
        terms = [term for term in group.terms if group.kind != "concept" or concept_of(report) is None]
        if group.unit == "words" and terms:
            yield _words_table(terms, limits)
            yield from more(terms, limits)
        elif terms:
            named = ", ".join(f"{verbatim(term['term'])} {_shares(term)}" for term in terms[:_NAMED])
            yield f"{prose(_capital(unit_words(group.unit)), 60)}: {named}{', …' if len(terms) > _NAMED else ''}"
    yield from _relabelled(report, limits)
    for story in lexical_of(report).stories[: min(3, limits.rows)]:
        named = ", ".join(verbatim(word) for word in story["words"][:_NAMED])
        yield f"Moved together: {named}{', …' if len(story['words']) > _NAMED else ''} ({_shares(story)} of the texts)"


def _words_table(terms: Sequence[Report], limits: Limits) -> str:
    rows = [
        [
            verbatim(term["term"]),
            numerals.share(term["reference_share"]),
            numerals.share(term["current_share"]),
            "↑" if term["direction"] == "up" else "↓",
            prose(numerals.p_value(term["p_value"]), 20),
        ]
        for term in terms[: limits.rows]
    ]
    return table(["word", "texts before>", "texts now>", "", "p>"], rows)


def _relabelled(report: Report, limits: Limits) -> Iterator[str]:
    """Yield the words whose texts changed label: their shares are those of a label among the texts that hold them."""
    concept = concept_of(report)
    if concept is None:
        return
    if concept.reversal:
        yield prose(concept.reversal[0]["sentence"], limits.characters)
    rows = [
        [
            verbatim(word["term"]),
            verbatim(word["label"]),
            numerals.share(word["reference_share"]),
            numerals.share(word["current_share"]),
            numerals.points(word["adjusted_change"], signed=True),
            prose(numerals.p_value(word["p_value"]), 20),
        ]
        for word in concept.words[: limits.rows]
    ]
    if rows:
        yield "Words whose texts changed label:"
        yield table(["word", "its texts with", "before>", "now>", "for the same texts>", "p>"], rows)
        yield from more(concept.words, limits)


def segments_part(report: Report, limits: Limits) -> Iterator[str]:
    """Yield where something moved most, and what."""
    shown, search = segments_of(report), report["diagnosis"].get("search") or {}
    rows = [
        [
            slice_name(segment),
            both(wording.kind_words(segment["kind"]), segment["kind"]) + _inside(segment),
            numerals.count(segment.get("n_reference")),
            numerals.count(segment.get("n_current")),
            wording.segment_size(segment["effect"], segment["kind"]),
            prose(numerals.p_value(segment["p_value"]), 20),
        ]
        for segment in shown.rows[: limits.rows]
    ]
    for alike in shown.alike[: limits.rows]:
        yield f"{prose(alike.sentence, limits.characters)}."
    if rows:
        yield table(["segment", "what moved", "texts before>", "texts now>", "size>", "p>"], rows)
        yield from more(shown.rows, limits)
        if search.get("n_slices") is not None:
            yield f"{numerals.count(search['n_slices'])} slices were searched; each p allows for the search."


def _inside(segment: Report) -> str:
    """Say what moved inside a segment, as far as the report tells."""
    if segment.get("term") or segment.get("feature"):
        return f", {verbatim(segment.get('term') or segment['feature'])}"
    if segment.get("label") is not None:
        return f", {verbatim(numerals.value_text(segment['label']))}"
    before, now = segment.get("reference_accuracy"), segment.get("current_accuracy")
    return "" if before is None or now is None else f", {numerals.share(before)} → {numerals.share(now)}"


def too_small_part(report: Report, limits: Limits) -> Iterator[str]:
    """Yield the segments that nothing can be said of, and why."""
    too_small = report["diagnosis"].get("too_small") or []
    rows = [
        [
            slice_name(row),
            numerals.count(row.get("n_reference")),
            numerals.count(row.get("n_current")),
            prose(row.get("reason") or "", 200),
        ]
        for row in too_small[: limits.rows]
    ]
    if rows:
        yield table(["segment", "texts before>", "texts now>", "why"], rows)
        yield from more(too_small, limits)


def playbook_part(report: Report, limits: Limits) -> Iterator[str]:
    """Yield what to do now, who decides, and where the team wrote it down; what comes after that is folded."""
    playbook = report.get("playbook") or []
    for entry in playbook[:1]:
        yield from _play(entry, limits)
    others = [part for entry in playbook[1 : limits.rows] for part in _play(entry, limits)]
    yield from folded("What to do after that", [*others, *more(playbook, limits)])


def _play(entry: Report, limits: Limits) -> Iterator[str]:
    action = f" ({prose(entry['action'], 60)})" if entry.get("action") else ""
    yield f"**{prose(entry['title'], 200) or 'Untitled'}**{action}"
    steps = [prose(step, limits.characters) for step in (entry.get("steps") or ())[: limits.rows]]
    first = [f"First: {prose(entry['first'], limits.characters)}"] if entry.get("first") else []
    if first or steps:
        yield "\n".join(f"1. {step}" for step in (*first, *steps))
    facts = list(_playbook_facts(entry))
    if facts:
        yield f"{'; '.join(facts)}."


def _playbook_facts(entry: Report) -> Iterator[str]:
    if entry.get("decides"):
        yield f"Decides: {prose(entry['decides'], 200)}"
    if entry.get("owner"):
        yield f"Owner: {verbatim(entry['owner'])}"
    if entry.get("runbook"):
        link = web_link(entry["runbook"])
        shown = verbatim(entry["runbook"], 200)
        yield f'Runbook: <a href="{html.escape(link)}">{shown}</a>' if link else f"Runbook: {shown}"


def _shares(row: Report) -> str:
    return f"{numerals.share(row['reference_share'])} → {numerals.share(row['current_share'])}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
