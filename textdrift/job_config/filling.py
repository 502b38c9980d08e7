"""The values of a job file filled in: what the environment says, and what follows the date."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from textdrift.errors import SettingsError
from textdrift.job_config.environment import REFERENCE, value_of
from textdrift.job_config.templates import TEMPLATE, rendered

__all__ = ["filled", "filled_text"]

_PIECES = re.compile(f"{TEMPLATE.pattern}|{REFERENCE.pattern}", re.DOTALL)
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
_EXAMPLE_DATE = dt.date(2001, 1, 1)


def filled(table: Any, environment: Mapping[str, str] | None, date: dt.date | None) -> Any:
    """Return a table with every string value filled in; what is filled in is never filled again.

    Parameters
    ----------
    table:
        As YAML gives it; keys stay as they are.
    environment:
        The variables that ``${NAME}`` stands for; ``None`` leaves such values alone.
    date:
        What ``{{ date }}`` stands for; ``None`` leaves templates as they are, but for a look at whether they can be
        computed.

    Raises
    ------
    SettingsError
        For every value that cannot be filled in, each with its place; all of them at once.
    """
    faults: list[str] = []

    def fill(value: Any, place: tuple[str, ...]) -> Any:
        if isinstance(value, Mapping):
            return {key: fill(inner, (*place, str(key))) for key, inner in value.items()}
        if isinstance(value, list):
            return [fill(inner, (*place, str(position))) for position, inner in enumerate(value)]
        if not isinstance(value, str):
            return value
        try:
            text = filled_text(value, environment, date)
        except SettingsError as error:
            faults.append(f"{'.'.join(place)}: {error}")
            return value
        return _typed(text) if len(place) > 1 and place[0] in _FREE and _is_reference(value) else text

    result = fill(table, ())
    if faults:
        raise SettingsError("; ".join(faults))
    return result


# Tables of options that are checked where they are used: a number that comes from the environment is one there.
_FREE = ("encoder", "tests", "cost")


def filled_text(text: str, environment: Mapping[str, str] | None, date: dt.date | None) -> str:
    """Return a text with its variables and templates filled in.

    >>> filled_text("${ROOT:-data}/{{ date - days(1) }}.parquet", {"ROOT": "s3://b"}, dt.date(2026, 11, 25))
    's3://b/2026-11-24.parquet'
    >>> filled_text("{{ date }}", {}, None)
    '{{ date }}'
    """
    position, parts = 0, []
    for match in _PIECES.finditer(text):
        parts += [_plain(text[position : match.start()], environment), _piece(match, environment, date)]
        position = match.end()
    return "".join([*parts, _plain(text[position:], environment)])


def _piece(match: re.Match[str], environment: Mapping[str, str] | None, date: dt.date | None) -> str:
    if match["expression"] is not None:
        value = rendered(match["expression"], date or _EXAMPLE_DATE)
        return match[0] if date is None else value
    if environment is None:
        return match[0]
    return "${" if match["reference"] is None else value_of(match["reference"], environment)


def _plain(text: str, environment: Mapping[str, str] | None) -> str:
    """Return a text without variables and templates; refuse one that begins and does not end."""
    if "{{" in text:
        raise SettingsError(f"'{{{{' in {text!r} is not closed; close the template with '}}}}', as in '{{{{ date }}}}'")
    if environment is not None and re.search(r"\$\{(?!\{)", text):
        raise SettingsError(
            f"'${{' in {text!r} is not closed; close it with '}}', or write $${{ for the signs themselves"
        )
    return text


def _is_reference(text: str) -> bool:
    match = REFERENCE.fullmatch(text)
    return match is not None and match["reference"] is not None


def _typed(text: str) -> Any:
    if text.lower() in {"true", "false"}:
        return text.lower() == "true"
    return (int(text) if text.lstrip("+-").isdigit() else float(text)) if _NUMBER.fullmatch(text) else text
