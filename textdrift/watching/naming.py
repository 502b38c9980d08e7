"""What the windows of a stream are called: by their time, and apart where two begin in one second."""

from __future__ import annotations

import datetime as dt
import itertools

import pyarrow as pa

from textdrift.errors import TextdriftError
from textdrift.history import History
from textdrift.job.stages import columns_of_stage
from textdrift.job.windows import roles_of
from textdrift.job_config import JobConfig
from textdrift.watching.moments import iso
from textdrift.windows.fingerprinting import fingerprint
from textdrift.windows.reading_both import read_present

__all__ = ["WindowNames"]


class WindowNames:
    """Gives each window the name of its start, ``2026-11-26T10:00:00Z``, or ``2026-11-26T10:00:00Z-0002`` and so on.

    The same rows have the same name when they come again: a name that the history knows is given to the rows that it
    knows it for, and to no others, so that none is taken for judged that was not. Names are in the order of time.
    """

    def __init__(self, config: JobConfig, history: History) -> None:
        self._config, self._history = config, history
        self._given: set[str] = set()
        self._second = ""

    def name_of(self, start: dt.datetime, table: pa.Table) -> str:
        """Return the name of a window that begins at a time and holds these rows."""
        second = iso(start)
        if second != self._second:
            self._second, self._given = second, set()
        for number in itertools.count(1):
            name = second if number == 1 else f"{second}-{number:04d}"
            if name not in self._given and self._is_free_or_of(name, table):
                break
        return name

    def keep(self, name: str) -> None:
        """Give a name to no other window of this watch."""
        self._given.add(name)

    def _is_free_or_of(self, name: str, table: pa.Table) -> bool:
        stored = self._history.stored(self._config.name, name)
        if stored is None:
            return True
        known = self._history.report(stored.id).get("fingerprints") or {}
        columns = columns_of_stage(self._config, "inputs")
        roles = roles_of(self._config.model_copy(update={"columns": columns}))
        try:
            return bool(known.get("current") == fingerprint(read_present(table, roles)))
        except TextdriftError:  # rows that cannot be read were not judged
            return False
