"""Which column of the windows plays which part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field, field_validator

from textdrift.job_config.strict import Strict

__all__ = ["ColumnsConfig"]


class ColumnsConfig(Strict):
    """Which column plays which part."""

    text: str | None = Field(default="text", description="The texts; null where there are none.")
    label: str | None = Field(default=None, description="The true labels.")
    prediction: str | None = Field(default=None, description="What the model said.")
    probabilities: dict[str, str] = Field(
        default_factory=dict, description="For each label the column of its predicted probability."
    )
    time: str | None = Field(default=None, description="When a row came.")
    id: str | None = Field(default=None, description="What tells a row from all others.")
    group: str | None = Field(
        default=None, description="Author, session or thread: rows of one group are not independent."
    )
    segments: list[str] = Field(default_factory=list, description="Columns to look for the place of the drift in.")
    features: list[str] = Field(default_factory=list, description="Other columns to compare, of numbers or of names.")
    embeddings: str | None = Field(default=None, description="A column of vectors, instead of encoding the texts.")

    @field_validator("probabilities", mode="before")
    @classmethod
    def _label_names(cls, given: Any) -> Any:
        # YAML reads the label 0 as a number; labels are compared as strings.
        return {str(label): column for label, column in given.items()} if isinstance(given, Mapping) else given
