"""The arguments of compare(), as a report keeps them so that the comparison can be made again."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from typing import Any

from textdrift.reports.visible_text import clipped, visible

__all__ = ["kept_arguments"]

_LONGEST_KEPT = 20_000  # characters of one argument in the report
_LONGEST_PATH = 4096
_LONGEST_SHOWN = 80
_SOURCES = ("reference", "current")
_ROWS = "rows in memory"
_SOURCE_KEYS = frozenset({"path", "sql", "query", "start", "end"})


def kept_arguments(**arguments: Any) -> dict[str, Any]:
    """Return ``arguments``, those that JSON can hold, and ``not_kept``, what the others were.

    A window is kept where it was a path, or a mapping of one. An address with an ``@`` or a query may hold a password,
    and rows, arrays and objects are not written into a report. What says the same is kept alike: the same windows and
    settings give the same report, whatever tables the rows came in.

    Examples
    --------
    >>> kept = kept_arguments(reference="week1.csv", current=["a text"], alpha=0.05, encoder=None)
    >>> kept["arguments"]
    {'reference': 'week1.csv', 'alpha': 0.05, 'encoder': None}
    >>> kept["not_kept"]
    {'current': 'rows in memory'}
    """
    kept: dict[str, Any] = {}
    not_kept: dict[str, str] = {}
    for name, value in arguments.items():
        try:
            kept[name] = _kept_source(value) if name in _SOURCES else _kept(value, "")
            if kept[name] in ([], {}):
                kept[name] = None
            elif len(json.dumps(kept[name])) > _LONGEST_KEPT:
                del kept[name]
                not_kept[name] = f"{_a(value)} too long to be kept"
        except _NotKept as reason:
            not_kept[name] = str(reason)
    return {"arguments": kept, "not_kept": not_kept}


class _NotKept(Exception):  # noqa: N818 - it never leaves this file
    """A value that a report cannot hold, and what it is."""


def _kept_source(source: Any) -> Any:
    if source is None:
        return None
    if isinstance(source, Mapping) and set(source) <= _SOURCE_KEYS:
        for name in ("path", "sql"):
            places = source.get(name)
            for place in places if isinstance(places, (list, tuple)) else [places]:
                _refuse_secret(place)
        kept = {key: _kept(_moment(value), f".{key}") for key, value in source.items() if value is not None}
        return kept["path"] if list(kept) == ["path"] and isinstance(kept["path"], str) else kept
    if not isinstance(source, (str, os.PathLike)):
        raise _NotKept(_ROWS)
    _refuse_secret(source)
    return _kept(source, "")


def _refuse_secret(place: Any) -> None:
    """Refuse what may hold a password, and what is a text and no path."""
    shown = str(place)
    if "@" in shown or ("://" in shown and "?" in shown):
        raise _NotKept("an address that may hold a password")
    if "\n" in shown or len(shown) > _LONGEST_PATH:
        raise _NotKept(_a(place))


def _moment(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _kept(value: Any, where: str) -> Any:
    """Return a value as JSON holds it, with all of its digits; ``where`` it stands in its argument."""
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int) or (hasattr(value, "item") and getattr(value, "ndim", None) == 0):
        return value if isinstance(value, int) else _kept(value.item(), where)
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, Mapping):
        return {_key(key, where): _kept(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_kept(item, where) for item in value]
    if isinstance(value, (set, frozenset)) and all(isinstance(item, str) for item in value):
        return sorted(value)
    at = clipped(visible(where.lstrip(".")), _LONGEST_SHOWN)
    raise _NotKept(f"{at} is {_a(value)}" if at else _a(value))


def _key(key: Any, where: str) -> str:
    if isinstance(key, (str, int, float)):
        return str(key)
    raise _NotKept(f"{where.lstrip('.') or 'it'} has {_a(key)} for a key")


def _a(value: Any) -> str:
    """Name the type of a value, never the value: it may be data.

    >>> _a([1]), _a(int), _a(len)
    ('a list', 'a type', 'a builtin_function_or_method')
    """
    name = clipped(visible(type(value).__name__), _LONGEST_SHOWN)
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"
