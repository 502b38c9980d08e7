"""Paths with a date in them: what stands for all dates, and what a file of a date is called."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from textdrift.job_config.quoting import double_quoted, unfilled

__all__ = ["DatedPath", "dated_path", "nightly_beside"]

_DATE = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<sign>[-_/.]?)(?P<month>\d\d)(?P=sign)(?P<day>\d\d)(?!\d)")
_COMPRESSIONS = (".gz", ".bz2", ".zst")


@dataclass(frozen=True, slots=True)
class DatedPath:
    """A path that holds a date, once or more.

    Attributes
    ----------
    path:
        As it was given.
    spelled:
        The date as it stands there.
    date:
        Which it is.
    expression:
        What a template says for it.
    """

    path: str
    spelled: str
    date: dt.date
    expression: str

    @property
    def template(self) -> str:
        """The path for any date, as a job file says it."""
        return f"{{{{ {self.expression} }}}}".join(map(unfilled, self.path.split(self.spelled)))

    def quoted(self) -> str:
        """Return the path for any date as YAML holds it."""
        return double_quoted(self.template)

    def without(self) -> str:
        """Return the path without its date."""
        return self.path.replace(self.spelled, "")


def dated_path(path: str) -> DatedPath | None:
    """Return the last date of a path, ``None`` where it holds none.

    >>> dated_path("data/20261125.csv.gz").template, dated_path("data/2026/11/25/rows.jsonl").template
    ("data/{{ date.strftime('%Y%m%d') }}.csv.gz", "data/{{ date.strftime('%Y/%m/%d') }}/rows.jsonl")
    >>> dated_path("2026-11-25.parquet").template, dated_path("data/2026-13-25.parquet"), dated_path("rows.csv")
    ('{{ date }}.parquet', None, None)
    """
    for match in reversed(list(_DATE.finditer(path))):
        try:
            date = dt.date(*(int(match[part]) for part in ("year", "month", "day")))
        except ValueError:
            continue
        sign = match["sign"]
        expression = "date" if sign == "-" else f"date.strftime('%Y{sign}%m{sign}%d')"
        return DatedPath(path, match[0], date, expression)
    return None


def nightly_beside(path: str) -> str:
    """Return, as YAML holds it, the path of a file a day in the folder of a file, with its ending.

    >>> print(nightly_beside("data/rows.csv.gz"), nightly_beside("rows.parquet"))
    "data/{{ date }}.csv.gz" "{{ date }}.parquet"
    """
    file = PurePosixPath(path.partition("?")[0])
    endings = file.suffixes[-2:] if file.suffix in _COMPRESSIONS else file.suffixes[-1:]
    folder = path[: len(path.partition("?")[0]) - len(file.name)]
    return double_quoted(f"{unfilled(folder)}{{{{ date }}}}{unfilled(''.join(endings))}")
