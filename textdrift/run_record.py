"""What a report keeps of its run, beside findings and notes: windows, settings, versions."""

from __future__ import annotations

import platform
from dataclasses import fields
from importlib import metadata
from typing import Any

from textdrift.drift.window_pair import WindowPair
from textdrift.findings.planning import Plan
from textdrift.reports.run_record import WindowSummary
from textdrift.windows.fingerprinting import fingerprint
from textdrift.windows.reading import time_span
from textdrift.windows.window import Roles, Window

__all__ = ["installed_versions", "run_settings", "window_summary"]

_VERSIONS_OF = (
    "textdrift",
    "numpy",
    "scipy",
    "scikit-learn",
    "pyarrow",
    "polars",
    "torch",
    "sentence-transformers",
    "alibi-detect",
)


def window_summary(window: Window, n_documents: int) -> WindowSummary:
    """Return what a report says of one window: its rows, those with a text, its documents, the span of its times."""
    start, end = time_span(window)
    return WindowSummary(
        name=window.name,
        rows=window.n_rows,
        rows_used=int(window.usable.sum()),
        documents=n_documents,
        start=start,
        end=end,
        fingerprint=fingerprint(window),
    )


def run_settings(plan: Plan, roles: Roles, pair: WindowPair, *, alpha: float, examples: int) -> dict[str, Any]:
    """Return every setting of the run, as JSON can hold it."""
    tests = {
        planned.entry.key: {f.name: getattr(planned.test, f.name) for f in fields(planned.test)}
        for planned in plan.tests
    }
    return {
        "alpha": alpha,
        "examples": examples,
        "roles": {f.name: getattr(roles, f.name) for f in fields(roles) if getattr(roles, f.name)},
        "encoder": pair.space or None,
        "encoder_arithmetic": _arithmetic(pair),
        "tokenizer": plan.tokenization.described()["tokenizer"],
        "tokenization": {name: value for name, value in plan.tokenization.described().items() if name != "unit"},
        "tests": tests,
    }


def _arithmetic(pair: WindowPair) -> str | None:
    """Say how the vectors were computed, and why so, where the encoder tells."""
    if not pair.space or pair.windows[0].roles.embeddings is not None:
        return None
    reason = getattr(pair.encoder, "reason", None)
    return reason if isinstance(reason, str) else None


def installed_versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that numbers depend on."""
    versions = {"python": platform.python_version()}
    for name in _VERSIONS_OF:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions
