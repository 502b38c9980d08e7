"""The parts of a report as the plain values of its schema: cut, rounded, and of types that JSON knows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from textdrift.findings.finding import Finding
from textdrift.findings.priced_change import Cost
from textdrift.findings.severity import severity_of
from textdrift.reports.run_record import RunRecord, WindowSummary
from textdrift.reports.visible_text import clipped

__all__ = ["cut_values", "finding_values", "fingerprints_of", "plain_values", "window_values"]

# float32 arithmetic differs in the seventh digit with the number of threads
_SIGNIFICANT_DIGITS = 6
_LONGEST_STRING = 500
_POWER = 0.8


def fingerprints_of(run: RunRecord) -> dict[str, str] | None:
    """Return the fingerprints of both windows; profiles, which hold no rows, have none."""
    if run.reference.fingerprint is None or run.current.fingerprint is None:
        return None
    return {"reference": run.reference.fingerprint, "current": run.current.fingerprint}


def window_values(window: WindowSummary) -> dict[str, Any]:
    """Return what a report says of one window."""
    return {
        "rows": window.rows,
        "rows_used": window.rows_used,
        "documents": window.documents,
        "start": window.start,
        "end": window.end,
        "name": window.name,
    }


def finding_values(finding: Finding, cost: Cost | None, causes: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Return what a report says of one test."""
    result, effect = finding.result, finding.effect
    detectable = {"value": effect.detectable, "power": _POWER} if math.isfinite(effect.detectable) else None
    return {
        "test": result.test,
        "kind": result.kind,
        "drifted": finding.drifted,
        "severity": severity_of(finding, cost=cost, causes=causes),
        "material": finding.material,
        "supporting": finding.supporting,
        "statistic": result.statistic,
        "p_value": result.p_value if result.has_p_value else None,
        "adjusted_p_value": finding.adjusted_p_value,
        "conclusive": finding.conclusive,
        "effect": {
            "name": effect.name,
            "value": effect.value,
            "low": effect.low,
            "high": effect.high,
            "material_from": finding.material_from,
        },
        "detectable": detectable,
        "n_documents": result.n_documents,
        "sentence": finding.sentence,
        "notes": cut_values(result.notes),
        "evidence": [{"name": evidence.name, "rows": cut_values(evidence.rows)} for evidence in result.evidence],
    }


def cut_values(value: Any) -> Any:
    """Cut every string that comes from data, but for texts that are shown on purpose."""
    if isinstance(value, Mapping):
        return {
            clipped(str(key), _LONGEST_STRING): item if key == "text" else cut_values(item)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [cut_values(item) for item in value]
    return clipped(value, _LONGEST_STRING) if isinstance(value, str) else value


def plain_values(value: Any) -> Any:
    """Turn a value into what JSON knows, with a fixed number of digits."""
    if isinstance(value, Mapping):
        return {str(key): plain_values(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_values(item) for item in value]
    if isinstance(value, np.generic):
        return plain_values(value.item())
    if isinstance(value, float):
        return float(f"{value:.{_SIGNIFICANT_DIGITS}g}") if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return str(value)
