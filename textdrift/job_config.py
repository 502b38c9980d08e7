"""JobConfig: one comparison as a YAML file, checked before anything is read or loaded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from textdrift.errors import MissingSourceError, NotYetError, SettingsError, UnreadableSourceError, nearest_name
from textdrift.reports.visible_text import clipped

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

__all__ = ["ColumnsConfig", "JobConfig", "ReportConfig", "read_job"]

_LATER_KEYS = ("budget", "history", "alerts", "gate", "labels")
_LATER_ROLES = ("features",)


_LONGEST_SHOWN = 60

# What a key needs, by pydantic's name of the fault.
_NEEDED = {
    "string_type": "it must be a string",
    "dict_type": "it must be a table",
    "model_type": "it must be a table",
    "list_type": "it must be a list",
    "int_type": "it must be a whole number",
    "int_parsing": "it must be a whole number",
    "int_from_float": "it must be a whole number",
    "float_type": "it must be a number",
    "float_parsing": "it must be a number",
    "path_type": "it must be a path",
    "greater_than": "it must be above {gt}",
    "greater_than_equal": "it must be at least {ge}",
    "less_than": "it must be below {lt}",
    "literal_error": "it must be {expected}",
}
_WINDOW = "a path or a table {path: …} or {sql: …, query: …}"
_EITHER = {"reference": _WINDOW, "current": _WINDOW, "encoder": "the name or folder of a model, or a table of options"}


class _TwiceError(yaml.MarkedYAMLError):
    """A key stands twice in one table; YAML would keep the last one and say nothing."""


class _OneOfEachKey(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        lines: dict[str, int] = {}
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                line = key.start_mark.line + 1
                if key.value in lines:
                    before = lines[key.value]
                    raise _TwiceError(problem=f"key {key.value!r} stands twice, in lines {before} and {line}; keep one")
                lines[key.value] = line
        return super().construct_mapping(node, deep=deep)


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
    group: str | None = None
    segments: list[str] = Field(default_factory=list)
    embeddings: str | None = None

    @field_validator("probabilities", mode="before")
    @classmethod
    def _label_names(cls, given: Any) -> Any:
        # YAML reads the label 0 as a number; labels are compared as strings.
        return {str(label): column for label, column in given.items()} if isinstance(given, Mapping) else given


class ReportConfig(_Strict):
    """Where the report goes, and in which formats."""

    folder: Path = Path("reports")
    formats: list[str] = Field(default_factory=lambda: ["html", "json"])

    @field_validator("formats")
    @classmethod
    def _known_formats(cls, formats: list[str]) -> list[str]:
        from textdrift.reports.report_files import check_formats

        if not formats:
            raise SettingsError("it names no format; leave it out for html and json")
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
    cost: dict[str, Any] | None = None
    playbook: dict[str, Any] | None = None
    labels_to_ask: int = Field(default=0, ge=0)
    examples: int = Field(default=0, ge=0)
    alpha: float = Field(default=0.05, gt=0, lt=1)
    seed: int = Field(default=0, ge=0)
    report: ReportConfig = Field(default_factory=ReportConfig)
    schema_: Literal["textdrift.job/1"] = Field(default="textdrift.job/1", alias="schema")

    @field_validator("cost")
    @classmethod
    def _readable_cost(cls, cost: dict[str, Any] | None) -> dict[str, Any] | None:
        from textdrift.findings.costing import cost_table_from

        if cost is not None:
            cost_table_from(cost)
        return cost

    @field_validator("playbook")
    @classmethod
    def _readable_playbook(cls, playbook: dict[str, Any] | None) -> dict[str, Any] | None:
        from textdrift.findings.playbook import team_playbook_from

        if playbook is not None:
            team_playbook_from(playbook)
        return playbook

    @field_validator("tests")
    @classmethod
    def _some_family(cls, tests: dict[str, dict[str, Any] | None] | None) -> dict[str, dict[str, Any] | None] | None:
        if tests is not None and not tests:
            raise SettingsError("tests names no family; leave it out to run all")
        return tests


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
    table = _table_of(path)
    for key in ("columns", "report"):  # left empty: all its defaults
        if table.get(key, key) is None:
            del table[key]
    _refuse_later(table, str(path))
    columns = dict(table.get("columns", {})) if isinstance(table.get("columns", {}), Mapping) else table["columns"]
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


def _table_of(path: str | Path) -> dict[str, Any]:
    file = Path(path)
    if not file.is_file():
        raise MissingSourceError(
            f"no job file {str(path)!r}; `textdrift demo` writes the data that configs/smoke.yaml reads"
        )
    try:
        table = yaml.load(file.read_text(encoding="utf-8"), Loader=_OneOfEachKey)  # noqa: S506 - it is a SafeLoader
    except _TwiceError as error:
        raise SettingsError(f"{path}: {error.problem}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UnreadableSourceError(f"{path} is not a YAML file: {error}") from error
    if not isinstance(table, dict):
        raise SettingsError(f"{path}: a job file is a table of keys; got {type(table).__name__}")
    return {str(key): value for key, value in table.items()}


def _refuse_later(table: Mapping[str, Any], path: str) -> None:
    columns = table.get("columns")
    roles = set(columns) if isinstance(columns, Mapping) else set()
    later = [k for k in _LATER_KEYS if k in table] + [r for r in _LATER_ROLES if r in table or r in roles]
    if later:
        raise NotYetError(f"{path}: {', '.join(later)} {'does' if len(later) == 1 else 'do'} not exist yet; leave out")


def _all_faults(error: ValidationError, path: str) -> str:
    """Name every fault in one message, each with its place and, for an unknown key, the nearest known one."""
    faults = dict.fromkeys(_fault_in_words(fault) for fault in error.errors())  # a union tells one fault per member
    return f"{path}: " + "; ".join(faults)


def _fault_in_words(fault: ErrorDetails) -> str:
    models: dict[str, type[BaseModel]] = {"columns": ColumnsConfig, "report": ReportConfig}
    place = [str(part) for part in fault["loc"]]
    where = ".".join(part for part in place if part != "[key]")
    if fault["type"] == "extra_forbidden":
        model = models.get(place[0], JobConfig) if len(place) > 1 else JobConfig
        known = [f.alias or name for name, f in model.model_fields.items()]
        return f"unknown key {where!r}; {nearest_name(place[-1], known)}"
    if fault["type"] == "missing":
        return f"missing key {where!r}"
    if fault["type"] == "value_error":
        reason = str(fault["ctx"]["error"])
        return reason if reason.startswith(place[0]) else f"{where}: {reason}"
    if place[0] in _EITHER:
        where, needed = place[0], _EITHER[place[0]]
    else:
        needed = _NEEDED[fault["type"]].format(**fault.get("ctx", {})) if fault["type"] in _NEEDED else fault["msg"]
    return f"{where}: {needed}; got {clipped(repr(fault['input']), _LONGEST_SHOWN)}"
