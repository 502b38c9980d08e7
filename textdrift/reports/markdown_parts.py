"""The pieces that a report in Markdown is put together from: tables, folds, and texts that no Markdown obeys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from textdrift.reports import numerals, wording
from textdrift.reports.own_words import own_words
from textdrift.reports.visible_text import clipped, visible

__all__ = [
    "Limits",
    "both",
    "folded",
    "interval",
    "more",
    "prose",
    "slice_name",
    "span",
    "table",
    "verbatim",
]

_BRIEFLY = 60

# What would begin something else than a sentence at the front of a line.
_FRONT = re.compile(r"[-+=]|#(?!\w)|\d{1,9}[.)](?=\s|$)")

# What acts inside of a line: markup; mentions, addresses and references to issues, which a forge makes out of the text
# after the markup is gone; emoji by name.
_ACTING = re.compile(
    r"[\\`*\[\]~&<>|$@]"
    r"|_(?![^\W_])|(?<![^\W_])_"
    r"|#(?=\w)"
    r"|:(?=//|[\w+-]+:)"
    r"|(?<=www)\."
    r"|(?<=\bgh)-(?=\d)",
    re.IGNORECASE,
)
_ENTITIES: Mapping[str, str] = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;"}
_ESCAPED = frozenset("\\`*_[]~")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a long report is shown: rows per table, and characters per text."""

    rows: int
    characters: int

    def halved(self) -> Limits:
        """Return limits that show about half as much; they never reach zero."""
        return Limits(max(1, self.rows // 2), max(10, self.characters // 2))


def prose(text: object, length: int) -> str:
    r"""Return a text as Markdown that shows it as it is, on one line and cut to a length.

    Markup, HTML, links and tables are escaped. What GitHub finds in a finished text, mentions, addresses, issues and
    formulas, gets a ``<span>`` around the character that it is found by, as GitHub itself advises for dollars.

    >>> print(prose("a_b | <i> ![x](http://evil) @team", 100))
    a_b &#124; &lt;i&gt; !\[x\](http<span>:</span>//evil) <span>@</span>team
    >>> print(prose("1. one", 100))
    &#49;. one
    """
    shown = _seen(text, length)
    front = f"&#{ord(shown[0])};" if _FRONT.match(shown) else ""
    return front + _ACTING.sub(_harmless, shown[1:] if front else shown)


def verbatim(text: object, length: int = _BRIEFLY) -> str:
    r"""Return a short text of the data, set apart from the sentences of the report.

    A code span cannot hold every text (a backslash before a pipe ends the cell of a table), so it is a ``<code>`` tag.

    >>> print(verbatim("a|b"), verbatim(" "))
    <code>a&#124;b</code> *blank*
    """
    shown = _seen(text, length)
    return f"<code>{_ACTING.sub(_harmless, shown)}</code>" if shown else "*blank*"


def both(words: str, name: str, *, strong: bool = False) -> str:
    """Return the words that a person understands, and the technical name beside them.

    >>> both("meaning", "semantic")
    'meaning <code>semantic</code>'
    """
    shown = prose(words, _BRIEFLY)
    return f"{f'**{shown}**' if strong and shown else shown} {verbatim(name)}"


def span(value: str, low: str, high: str) -> str:
    r"""Return a size, and its interval in brackets that are no link.

    >>> print(span("3.2 %", "1.0", "5.4"))
    3.2 % \[1.0, 5.4\]
    """
    return f"{value} \\[{low}, {high}\\]"


def interval(effect: Mapping[str, Any]) -> str:
    """Return the size of an effect of the report with its interval, where that says anything."""
    size, _, ends = wording.size_told(effect).partition(" [")
    low, _, high = ends.removesuffix("]").partition(", ")
    return span(size, low, high) if ends else size


def slice_name(row: Mapping[str, Any]) -> str:
    """Return which texts a row of segments is about: a value of a column, and for a pair of values the other one.

    >>> slice_name({"column": "region", "value": "north", "within": {"column": "channel", "value": "chat"}})
    'region <code>north</code> within channel <code>chat</code>'
    """
    named = f"{prose(row['column'], _BRIEFLY)} {verbatim(numerals.value_text(row['value']))}"
    within = row.get("within")
    return f"{named} within {slice_name(within)}" if within else named


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a column whose name ends in ``>`` is set to the right.

    >>> print(table(["word", "now>"], [["late", "3 %"]]))
    | word | now |
    | --- | ---: |
    | late | 3 % |
    """
    names = [own_words(column.removesuffix(">")) for column in columns]
    rules = ["---:" if column.endswith(">") else "---" for column in columns]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (names, rules, *rows))


def more(rows: Sequence[object], limits: Limits) -> Iterator[str]:
    """Yield how many rows are not shown, where there are some."""
    if len(rows) > limits.rows:
        yield f"And {len(rows) - limits.rows:,} more in the JSON report."


def folded(title: str, parts: Iterable[str]) -> Iterator[str]:
    """Yield parts below a title that opens them; nothing where there are none.

    The title is one of our own: it stands in HTML and is not escaped.
    """
    held = list(parts)
    if held:
        yield f"<details><summary>{own_words(title)}</summary>"
        yield from held
        yield "</details>"


def _seen(text: object, length: int) -> str:
    # Cut first, so that a text of megabytes costs no more than its first lines, and once more as escapes are longer.
    return " ".join(clipped(visible(clipped(str(text), length)), length).split())


def _harmless(match: re.Match[str]) -> str:
    character = match.group()
    if character in _ENTITIES:
        return _ENTITIES[character]
    return f"\\{character}" if character in _ESCAPED else f"<span>{character}</span>"
