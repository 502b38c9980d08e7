"""The JSON file of a report, read back: what is no report is an error that says so."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from textdrift.errors import MissingSourceError, SettingsError, UnreadableSourceError
from textdrift.reports.visible_text import clipped, visible

__all__ = ["checked_report", "read_report"]

_SCHEMA = "textdrift.report/1"
_FAMILY = "textdrift.report/"
_LONGEST_SHOWN = 100
_DEEPEST = 60
_MOST_DIGITS = 300  # so that it is a float too
_NEEDED: Mapping[str, tuple[type, str]] = {
    "verdict": (str, "a text"),
    "reference": (dict, "a table"),
    "current": (dict, "a table"),
    "diagnosis": (dict, "a table"),
    "findings": (list, "a list"),
    "settings": (dict, "a table"),
    "versions": (dict, "a table"),
}


def read_report(path: str | Path) -> dict[str, Any]:
    """Read a report that ``to_json`` or ``textdrift compare`` wrote.

    Raises
    ------
    MissingSourceError
        When there is no such file.
    UnreadableSourceError
        When it is no JSON, is cut short, or is no report of a schema that this version reads.
    """
    file, where = Path(path), visible(repr(str(path)))
    if not file.is_file():
        raise MissingSourceError(f"no report {where}; give the report.json that compare wrote")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableSourceError(f"{where} is no JSON report: byte {error.start + 1} is not UTF-8") from error
    except OSError as error:
        raise UnreadableSourceError(f"{where} cannot be read: {error.strerror}") from error
    return checked_report(_parsed(text, where), where)


def checked_report(document: Any, where: str = "what was given") -> dict[str, Any]:
    """Return what was given where it is a report of this schema, as far as its outermost keys tell.

    Raises
    ------
    UnreadableSourceError
        Where it is none; the message says what is missing or of the wrong type.

    Examples
    --------
    >>> checked_report({"schema": "textdrift.report/7"})
    Traceback (most recent call last):
    textdrift.errors.UnreadableSourceError: what was given is a report of the schema 'textdrift.report/7', and this textdrift reads 'textdrift.report/1'; read it with the textdrift that wrote it, or a later one
    """  # noqa: E501 - the message is one line
    if not isinstance(document, dict) or not isinstance(document.get("schema"), str):
        raise UnreadableSourceError(
            f"{where} is no textdrift report: it has no 'schema'; give the report.json that compare wrote"
        )
    schema = document["schema"]
    if schema != _SCHEMA:
        shown = clipped(visible(repr(schema)), _LONGEST_SHOWN)
        if not schema.startswith(_FAMILY):
            raise UnreadableSourceError(f"{where} is no textdrift report: its schema is {shown}; give a report.json")
        raise UnreadableSourceError(
            f"{where} is a report of the schema {shown}, and this textdrift reads {_SCHEMA!r}; read it with the "
            "textdrift that wrote it, or a later one"
        )
    for key, (kind, in_words) in _NEEDED.items():
        if key not in document:
            raise UnreadableSourceError(f"{where} is a damaged report: it has no {key!r}; make it anew with compare")
        if not isinstance(document[key], kind):
            raise UnreadableSourceError(
                f"{where} is a damaged report: its {key!r} is no {in_words.split()[1]}; make it anew with compare"
            )
    return document


def _parsed(text: str, where: str) -> Any:
    def once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        table = dict(pairs)
        if len(table) < len(pairs):
            # Of two values programs take one, and not all the same.
            seen: set[str] = set()
            twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
            shown = clipped(visible(repr(twice)), _LONGEST_SHOWN)
            raise UnreadableSourceError(f"{where} was changed by hand: the key {shown} stands twice in one table")
        return table

    too_deep = f"{where} is no JSON report: its tables are nested too deeply"
    try:
        document = json.loads(
            text, object_pairs_hook=once, parse_constant=_no_number, parse_float=_finite, parse_int=_whole
        )
    except UnreadableSourceError:
        raise
    except RecursionError as error:
        raise UnreadableSourceError(too_deep) from error
    except json.JSONDecodeError as error:
        at = f"line {error.lineno}, column {error.colno}"
        cut = "; the file ends too early" if not text[error.pos :].strip() else ""
        raise UnreadableSourceError(f"{where} is no JSON report: {error.msg} at {at}{cut}") from error
    except SettingsError as error:
        raise UnreadableSourceError(f"{where} is no JSON report: {error}") from error
    if _is_deeper(document, _DEEPEST):
        raise UnreadableSourceError(too_deep)
    return document


def _is_deeper(document: Any, depth: int) -> bool:
    """Tell whether tables and lists are nested deeper than any report is."""
    level = [document]
    for _ in range(depth):
        level = [
            item
            for value in level
            if isinstance(value, (dict, list))
            for item in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return False
    return any(isinstance(value, (dict, list)) for value in level)


def _no_number(constant: str) -> Any:
    raise SettingsError(f"it holds {constant}, which JSON does not know")


def _finite(number: str) -> float:
    if not math.isfinite(value := float(number)):
        raise SettingsError(
            f"it holds the number {clipped(number, _LONGEST_SHOWN)}, which is too large for any program"
        )
    return value


def _whole(number: str) -> int:
    if len(number) > _MOST_DIGITS:
        raise SettingsError(f"it holds a number of {len(number)} digits, which is too large for most programs")
    return int(number)
