"""A job file whose history a command reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textdrift.errors import SettingsError

if TYPE_CHECKING:
    from textdrift.job_config import JobConfig

__all__ = ["job_with_history"]


def job_with_history(job: Path) -> tuple[JobConfig, str]:
    """Return a job, and the URL of its history.

    Raises
    ------
    SettingsError
        When the job file cannot be read, or the job keeps no history.
    """
    from textdrift.job_config import read_job

    config = read_job(job)
    if config.history is None:
        raise SettingsError(f"job {config.name!r} keeps no history; add `history: sqlite:///drift.db` to {job}")
    return config, config.history
