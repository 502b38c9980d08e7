"""The level of one judgement of a job: its share of the false alarms that were promised for a year."""

from __future__ import annotations

from textdrift.findings.budget import alpha_per_window
from textdrift.job.windows import Stage
from textdrift.job_config import JobConfig

__all__ = ["budget_of", "job_alpha"]


def job_alpha(config: JobConfig, stage: Stage = "inputs") -> float:
    """Return alpha of one judgement.

    The yearly budget is spread evenly over the windows of a year; a slow-drift detector takes half of it, and where a
    window is judged a second time, once its labels have come, each judgement has half of what is left. The sum over a
    year is the promise, whatever the windows share (see ``alpha_per_window``).
    """
    del stage  # both halves are alike
    if config.budget is None:
        return config.alpha / (2 if config.labels is not None else 1)
    alpha = alpha_per_window(
        config.budget.false_alarms_per_year, config.budget.windows_per_year, slow_drift=bool(config.slow_drift)
    )
    return alpha / (2 if config.labels is not None else 1)


def budget_of(config: JobConfig, stage: Stage) -> dict[str, float | bool] | None:
    """Return the promise as a report tells it; ``None`` where the job makes none for a year."""
    if config.budget is None:
        return None
    return {
        "false_alarms_per_year": config.budget.false_alarms_per_year,
        "windows_per_year": config.budget.windows_per_year,
        "slow_drift": bool(config.slow_drift),
        "labelled": config.labels is not None,
        "alpha": job_alpha(config, stage),
    }
