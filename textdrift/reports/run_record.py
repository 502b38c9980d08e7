"""RunRecord: what a reader needs to repeat a comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["RunRecord", "WindowSummary"]


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
