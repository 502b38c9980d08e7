"""What to say of a file that is not there: the dates nearest to its own that are, or the name it may be a slip for."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from pathlib import Path

__all__ = ["nearest_file"]

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|(?<!\d)(?:19|20)\d{6}(?!\d)")
_DIGITS = re.compile(r"\d+")


def nearest_file(path: Path) -> str:
    """Return a hint for a path that is not there; empty where no name is near.

    Names that differ in their digits alone are those of other dates where the path holds a year: the one before and the
    one after are named, at the first folder of the path that is missing.
    """
    missing = next((part for part in (path, *path.parents) if part.parent.is_dir()), None)
    if missing is None:
        return ""
    try:
        siblings = sorted(entry.name for entry in missing.parent.iterdir())
    except OSError:
        return ""
    if _YEAR.search(str(path)) and _DIGITS.search(missing.name):
        dated = _dates_near(missing.name, siblings)
        if dated:
            return dated
    near = difflib.get_close_matches(missing.name, siblings, n=1)
    return f"did you mean {near[0]!r}?" if near else ""


def _dates_near(name: str, siblings: Iterable[str]) -> str:
    """Return the names of the same shape that come before and after one.

    >>> nights = ["2026-11-24.parquet", "2026-11-25.parquet", "2026-11-28.parquet", "2026-11.parquet"]
    >>> _dates_near("2026-11-29.parquet", nights)
    "the newest there is '2026-11-28.parquet'"
    >>> _dates_near("2026-11-26.parquet", nights)
    "the nearest there are '2026-11-25.parquet' and '2026-11-28.parquet'"
    """
    alike = sorted(each for each in siblings if _shape(each) == _shape(name))
    before, after = [each for each in alike if each < name], [each for each in alike if each > name]
    if before and after:
        return f"the nearest there are {before[-1]!r} and {after[0]!r}"
    if before:
        return f"the newest there is {before[-1]!r}"
    return f"the oldest there is {after[0]!r}" if after else ""


def _shape(name: str) -> str:
    return _DIGITS.sub(lambda digits: "0" * len(digits[0]), name)
