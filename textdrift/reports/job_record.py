"""JobRecord: what a scheduled job adds to the report of one of its windows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from textdrift.findings.gating import Gate

__all__ = ["JobRecord"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """The job that judged a window, what it was allowed, and what its gate decided.

    Attributes
    ----------
    name, window, stage:
        The job; the window's date, or its fingerprint; ``inputs`` or ``labelled``.
    gate:
        What of the report lets pass.
    budget:
        False alarms and windows of a year, and the level that was left for this judgement; ``None`` without a budget.
    settings:
        Key of the job file to the hash of what it said, secrets left out; ``None`` where nobody took it down.
    """

    name: str
    window: str
    stage: str
    gate: Gate
    budget: Mapping[str, Any] | None = None
    settings: Mapping[str, str] | None = None

    def described(self) -> dict[str, Any]:
        """Return the keys of the report that a job fills."""
        return {
            "job": {
                "name": self.name,
                "window": self.window,
                "stage": self.stage,
                "settings": None if self.settings is None else dict(self.settings),
            },
            "budget": None if self.budget is None else dict(self.budget),
            "gate": self.gate.described(),
        }

    @staticmethod
    def none() -> dict[str, Any]:
        """Return the same keys of a report that no job made."""
        return {"job": None, "budget": None, "gate": None}
