"""``${NAME}`` and ``${NAME:-default}``: values that a job file takes from the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping

from textdrift.errors import SettingsError

__all__ = ["REFERENCE", "names_used", "value_of"]

REFERENCE = re.compile(r"\$\$\{|\$\{(?!\{)(?P<reference>[^}]*)\}")
"""A reference; ``$${`` stands for ``${`` itself, and ``${{`` is the text ``$`` before a template."""

_INSIDE = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>.*))?", re.DOTALL)


def value_of(reference: str, environment: Mapping[str, str]) -> str:
    """Return what a reference stands for, given what is between its braces.

    Raises
    ------
    SettingsError
        When the name is no name, is not set and has no default, or is set to nothing.

    Examples
    --------
    >>> value_of("FOLDER:-data", {}), value_of("FOLDER:-data", {"FOLDER": "s3://b"})
    ('data', 's3://b')
    """
    parts = _INSIDE.fullmatch(reference)
    if parts is None:
        raise SettingsError(
            f"'${{{reference}}}' names no variable of the environment; write ${{NAME}} or ${{NAME:-default}}, and "
            "$${ where the signs themselves are meant"
        )
    name, default = parts["name"], parts["default"]
    if value := environment.get(name):
        return value
    if default is not None:
        return default
    if name in environment:
        raise SettingsError(f"the variable {name} is set to nothing; set it, or write ${{{name}:-}} if that is meant")
    raise SettingsError(f"the environment has no variable {name}; set it, or give a default: ${{{name}:-…}}")


def names_used(texts: Iterable[str]) -> dict[str, str]:
    """Return the variables that texts refer to and the environment has, with their values at this moment."""
    found = {}
    for text in texts:
        for match in REFERENCE.finditer(text):
            parts = _INSIDE.fullmatch(match["reference"] or "")
            if parts is not None and parts["name"] in os.environ:
                found[parts["name"]] = os.environ[parts["name"]]
    return found
