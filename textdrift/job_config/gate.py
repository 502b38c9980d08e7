"""What lets a window, or a model, pass."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from textdrift.errors import SettingsError
from textdrift.findings.gating import ANY, KINDS, check_fail_on
from textdrift.job_config.strict import Strict

__all__ = ["GateConfig"]


class GateConfig(Strict):
    """Which kinds of drift fail, and which column holds the answers of a challenger."""

    fail_on: tuple[str, ...] = Field(
        default=(ANY,),
        description=f"Kinds of drift that fail: {', '.join(KINDS)}; `any` for all.",
    )
    challenger: str | None = Field(default=None, description="Column of a candidate's predictions for the same rows.")
    margin: float = Field(
        default=0.02, gt=0, lt=1, description="Loss of accuracy of the challenger that counts as none."
    )
    inconclusive: Literal["fail", "pass"] = Field(
        default="fail", description="Whether windows too small to tell end with exit code 3 or let pass."
    )

    @field_validator("fail_on", mode="before")
    @classmethod
    def _known_kinds(cls, given: Any) -> Any:
        kinds = [given] if isinstance(given, str) else given
        if not isinstance(kinds, (list, tuple)) or not all(isinstance(kind, str) for kind in kinds):
            raise SettingsError(f"it must be a list of kinds of drift, or any; got {given!r}")
        if not kinds:
            raise SettingsError("it names no kind of drift; leave it out for any")
        return check_fail_on(kinds)
