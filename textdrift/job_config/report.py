"""Where reports and figures go, and how long what is stored is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from textdrift.errors import SettingsError
from textdrift.job_config.strict import Strict

__all__ = ["MetricsConfig", "ReportConfig", "RetentionConfig"]


class ReportConfig(Strict):
    """Where the report goes, and in which formats."""

    folder: Path = Field(default=Path("reports"), description="Reports lie in FOLDER/<date>/.")
    formats: list[str] = Field(
        default_factory=lambda: ["html", "json"],
        description="html, json, md, junit, sagemaker, evidently, whylogs.",
    )
    url: str | None = Field(
        default=None, description="Where the folder is found on the web; links of alerts begin with it."
    )

    @field_validator("url")
    @classmethod
    def _on_the_web(cls, url: str | None) -> str | None:
        if url is None:
            return None
        if not url.startswith(("https://", "http://")) or not urlsplit(url).netloc:
            raise SettingsError(
                "it needs the address of a folder on the web, such as https://drift.example.org/reports"
            )
        return url.rstrip("/")

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
