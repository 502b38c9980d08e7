"""A job file: read, checked, and filled in for a date."""

from textdrift.job_config.alerts import AlertConfig, AlertPolicyConfig
from textdrift.job_config.budget import BudgetConfig
from textdrift.job_config.columns import ColumnsConfig
from textdrift.job_config.config import JobConfig
from textdrift.job_config.gate import GateConfig
from textdrift.job_config.labels import LabelsConfig
from textdrift.job_config.reading import read_job
from textdrift.job_config.reference_policy import ReferencePolicy
from textdrift.job_config.report import MetricsConfig, ReportConfig, RetentionConfig
from textdrift.job_config.schema import job_schema
from textdrift.job_config.stream import StreamConfig

__all__ = [
    "AlertConfig",
    "AlertPolicyConfig",
    "BudgetConfig",
    "ColumnsConfig",
    "GateConfig",
    "JobConfig",
    "LabelsConfig",
    "MetricsConfig",
    "ReferencePolicy",
    "ReportConfig",
    "RetentionConfig",
    "StreamConfig",
    "job_schema",
    "read_job",
]
