"""Everything that a report says of one kind of drift, or of one cause, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from textdrift.reports import numerals, wording
from textdrift.reports.sentence_parts import joined, p_words, quoted, reported
from textdrift.reports.tolerant_parts import Row, names_of, number_of, rows_of, table_of, text_of
from textdrift.windows.numbers_in_words import counted

__all__ = ["sentence_of_finding", "sentences_of_cause", "sentences_of_kind"]


def sentences_of_kind(report: Row, kind: str) -> list[str]:
    """Return everything that a report says of a kind: whether it drifted, every test of it, where to look, what to do.

    Examples
    --------
    >>> sentences_of_kind({"diagnosis": {"kinds": []}, "findings": []}, "label")
    ['No test of the labels ran.']
    """
    return list(dict.fromkeys(_of_kind(report, kind)))


def _of_kind(report: Row, kind: str) -> Iterator[str]:
    words = wording.kind_words(kind)
    kinds = names_of(table_of(report, "diagnosis"), "kinds")
    findings = [finding for finding in rows_of(report, "findings") if finding.get("kind") == kind]
    if kinds == [kind]:
        yield f"The {words} drifted, and nothing else did."
    elif kind in kinds:
        place = "the strongest" if kinds[0] == kind else f"number {kinds.index(kind) + 1}"
        yield f"The {words} drifted: {place} of {counted(len(kinds), 'kind')} that did."
    elif findings:
        yield f"The {words} are not among the kinds that drifted."
    else:
        yield f"No test of the {words} ran."
    for group in _unclear(report):
        if kind in group:
            others = [wording.kind_words(other) for other in group if other != kind]
            yield f"The data cannot tell it apart from a drift of {joined(others)}: either may have moved."
    yield from map(sentence_of_finding, findings)
    yield from _where_to_look(report, kind)
    yield from _plays(report, "kind", kind)


def _where_to_look(report: Row, kind: str) -> Iterator[str]:
    """Name the words, segments and causes of a kind."""
    for table, said in (("terms", "Its words"), ("segments", "Its segments")):
        rows = [row for row in rows_of(report, "diagnosis", table) if row.get("kind") == kind]
        named = [row.get("term") if table == "terms" else f"{row.get('column')}={row.get('value')}" for row in rows]
        if named:
            yield f"{said}, strongest first: {joined(named)}."
    causes = [row.get("cause") for row in rows_of(report, "diagnosis", "causes") if row.get("kind") == kind]
    if causes:
        yield f"Its causes, strongest first: {joined(causes)}."
    for row in rows_of(report, "diagnosis", "causes"):
        for part in rows_of(row, "explained"):
            if part.get("kind") == kind:
                yield _explained(row, part)


def sentences_of_cause(report: Row, cause: str) -> list[str]:
    """Return everything that a report says of a cause: its rows, what goes with them, the tests that found it.

    Examples
    --------
    >>> sentences_of_cause({"diagnosis": {"causes": []}}, "escaped")
    ["The report does not name 'escaped' (escaped markup) as a cause."]
    """
    return list(dict.fromkeys(_of_cause(report, cause)))


def _of_cause(report: Row, cause: str) -> Iterator[str]:
    rows = [row for row in rows_of(report, "diagnosis", "causes") if row.get("cause") == cause]
    causes = rows_of(report, "diagnosis", "causes")
    words = wording.cause_words(cause)
    if not rows:
        yield f"The report does not name {quoted(cause)} ({words}) as a cause."
    for row in rows:
        yield f"{quoted(cause)} ({words}) is number {causes.index(row) + 1} of {counted(len(causes), 'cause')}."
        if text_of(row, "sentence"):
            yield reported(text_of(row, "sentence"))
        touched, change = number_of(row, "rows_touched"), number_of(row, "share_of_rows")
        if touched is not None:
            yield f"It touches {numerals.share(touched)} of the current rows."
        if change is not None:
            way = f", direction {quoted(row['direction'])}" if isinstance(row.get("direction"), str) else ""
            yield f"The share of such rows changed by {numerals.points(change, signed=True)}{way}."
        parts = rows_of(row, "explained")
        yield from (_explained(row, part) for part in parts)
        whole = number_of(row, "share_explained")
        if whole is not None and not parts:
            yield f"Of the drift of the texts {numerals.share(whole)} goes with it{_remedy(row)}."
    for finding in rows_of(report, "findings"):
        for evidence in rows_of(finding, "evidence"):
            named = any(row.get("cause") == cause for row in rows_of(evidence, "rows"))
            if evidence.get("name") == "causes" and named:
                yield sentence_of_finding(finding)
    yield from _plays(report, "cause", cause)


def sentence_of_finding(finding: Row) -> str:
    """Say what a test found, how large that is, from when it matters, and how sure it is."""
    effect = table_of(finding, "effect")
    name, value, least = text_of(effect, "name"), number_of(effect, "value"), number_of(effect, "material_from")
    size = ""
    if value is not None:
        low, high = number_of(effect, "low"), number_of(effect, "high")
        around = ""
        if low is not None and high is not None and wording.ends_told(effect):
            around = _between(*(wording.bare_size(end, name) for end in (low, high)))
        size = f" {wording.effect_words(name).capitalize()}: {wording.effect_size(value, name)}{around}"
        size += "" if least is None else f", matters from {wording.threshold_size(least, name)}"
        size += f"{p_words(finding, 'adjusted_p_value') or p_words(finding)}."
    doubt = "" if finding.get("conclusive") is not False else " These windows could not have shown a size that matters."
    test = quoted(text_of(finding, "test", "an unnamed test"))
    notes = "".join(f" {reported(note)}" for note in names_of(finding, "notes")[:3])
    return f"The test {test}: {reported(text_of(finding, 'sentence', 'no sentence'))}{size}{doubt}{notes}"


def _explained(cause: Row, part: Row) -> str:
    share = number_of(part, "share")
    low, high = number_of(part, "low"), number_of(part, "high")
    around = "" if low is None or high is None else _between(numerals.share(low), numerals.share(high))
    told = "an unknown share" if share is None else numerals.share(share)
    words = wording.kind_words(text_of(part, "kind"))
    return (
        f"Of the drift of the {words} {told}{around} goes with the cause {quoted(cause.get('cause'))}{_remedy(cause)}."
    )


def _between(low: str, high: str) -> str:
    """Return an interval in brackets; nothing where both of its ends read the same.

    >>> _between("14.1", "14.7"), _between("14.7", "14.7")
    (' (14.1 to 14.7)', '')
    """
    return "" if low == high else f" ({low} to {high})"


def _remedy(cause: Row) -> str:
    return wording.remedy_words(cause.get("remedy"))


def _plays(report: Row, key: str, name: str) -> Iterator[str]:
    """Say what the playbook says to do."""
    for play in rows_of(report, "playbook"):
        if play.get(key) != name:
            continue
        parts = [f"What to do: {reported(text_of(play, 'title'))}", _titled("First", text_of(play, "first"))]
        parts += [_titled("Then", step) for step in names_of(play, "steps")[:8]]
        parts += [_titled("Who decides", text_of(play, "decides")), _titled("Owner", text_of(play, "owner"))]
        parts += [_titled("Runbook", text_of(play, "runbook"))]
        yield " ".join(filter(None, parts))


def _titled(title: str, text: str) -> str:
    return f"{title}: {reported(text)}" if text.strip() else ""


def _unclear(report: Row) -> list[list[str]]:
    groups: Any = table_of(report, "diagnosis").get("ambiguous")
    lists = groups if isinstance(groups, list) else []
    return [[kind for kind in group if isinstance(kind, str)] for group in lists if isinstance(group, list)]
