"""The JSON Schema of a job file: what editors complete and check it by."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from textdrift.findings.gating import ANY, KINDS
from textdrift.job_config.config import JobConfig

__all__ = ["job_schema", "made_schema"]

_FILE = "job.schema.json"
_FILLED_IN = {"type": "string", "pattern": r"\$\{|\{\{", "description": "A value that is filled in."}


def job_schema() -> dict[str, Any]:
    """Return the JSON Schema of a job file, which ships as ``textdrift/job_config/job.schema.json``.

    >>> sorted(job_schema()["required"])
    ['name', 'reference']
    """
    schema: dict[str, Any] = json.loads(files("textdrift.job_config").joinpath(_FILE).read_text("utf-8"))
    return schema


def made_schema() -> dict[str, Any]:
    """Return the schema made from ``JobConfig``: the shipped one is written from it, and a test keeps them equal."""
    schema = JobConfig.model_json_schema()
    definitions = schema["$defs"]
    # A file may be less tidy than what JobConfig is given: roles at the top level, a policy `fixed`, an empty key.
    roles = {name: dict(part) for name, part in definitions["ColumnsConfig"]["properties"].items()}
    schema["properties"] |= {name: part for name, part in roles.items() if name not in schema["properties"]}
    definitions["ReferencePolicy"]["properties"]["policy"]["enum"].append("fixed")
    definitions["Window"] = _window()
    window = {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/Window"}]}
    policy = {"$ref": "#/$defs/ReferencePolicy"}
    for table, key, part in (
        (schema, "current", window),
        (schema, "reference", {"anyOf": [*window["anyOf"], policy]}),
        (definitions["LabelsConfig"], "path", window),
        (schema, "slow_drift", {"anyOf": [{"type": "boolean"}, {"type": "object", "maxProperties": 0}]}),
        (definitions["GateConfig"], "fail_on", _one_or_more([*KINDS, ANY])),
    ):
        given = table["properties"][key]
        table["properties"][key] = {
            name: given[name] for name in ("title", "description", "default") if name in given
        } | part
    made = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A job file of textdrift",
        "description": "Keys beside `name`, `reference` and `current` (or `stream`) may be left out.",
        **{key: value for key, value in schema.items() if key not in ("title", "description")},
    }
    made["properties"]["current"].pop("default", None)
    made["anyOf"] = [{"required": ["current"]}, {"required": ["stream"]}]  # a stream has no window that is named
    for key in ("columns", "report", "alerts", "alert_policy", "slow_drift"):
        made["properties"][key] = _or_empty(made["properties"][key])
    return {key: _with_filled_in(value) if key in ("properties", "$defs") else value for key, value in made.items()}


def _window() -> dict[str, Any]:
    told = {
        "path": "A file, glob, folder or URL of parquet, csv or jsonl.",
        "sql": "A database URL, with `query`.",
        "query": "The SELECT that goes with `sql`.",
        "start": "Rows from this time on.",
        "end": "Rows before this time.",
    }
    properties: dict[str, Any] = {key: {"type": "string", "description": words} for key, words in told.items()}
    properties["path"] = {
        "description": told["path"],
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
    }
    return {"type": "object", "title": "A window", "additionalProperties": False, "properties": properties}


def _one_or_more(names: list[str]) -> dict[str, Any]:
    one = {"type": "string", "enum": names}
    return {"anyOf": [one, {"type": "array", "minItems": 1, "items": one}]}


def _or_empty(part: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {key: part[key] for key in ("description", "default") if key in part}
    rest = {key: value for key, value in part.items() if key not in told}
    return {**told, "anyOf": [rest, {"type": "null"}]}


def _with_filled_in(part: Any) -> Any:
    """Let a number, a choice or a boolean be a string that holds ``${NAME}`` or ``{{ … }}`` as well."""
    if isinstance(part, list):
        return [_with_filled_in(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    inner = {key: value if key in _VALUES else _with_filled_in(value) for key, value in part.items()}
    if inner.get("type") in ("integer", "number", "boolean") or ("enum" in inner and inner.get("type") == "string"):
        told: dict[str, Any] = {key: inner.pop(key) for key in ("title", "description", "default") if key in inner}
        return {**told, "anyOf": [inner, dict(_FILLED_IN)]}
    return inner


_VALUES = ("default", "enum", "const", "required", "examples")
