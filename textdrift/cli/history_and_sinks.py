"""The history and the sinks of a job: whether one opens, and whether Apprise knows the others; nothing is sent."""

from __future__ import annotations

import contextlib
import logging
import os
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

from textdrift.cli.checks import Check
from textdrift.errors import TextdriftError, nearest_name

if TYPE_CHECKING:
    from textdrift.job_config import JobConfig

__all__ = ["check_history", "check_sinks"]


def check_history(job: JobConfig) -> Iterator[Check]:
    """Look whether the history opens; a file that is not there yet is not made."""
    needs = [key for key in ("alerts", "labels", "slow_drift") if getattr(job, key)]
    if job.history is None:
        if needs:
            yield Check("history", "fault", f"{', '.join(needs)} need one; add `history: sqlite:///drift.db`")
        return
    from textdrift.history import open_history
    from textdrift.history.addressing import address_of
    from textdrift.windows.numbers_in_words import counted

    try:
        address = address_of(job.history)
        if address.path is not None and not address.path.exists():
            writable = os.access(address.path.parent, os.W_OK | os.X_OK)
            told = "will be made" if writable else "cannot be made: its folder takes no files"
            yield Check("history", "ok" if writable else "fault", f"{address.shown} {told}")
            return
        with open_history(job.history, read_only=True) as history:
            n_runs = history.n_runs(job.name)
            yield Check("history", "ok", f"{address.shown}, {counted(n_runs, 'run')} of this job")
    except TextdriftError as error:
        fresh = "run a job" in str(error)  # no schema yet, or an older one: the first run brings it up
        yield Check("history", "note" if fresh else "fault", str(error))


def check_sinks(job: JobConfig) -> Iterator[Check]:
    """Look whether Apprise knows the address of each sink; nothing is sent."""
    if not job.alerts:
        return
    from textdrift.alerts import sink_name

    with _quiet():
        import apprise

        known = [apprise.Apprise.instantiate(str(alert.url), suppress_exceptions=True) for alert in job.alerts]
    for place, (alert, sink) in enumerate(zip(job.alerts, known, strict=True), start=1):
        name = f"{place} {sink_name(alert.url)}"
        if sink is None:
            hint = nearest_name(alert.url.partition("://")[0], _schemes())
            told = f"{name} is no address that Apprise knows; {hint if hint.startswith('did') else 'check it'}"
            yield Check("alerts", "fault", told)
        else:
            yield Check("alerts", "ok", f"{name}, on {', '.join(alert.on)}")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep Apprise from logging the address, which is a key, and from warning of the modules that it imports."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _schemes() -> list[str]:
    import apprise

    return [scheme for scheme in apprise.plugins.N_MGR.schemas() if isinstance(scheme, str)]
