"""A history that is away: told once, and its end once, though the alert's state cannot be read meanwhile.

What was told is kept in a small file in the report folder, ``<job>.history-outage.json``, until the history is back.
Where that file cannot be written either, each run tells again, under one deduplication key.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import xxhash

from textdrift.alerts import Event, message_of
from textdrift.errors import DeliveryError, HistoryError
from textdrift.history import History, OutboxMessage
from textdrift.job.outbox import handed, sinks_of
from textdrift.job_config import JobConfig

__all__ = ["Outage", "end_outage", "outage_file", "tell_outage"]

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A time in which the history could not be used.

    Attributes
    ----------
    window:
        The first window that met it.
    since:
        When, in UTC.
    told:
        The sinks that were told.
    is_kept:
        Whether the next run will know of it.
    """

    window: str
    since: str
    told: tuple[str, ...] = ()
    is_kept: bool = True

    def key(self, state: Literal["error", "recovered"]) -> str:
        """Return the deduplication key of its beginning or its end; without memory the time would make each run new."""
        return f"{self.window}/history/{self.since}/{state}" if self.is_kept else f"{self.window}/history/{state}"


def outage_file(config: JobConfig) -> Path:
    """Return where an outage is written down."""
    safe = _UNSAFE.sub("-", config.name)
    mark = "" if safe == config.name else f"-{xxhash.xxh3_64_hexdigest(config.name.encode())[:8]}"
    return config.report.folder / f"{safe}{mark}.history-outage.json"


def tell_outage(
    config: JobConfig, window: str, reason: str, *, clock: Callable[[], dt.datetime], known: Outage | None = None
) -> tuple[Outage | None, list[str]]:
    """Tell every sink that asked for errors and was not told yet.

    Parameters
    ----------
    window:
        The window that could not be judged, or not be kept.
    reason:
        What is wrong; secrets are taken out.
    known:
        The outage as the same process told it before.

    Returns
    -------
    tuple[Outage | None, list[str]]
        The outage, ``None`` where nobody asked for errors; and a sentence for each sink that took nothing.
    """
    sinks = {name: alert for name, alert in sinks_of(config.alerts).items() if "error" in alert.on}
    if not sinks:
        return None, []
    new = Outage(window=window, since=clock().astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    outage = known or _read(config) or new
    if known is None:
        outage = replace(outage, is_kept=_written(config, outage))
    troubles = []
    for name, alert in sinks.items():
        if name in outage.told:
            continue
        try:
            handed(alert, _message(config, outage, "error", window=window, error=config.hidden(reason)))
        except DeliveryError as error:
            troubles.append(config.hidden(str(error)))
        else:
            outage = replace(outage, told=(*outage.told, name))
    _written(config, outage)
    return outage, troubles


def end_outage(history: History, config: JobConfig, window: str, *, known: Outage | None = None) -> bool:
    """Queue the end of an outage for whoever heard of it; where the history still cannot be written it goes on.

    Return whether there was one that has ended.
    """
    outage = known or _read(config)
    if outage is None:
        return False
    body = _message(config, outage, "recovered", window=window)
    messages = [
        OutboxMessage(sink=name, dedup_key=str(body["dedup_key"]), state="recovered", body=body)
        for name in sinks_of(config.alerts)
        if name in outage.told
    ]
    with contextlib.suppress(HistoryError):
        history.queue(config.name, None, messages)
        with contextlib.suppress(OSError):
            outage_file(config).unlink(missing_ok=True)
        return True
    return False


def _message(
    config: JobConfig, outage: Outage, state: Literal["error", "recovered"], *, window: str, error: str | None = None
) -> dict[str, Any]:
    team = config.playbook or {}
    return message_of(
        Event(state, outage.window, outage.key(state)),
        job=config.name,
        window=window,
        run=f"{config.name}/{window}",
        report=None,
        owner=team.get("owner"),
        runbook=team.get("runbook"),
        link=None,
        error=error,
    )


def _read(config: JobConfig) -> Outage | None:
    try:
        stored = json.loads(outage_file(config).read_text(encoding="utf-8"))
        return Outage(window=str(stored["window"]), since=str(stored["since"]), told=tuple(map(str, stored["told"])))
    except (OSError, ValueError, TypeError, KeyError):  # none, or damaged: told again
        return None


def _written(config: JobConfig, outage: Outage) -> bool:
    path = outage_file(config)
    partial = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(
            json.dumps({"window": outage.window, "since": outage.since, "told": outage.told}) + "\n", encoding="utf-8"
        )
        partial.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        return False
    return True
