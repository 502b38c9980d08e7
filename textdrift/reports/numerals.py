"""Numbers, shares, p-values and times as a person writes them, the same in every renderer."""

from __future__ import annotations

import json
import math
from datetime import datetime
from decimal import Decimal
from typing import Any

from textdrift.reports.visible_text import visible

__all__ = [
    "count",
    "exact_p_value",
    "moment",
    "p_value",
    "plain",
    "points",
    "share",
    "tenths",
    "value_text",
]

# A p-value below this one is as good as any other to a person.
SMALL_P_VALUE = 0.001

# From here on three digits that count make a whole number: 999.6 is 1,000.
WHOLE_FROM = 999.5

# Percent from which one digit behind the point is two digits that count.
_ONE_DIGIT_FROM = 0.995


def moment(time: str | None) -> str:
    """Return a time of the report without the digits nobody reads; a text that is no time stays as it is.

    >>> moment("2031-02-28T23:41:00+00:00"), moment("2031-02-28T00:00:00"), moment("week 9"), moment(None)
    ('2031-02-28 23:41 UTC', '2031-02-28', 'week 9', '–')
    """
    if time is None:
        return "–"
    try:
        parsed = datetime.fromisoformat(time)
    except ValueError:
        return visible(time)
    zone = f" {parsed.tzname()}" if parsed.tzinfo else ""
    day_only = not zone and (parsed.hour, parsed.minute, parsed.second, parsed.microsecond) == (0, 0, 0, 0)
    return f"{parsed:%Y-%m-%d}" if day_only else f"{parsed:%Y-%m-%d %H:%M}{zone}"


def share(value: float) -> str:
    """Return a share of rows in percent, small shares with two digits that count.

    >>> share(0.0321), share(0.00012), share(0.0), share(1.0)
    ('3.2 %', '0.012 %', '0 %', '100 %')
    """
    return f"{_percent(value)} %" if math.isfinite(value) else "–"


def points(value: float, *, signed: bool = False) -> str:
    """Return the distance between two shares in percentage points.

    >>> points(0.0412), points(0.0412, signed=True)
    ('4.1 points', '+4.1 points')
    """
    if not math.isfinite(value):
        return "–"
    return f"{'+' if signed and value > 0 else ''}{_percent(value)} points"


def tenths(value: float | None) -> str:
    """Return a number of points with its sign and one digit after the point.

    >>> tenths(-7.43026), tenths(0.62), tenths(0.04), tenths(None)
    ('−7.4', '+0.6', '0.0', '–')
    """
    if value is None or not math.isfinite(value):
        return "–"
    shown = f"{value:+,.1f}"
    return "0.0" if shown in {"+0.0", "-0.0"} else shown.replace("-", "−")


def p_value(value: float | None) -> str:
    """Return a p-value as a person reads it.

    >>> p_value(0.0432), p_value(1e-9), p_value(None)
    ('0.043', '< 0.001', '–')
    """
    if value is None or math.isnan(value):
        return "–"
    return f"< {SMALL_P_VALUE}" if value < SMALL_P_VALUE else exact_p_value(value)


def exact_p_value(value: float | None) -> str:
    """Return a p-value with two digits that count, however small.

    >>> exact_p_value(0.0432), exact_p_value(1.24e-9), exact_p_value(None)
    ('0.043', '1.2e-9', '–')
    """
    if value is None or math.isnan(value):
        return "–"
    shown = f"{value:.2g}"
    return shown.replace("e-0", "e-")


def plain(value: float | None) -> str:
    """Return a number with three digits that count, whole numbers in full; one that is not finite is a dash.

    >>> plain(0.12345), plain(-0.07), plain(123456.7), plain(999.6), plain(float("nan"))
    ('0.123', '−0.07', '123,457', '1,000', '–')
    """
    if value is None or not math.isfinite(value):
        return "–"
    whole = abs(value) >= WHOLE_FROM
    shown = f"{abs(value):,.0f}" if whole else f"{abs(value):.3g}".replace("e-0", "e-")
    return f"−{shown}" if value < 0 else shown


def count(value: int | None) -> str:
    """Return a number of rows with its thousands set apart.

    >>> count(12345)
    '12,345'
    """
    return "–" if value is None else f"{value:,}"


def value_text(value: Any) -> str:
    """Return any value of the report, such as a setting, as a text that is yet to be made ``visible``.

    >>> value_text(True), value_text(None), value_text(0.25), value_text(["a", "b"])
    ('yes', '–', '0.25', '["a", "b"]')
    """
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return plain(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _percent(value: float) -> str:
    percent = abs(100.0 * value)
    # Decimal, since .2g alone would write 1e-05 for a small share; and 0.996 is 1.0, as 1.0 is.
    shown = f"{percent:.1f}" if percent >= _ONE_DIGIT_FROM or percent == 0.0 else f"{Decimal(f'{percent:.2g}'):f}"
    if shown in {"0.0", "100.0"}:
        shown = shown[:-2]
    return f"−{shown}" if value < 0 else shown
