"""textdrift: know when text, or what it means, has changed; where; why; and whether to believe the alarm."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textdrift.alerts.mlflow import log_to_mlflow as log_to_mlflow
    from textdrift.alerts.wandb import log_to_wandb as log_to_wandb
    from textdrift.comparing import compare as compare
    from textdrift.drift_detector import DriftDetector as DriftDetector
    from textdrift.errors import TextdriftError as TextdriftError
    from textdrift.label_answers import cost_from_labels as cost_from_labels
    from textdrift.label_answers import estimate_from_labels as estimate_from_labels
    from textdrift.profile_comparing import compare_profiles as compare_profiles
    from textdrift.profiling import profile as profile
    from textdrift.reports.drift_report import DriftReport as DriftReport
    from textdrift.verifying import verify as verify
    from textdrift.watching.monitor import Monitor as Monitor

__version__ = "0.1.0"

__all__ = [
    "DriftDetector",
    "DriftReport",
    "Monitor",
    "TextdriftError",
    "__version__",
    "compare",
    "compare_profiles",
    "cost_from_labels",
    "estimate_from_labels",
    "log_to_mlflow",
    "log_to_wandb",
    "profile",
    "verify",
]

_HOMES = {
    "compare": "textdrift.comparing",
    "compare_profiles": "textdrift.profile_comparing",
    "cost_from_labels": "textdrift.label_answers",
    "estimate_from_labels": "textdrift.label_answers",
    "log_to_mlflow": "textdrift.alerts.mlflow",
    "log_to_wandb": "textdrift.alerts.wandb",
    "profile": "textdrift.profiling",
    "DriftDetector": "textdrift.drift_detector",
    "DriftReport": "textdrift.reports.drift_report",
    "Monitor": "textdrift.watching.monitor",
    "TextdriftError": "textdrift.errors",
    "verify": "textdrift.verifying",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for: importing textdrift loads nothing heavy."""
    if name not in _HOMES:
        raise AttributeError(f"module 'textdrift' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
