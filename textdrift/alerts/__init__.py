"""What leaves the machine when a job finds drift or fails: one message a story, and figures for dashboards."""

from textdrift.alerts.message import message_of
from textdrift.alerts.message_text import as_text
from textdrift.alerts.mlflow import log_to_mlflow
from textdrift.alerts.opentelemetry import export
from textdrift.alerts.prometheus import push, write_textfile
from textdrift.alerts.run_metrics import RunMetrics
from textdrift.alerts.sink_names import sink_name
from textdrift.alerts.sinks import check_sink, deliver
from textdrift.alerts.span_event import add_span_event
from textdrift.alerts.state import AlertPolicy, AlertState, Event, Observation
from textdrift.alerts.stepping import acknowledge, snooze, step
from textdrift.alerts.story_course import StoryCourse
from textdrift.alerts.wandb import log_to_wandb

__all__ = [
    "AlertPolicy",
    "AlertState",
    "Event",
    "Observation",
    "RunMetrics",
    "StoryCourse",
    "acknowledge",
    "add_span_event",
    "as_text",
    "check_sink",
    "deliver",
    "export",
    "log_to_mlflow",
    "log_to_wandb",
    "message_of",
    "push",
    "sink_name",
    "snooze",
    "step",
    "write_textfile",
]
