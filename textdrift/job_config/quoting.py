"""Values as a job file holds them."""

from __future__ import annotations

import re

__all__ = ["double_quoted", "quoted", "unfilled"]

_WORDS = ("true", "false", "yes", "no", "on", "off", "null", "y", "n")
_LARGEST_OF_ONE_BYTE, _LARGEST_OF_TWO = 0xFF, 0xFFFF


def quoted(value: object) -> str:
    """Return a value as YAML holds it, its braces kept from being filled in.

    >>> print(quoted("text"), quoted("on"), quoted("${X}"))
    text "on" "$${X}"
    """
    text = unfilled(str(value))
    is_plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9_./-]*", text) and text.lower() not in _WORDS
    return text if is_plain else double_quoted(text)


def double_quoted(text: str) -> str:
    r"""Return a text in the double quotes of YAML: what can be read as it is, all else as an escape.

    JSON writes a character beyond U+FFFF as two escapes, which YAML reads as two halves that stay apart.

    >>> print(double_quoted("é 😀"), double_quoted('"\u202e'), double_quoted("\U000e0041"))
    "é 😀" "\"\u202e" "\U000e0041"
    """
    return f'"{"".join(map(_escaped, text))}"'


def unfilled(text: str) -> str:
    """Return a text of which nothing is taken for a variable or a template."""
    return text.replace("${", "$${").replace("{{", "{{ '{{' }}")


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    code = ord(character)
    if code <= _LARGEST_OF_ONE_BYTE:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= _LARGEST_OF_TWO else f"\\U{code:08x}"
