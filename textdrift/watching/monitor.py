"""Monitor: a few lines in a model server, which judge its texts window by window behind its back."""

from __future__ import annotations

import datetime as dt
import logging
import os
import threading
import weakref
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from textdrift.errors import HistoryError, SettingsError
from textdrift.job_config import JobConfig, read_job
from textdrift.watching.stream_rows import StreamRow
from textdrift.watching.waiting_rows import WaitingRows

__all__ = ["Monitor"]

_LOG = logging.getLogger("textdrift")
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 30.0
_MONITORS: weakref.WeakSet[Monitor] = weakref.WeakSet()


class Monitor:
    """Watches the texts of a model server.

    ``update`` takes a text and what the model said of it, lays them down and returns: microseconds, from any thread,
    and it never raises because of the texts and never waits. A thread behind it closes windows and judges them as
    ``watch`` does, with the job's history, alerts and reports. When it cannot keep up, no more than
    ``stream.max_waiting`` rows wait; those beyond are counted in ``n_dropped`` and told in the log.

    The thread begins with the first text. A process that forks after that, as a server with workers does, has a monitor
    of its own in each child, which begins with nothing. One process at a time watches a job: in the others texts are
    dropped and counted until that one ends, and then the next takes over. What is judged is then the share of the texts
    that one worker sees; to have all judged, write them to a file or to Redis, and let ``textdrift watch`` read it.

    Parameters
    ----------
    job:
        A job file, or a job, with ``stream`` and ``history``.

    Raises
    ------
    SettingsError
        When the job has no stream or history, or cannot be watched; before the first text is taken.

    Examples
    --------
    In a model server::

        monitor = textdrift.Monitor("configs/stream.yaml")
        label = model.predict(text)
        monitor.update(text, label, id=request_id)
        monitor.update_label(request_id, "negative")  # whenever it comes
        monitor.drift_detected, monitor.last["summary"]
    """

    def __init__(self, job: str | Path | JobConfig) -> None:
        from textdrift.watching.absent_roles import optional_columns
        from textdrift.watching.labels import columns_of_labels
        from textdrift.watching.watchable import check_watchable

        self._config = job if isinstance(job, JobConfig) else read_job(job)
        stream, self._history_url = check_watchable(self._config)
        if self._config.columns.text is None:
            raise SettingsError("a monitor takes texts, and the job has no text column; name it as columns.text")
        self._label_columns = columns_of_labels(self._config)
        self._optional = frozenset(optional_columns(self._config.columns))
        self._most = stream.max_waiting
        self._last: Mapping[str, Any] | None = None
        self._begin_anew()
        _MONITORS.add(self)

    def update(
        self, text: str | None, prediction: Any = None, *, id: Any = None, time: Any = None, **columns: Any  # noqa: A002 - the role is called id
    ) -> None:  # fmt: skip
        """Take one text and what the model said of it.

        Parameters
        ----------
        text:
            The text, ``None`` where there was none. What is no text is judged as it is spelled.
        prediction, id, time:
            What the columns of these parts hold; without a time the arrival counts.
        columns:
            Other columns that the job names: segments, features, probabilities, group. What was never given so far is
            left out of the judgement, and told once in the log and in each report.
        """
        roles = self._config.columns
        now = dt.datetime.now(dt.UTC)
        id_column = roles.id or (self._label_columns[0] if self._label_columns else None)
        if roles.prediction is not None and (prediction is not None or roles.prediction not in self._not_given):
            columns[roles.prediction] = prediction
        if id_column is not None and id is not None:
            columns[id_column] = id
        if roles.time is not None:
            columns[roles.time] = now if time is None else time
        columns[str(roles.text)] = text
        if self._not_given:
            self._not_given.difference_update(columns)
        self._put(StreamRow(columns, now))

    def update_label(self, id: Any, label: Any) -> None:  # noqa: A002 - the role is called id
        """Take the true label of a text that was sent before.

        Raises
        ------
        SettingsError
            When the job takes no late labels.
        """
        if self._label_columns is None:
            raise SettingsError("the job takes no late labels; add `labels: {path: '-', join: id, label: label}`")
        join, target = self._label_columns
        self._put(StreamRow({join: id, target: label}, dt.datetime.now(dt.UTC)))

    @property
    def drift_detected(self) -> bool:
        """Whether the newest judged window drifted."""
        return self._last is not None and self._last["verdict"] == "drift"

    @property
    def last(self) -> Mapping[str, Any] | None:
        """The report of the newest judged window, as ``to_dict`` gives it; ``None`` before the first."""
        return self._last

    @property
    def failure(self) -> str | None:
        """Why nothing is judged at present: another process watches the job, or the history is gone; else ``None``."""
        return self._failure

    @property
    def n_dropped(self) -> int:
        """Rows that were not taken: too many waited, another process watches the job, or it was closed."""
        return self._n_dropped

    def close(self, timeout: float | None = None) -> bool:
        """Judge what is left, and end; rows that arrive later are dropped. Return whether it ended in time."""
        self._closing.set()
        thread = self._thread
        if thread is not None:
            thread.join(timeout)
        return thread is None or not thread.is_alive()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Judge what is left, and end."""
        self.close()

    def _begin_anew(self) -> None:
        """Begin with nothing: when it is made, and in a child process, which has no thread and maybe a locked lock."""
        self._waiting: deque[StreamRow] = deque()
        self._not_given = set(self._optional)
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._failure: str | None = None
        self._n_dropped = 0

    def _put(self, row: StreamRow) -> None:
        if self._closing.is_set():
            self._drop(1, "it was closed")
        elif len(self._waiting) >= self._most:
            self._drop(1, self._failure or "too many wait to be judged")
        else:
            self._waiting.append(row)
            if self._thread is None:
                self._start()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="textdrift-monitor", daemon=True)
                self._thread.start()

    def _drop(self, n: int, reason: str) -> None:
        with self._lock:
            before, self._n_dropped = self._n_dropped, self._n_dropped + n
        if before.bit_length() != self._n_dropped.bit_length():  # at 1, 2, 4, 8 …: a log is no place for each
            _LOG.warning("%s: %d rows were not taken: %s", self._config.name, self._n_dropped, reason)

    def _watch(self) -> None:
        """Watch until it is closed, whatever happens; what fails is told in the log, and tried again."""
        wait = _FIRST_WAIT
        while True:
            try:
                self._watch_once()
            except Exception as error:  # noqa: BLE001 - a server must not fall with its monitor
                self._fail(self._config.hidden(f"watching failed: {type(error).__name__}: {error}"))
            else:
                if self._failure is None:
                    return
            if self._closing.wait(wait):
                self._give_up()
                return
            wait = min(2 * wait, _LONGEST_WAIT)

    def _watch_once(self) -> None:
        """Watch until it is closed; a job that another process watches is left to it, and so are the rows."""
        from textdrift.history import open_history
        from textdrift.job.windows import utc_now
        from textdrift.watching.resuming import name_of_watch
        from textdrift.watching.watching import watch_with

        with open_history(self._history_url) as history:
            held = history.exclusive(name_of_watch(self._config.name), timeout=0)
            try:
                held.__enter__()
            except HistoryError:
                self._fail("another process watches this job: the texts of this one are not judged until that one ends")
                self._give_up()
                return
            try:
                self._failure = None
                source = WaitingRows(self._waiting, self._closing)
                for watched in watch_with(
                    history,
                    self._config,
                    source,
                    stop=lambda: False,
                    clock=utc_now,
                    tell=self._tell,
                    not_given=lambda: frozenset(self._not_given),
                ):
                    if watched.result is not None and watched.result.stage == "inputs":
                        self._last = watched.result.document
                    for note in watched.notes:
                        self._tell(f"window {watched.window}: {note}")
            finally:
                held.__exit__(None, None, None)

    def _fail(self, reason: str) -> None:
        if reason != self._failure:
            self._failure = reason
            self._tell(reason)

    def _give_up(self) -> None:
        n = len(self._waiting)
        self._waiting.clear()
        if n:
            self._drop(n, self._failure or "it was closed")

    def _tell(self, sentence: str) -> None:
        _LOG.warning("%s: %s", self._config.name, sentence)


def _begin_anew_in_child() -> None:
    for monitor in list(_MONITORS):
        monitor._begin_anew()  # noqa: SLF001 - of its own class


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew_in_child)
