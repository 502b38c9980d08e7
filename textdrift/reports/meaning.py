"""What a reader wants to know about a drift of meaning: which topics grew, which shrank, and a map of the texts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from textdrift.reports.map_labels import apart

__all__ = ["MOST_MARKS", "MapOfTexts", "Mark", "Meaning", "map_of_texts", "meaning_of"]

_TABLES = frozenset({"clusters", "directions", "map"})
_TOPIC_KEYS = frozenset({"cluster", "reference_share", "current_share", "change", "low", "high", "moved", "part"})
_POINT_KEYS = frozenset({"window", "x", "y", "cluster"})
MOST_MARKS = 250
_WIDTH, _HEIGHT, _MARGIN = 640, 340, 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """The finding that says where the meaning moved, and its tables.

    Attributes
    ----------
    finding:
        A finding of kind ``semantic`` of the report; one that drifted, where there is one.
    topics:
        The rows of its table ``clusters``, those that carry most first.
    directions:
        Its table ``directions`` as name to value.
    points:
        The rows of its table ``map``.
    """

    finding: Mapping[str, Any]
    topics: Sequence[Mapping[str, Any]]
    directions: Mapping[str, Any]
    points: Sequence[Mapping[str, Any]]

    @property
    def grown(self) -> Sequence[Mapping[str, Any]]:
        """The topics whose share rose beyond chance."""
        return [topic for topic in self.topics if topic["moved"] and topic["change"] > 0]

    @property
    def shrunk(self) -> Sequence[Mapping[str, Any]]:
        """The topics whose share fell beyond chance."""
        return [topic for topic in self.topics if topic["moved"] and topic["change"] < 0]

    @property
    def moved(self) -> Sequence[Mapping[str, Any]]:
        """The topics whose share changed beyond chance."""
        return [topic for topic in self.topics if topic["moved"]]

    @property
    def unmoved(self) -> Sequence[Mapping[str, Any]]:
        """The topics whose share changed no more than by chance."""
        return [topic for topic in self.topics if not topic["moved"]]


@dataclass(frozen=True, slots=True)
class Mark:
    """One document on the map: where it stands, its row in its window where that is known, and its topic."""

    x: int
    y: int
    row: int | None
    cluster: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MapOfTexts:
    """A map ready to be drawn in a box of ``width`` by ``height``.

    Attributes
    ----------
    before, now:
        The drawn documents of the reference and of the current window.
    mean_before, mean_now:
        Where the averages of the drawn documents lie from left to right; ``None`` where a window has none.
    labels:
        (cluster, x, y) of the topics that moved, near the middle of their documents, none above another.
    """

    before: Sequence[Mark]
    now: Sequence[Mark]
    mean_before: int | None
    mean_now: int | None
    labels: Sequence[tuple[int, int, int]]
    width: int
    height: int


def meaning_of(report: Mapping[str, Any]) -> Meaning | None:
    """Return where the meaning moved, or None where no finding of meaning holds topics (reports of old versions)."""
    candidates = []
    for finding in report["findings"]:
        tables = {e["name"]: e["rows"] for e in finding["evidence"] if e["name"] in _TABLES}
        topics = tables.get("clusters", ())
        # A table of that name from somebody else's test is not ours to draw.
        if finding["kind"] == "semantic" and topics and all(row.keys() >= _TOPIC_KEYS for row in topics):
            candidates.append((finding, tables))
    if not candidates:
        return None
    finding, tables = max(candidates, key=lambda candidate: bool(candidate[0]["drifted"]))
    return Meaning(
        finding=finding,
        topics=tables["clusters"],
        directions={row["name"]: row["value"] for row in tables.get("directions", ())},
        points=[row for row in tables.get("map", ()) if row.keys() >= _POINT_KEYS],
    )


def map_of_texts(meaning: Meaning, most_marks: int = MOST_MARKS) -> MapOfTexts | None:
    """Return the map of texts with at most so many marks of a window, or None where there are no points to draw."""
    places: dict[str, list[Mark]] = {"reference": [], "current": []}
    of_cluster: dict[int, list[Mark]] = {topic["cluster"]: [] for topic in meaning.moved}
    for point in meaning.points:
        side = places.get(point["window"])
        if side is None or len(side) >= most_marks:
            continue
        place = _along(point["x"], _WIDTH), _along(-point["y"], _HEIGHT)
        mark = Mark(*place, row=point.get("row"), cluster=point["cluster"])
        side.append(mark)
        if mark.cluster in of_cluster:
            of_cluster[mark.cluster].append(mark)
    if not any(places.values()):
        return None
    return MapOfTexts(
        before=places["reference"],
        now=places["current"],
        mean_before=_mean([mark.x for mark in places["reference"]]),
        mean_now=_mean([mark.x for mark in places["current"]]),
        labels=apart(
            [
                (cluster, _middle([mark.x for mark in held]), _middle([mark.y for mark in held]))
                for cluster, held in of_cluster.items()
                if held
            ],
            _WIDTH,
            _HEIGHT,
        ),
        width=_WIDTH,
        height=_HEIGHT,
    )


def _along(coordinate: float, length: int) -> int:
    """Turn a coordinate in [-1, 1] into a place between the margins."""
    inside = max(-1.0, min(1.0, coordinate)) if math.isfinite(coordinate) else 0.0
    return round(_MARGIN + (length - 2 * _MARGIN) * (inside + 1) / 2)


def _mean(places: Sequence[int]) -> int | None:
    return round(sum(places) / len(places)) if places else None


def _middle(places: Sequence[int]) -> int:
    return sorted(places)[len(places) // 2]
