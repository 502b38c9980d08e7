"""The numbers of a dashboard as JSON inside its page, for the script that tells of a window and lays two beside."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from textdrift.dashboard.lanes import Lane
from textdrift.dashboard.links import Links
from textdrift.dashboard.rendering import shown
from textdrift.dashboard.strips import SegmentStrip
from textdrift.dashboard.year import Year
from textdrift.reports import numerals, wording

__all__ = ["embedded", "lane_name", "page_data", "segment_name"]

_LONGEST_NAME = 80
_LONGEST_PART = 38
_NUMBERS = ("value", "low", "high", "p_value", "adjusted_p_value")


def page_data(year: Year, links: Links) -> dict[str, Any]:
    """Return what the script of the page reads; every number stands there as the history has it.

    ``windows`` and ``places`` are the axis; ``failed`` says why a window of it came to no verdict. A run names its
    window by ``at``, its place on the axis. A lane and a segment have one number per window, ``null`` where there is
    none; ``material_from`` is one number where it never changed. Texts are made visible and short.
    """
    places = {window: index for index, window in enumerate(year.axis.windows)}
    gap, last = year.state.usual_gap, year.state.last_success
    return {
        "job": shown(year.job),
        "compare": links.compare,
        # Of an older page nobody asks how long the job has been silent.
        "last_success": None if year.ends_before is not None or last is None else last.isoformat(),
        "usual_gap_seconds": None if gap is None else gap.total_seconds(),
        "windows": [shown(window, _LONGEST_NAME) for window in year.axis.windows],
        "places": list(year.axis.places),
        "failed": {str(places[window]): shown(reason) for window, reason in year.failed.items()},
        "runs": [
            {
                "run": run.id,
                "at": places[run.window],
                "stage": run.stage,
                "verdict": shown(wording.verdict_words(run.verdict)),
                "look": run.verdict if run.verdict in wording.VERDICTS else "",
                "severity": None if run.severity is None else shown(run.severity, _LONGEST_NAME),
                "kinds": [shown(wording.kind_words(kind), _LONGEST_NAME) for kind in run.kinds],
                "exit_code": run.exit_code,
                "summary": shown(run.summary),
                "link": links.report(run),
            }
            for run in year.runs
        ],
        "lanes": [_lane(lane) for lane in year.lanes],
        "segments": [_segment(strip) for strip in year.segments],
    }


def lane_name(lane: Lane) -> str:
    """Return what a lane is called beside its kind: the test, its column, and which of several it is."""
    column = f" of {shown(lane.column, _LONGEST_PART)}" if lane.column is not None else ""
    number = f" ({lane.number})" if lane.number > 1 else ""
    labelled = ", with labels" if lane.stage == "labelled" else ""
    return shown(f"{lane.test}{column}{number}{labelled}", _LONGEST_NAME)


def segment_name(strip: SegmentStrip) -> str:
    """Return what a segment is called."""
    name = _slice_name(strip.column, strip.value)
    return f"{name} in {_slice_name(strip.within['column'], strip.within['value'])}" if strip.within else name


def _slice_name(column: Any, value: Any) -> str:
    # Each part by itself, so that behind a long column the value is still there.
    return f"{shown(column, _LONGEST_PART)} = {shown(numerals.value_text(value), _LONGEST_PART)}"


def embedded(data: Mapping[str, Any]) -> Markup:
    r"""Return JSON that can stand inside a page: no text in it can end the element that holds it.

    >>> print(embedded({"text": "</script>"}))
    {"text":"\u003c/script\u003e"}
    """
    written = json.dumps(data, separators=(",", ":"), allow_nan=False)
    for character in "<>&":
        written = written.replace(character, f"\\u{ord(character):04x}")
    return Markup(written)  # noqa: S704 - every character that HTML would read is escaped


def _lane(lane: Lane) -> dict[str, Any]:
    rows = lane.rows
    material = {row["material_from"] for row in rows if row is not None}
    return {
        "test": shown(lane.test, _LONGEST_NAME),
        "name": lane_name(lane),
        "kind": shown(wording.kind_words(lane.kind), _LONGEST_NAME),
        "stage": lane.stage,
        "measure": shown(wording.effect_words(lane.effect), _LONGEST_NAME),
        "unit": wording.effect_unit(lane.effect),
        "material_from": next(iter(material)) if len(material) == 1 else _of(rows, "material_from"),
        "drifted": lane.alarms,
        "there": "".join("-" if row is None else "x" for row in rows),
        **{name: _of(rows, name) for name in _NUMBERS},
    }


def _segment(strip: SegmentStrip) -> dict[str, Any]:
    # Most windows have no such segment, so only those that do are written.
    found = {str(index): row for index, row in enumerate(strip.rows) if row is not None}
    return {
        "name": segment_name(strip),
        "kind": shown(wording.kind_words(strip.kind), _LONGEST_NAME),
        "unit": "points" if strip.kind in wording.SEGMENTS_IN_POINTS else "plain",
        "effect": {index: row["effect"] for index, row in found.items()},
        "p_value": {index: row["p_value"] for index, row in found.items()},
    }


def _of(rows: Sequence[Mapping[str, Any] | None], name: str) -> list[Any]:
    return [None if row is None else row[name] for row in rows]
