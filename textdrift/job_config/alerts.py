"""Who is told of what, and when an alarm is one."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from textdrift.errors import SettingsError
from textdrift.job_config.secrets import Secrets, secrets_of_sink
from textdrift.job_config.strict import Strict

__all__ = ["AlertConfig", "AlertPolicyConfig"]

State = Literal["warning", "firing", "resolved", "error"]


class AlertConfig(Strict):
    """One sink: where messages go, and which."""

    url: str = Field(
        description="An address as Apprise takes it: slack://…, mailto://…, pagerduty://…, json://host:port/path."
    )
    on: list[State] = Field(
        default_factory=lambda: list[State](["firing", "resolved"]), description="What is told of; once a story each."
    )
    severity: Literal["info", "warning", "critical"] = Field(
        default="info", description="The least severity that is sent."
    )
    timeout: float = Field(
        default=10.0, gt=0, allow_inf_nan=False, description="Seconds that the sink has to take a message."
    )

    @field_validator("url")
    @classmethod
    def _an_address(cls, url: str) -> str:
        # What it holds may be a key, so it is never quoted.
        if not url.partition("://")[1]:
            raise SettingsError("it needs an address with a scheme, such as json://localhost:8099/drift or slack://…")
        return url

    @field_validator("on", mode="before")
    @classmethod
    def _some_state(cls, on: Any) -> Any:
        if isinstance(on, list) and not on:
            raise SettingsError("it names nothing to tell of; leave it out for firing and resolved")
        return on

    def __repr__(self) -> str:
        return Secrets((*self._secrets.values, *secrets_of_sink(self.url))).hidden(super().__repr__())


class AlertPolicyConfig(Strict):
    """When an alarm begins and ends: N of the last M windows drifted, and a pause after the end."""

    drifted: int = Field(default=1, ge=1, description="N: drifted windows that begin an alarm.")
    of: int = Field(default=1, ge=1, description="M: the windows that they are counted in.")
    resolve_after: int = Field(default=1, ge=1, description="Windows without drift in a row that end it.")
    cool_down_hours: float = Field(
        default=0.0, ge=0, allow_inf_nan=False, description="Hours after the end in which no new alarm is told."
    )

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        if self.drifted > self.of:
            raise SettingsError(
                f"alert_policy: {self.drifted} of the last {self.of} windows cannot drift; raise `of` to {self.drifted}"
            )
        return self
