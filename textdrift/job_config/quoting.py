"""Values as a job file holds them."""

from __future__ import annotations

import json
import re

__all__ = ["quoted", "unfilled"]

_WORDS = ("true", "false", "yes", "no", "on", "off", "null", "y", "n")


def quoted(value: object) -> str:
    """Return a value as YAML holds it, its braces kept from being filled in.

    >>> print(quoted("text"), quoted("on"), quoted("${X}"))
    text "on" "$${X}"
    """
    text = unfilled(str(value))
    return text if re.fullmatch(r"[A-Za-z][A-Za-z0-9_./-]*", text) and text.lower() not in _WORDS else json.dumps(text)


def unfilled(text: str) -> str:
    """Return a text of which nothing is taken for a variable or a template."""
    return text.replace("${", "$${").replace("{{", "{{ '{{' }}")
