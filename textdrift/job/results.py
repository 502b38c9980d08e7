"""JobResult: what one run of a job came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textdrift.job.windows import Stage
from textdrift.reports.drift_report import DriftReport

__all__ = ["JobResult"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """What one run of a job came to.

    Attributes
    ----------
    window, stage:
        What was judged: a date or a fingerprint; ``inputs`` or ``labelled``.
    document:
        The report as ``to_dict`` gives it.
    exit_code:
        0 passed, 1 failed, 3 inconclusive.
    files:
        Where the report lies.
    report:
        The report itself; ``None`` where the window had been judged before and the stored one is told.
    labelled:
        Windows that were judged once more in this run, since their labels have come.
    troubles:
        What went wrong without losing the run, a sentence each: messages not delivered, metrics not written.
    notices:
        What else there is to know, a sentence each: windows that wait for labels, a job file that has changed.
    """

    window: str
    stage: Stage
    document: Mapping[str, Any]
    exit_code: int
    files: tuple[Path, ...] = ()
    report: DriftReport | None = None
    labelled: tuple[JobResult, ...] = ()
    troubles: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def was_stored(self) -> bool:
        """Whether the window had been judged before, so that nothing was done."""
        return self.report is None
