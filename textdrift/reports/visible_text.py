"""What makes a hostile text harmless to look at, and a long one short."""

from __future__ import annotations

import unicodedata

__all__ = ["clipped", "visible"]

# Characters that draw nothing themselves but reorder, hide or split the text around them. Joiners and plain direction
# marks stay as they are: Persian, Hindi, Hebrew and emoji cannot be written without them.
INVISIBLE = frozenset(
    [0x200B, 0xFEFF, *range(0x2060, 0x2065), *range(0x202A, 0x202F), *range(0x2066, 0x2070), *range(0xE0000, 0xE0080)]
)


def visible(text: object, *, keep: str = "") -> str:
    r"""Return the text with every character that would act instead of being seen written out as an escape.

    Control characters (a terminal obeys them), bidirectional overrides (they reorder what stands beside them),
    zero-width and tag characters (they hide) and lone surrogates (they cannot be written as UTF-8) become ``\x1b``,
    ``\u202e`` and so on. The characters in ``keep`` stay.

    >>> print(visible("red\x1b[31m and \u202eback"))
    red\x1b[31m and \u202eback
    """
    return "".join(c if c in keep or not _acts(c) else c.encode("unicode_escape").decode() for c in str(text))


def clipped(text: str, length: int) -> str:
    """Return the text, cut to a length and ending in an ellipsis where something was cut.

    >>> clipped("a long sentence", 8)
    'a long …'
    """
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _acts(character: str) -> bool:
    return ord(character) in INVISIBLE or unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}
