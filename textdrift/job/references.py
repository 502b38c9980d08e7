"""The reference policy: which rows a window of a job is compared with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from textdrift.errors import MissingSourceError, SettingsError
from textdrift.job.windows import JobWindow
from textdrift.job_config import ReferencePolicy

__all__ = ["reference_dates", "reference_source"]

_WEEK = 7
_SHOWN = 3


def reference_source(window: JobWindow) -> Any:
    """Return the source of the reference, as ``compare`` takes it.

    A fixed reference is what the job names. The other policies take earlier windows: the last N (``trailing``), those
    of the last N same weekdays (``same_weekday``), or all since a date (``growing``). Nights of which there is no file
    are left out; one at least must be there.

    Raises
    ------
    MissingSourceError
        When no earlier window is there.
    SettingsError
        When a policy that needs dates runs without one, or the windows cannot be read as one source.
    """
    policy = window.config.reference
    if not isinstance(policy, ReferencePolicy):
        return policy
    if window.date is None:
        raise SettingsError(
            f"the reference policy {policy.policy!r} counts back from a date, and this job knows none; write "
            "{{ date }} into the path of `current`, or run with --date"
        )
    return _as_one([source for day in reference_dates(policy, window.date) if (source := _source(window, day))], window)


def reference_dates(policy: ReferencePolicy, date: dt.date) -> list[dt.date]:
    """Return the dates of the windows that a policy takes, the oldest first."""
    if policy.policy == "growing":
        since = policy.since if isinstance(policy.since, dt.date) else date
        return [since + dt.timedelta(days=day) for day in range((date - since).days)]
    pause = _WEEK if policy.policy == "same_weekday" else 1
    return [date - dt.timedelta(days=pause * back) for back in range(policy.windows or 1, 0, -1)]


def _source(window: JobWindow, day: dt.date) -> Mapping[str, Any] | None:
    """Return what the window of an earlier day is read from; ``None`` where its file is not there."""
    config = window.config.at(day)
    policy = config.reference
    own = policy.source if isinstance(policy, ReferencePolicy) else None
    source = own or config.current
    table = dict(source) if isinstance(source, Mapping) else {"path": source}
    return table if all(map(_may_be_there, _paths(table))) else None


def _paths(source: Mapping[str, Any]) -> Iterator[str]:
    path = source.get("path")
    if path is not None:
        yield from map(str, path if isinstance(path, (list, tuple)) else [path])


def _may_be_there(path: str) -> bool:
    """Whether a local file is there; what lies behind a URL is found out when it is read."""
    if "://" in path:
        return True
    return any(Path().glob(path)) if _is_relative_glob(path) else _exists(path)


def _is_relative_glob(path: str) -> bool:
    return any(sign in path for sign in "*?[") and not Path(path).is_absolute()


def _exists(path: str) -> bool:
    place = Path(path)
    if any(sign in path for sign in "*?["):
        return any(place.parent.glob(place.name))
    return place.exists()


def _as_one(sources: list[Mapping[str, Any]], window: JobWindow) -> Any:
    """Return several windows as one source: files side by side, or one stretch of times of one source."""
    if not sources:
        raise MissingSourceError(
            f"the reference policy of job {window.config.name!r} found none of the earlier windows of {window.name}; "
            "begin with a fixed reference, or with a later date"
        )
    if len(sources) == 1:
        return dict(sources[0])
    bare = [{key: value for key, value in source.items() if key not in ("start", "end")} for source in sources]
    if all(source == bare[0] for source in bare):
        if len({(source.get("start"), source.get("end")) for source in sources}) == 1:
            raise SettingsError(
                "the earlier windows of the reference policy are all one and the same source; write {{ date }} into "
                "its path, or into start and end"
            )
        return _one_stretch(sources, bare[0])
    if all(set(source) == {"path"} for source in sources):
        return {"path": [path for source in sources for path in _paths(source)]}
    raise SettingsError(
        "a reference of several windows is read from files, one or more a window, or from one source of which start "
        f"and end take a stretch; it has {[sorted(source) for source in sources[:_SHOWN]]}"
    )


def _one_stretch(sources: list[Mapping[str, Any]], bare: Mapping[str, Any]) -> dict[str, Any]:
    for before, after in pairwise(sources):
        if before.get("end") != after.get("start"):
            raise SettingsError(
                f"the windows of the reference policy leave gaps ({before.get('end')} to {after.get('start')}), and "
                "one source with start and end can give one stretch alone; keep each window in a file of its own"
            )
    return {**bare, "start": sources[0].get("start"), "end": sources[-1].get("end")}
