"""A live stream: where its rows come from, and when a window of them closes."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from textdrift.errors import SettingsError
from textdrift.job_config.strict import Strict

__all__ = ["StreamConfig"]


class StreamConfig(Strict):
    """Where the rows of a live stream come from, and when a window of them closes."""

    source: str = Field(
        default="-", description="JSON lines: - for stdin, the path of a growing file, or redis://host:port/db."
    )
    name: str | None = Field(default=None, description="Redis: the stream that rows are read from.")
    group: str = Field(default="textdrift", min_length=1, description="Redis: the consumer group.")
    consumer: str | None = Field(
        default=None, min_length=1, description="Redis: this consumer of the group; the name of the job without."
    )
    claim_after: float = Field(
        default=3600.0,
        ge=1,
        allow_inf_nan=False,
        description="Redis: seconds after which what a silent consumer of the group has left is taken over.",
    )
    rows: int | None = Field(default=None, ge=1, description="A window closes after so many rows.")
    seconds: float | None = Field(
        default=None, gt=0, allow_inf_nan=False, description="A window is as long, by the time column or the arrival."
    )
    lateness: float = Field(
        default=0.0, ge=0, allow_inf_nan=False, description="Seconds that a window waits for rows after its end."
    )
    silent_after: float | None = Field(
        default=None, gt=0, allow_inf_nan=False, description="No row for so many seconds is told as an error."
    )
    labels: str | None = Field(
        default=None,
        min_length=1,
        description="Where late labels come by themselves: another stream of the same Redis, or a growing file.",
    )
    label_share: float = Field(
        default=0.5, gt=0, le=1, description="Share of a window's rows with a label from which it is judged once more."
    )
    max_waiting: int = Field(
        default=100_000, ge=1, description="Rows that are held at most: unjudged, and judged ones that wait for labels."
    )

    @model_validator(mode="after")
    def _closes(self) -> Self:
        if self.rows is None and self.seconds is None:
            raise SettingsError("stream: say when a window closes: rows: 500, or seconds: 3600, or both")
        if self.is_redis and not self.name:
            raise SettingsError("stream: a Redis source needs the name of its stream, name: texts")
        if not self.is_redis and "://" in self.source:
            scheme = self.source.partition("://")[0]
            raise SettingsError(f"stream.source: {scheme}:// is none that can be read; give -, a path, or redis://…")
        if self.labels is not None and (self.labels == "-" or "://" in self.labels):
            raise SettingsError(
                "stream.labels: it is the name of a stream where the rows come from Redis, else the path of a growing "
                "file; labels that come among the rows need no such key"
            )
        if self.labels is not None and self.labels == (self.name if self.is_redis else self.source):
            raise SettingsError("stream.labels: the rows come from there; labels that come among them need no such key")
        return self

    @property
    def is_redis(self) -> bool:
        """Whether the rows come from Redis."""
        return self.source.startswith(("redis://", "rediss://", "unix://"))
