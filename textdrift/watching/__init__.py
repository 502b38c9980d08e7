"""A job on a live stream: rows in, windows closed by time or count, each judged as the job does."""

from textdrift.watching.monitor import Monitor
from textdrift.watching.watched import Watched
from textdrift.watching.watching import watch_job

__all__ = ["Monitor", "Watched", "watch_job"]
