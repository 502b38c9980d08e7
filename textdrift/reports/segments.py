"""What a page says of segments: where something moved, what moved alike in all of them, and how large each is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from textdrift.reports import wording
from textdrift.reports.evidence_tables import is_number, number_or_none, table_of
from textdrift.reports.visible_text import visible

__all__ = ["AlikeSegments", "SegmentsShown", "segments_of"]

Report = Mapping[str, Any]

_FEWEST_ALIKE = 3
_NEARLY_ALL = 0.8
_MOST_VALUES_KNOWN = 50  # a report lists so many values of a column; of a longer one nobody knows whether all moved
_SHARES = ("reference_share", "current_share", "n_reference", "n_current")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlikeSegments:
    """One change that (nearly) every value of a column shows, by about as much: it lies in no segment."""

    column: str
    kind: str
    what: str
    n_moved: int
    n_values: int
    least: float
    most: float

    @property
    def how_many(self) -> str:
        """In which of the segments.

        >>> alike = AlikeSegments(column="plan", kind="features", what="", n_moved=4, n_values=5, least=0.1, most=0.2)
        >>> alike.how_many, alike.sizes
        ('4 of the 5', '10.0 to 20.0 points')
        """
        return f"all {self.n_values}" if self.n_moved == self.n_values else f"{self.n_moved} of the {self.n_values}"

    @property
    def sizes(self) -> str:
        """The smallest and the largest size, in the unit of the kind."""
        least, most = (wording.segment_size(size, self.kind) for size in (self.least, self.most))
        return least if least == most else f"{least.removesuffix(' points')} to {most}"

    @property
    def sentence(self) -> str:
        """The same in a sentence, for a terminal and Markdown."""
        what = f" ({visible(self.what)})" if self.what else ""
        kind = wording.kind_words(self.kind)
        return (
            f"{kind[:1].upper()}{kind[1:]}{what}: about the same in {self.how_many} segments of "
            f"{visible(self.column)}, {self.sizes}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentsShown:
    """What a report holds of segments.

    Attributes
    ----------
    rows:
        Segments that moved, strongest first, but for those that are told together.
    alike:
        Changes that (nearly) every segment of a column shows.
    shares:
        Rows and shares of each segment, columns in their order, the largest change first.
    untested:
        Segment columns that are no feature, so that their shares are told and not tested.
    """

    rows: Sequence[Report]
    alike: Sequence[AlikeSegments]
    shares: Sequence[Report]
    untested: Sequence[str]


def segments_of(report: Report) -> SegmentsShown:
    """Return what a report says of segments; it may be an old one, which holds no shares."""
    diagnosis = report["diagnosis"]
    segments: Sequence[Report] = diagnosis.get("segments") or ()
    shares = [row for row in diagnosis.get("segment_shares") or () if all(is_number(row.get(key)) for key in _SHARES)]
    known = _values_known(report, shares)
    alike, told = [], set()
    for (column, kind, what), rows in _by_change(segments).items():
        values = known.get(column, frozenset())
        moved = [row for row in rows if row["value"] in values]
        needed = max(_FEWEST_ALIKE, ceil(_NEARLY_ALL * len(values)))
        if len(moved) >= needed and _overlap(moved):
            sizes = [row["effect"] for row in moved]
            told |= {id(row) for row in moved}
            alike.append(
                AlikeSegments(
                    column=column,
                    kind=kind,
                    what=what,
                    n_moved=len(moved),
                    n_values=len(values),
                    least=min(sizes),
                    most=max(sizes),
                )
            )
    features = _roles(report).get("features") or ()
    return SegmentsShown(
        rows=[row for row in segments if id(row) not in told],
        alike=alike,
        shares=shares,
        untested=[column for column in dict.fromkeys(row["column"] for row in shares) if column not in features],
    )


def _by_change(segments: Sequence[Report]) -> dict[tuple[str, str, str], list[Report]]:
    """Return the segments, without pairs of them, by column, kind, and what of the kind moved."""
    groups: dict[tuple[str, str, str], list[Report]] = {}
    for row in segments:
        what = row.get("term") or row.get("feature") or row.get("label") or ""
        if not row.get("within"):
            groups.setdefault((str(row["column"]), str(row["kind"]), str(what)), []).append(row)
    return groups


def _overlap(rows: Sequence[Report]) -> bool:
    """Whether the intervals of all sizes have a point in common."""
    lows, highs = ([number_or_none(row.get(end)) for row in rows] for end in ("low", "high"))
    known_lows, known_highs = ([end for end in ends if end is not None] for ends in (lows, highs))
    return len(known_lows) == len(known_highs) == len(rows) and max(known_lows) <= min(known_highs)


def _values_known(report: Report, shares: Sequence[Report]) -> dict[str, frozenset[Any]]:
    """Return, for each column, the values that were large enough to be judged; predicted classes too."""
    small = {(row["column"], row["value"]) for row in report["diagnosis"].get("too_small") or ()}
    values: dict[str, set[Any]] = {}
    for row in shares:
        values.setdefault(row["column"], set()).add(row["value"])
    classes = _roles(report).get("prediction")
    if isinstance(classes, str) and classes not in values:
        found = [finding for finding in report["findings"] if finding["kind"] == "prediction"]
        values[classes] = {row.get("value") for f in found for row in table_of(f, "categories").get("rows", ())}
    return {
        column: frozenset(value for value in held if (column, value) not in small)
        for column, held in values.items()
        if len(held) < _MOST_VALUES_KNOWN
    }


def _roles(report: Report) -> Report:
    roles = report["settings"].get("roles")
    return roles if isinstance(roles, Mapping) else {}
