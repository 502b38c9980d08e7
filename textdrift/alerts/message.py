"""A message about one event of a job: what a receiver needs to act, and no text of any document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textdrift.alerts.endings import ending_sentence
from textdrift.alerts.state import Event
from textdrift.reports.tolerant_parts import Row, names_of, number_of, rows_of, table_of, text_of
from textdrift.reports.visible_text import clipped, visible

__all__ = ["KEYS", "message_of"]

KEYS = (
    "job", "window", "run", "state", "verdict", "kinds", "summary", "terms", "segments", "cost", "severity",
    "first_step", "owner", "runbook", "link", "dedup_key", "error",
)  # fmt: skip
"""What every message holds, in this order; what is not known is ``None`` or empty."""

_MOST_TERMS, _MOST_SEGMENTS = 10, 5
_LONGEST_NAME, _LONGEST_WORD, _LONGEST_SENTENCE, _LONGEST_ADDRESS = 200, 60, 600, 2000


def message_of(
    event: Event,
    *,
    job: str,
    window: str,
    run: str,
    report: Mapping[str, Any] | None,
    owner: str | None,
    runbook: str | None,
    link: str | None,
    error: str | None = None,
) -> dict[str, Any]:
    """Return the message of an event, as plain values that JSON can hold.

    Every string is clipped, and characters in it that would act are written out, as in the reports. It holds words and
    names of segments, never a text of a document. It stays below 32 kB, which every sink takes.

    Parameters
    ----------
    event:
        What happened; its ``dedup_key`` gets the job's name before it, since two jobs may share a receiver.
    window, run:
        The window that was judged, and the run's own name.
    report:
        The dict of ``DriftReport.to_dict``; ``None`` where a run failed. The summary and the kinds of a story that ends
        are those of the story.
    owner, runbook:
        Where the strongest entry of the report's playbook names no other.
    link:
        Where the report lies.
    error:
        Why a run failed.

    Examples
    --------
    >>> event = Event("firing", "2026-11-25", "2026-11-25/firing")
    >>> message = message_of(event, job="inputs", window="2026-11-25", run="inputs/2026-11-25/inputs",
    ...                      report={"verdict": "drift", "diagnosis": {"terms": [{"term": "strike"}]}},
    ...                      owner="nlp", runbook=None, link=None)
    >>> message["state"], message["terms"], message["dedup_key"]
    ('firing', ['strike'], 'inputs/2026-11-25/firing')
    """
    report = {} if report is None else report
    diagnosis = table_of(report, "diagnosis")
    kinds = names_of(diagnosis, "kinds")
    summary = text_of(report, "summary")
    if event.state == "resolved":  # of the story: the report is that of a quiet window
        kinds = list(event.course.kinds) if event.course is not None else kinds
        summary = ending_sentence(event, window, has_begun_anew=text_of(report, "verdict") == "drift")
    entry: Row = next(iter(rows_of(report, "playbook")), {})
    values: dict[str, Any] = {
        "job": _said(job, _LONGEST_NAME),
        "window": _said(window, _LONGEST_NAME),
        "run": _said(run, _LONGEST_SENTENCE),
        "state": event.state,
        "verdict": _text(report, "verdict", _LONGEST_WORD),
        "kinds": [_said(kind, _LONGEST_WORD) for kind in kinds],
        "summary": _said(summary, _LONGEST_SENTENCE) if summary else None,
        "terms": _terms(diagnosis),
        "segments": [_segment(row) for row in rows_of(diagnosis, "segments")[:_MOST_SEGMENTS]],
        "cost": _cost(report),
        "severity": _text(report, "severity", _LONGEST_WORD),
        "first_step": _text(entry, "first", _LONGEST_SENTENCE),
        "owner": _text(entry, "owner", _LONGEST_NAME) or _given(owner, _LONGEST_NAME),
        "runbook": _text(entry, "runbook", _LONGEST_ADDRESS) or _given(runbook, _LONGEST_ADDRESS),
        "link": _given(link, _LONGEST_ADDRESS),
        "dedup_key": _said(f"{job}/{event.dedup_key}", _LONGEST_SENTENCE),
        "error": _given(error, _LONGEST_SENTENCE),
    }
    return {key: values[key] for key in KEYS}


def _said(text: object, longest: int) -> str:
    # A text is cut before it is looked at, since a text of a megabyte is a hostile one.
    return clipped(visible(clipped(str(text), longest)), longest)


def _given(text: str | None, longest: int) -> str | None:
    return None if text is None else _said(text, longest)


def _text(row: Row, key: str, longest: int) -> str | None:
    return _said(text, longest) if (text := text_of(row, key)) else None


def _terms(diagnosis: Row) -> list[str]:
    terms = (text_of(row, "term") for row in rows_of(diagnosis, "terms"))
    return list(dict.fromkeys(_said(term, _LONGEST_WORD) for term in terms if term))[:_MOST_TERMS]


def _segment(row: Row) -> dict[str, Any]:
    within = table_of(row, "within")
    return {
        **_place(row),
        "kind": _text(row, "kind", _LONGEST_WORD),
        "effect": number_of(row, "effect"),
        "within": _place(within) if within else None,
    }


def _place(row: Row) -> dict[str, Any]:
    return {name: _said(row.get(name, ""), _LONGEST_WORD) for name in ("column", "value")}


def _cost(report: Row) -> dict[str, Any] | None:
    cost, change = table_of(report, "cost"), table_of(report, "cost", "change")
    if number_of(change, "value") is None:
        return None
    return {
        **{name: number_of(change, name) for name in ("value", "low", "high")},
        "currency": _text(cost, "currency", _LONGEST_WORD),
        "basis": _text(cost, "basis", _LONGEST_WORD),
        "sentence": _text(cost, "sentence", _LONGEST_SENTENCE),
    }
