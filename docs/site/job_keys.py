"""The reference of a job file, made from its JSON Schema."""
# ruff: noqa: INP001 - read by docs/conf.py, no package

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from textdrift.job_config import job_schema

__all__ = ["told_job_keys"]

Schema = Mapping[str, Any]

_FILLED_IN = r"\$\{|\{\{"  # the pattern of a value that is filled in, which any number or choice may be
_REF = "#/$defs/"


def told_job_keys() -> str:
    """Return a table of the keys of a job file, and a section for each table within it."""
    schema = job_schema()
    tables = dict(_tables(schema, schema["$defs"]))
    parts = ["## Top level", "", *_rows(schema, schema["$defs"], tables)]
    for name, keys in tables.items():
        told = schema["$defs"][name]
        parts += [
            "",
            f"## {_title(name, keys)}",
            "",
            told.get("description", ""),
            "",
            *_rows(told, schema["$defs"], tables),
        ]
    return "\n".join(parts)


def _tables(schema: Schema, definitions: Schema) -> Iterator[tuple[str, list[str]]]:
    """Yield each definition that is used, in the order of the keys, with the keys that hold it."""
    found: dict[str, list[str]] = {}
    waiting = [("", schema)]
    while waiting:
        where, part = waiting.pop(0)
        for key, value in part.get("properties", {}).items():
            for name in _references(value):
                if name not in found:
                    waiting.append((f"{where}{key}.", definitions[name]))
                found.setdefault(name, []).append(f"{where}{key}")
    yield from found.items()


def _references(part: Any) -> list[str]:
    if isinstance(part, Mapping):
        own = [part["$ref"].removeprefix(_REF)] if "$ref" in part else []
        return own + [name for key, value in part.items() if key != "$ref" for name in _references(value)]
    return [name for value in part for name in _references(value)] if isinstance(part, list) else []


def _rows(part: Schema, definitions: Schema, tables: Mapping[str, list[str]]) -> list[str]:
    needed = set(part.get("required", ()))
    rows = ["| key | takes | default | |", "|---|---|---|---|"]
    for key, value in part.get("properties", {}).items():
        takes = " or ".join(dict.fromkeys(_takes(value, definitions, tables)))
        default = "needed" if key in needed else _default(value)
        rows.append(f"| `{key}` | {takes} | {default} | {_cell(_description(value, definitions))} |")
    return rows


def _description(value: Schema, definitions: Schema) -> str:
    if "description" in value:
        return str(value["description"])
    names = _references(value)
    return str(definitions[names[0]].get("description", "")) if names else ""


def _default(value: Schema) -> str:
    if value.get("default") is None:
        return ""
    return f"`{json.dumps(value['default'], ensure_ascii=False)}`"


def _takes(value: Schema, definitions: Schema, tables: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield what a value may be, in words; that any of it may be filled in is told once, above."""
    if "$ref" in value:
        name = value["$ref"].removeprefix(_REF)
        title = _title(name, tables[name])
        yield f"[{title.lower()}](#{_anchor(title)})"
    elif "enum" in value:
        yield ", ".join(f"`{choice}`" for choice in value["enum"])
    elif "anyOf" in value or "oneOf" in value:
        for choice in value.get("anyOf", value.get("oneOf", ())):
            if choice.get("pattern") != _FILLED_IN:
                yield from _takes(choice, definitions, tables)
    elif value.get("type") == "array":
        inner = " or ".join(dict.fromkeys(_takes(value.get("items", {}), definitions, tables)))
        yield f"a list of: {inner}" if inner else "a list"
    elif value.get("type") == "object":
        yield "a table" if value.get("maxProperties") != 0 else "`{}`"
    elif value.get("type") != "null":
        yield _number(value)


def _number(value: Schema) -> str:
    words = {"string": "text", "integer": "a whole number", "number": "a number", "boolean": "`true` or `false`"}
    told = words.get(str(value.get("type")), "anything")
    signs = {"exclusiveMinimum": "above", "minimum": "from", "exclusiveMaximum": "below", "maximum": "to"}
    limits = [f"{word} {value[key]:g}" for key, word in signs.items() if key in value]
    return " ".join([told, *limits])


def _title(name: str, keys: list[str]) -> str:
    """Name a table after the keys that hold it; one that several hold has a name of its own."""
    if len(set(keys)) == 1:
        return keys[0]
    return {"Window": "A window", "ReferencePolicy": "A policy"}.get(name, name)


def _anchor(title: str) -> str:
    return "".join(letter for letter in title.lower().replace(" ", "-") if letter.isalnum() or letter in "-_")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
