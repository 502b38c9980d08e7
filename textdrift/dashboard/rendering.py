"""The templates of the dashboard's pages, in the dress of the reports."""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import jinja2
from markupsafe import Markup

from textdrift.reports import numerals, wording
from textdrift.reports.visible_text import clipped, visible

__all__ = ["rendered", "shown"]

_LONGEST = 300


def rendered(template: str, *, scripts: Sequence[str] = (), **values: Any) -> str:
    """Return a page; it may run the scripts of these names, wear our styles, and do nothing else."""
    environment = _environment()

    def hashes(names: Sequence[str]) -> str:
        return " ".join(f"'sha256-{_hash_of(environment.get_template(name).render())}'" for name in names)

    page = environment.get_template(template).render(
        style_hashes=hashes(("report.css", "dashboard.css")),
        script_hashes=hashes(scripts) or "'none'",
        **values,
    )
    return page.lstrip()


def shown(text: object, length: int = _LONGEST) -> str:
    r"""Return a text of the data so that it can be looked at safely; autoescaping makes it safe to embed.

    >>> shown("late" + chr(27) + "[2J")
    'late\\x1b[2J'
    """
    return clipped(visible(clipped(str(text), length)), length)


def _hash_of(source: str) -> str:
    """Return what the content security policy calls a style or a script by."""
    return base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        # The style and the sorting of tables are those of the reports.
        loader=jinja2.ChoiceLoader(
            [
                jinja2.PackageLoader("textdrift.dashboard", "templates"),
                jinja2.PackageLoader("textdrift.reports", "templates"),
            ]
        ),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "shown": shown,
        "capital": lambda text: text[:1].upper() + text[1:],
        "count": _number(numerals.count),
        "p_value": _number(numerals.exact_p_value),
        "size": lambda value, name: _number(lambda v: wording.effect_size(v, name))(value),
        "bare_size": lambda value, name: _number(lambda v: wording.bare_size(v, name))(value),
        "threshold": lambda value, name: _number(lambda v: wording.threshold_size(v, name))(value),
        "segment_size": lambda value, kind: _number(lambda v: wording.segment_size(v, kind))(value),
        "share": _number(numerals.share),
        "moment": lambda moment: numerals.moment(moment.isoformat()),
        "value_text": lambda value: shown(numerals.value_text(value), 120),
    }
    environment.globals |= {"wording": wording, "verdict_words": lambda verdict: shown(wording.verdict_words(verdict))}
    return environment


def _number(words: Callable[[Any], str]) -> Callable[[float | None], Markup | str]:
    """Return a filter that shows a number in words and keeps the exact one for machines."""

    def tagged(value: float | None) -> Markup | str:
        if value is None:
            return "–"
        return Markup('<data value="{}">{}</data>').format(repr(value), words(value))

    return tagged
