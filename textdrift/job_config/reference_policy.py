"""The reference policy: which earlier windows a window is compared with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from textdrift.errors import SettingsError
from textdrift.job_config.strict import Strict
from textdrift.job_config.templates import is_template

__all__ = ["POLICY_KEYS", "SOURCE_KEYS", "ReferencePolicy", "is_policy", "without_fixed_policy"]

SOURCE_KEYS = ("path", "sql", "query", "start", "end")
"""The keys of a window as a table."""

POLICY_KEYS = ("policy", "windows", "since")
"""The keys that make a reference more than a window."""


class ReferencePolicy(Strict):
    """Which earlier windows a window is compared with.

    ``trailing`` takes the last N windows, ``same_weekday`` those of the last N same weekdays, ``growing`` all since a
    date. They are read as ``current`` is for their dates, unless ``path`` or ``sql`` says otherwise. A ``fixed``
    reference is a window like any other.
    """

    policy: Literal["trailing", "same_weekday", "growing"] = Field(
        description="The last `windows` (trailing), those of this weekday (same_weekday), or all `since` (growing)."
    )
    windows: int | None = Field(default=None, ge=1, description="How many earlier windows.")
    since: dt.date | str | None = Field(default=None, description="The first date of a growing reference.")
    path: str | list[str] | None = Field(
        default=None, description="Where earlier windows lie; that of `current` without."
    )
    sql: str | None = Field(default=None, description="A database URL, with `query`.")
    query: str | None = Field(default=None, description="The SELECT that goes with `sql`.")
    start: Any = Field(default=None, description="Rows from this time on.")
    end: Any = Field(default=None, description="Rows before this time.")

    @field_validator("since", mode="after")
    @classmethod
    def _a_date(cls, since: dt.date | str | None) -> dt.date | str | None:
        if not isinstance(since, str) or is_template(since):
            return since
        try:
            return dt.date.fromisoformat(since)
        except ValueError:
            raise SettingsError(f"it needs a date such as 2026-01-01; got {since!r}") from None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = "since" if self.policy == "growing" else "windows"
        idle = "windows" if self.policy == "growing" else "since"
        if getattr(self, needed) is None:
            what = "the first date, since: 2026-01-01" if needed == "since" else "how many windows, windows: 28"
            raise SettingsError(f"reference: the policy {self.policy!r} needs {what}")
        if getattr(self, idle) is not None:
            raise SettingsError(f"reference: the policy {self.policy!r} has no {idle!r}; leave it out")
        if self.path is not None and self.sql is not None:
            raise SettingsError("reference: it has both path and sql; keep one")
        if (self.sql is None) != (self.query is None):
            raise SettingsError("reference: sql and query go together; give both, or neither")
        if self.source is not None and self.path is None and self.sql is None:
            raise SettingsError("reference: start and end go with a path or sql; name one")
        return self

    @property
    def source(self) -> dict[str, Any] | None:
        """Where earlier windows are read from; ``None`` for where ``current`` is."""
        table = {key: getattr(self, key) for key in SOURCE_KEYS}
        return {key: value for key, value in table.items() if value is not None} or None


def is_policy(given: Any) -> bool:
    """Return whether a reference is meant as a policy.

    >>> is_policy({"policy": "trailing", "windows": 7}), is_policy({"path": "a.csv"}), is_policy({"windows": 7})
    (True, False, True)
    """
    return isinstance(given, ReferencePolicy) or (
        isinstance(given, Mapping) and any(key in given for key in POLICY_KEYS)
    )


def without_fixed_policy(given: Any) -> Any:
    """Return a reference of the policy ``fixed`` as the window that it is.

    Raises
    ------
    SettingsError
        When it has a key of the other policies.

    Examples
    --------
    >>> without_fixed_policy({"policy": "fixed", "path": "a.csv"})
    {'path': 'a.csv'}
    """
    if not isinstance(given, Mapping) or given.get("policy") != "fixed":
        return given
    for key in ("windows", "since"):
        if given.get(key) is not None:
            raise SettingsError(f"a fixed reference has no {key!r}; leave it out, or choose another policy")
    if not (given.get("path") or given.get("sql")):
        raise SettingsError("a fixed reference needs the path of its file, or sql and query")
    return {key: value for key, value in given.items() if key not in POLICY_KEYS}
