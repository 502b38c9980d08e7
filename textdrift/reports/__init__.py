"""Findings in, ``DriftReport`` out, and one renderer per reader."""

from textdrift.reports.drift_report import DriftReport

__all__ = ["DriftReport"]
