"""The two stages of a window: its inputs when they come, and its labels when those come later."""

from __future__ import annotations

from typing import Any

from textdrift.job.windows import Stage
from textdrift.job_config import ColumnsConfig, JobConfig

__all__ = ["LABEL_FAMILIES", "columns_of_stage", "families_of_stage"]

LABEL_FAMILIES = ("concept", "columns")
"""The families of tests that labels are needed for, or change."""


def columns_of_stage(config: JobConfig, stage: Stage) -> ColumnsConfig:
    """Return the columns of one stage: where labels come late, the rows have none at first.

    What an estimate of the cost and the labels to ask for are learned from are the labels of the reference: where the
    job wants either, the column stays, and rows that have none yet are judged as unlabelled.
    """
    if config.labels is None:
        return config.columns
    learns = config.cost is not None or config.labels_to_ask > 0
    label = None if stage == "inputs" and not learns else config.columns.label or config.labels.label
    return config.columns.model_copy(update={"label": label})


def families_of_stage(config: JobConfig, stage: Stage) -> dict[str, Any] | None:
    """Return the families of one stage: those that labels change wait for the labels, where labels come late."""
    if config.labels is None:
        return None if config.tests is None else dict(config.tests)
    if stage == "inputs":
        if config.tests is None:
            return None
        return {family: options for family, options in config.tests.items() if family != "concept"}
    named = {name: options for name, options in (config.tests or {}).items() if name in LABEL_FAMILIES}
    return named or {"concept": {}}
