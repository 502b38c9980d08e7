"""RunRecord: what a reader needs to repeat a comparison."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from textdrift.findings.finding import Finding
from textdrift.findings.sight import Compared, compared, counted_by, looks_of

__all__ = ["RunRecord", "WindowSummary", "compared_of", "repeats_few_texts"]

_ROWS_OF_EACH = 50  # of a text; what comes so often in each window is a name or a rating rather than a text


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowSummary:
    """How many rows one window held, how many could be used, and the fingerprint of what they held."""

    name: str
    rows: int
    rows_used: int
    documents: int
    start: str | None
    end: str | None
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """What a reader needs to repeat the comparison."""

    reference: WindowSummary
    current: WindowSummary
    settings: Mapping[str, Any]
    versions: Mapping[str, str]
    seed: int
    seconds: Mapping[str, float]
    notes: Sequence[str] = ()


def compared_of(run: RunRecord, findings: Iterable[Finding]) -> Compared | None:
    """Return how much a run compared, with the rows behind it; ``None`` where nothing was compared."""
    roles = run.settings.get("roles")
    counted = "documents"
    if isinstance(roles, Mapping):
        has_text = bool(roles.get("text") or roles.get("embeddings"))
        counted = counted_by(has_text=has_text, has_groups=bool(roles.get("group")))
    sides = run.reference, run.current
    return compared(
        looks_of(findings),
        counted=counted,
        rows=(sides[0].rows_used, sides[1].rows_used),
        documents=(sides[0].documents, sides[1].documents),
    )


def repeats_few_texts(run: RunRecord) -> bool:
    """Whether each window of a run holds a few texts over and over."""
    return all(0 < side.documents * _ROWS_OF_EACH <= side.rows_used for side in (run.reference, run.current))
