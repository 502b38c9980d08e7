"""A name that nobody has: the error that every list of names of this room answers with."""

from __future__ import annotations

from collections.abc import Sequence

from textdrift.errors import TokenizerError, nearest_name

__all__ = ["unknown_name"]


def unknown_name(kind: str, name: object, known: Sequence[str], instead: str | None = None) -> TokenizerError:
    """Return the error that tells the nearest known name, all of them, and what can be given instead of a name.

    >>> print(unknown_name("stemmer", "englsh", ["english", "german"], "pass a function from a word to its stem"))
    there is no stemmer 'englsh'; did you mean 'english'? Known are english, german, or pass a function from a word to \
its stem
    """
    hint = nearest_name(str(name), known)
    hint = f"{hint} " if hint.endswith("?") else ""
    otherwise = f", or {instead}" if instead else ""
    return TokenizerError(f"there is no {kind} {name!r}; {hint}Known are {', '.join(known)}{otherwise}")
