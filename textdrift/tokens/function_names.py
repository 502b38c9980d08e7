"""Functions of the user's by name, and by a digest of what they do: two of one name are not taken for one."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from types import CodeType
from typing import Any

import xxhash

__all__ = ["function_in_words"]

_ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]+")
_PLAIN = (str, bytes, int, float, complex, type(None), type(Ellipsis))


def function_in_words(function: Callable[..., Any]) -> str:
    """Return what stands for a function where settings are told and compared: its name and a digest of its code.

    The digest is of the instructions, the constants and names in them, and the values that are bound to it (defaults,
    a closure's, ``functools.partial``'s). It is the same in every process of one version of Python, whose compiler
    writes the instructions. What a function reads from its module or its object is not seen, and what is not written in
    Python has a name alone.

    Examples
    --------
    >>> function_in_words(str.split)
    'function split'
    >>> words, letters = (lambda text: text.split()), (lambda text: list(text))
    >>> function_in_words(words)[:19], function_in_words(words) == function_in_words(letters)
    ('function <lambda> #', False)
    """
    inner = function.func if isinstance(function, functools.partial) else function
    name = getattr(inner, "__name__", None) or _ADDRESS.sub("", repr(function))
    parts = _parts_of(function, set())
    if parts is None:
        return f"function {name}"
    return f"function {name} #{xxhash.xxh32_hexdigest(repr(parts).encode(errors='surrogatepass'))}"


def _parts_of(function: Any, seen: set[int]) -> Any:
    """Return nested tuples of strings that say what a function does, ``None`` where it has no code to look at."""
    if isinstance(function, functools.partial):
        return "partial", _value(function.func, seen), _value(function.args, seen), _value(function.keywords, seen)
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType):
        # As of functools.lru_cache.
        inner = getattr(function, "__wrapped__", None)
        return None if inner is None or inner is function else _parts_of(inner, seen)
    if id(function) in seen:
        return "itself"
    seen.add(id(function))
    bound = [_cell(cell, seen) for cell in getattr(function, "__closure__", None) or ()]
    defaults = [getattr(function, name, None) for name in ("__defaults__", "__kwdefaults__")]
    return _code(code, seen), tuple(bound), tuple(_value(value, seen) for value in defaults)


def _code(code: CodeType, seen: set[int]) -> Any:
    return code.co_code.hex(), code.co_names, tuple(_value(constant, seen) for constant in code.co_consts)


def _cell(cell: Any, seen: set[int]) -> Any:
    try:
        return _value(cell.cell_contents, seen)
    except ValueError:  # not filled yet
        return "empty"


def _value(value: Any, seen: set[int]) -> Any:
    """Return a value without addresses, which differ between runs, and without the order of a set, which does too."""
    kind = type(value).__name__
    if isinstance(value, CodeType):
        return _code(value, seen)
    if isinstance(value, _PLAIN):
        return kind, repr(value)
    if isinstance(value, re.Pattern):
        return kind, repr(value.pattern), value.flags
    if isinstance(value, (tuple, list, set, frozenset, dict)):
        if id(value) in seen:
            return "itself"
        inside = {*seen, id(value)}
        parts = [_value(part, inside) for part in (value.items() if isinstance(value, dict) else value)]
        return kind, tuple(sorted(parts, key=repr) if isinstance(value, (set, frozenset)) else parts)
    return (kind, _parts_of(value, seen), str(getattr(value, "__name__", ""))) if callable(value) else kind
