"""Where reports and figures go, and how long what is stored is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, field_validator, model_validator

from textdrift.errors import SettingsError
from textdrift.job_config.strict import Strict

__all__ = ["MetricsConfig", "ReportConfig", "RetentionConfig"]


class ReportConfig(Strict):
    """Where the report goes, and in which formats."""

    folder: Path = Field(default=Path("reports"), description="Reports lie in FOLDER/<date>/.")
    formats: list[str] = Field(
        default_factory=lambda: ["html", "json"], description="html, json, md, junit, sagemaker."
    )

    @field_validator("formats")
    @classmethod
    def _known_formats(cls, formats: list[str]) -> list[str]:
        from textdrift.reports.report_files import check_formats

        if not formats:
            raise SettingsError("it names no format; leave it out for html and json")
        check_formats(formats)
        return formats


class MetricsConfig(Strict):
    """Where the figures of a run go for Prometheus or OpenTelemetry."""

    textfile: str | None = Field(default=None, description="A .prom file for the textfile collector of node_exporter.")
    push: str | None = Field(default=None, description="URL of a Prometheus Pushgateway.")
    otlp: str | None = Field(default=None, description="URL of an OpenTelemetry collector.")

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if not (self.textfile or self.push or self.otlp):
            raise SettingsError("metrics: it names no place; give textfile, push or otlp, or leave it out")
        return self


class RetentionConfig(Strict):
    """How long the history keeps runs."""

    days: int = Field(ge=1, description="Runs of windows older than this are deleted; the newest stays.")
