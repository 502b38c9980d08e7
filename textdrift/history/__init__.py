"""What outlives a run: its verdict and report, profiles, the state of alerts, messages that are to be sent."""

from textdrift.history.history import History
from textdrift.history.opening import open_history
from textdrift.history.records import Failure, NewRun, OutboxMessage, PendingMessage, StoredRun

__all__ = ["Failure", "History", "NewRun", "OutboxMessage", "PendingMessage", "StoredRun", "open_history"]
