"""What goes wrong with a stream: failures and silences told as the job tells of errors, and a history that is gone."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from textdrift.alerts import Observation
from textdrift.errors import HistoryError
from textdrift.history import History
from textdrift.job.alarm import JobAlarm
from textdrift.job.metrics import write_metrics
from textdrift.job.outages import Outage, tell_outage
from textdrift.job.outbox import deliver_pending, outgoing
from textdrift.job.remembering import remember_failure
from textdrift.job.windows import Clock
from textdrift.job_config import JobConfig
from textdrift.watching.silence import BEGINNING, Silence

__all__ = ["HistoryOutage", "Silences", "Tell"]

Tell = Callable[[str], None]
_FIRST_PAUSE, _LONGEST_PAUSE, _STEP = 1.0, 60.0, 0.2


@dataclass(slots=True)
class HistoryOutage:
    """Waits while windows cannot be stored, in the history or on the disk: longer each time, and told once."""

    config: JobConfig
    clock: Clock
    tell: Tell
    _pause: float = field(default_factory=lambda: _FIRST_PAUSE)
    _known: Outage | None = None

    def wait(self, error: Exception, window: str, stop: Callable[[], bool]) -> bool:
        """Wait a while; return whether to try again, which is not when told to stop."""
        reason = self.config.hidden(str(error))
        if self._pause == _FIRST_PAUSE:
            self.tell(f"the window cannot be stored, so nothing more is read until it can: {reason}")
            self._known, _ = tell_outage(self.config, window, reason, clock=self.clock)
        until, self._pause = time.monotonic() + self._pause, min(2 * self._pause, _LONGEST_PAUSE)
        while time.monotonic() < until and not stop():
            time.sleep(_STEP)
        return not stop()

    def is_over(self) -> Outage | None:
        """Take note that the history was written; return what was told of the outage, where there was one."""
        known, self._known = self._known, None
        if self._pause > _FIRST_PAUSE:
            self._pause = _FIRST_PAUSE
            self.tell("windows can be stored again")
        return known


class Silences:
    """Tells of silences and of their ends, to the sinks that asked for errors.

    Parameters
    ----------
    config, history, clock, tell:
        Of the watch.
    longest:
        Seconds without a row that are told; ``None`` for never.
    """

    def __init__(self, config: JobConfig, history: History, clock: Clock, tell: Tell, longest: float | None) -> None:
        self._config, self._history, self._clock, self._tell = config, history, clock, tell
        self._silence = Silence(longest, clock())
        self._may_be_told = self._told_name() is not None  # by a watch before this one

    def seconds(self) -> float:
        """Return how long no row has come."""
        return self._silence.seconds(self._clock())

    def pass_time(self) -> None:
        """Tell of a silence that has lasted long enough."""
        name = self._silence.begins(self._clock())
        if name is None:
            return
        reason = f"no row came for {self._silence.longest:g} seconds"
        self._tell(f"{name}: {reason}")
        self._may_be_told = True
        try:
            with self._history.exclusive(self._config.name):
                remember_failure(self._history, self._config, name, reason, alert=True, clock=self._clock)
                write_metrics(self._history, self._config, clock=self._clock, succeeded=False)
        except HistoryError as error:
            tell_outage(self._config, name, f"{reason}; and the history is gone: {error}", clock=self._clock)

    def row_came(self) -> None:
        """Tell whoever heard of a silence that rows come again."""
        self._silence.ends(self._clock())
        if not self._may_be_told:
            return
        with contextlib.suppress(HistoryError), self._history.exclusive(self._config.name):
            name = self._told_name()
            if name is not None:
                # Too little to tell of drift: it ends the silence and moves nothing else.
                seen = Observation(window=f"after {name}", at=self._clock())
                stored = self._history.alert_state(self._config.name)
                run = f"{self._config.name}/{seen.window}"
                going_out = outgoing(self._config, stored, seen, run=run, report=None, link=None)
                self._history.queue(self._config.name, going_out.state, going_out.messages)
                deliver_pending(self._history, self._config, clock=self._clock)
                self._tell("rows come again")
            self._may_be_told = False

    def _told_name(self) -> str | None:
        """Return the name of the silence that was told and has not ended."""
        failure = JobAlarm.from_dict(self._history.alert_state(self._config.name)).tracks["inputs"].failure
        if failure is None or not failure.is_open or not failure.window.startswith(BEGINNING):
            return None
        return failure.window
