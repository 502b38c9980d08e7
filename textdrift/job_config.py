"""JobConfig: one comparison as a YAML file, checked before anything is read or loaded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from textdrift.errors import MissingSourceError, NotYetError, SettingsError, UnreadableSourceError, nearest_name

__all__ = ["ColumnsConfig", "JobConfig", "ReportConfig", "read_job"]

_LATER_KEYS = ("budget", "history", "alerts", "gate", "labels", "cost", "playbook")
_LATER_ROLES = ("group", "features", "embeddings")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnsConfig(_Strict):
    """Which column plays which part."""

    text: str | None = "text"
    label: str | None = None
    prediction: str | None = None
    probabilities: dict[str, str] = Field(default_factory=dict)
    time: str | None = None
    id: str | None = None
    segments: list[str] = Field(default_factory=list)


class ReportConfig(_Strict):
    """Where the report goes, and in which formats."""

    folder: Path = Path("reports")
    formats: list[str] = Field(default_factory=lambda: ["html", "json"])

    @field_validator("formats")
    @classmethod
    def _known_formats(cls, formats: list[str]) -> list[str]:
        from textdrift.reports.drift_report import check_formats

        check_formats(formats)
        return formats


class JobConfig(_Strict):
    """One job: two windows, their columns, the tests, and where the report goes.

    Relative paths count from the working directory.
    """

    name: str
    reference: str | dict[str, Any]
    current: str | dict[str, Any]
    columns: ColumnsConfig = Field(default_factory=ColumnsConfig)
    encoder: str | dict[str, Any] | None = None
    tests: dict[str, dict[str, Any] | None] | None = None
    examples: int = Field(default=0, ge=0)
    alpha: float = Field(default=0.05, gt=0, lt=1)
    seed: int = Field(default=0, ge=0)
    report: ReportConfig = Field(default_factory=ReportConfig)
    schema_: Literal["textdrift.job/1"] = Field(default="textdrift.job/1", alias="schema")


def read_job(path: str | Path) -> JobConfig:
    """Read and check a job file.

    The column roles stand under ``columns``, or at the top level under the names of the arguments of ``compare``.

    Raises
    ------
    MissingSourceError
        When there is no such file.
    UnreadableSourceError
        When it is not YAML.
    SettingsError
        For an unknown key (the nearest known one is named) or a value that cannot be used; all of them at once.
        ``NotYetError`` for a key that is promised and does not exist yet.
    """
    import yaml

    file = Path(path)
    if not file.is_file():
        raise MissingSourceError(
            f"no job file {str(path)!r}; `textdrift demo` writes the data that configs/smoke.yaml reads"
        )
    try:
        table = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UnreadableSourceError(f"{path} is not a YAML file: {error}") from error
    if not isinstance(table, dict):
        raise SettingsError(f"{path}: a job file is a table of keys; got {type(table).__name__}")
    table = {str(key): value for key, value in table.items()}
    _refuse_later(table, str(path))
    columns = dict(table.get("columns") or {}) if isinstance(table.get("columns", {}), Mapping) else table["columns"]
    if isinstance(columns, dict):
        for role in ColumnsConfig.model_fields:
            if role in table:
                if role in columns:
                    raise SettingsError(f"{path}: {role!r} stands both under columns and at the top level; keep one")
                columns[role] = table.pop(role)
        table["columns"] = columns
    try:
        return JobConfig.model_validate(table)
    except ValidationError as error:
        raise SettingsError(_all_faults(error, str(path))) from error


def _refuse_later(table: Mapping[str, Any], path: str) -> None:
    columns = table.get("columns")
    roles = set(columns) if isinstance(columns, Mapping) else set()
    later = [k for k in _LATER_KEYS if k in table] + [r for r in _LATER_ROLES if r in table or r in roles]
    if later:
        raise NotYetError(f"{path}: {', '.join(later)} {'does' if len(later) == 1 else 'do'} not exist yet; leave out")


def _all_faults(error: ValidationError, path: str) -> str:
    """Name every fault in one message, each with its place and, for an unknown key, the nearest known one."""
    models: dict[str, type[BaseModel]] = {"columns": ColumnsConfig, "report": ReportConfig}
    faults = []
    for fault in error.errors():
        place = [str(part) for part in fault["loc"]]
        where = ".".join(place)
        if fault["type"] == "extra_forbidden":
            model = models.get(place[0], JobConfig) if len(place) > 1 else JobConfig
            known = [f.alias or name for name, f in model.model_fields.items()]
            faults.append(f"unknown key {where!r}; {nearest_name(place[-1], known)}")
        else:
            faults.append(f"{where}: {fault['msg']}; got {fault.get('input')!r}" if place else str(fault["msg"]))
    return f"{path}: " + "; ".join(faults)
