"""The promise of a job: how many false alarms a year."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from textdrift.findings.budget import alpha_per_window
from textdrift.job_config.strict import Strict

__all__ = ["BudgetConfig"]


class BudgetConfig(Strict):
    """How many false alarms a year may bring, on average, over how many windows."""

    false_alarms_per_year: float = Field(gt=0, allow_inf_nan=False, description="Alarms a year when nothing drifts.")
    windows_per_year: float = Field(gt=0, allow_inf_nan=False, description="Windows judged a year, backfills counted.")

    @model_validator(mode="after")
    def _keepable(self) -> Self:
        alpha_per_window(self.false_alarms_per_year, self.windows_per_year)
        return self
