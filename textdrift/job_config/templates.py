"""``{{ date }}``: values of a job file that follow the date of the window."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

from textdrift.errors import SettingsError, nearest_name

__all__ = ["TEMPLATE", "is_template", "rendered"]

TEMPLATE = re.compile(r"\{\{(?P<expression>.*?)\}\}", re.DOTALL)

_EXAMPLES = "{{ date }}, {{ date - days(7) }} or {{ date.strftime('%Y/%m/%d') }}"
# What date arithmetic needs. Everything else that jinja2 can say is refused, loops and powers of ten among it.
_SPOKEN = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Call, nodes.Keyword,
    nodes.Const, nodes.Add, nodes.Sub, nodes.Neg, nodes.CondExpr, nodes.Compare, nodes.Operand,
)  # fmt: skip
_OF_DATES = (
    "year", "month", "day", "week", "weekday", "isoweekday", "isocalendar", "isoformat", "strftime", "replace",
)  # fmt: skip
_FUNCTIONS = {"days": lambda n: dt.timedelta(days=n), "weeks": lambda n: dt.timedelta(weeks=n)}
_NAMES = ("date", *_FUNCTIONS)


def is_template(text: str) -> bool:
    """Return whether a text holds a template.

    >>> is_template("data/{{ date }}.parquet"), is_template("data/{date}.parquet")
    (True, False)
    """
    return TEMPLATE.search(text) is not None


def rendered(expression: str, date: dt.date) -> str:
    """Return what an expression between double braces stands for at a date.

    The language is that of date arithmetic: ``date``, ``days(n)``, ``weeks(n)``, sums and differences, comparisons with
    ``if`` and ``else``, and the methods of a date. jinja2's sandbox computes it.

    Raises
    ------
    SettingsError
        When it says anything else, or cannot be computed.

    Examples
    --------
    >>> rendered("date - days(7)", dt.date(2026, 11, 25))
    '2026-11-18'
    """
    template = _compiled(expression)
    try:
        return str(template.render(date=date, **_FUNCTIONS))
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        raise SettingsError(
            f"'{{{{{expression}}}}}' cannot be computed for {date}: {error}; templates are such as {_EXAMPLES}"
        ) from None


@cache
def _sandbox() -> SandboxedEnvironment:
    return SandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, finalize=_spoken
    )  # paths and dates, no HTML


def _spoken(value: Any) -> Any:
    """Refuse what is no part of a path: a function that was not called, a span of days."""
    if not isinstance(value, (str, int, dt.date)):
        raise TypeError(f"it gives a {type(value).__name__}, and a date, a number or a text is needed")
    return value


@cache
def _compiled(expression: str) -> Any:
    shown = f"'{{{{{expression}}}}}'"
    source = "{{" + expression + "}}"
    try:
        tree = _sandbox().parse(source)
        for fault in _faults(tree):
            raise SettingsError(f"{shown}: {fault}")
        return _sandbox().from_string(source)
    except TemplateSyntaxError as error:
        raise SettingsError(f"{shown} is no template: {error.message}; write one such as {_EXAMPLES}") from None


def _faults(node: nodes.Node) -> Iterator[str]:
    """Yield what an expression says that is not date arithmetic."""
    if not isinstance(node, _SPOKEN):
        yield f"only date arithmetic can be written here, such as {_EXAMPLES}"
    elif isinstance(node, nodes.Name) and node.name not in _NAMES:
        yield f"there is no {node.name!r} here; {nearest_name(node.name, _NAMES)}"
    elif isinstance(node, nodes.Getattr) and node.attr not in _OF_DATES:
        yield f"nothing here has a part {node.attr!r}; {nearest_name(node.attr, _OF_DATES)}"
    for inner in node.iter_child_nodes():
        yield from _faults(inner)
