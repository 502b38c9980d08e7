"""What is wrong with a job file, in words: the place, what was needed, and the nearest key for a slip."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from textdrift.errors import nearest_name
from textdrift.job_config.columns import ColumnsConfig
from textdrift.job_config.secrets import Secrets
from textdrift.reports.visible_text import clipped

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

__all__ = ["faults_in_words"]

_LONGEST_SHOWN = 60

# What a key needs, by pydantic's name of the fault.
_NEEDED = {
    "string_type": "it must be a string",
    "dict_type": "it must be a table",
    "model_type": "it must be a table",
    "model_attributes_type": "it must be a table",
    "list_type": "it must be a list",
    "int_type": "it must be a whole number",
    "int_parsing": "it must be a whole number",
    "int_from_float": "it must be a whole number",
    "float_type": "it must be a number",
    "float_parsing": "it must be a number",
    "finite_number": "it must be a number that is not infinite",
    "bool_type": "it must be true or false",
    "bool_parsing": "it must be true or false",
    "path_type": "it must be a path",
    "string_too_short": "it must not be empty",
    "greater_than": "it must be above {gt}",
    "greater_than_equal": "it must be at least {ge}",
    "less_than": "it must be below {lt}",
    "literal_error": "it must be {expected}",
}
_WINDOW = "a path or a table {path: …} or {sql: …, query: …}"
# Keys that take one of several things; pydantic tells one fault for each of them.
_EITHER = {
    "reference": _WINDOW,
    "current": _WINDOW,
    "encoder": "the name or folder of a model, or a table of options",
    "labels.path": _WINDOW,
    "reference.since": "a date such as 2026-01-01",
    "reference.path": "a path or a list of paths",
}


def faults_in_words(error: ValidationError, model: type[BaseModel], secrets: Secrets) -> str:
    """Name every fault in one message, each with its place and, for an unknown key, the nearest known one."""
    faults = dict.fromkeys(_fault_in_words(fault, model, secrets) for fault in error.errors())
    return secrets.hidden("; ".join(faults))


def _fault_in_words(fault: ErrorDetails, model: type[BaseModel], secrets: Secrets) -> str:
    place, table = _place(fault["loc"], model)
    where = ".".join(place)
    if fault["type"] == "extra_forbidden":
        known = list(_keys(table or model))
        if len(place) == 1:  # the roles of columns may stand at the top level
            known += ColumnsConfig.model_fields
        return f"unknown key {where!r}; {nearest_name(place[-1], known)}"
    if fault["type"] == "missing":
        return f"missing key {where!r}"
    if fault["type"] == "value_error":
        reason = str(fault["ctx"]["error"])
        told = not where or reason.startswith((place[0], "unknown key"))
        return reason if told else f"{where}: {reason}"
    if where.rpartition(".")[0] in _EITHER and place[-1].isdigit():  # an item of a list that is one of several things
        where = where.rpartition(".")[0]
    either = _EITHER.get(where)
    if either is None:
        needed = _NEEDED[fault["type"]].format(**fault.get("ctx", {})) if fault["type"] in _NEEDED else fault["msg"]
    else:
        needed = either
    # Hidden before it is cut: a piece of a secret is one too.
    return f"{where}: {needed}; got {clipped(secrets.hidden(repr(fault['input'])), _LONGEST_SHOWN)}"


def _place(loc: Sequence[int | str], model: type[BaseModel]) -> tuple[list[str], type[BaseModel] | None]:
    """Return the keys that lead to a fault, and the table that its last key stands in.

    What pydantic adds to tell the members of a union apart is left out.
    """
    place: list[str] = []
    table: type[BaseModel] | None = model
    inner: type[BaseModel] | None = model
    for position, part in enumerate(loc):
        table = inner
        if isinstance(part, int):
            place.append(str(part))
            continue
        if part == "[key]" or (part in _MEMBERS and place):
            continue
        place.append(part)
        annotation = _keys(inner).get(part) if inner is not None else None
        inner = None if annotation is None else next(_models_in(annotation), None)
        if annotation is None and position + 1 < len(loc):
            table = None
    return place, table


# As they are told in the place of a fault: members of unions, by their types and tags.
_MEMBERS = frozenset({
    "str", "int", "float", "bool", "date", "dict[str,any]", "list[str]", "a path", "a window", "a policy",
})  # fmt: skip


def _keys(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and not get_args(annotation):
        if issubclass(annotation, BaseModel):
            yield annotation
        return
    for inner in get_args(annotation):
        yield from _models_in(inner)
