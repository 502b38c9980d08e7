"""What a job needs to be watched."""

from __future__ import annotations

from textdrift.errors import SettingsError
from textdrift.job_config import JobConfig, ReferencePolicy, StreamConfig
from textdrift.watching.labels import columns_of_labels

__all__ = ["check_watchable"]


def check_watchable(config: JobConfig) -> tuple[StreamConfig, str]:
    """Return the stream and the history of a job.

    Raises
    ------
    SettingsError
        When it has not both, its reference follows dates, or late labels have no column or no place to come from.
    """
    if config.stream is None:
        raise SettingsError(f"job {config.name!r} has no stream to watch; add `stream: {{source: -, rows: 500}}`")
    if config.history is None:
        raise SettingsError("a stream needs a history, where its windows are kept; add `history: sqlite:///drift.db`")
    if isinstance(config.reference, ReferencePolicy):
        raise SettingsError(
            f"the reference policy {config.reference.policy!r} follows dated files, and a stream has none; name a "
            "window"
        )
    if config.labels is not None and config.labels.path != "-":
        raise SettingsError(
            'labels.path: of a stream it is "-", and labels come among the rows; where they come by themselves, name '
            "the stream or the growing file as stream.labels"
        )
    if config.labels is None and config.stream.labels is not None:
        raise SettingsError(
            "stream.labels: say how labels find their rows; add `labels: {path: '-', join: id, label: label}`"
        )
    columns_of_labels(config)
    return config.stream, config.history
