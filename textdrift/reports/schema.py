"""The one schema of a report, as JSON Schema: what ``DriftReport.to_dict`` gives and every renderer takes."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

__all__ = ["report_schema"]


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a report; it only grows, so readers must let unknown keys pass.

    >>> report_schema()["properties"]["schema"]
    {'const': 'textdrift.report/1'}
    """
    schema: dict[str, Any] = json.loads(files("textdrift.reports").joinpath("report.schema.json").read_text("utf-8"))
    return schema
