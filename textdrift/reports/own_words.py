"""Whether the report that is being written speaks of texts or of rows: the one place where pages find their words."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from textdrift.findings.said_of_rows import has_text, said_of_rows

__all__ = ["of_its_windows", "own_words", "says_rows", "template_of_rows"]

_SAYS_ROWS: ContextVar[bool] = ContextVar("says_rows", default=False)

_JINJA: Final = r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}"
_NOT_WORDS = re.compile(rf"({_JINJA}|<(?:{_JINJA}|[^<>{{]|\{{(?![{{%#]))*>)", re.DOTALL)
_TOLD_ATTRIBUTE = re.compile(r'(aria-label|title)="([^"{]*)"')

_Given = ParamSpec("_Given")
_Written = TypeVar("_Written")
Report = Mapping[str, Any]


def of_its_windows(
    write: Callable[Concatenate[Report, _Given], _Written],
) -> Callable[Concatenate[Report, _Given], _Written]:
    """Let what writes a report say "rows" instead of "texts", in its own words, where the windows hold no text."""

    @functools.wraps(write)
    def written(report: Report, /, *args: _Given.args, **kwargs: _Given.kwargs) -> _Written:
        settings = report.get("settings")
        token = _SAYS_ROWS.set(isinstance(settings, Mapping) and not has_text(settings))
        try:
            return write(report, *args, **kwargs)
        finally:
            _SAYS_ROWS.reset(token)

    return written


def says_rows() -> bool:
    """Return whether the report that is being written is one of rows."""
    return _SAYS_ROWS.get()


def own_words(words: str) -> str:
    """Return words of ours, such as a heading, for the report that is being written; never to be given data.

    >>> own_words("texts before")
    'texts before'
    >>> of_its_windows(lambda report: own_words("texts before"))({"settings": {"roles": {"features": ["amount"]}}})
    'rows before'
    """
    return said_of_rows(words) if _SAYS_ROWS.get() else words


def template_of_rows(source: str) -> str:
    """Return a template with what it says itself said of rows; names, attributes and what it is filled with stay.

    >>> template_of_rows('<td class="texts" title="Texts">the texts {{ texts }}</td>')
    '<td class="texts" title="Rows">the rows {{ texts }}</td>'
    """
    parts = _NOT_WORDS.split(source)  # what is not said stands at odd places
    return "".join(
        _TOLD_ATTRIBUTE.sub(lambda told: f'{told[1]}="{said_of_rows(told[2])}"', part)
        if place % 2
        else said_of_rows(part)
        for place, part in enumerate(parts)
    )
