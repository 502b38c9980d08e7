"""The monitored model, its cost, and the texts to look at and to label, as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from textdrift.reports import labels_to_ask, numerals, wording
from textdrift.reports.cost import cost_of, money
from textdrift.reports.labels_to_ask import asked_of
from textdrift.reports.markdown_parts import Limits, more, prose, span, table, verbatim
from textdrift.reports.performance import (
    PerformanceShown,
    change_words,
    doubt_words,
    figure_words,
    metric_words,
    part_words,
    performance_of,
)

__all__ = ["asked_part", "cost_part", "documents_part", "performance_part"]

_WORDS_SHOWN = 5

Report = Mapping[str, Any]


def performance_part(report: Report, limits: Limits) -> Iterator[str]:
    """Yield the figures of the model, why its accuracy changed, and what is estimated without labels."""
    shown = performance_of(report)
    if shown is None:
        return
    rows = [
        [
            prose(metric_words(row.name), 60),
            figure_words(row.reference["value"], row.name),
            figure_words(row.current["value"], row.name),
            _sure(row.change, row.name, change_words),
        ]
        for row in shown.measured[: limits.rows]
    ]
    if rows:
        yield table(["measured", "before>", "now>", "change>"], rows)
    if shown.parts:
        parts = "; ".join(
            f"{prose(part_words(part['name']), 60)} "
            + span(*(numerals.tenths(part[end]) for end in ("points", "low", "high")))
            for part in shown.parts[: limits.rows]
        )
        yield f"Why the accuracy changed, in points: {parts}."
    if shown.estimated:
        yield from _estimate(shown, limits)
    for note in shown.notes[: limits.rows]:
        yield f"*Note:* {prose(note, limits.characters)}"


def _estimate(shown: PerformanceShown, limits: Limits) -> Iterator[str]:
    accuracy = shown.estimated["accuracy"]
    if shown.calibrated:
        yield f"Estimated accuracy without labels: {_sure(accuracy, 'accuracy', figure_words)}."
    else:
        yield f"The model’s mean confidence, no estimate: {numerals.share(accuracy['value'])}."
    doubts = [prose(doubt_words(flag), 200) for flag in shown.estimated.get("flags", ())[: limits.rows]]
    if doubts:
        yield f"Do not rely on it: {'; '.join(doubts)}."


def _sure(figure: Report, metric: str, words: Callable[[float | None, str], str]) -> str:
    """Return a figure or a change with its interval, where that is known."""
    value = words(figure["value"], metric)
    if figure["low"] is None or figure["high"] is None:
        return value
    low, high = (words(figure[end], metric).removesuffix(" points").removesuffix(" %") for end in ("low", "high"))
    return span(value, low, high)


def cost_part(report: Report, limits: Limits) -> Iterator[str]:
    """Yield what the change costs, what the limit decided, and from which mistakes it comes."""
    cost = cost_of(report)
    if cost is None:
        return
    yield prose(cost.cost["sentence"], limits.characters)
    if cost.decision:
        limit = prose(money(cost.cost["fail_above"], cost.currency), 60)
        yield f"{cost.decision} The limit is {limit} more per window."
    rows = [
        [
            verbatim(numerals.value_text(cell["label"])),
            verbatim(numerals.value_text(cell["prediction"])),
            span(*(money(cell[end]) for end in ("change", "low", "high"))),
        ]
        for cell in cost.cells[: limits.rows]
    ]
    if rows:
        yield table(["label", "predicted", "change of the cost>"], rows)
        yield from more(cost.cells, limits)


def documents_part(report: Report, limits: Limits) -> Iterator[str]:
    """Yield the documents that show the drift best, with their texts where the report holds them."""
    documents = report["diagnosis"]["documents"]
    rows = [
        [
            prose(document["window"], 20),
            str(document["row"]),
            numerals.plain(document["score"]),
            _told(document, limits),
        ]
        for document in documents[: limits.rows]
    ]
    if rows:
        yield table(["window", "row>", "score>", "text, or words that moved"], rows)
        yield from more(documents, limits)


def _told(document: Report, limits: Limits) -> str:
    """Return the text of a document, or what else is known of it."""
    if "text" in document:
        return verbatim(document["text"], min(200, limits.characters))
    if document.get("words"):
        return ", ".join(map(verbatim, document["words"][:_WORDS_SHOWN]))
    return f"by its {prose(wording.kind_words(document['kind']), 60)}" if "kind" in document else "–"


def asked_part(report: Report, limits: Limits) -> Iterator[str]:
    """Yield the rows to label first, why, and how to send the answers."""
    asked = asked_of(report)
    if asked is None:
        return
    rows = [
        [str(row["row"]), verbatim(numerals.value_text(row["judged"])), prose(row["reason"], 200)]
        for row in asked.rows[: limits.rows]
    ]
    if rows:
        yield f"{asked.purpose} {labels_to_ask.HOW} {verbatim(labels_to_ask.COMMAND)}"
        yield table(["row>", asked.judged_words, "why"], rows)
        yield from more(asked.rows, limits)
    if asked.reason:
        yield prose(asked.reason, limits.characters)
    for note in asked.notes[: limits.rows]:
        yield prose(note, limits.characters)
