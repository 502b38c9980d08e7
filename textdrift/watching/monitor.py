"""Monitor: a few lines in a model server, which judge its texts window by window behind its back."""

from __future__ import annotations

import datetime as dt
import logging
import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from textdrift.errors import SettingsError
from textdrift.job_config import JobConfig, read_job
from textdrift.watching.stream_rows import StreamRow

__all__ = ["Monitor"]

_LOG = logging.getLogger("textdrift")
_PAUSE = 0.1


class Monitor:
    """Watches the texts of a model server.

    ``update`` takes a text and what the model said of it, puts them into a queue and returns: microseconds, from any
    thread, and it never raises because of the texts. A thread behind it closes windows and judges them as ``watch``
    does, with the job's history, alerts and reports. When it cannot keep up, no more than ``stream.max_waiting`` rows
    wait; those beyond are counted in ``n_dropped`` and told in the log.

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
        from textdrift.watching.watching import check_watchable

        self._config = job if isinstance(job, JobConfig) else read_job(job)
        stream, _ = check_watchable(self._config)
        if self._config.columns.text is None:
            raise SettingsError("a monitor takes texts, and the job has no text column; name it as columns.text")
        self._queue: queue.Queue[StreamRow] = queue.Queue(maxsize=stream.max_waiting)
        self._closing = threading.Event()
        self._last: Mapping[str, Any] | None = None
        self._failure: str | None = None
        self._n_dropped = 0
        self._thread = threading.Thread(target=self._watch, name="textdrift-monitor", daemon=True)
        self._thread.start()

    def update(
        self, text: str | None, prediction: Any = None, *, id: Any = None, time: Any = None, **columns: Any  # noqa: A002 - the role is called id
    ) -> None:  # fmt: skip
        """Take one text and what the model said of it.

        Parameters
        ----------
        text:
            The text, ``None`` where there was none.
        prediction, id, time:
            What the columns of these parts hold; without a time the arrival counts.
        columns:
            Other columns that the job names: segments, probabilities, group.
        """
        roles = self._config.columns
        now = dt.datetime.now(dt.UTC)
        values = dict(columns)
        named = ((roles.text, text), (roles.prediction, prediction), (roles.id, id), (roles.time, time or now))
        values.update({column: value for column, value in named if column is not None})
        self._put(StreamRow(values, now))

    def update_label(self, id: Any, label: Any) -> None:  # noqa: A002 - the role is called id
        """Take the true label of a text that was sent before.

        Raises
        ------
        SettingsError
            When the job names no columns for id and label.
        """
        roles = self._config.columns
        if roles.id is None or roles.label is None:
            raise SettingsError("labels find their texts by id; name columns.id and columns.label in the job")
        self._put(StreamRow({roles.id: id, roles.label: label}, dt.datetime.now(dt.UTC)))

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
        """Why the watch behind it ended early; ``None`` while it runs."""
        return self._failure

    @property
    def n_dropped(self) -> int:
        """Rows that found no place, since too many waited to be judged."""
        return self._n_dropped

    def close(self, timeout: float | None = None) -> None:
        """Judge what is left, and end. Rows that arrive later are dropped."""
        self._closing.set()
        self._thread.join(timeout)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Judge what is left, and end."""
        self.close()

    def _put(self, row: StreamRow) -> None:
        reason = self._failure or ("it was closed" if self._closing.is_set() else "")
        if not reason:
            try:
                self._queue.put_nowait(row)
            except queue.Full:
                reason = "too many wait to be judged"
        if reason:
            self._n_dropped += 1
            if self._n_dropped & (self._n_dropped - 1) == 0:  # 1, 2, 4, 8 …: a log is no place for each
                _LOG.warning("%s: %d rows were not taken: %s", self._config.name, self._n_dropped, reason)

    def _watch(self) -> None:
        from textdrift.watching.watching import watch_job

        try:
            for watched in watch_job(self._config, stop=lambda: False, source=_QueueSource(self._queue, self._closing)):
                if watched.result is not None and watched.result.stage == "inputs":
                    self._last = watched.result.document
                for note in watched.notes:
                    _LOG.warning("%s: %s", self._config.name, note)
        except Exception as error:  # noqa: BLE001 - a server must not fall with its monitor
            self._failure = self._config.hidden(f"{type(error).__name__}: {error}")
            _LOG.exception("%s: watching ended", self._config.name)


class _QueueSource:
    """The queue as a source of rows, which ends when it is closed and empty."""

    trouble = ""

    def __init__(self, waiting: queue.Queue[StreamRow], closing: threading.Event) -> None:
        self._queue, self._closing = waiting, closing

    def rows(self, stop: Any) -> Iterator[StreamRow | None]:
        """Yield rows, and ``None`` while none comes."""
        while not stop():
            try:
                yield self._queue.get(timeout=_PAUSE)
            except queue.Empty:
                if self._closing.is_set():
                    return
                yield None

    def judged(self, marks: Sequence[str]) -> None:
        """Take note of nothing: what a queue gave is gone."""
