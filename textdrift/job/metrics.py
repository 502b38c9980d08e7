"""The figures of a job for Prometheus and OpenTelemetry: written after every run, also after one that failed."""

from __future__ import annotations

from collections.abc import Callable

from textdrift.alerts import RunMetrics, export, push, write_textfile
from textdrift.errors import DeliveryError, HistoryError, MissingExtraError, SettingsError
from textdrift.history import History
from textdrift.job.alarm import JobAlarm
from textdrift.job.windows import Clock
from textdrift.job_config import JobConfig

__all__ = ["write_metrics"]


def write_metrics(history: History, config: JobConfig, *, clock: Clock, succeeded: bool) -> list[str]:
    """Write the job's figures wherever it asks for them; return a sentence for each place that took none.

    Parameters
    ----------
    history:
        Knows the last success, the failures and the alert's state.
    config:
        The job.
    clock:
        Tells the time, in UTC.
    succeeded:
        Whether the run judged its window; after a failure no old verdict is to look new.
    """
    places = config.metrics
    if places is None:
        return []
    try:
        figures = _figures(history, config, clock, succeeded=succeeded)
    except HistoryError as error:
        return [f"the metrics could not be made: {config.hidden(str(error))}"]
    writers: list[Callable[[], None]] = []
    if places.textfile is not None:
        writers.append(lambda: write_textfile(str(places.textfile), figures))
    if places.push is not None:
        writers.append(lambda: push(str(places.push), figures))
    if places.otlp is not None:
        writers.append(lambda: export(str(places.otlp), figures))
    troubles = []
    for write in writers:
        try:
            write()
        except (DeliveryError, SettingsError, MissingExtraError, OSError) as error:
            troubles.append(f"the metrics were not written: {config.hidden(str(error))}")
    return troubles


def _figures(history: History, config: JobConfig, clock: Clock, *, succeeded: bool) -> RunMetrics:
    newest = history.runs(config.name, limit=1) if succeeded else []
    return RunMetrics(
        job=config.name,
        last_success_at=history.last_success(config.name),
        last_run_at=clock(),
        n_failures=len(history.failures(config.name)),
        alert_status=JobAlarm.from_dict(history.alert_state(config.name)).status,
        report=history.report(newest[-1].id) if newest else None,
    )
