"""Labels that come days after their window."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator

from textdrift.errors import SettingsError, nearest_name
from textdrift.job_config.reference_policy import SOURCE_KEYS
from textdrift.job_config.strict import Strict

__all__ = ["LabelsConfig"]


class LabelsConfig(Strict):
    """Where late labels lie, and how they find their rows."""

    path: str | dict[str, Any] = Field(
        description="Where the labels of a window lie; a path, or a table as of `current`."
    )
    join: str = Field(description="The column that rows and labels share.")
    label: str | None = Field(default=None, description="Column of the label there; that of columns.label without.")
    wait_days: int = Field(default=0, ge=0, description="Days after its date from which a window is judged once more.")
    least_share: float = Field(
        default=0.5, gt=0, le=1, description="Share of a window's rows that must have a label before that."
    )
    give_up_days: int = Field(
        default=30,
        ge=0,
        description="Days after `wait_days` at which fewer labels have to do; without any the window is given up.",
    )

    @field_validator("path")
    @classmethod
    def _readable(cls, given: str | dict[str, Any]) -> str | dict[str, Any]:
        keys = tuple(key for key in SOURCE_KEYS if key not in {"start", "end"})
        for key in given if isinstance(given, dict) else ():
            if key not in keys:
                raise SettingsError(f"unknown key 'labels.path.{key}'; {nearest_name(key, keys)}")
        return given
