"""What leaves the machine when a job finds drift or fails: one message a story, and figures for dashboards."""

from textdrift.alerts.message import message_of
from textdrift.alerts.message_text import as_text
from textdrift.alerts.opentelemetry import export
from textdrift.alerts.prometheus import push, write_textfile
from textdrift.alerts.run_metrics import RunMetrics
from textdrift.alerts.sink_names import sink_name
from textdrift.alerts.sinks import check_sink, deliver
from textdrift.alerts.state import AlertPolicy, AlertState, Event, Observation
from textdrift.alerts.stepping import acknowledge, snooze, step

__all__ = [
    "AlertPolicy",
    "AlertState",
    "Event",
    "Observation",
    "RunMetrics",
    "acknowledge",
    "as_text",
    "check_sink",
    "deliver",
    "export",
    "message_of",
    "push",
    "sink_name",
    "snooze",
    "step",
    "write_textfile",
]
