"""DriftReport: what one comparison found, and the one dict that every renderer takes."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from textdrift.errors import NotYetError, SettingsError, nearest_name
from textdrift.findings.costing import judge_by_cost
from textdrift.findings.diagnosing import Diagnosis
from textdrift.findings.finding import Finding
from textdrift.findings.priced_change import Cost
from textdrift.performance.asking import AskedLabels
from textdrift.performance.assessing import Performance
from textdrift.reports.wording import clipped, visible

__all__ = ["FORMATS", "SCHEMA", "DriftReport", "RunRecord", "WindowSummary", "check_formats", "made_folder"]

SCHEMA = "textdrift.report/1"
"""The name of the schema that ``to_dict`` follows; it only grows."""

FORMATS = ("json", "html")
_LATER_FORMATS = ("md", "junit")
# float32 arithmetic differs in the seventh digit with the number of threads
_SIGNIFICANT_DIGITS = 6
_LONGEST_STRING = 500
_POWER = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowSummary:
    """How many rows one window held, and how many could be used."""

    name: str
    rows: int
    rows_used: int
    documents: int
    start: str | None
    end: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """What a reader needs to repeat the comparison."""

    reference: WindowSummary
    current: WindowSummary
    settings: Mapping[str, Any]
    versions: Mapping[str, str]
    seed: int
    seconds: Mapping[str, float]
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftReport:
    """The answer of one comparison.

    Attributes
    ----------
    verdict:
        ``drift``, ``no_drift`` or ``inconclusive`` (a window is too small to see a material change).
    summary:
        One to three sentences.
    findings:
        Every test that ran, in the order of the catalogue.
    diagnosis:
        The kinds of drift, causes, words, segments and documents, strongest first.
    run:
        Windows, settings, versions, seed and times.
    performance:
        The monitored model in both windows, measured and estimated; ``None`` without predictions.
    cost:
        What the change costs a window; ``None`` where no price was given or nothing is known.
    labels_to_ask:
        Documents to label next; ``None`` where none were asked for.
    """

    verdict: str
    summary: str
    findings: tuple[Finding, ...]
    diagnosis: Diagnosis
    run: RunRecord = field(repr=False)
    performance: Performance | None = field(default=None, repr=False)
    cost: Cost | None = field(default=None, repr=False)
    labels_to_ask: AskedLabels | None = field(default=None, repr=False)

    @property
    def passed(self) -> bool:
        """False when the verdict is ``drift``.

        Where a price has a limit, ``fail_above``, the cost decides first: passed when it is surely at or under the
        limit, not passed when it is surely above, and the verdict decides where the data leave it open.
        """
        limit = None if self.cost is None else self.cost.table.fail_above
        by_cost = None if self.cost is None or limit is None else judge_by_cost(self.cost, limit)
        return self.verdict != "drift" if by_cost is None else by_cost

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values: the one schema behind JSON, pages and history.

        Fractions carry six significant digits, as many as do not change with the number of threads; what is not finite
        is ``None``. Words, values and notes that come from data are cut to 500 characters; texts that ``examples``
        allows are whole.
        """
        run, diagnosis = self.run, self.diagnosis
        document: dict[str, Any] = {
            "schema": SCHEMA,
            "verdict": self.verdict,
            "summary": self.summary,
            "reference": _window(run.reference),
            "current": _window(run.current),
            "diagnosis": {
                "kinds": diagnosis.kinds,
                "ambiguous": diagnosis.ambiguous,
                "causes": diagnosis.causes,
                "terms": _cut(diagnosis.terms),
                "segments": _cut(diagnosis.segments),
                "documents": diagnosis.documents,
            },
            "passed": self.passed,
            "performance": _cut(self.performance.described()) if self.performance else None,
            "cost": _cut(self.cost.described()) if self.cost else None,
            "labels_to_ask": _cut(self.labels_to_ask.described()) if self.labels_to_ask else None,
            "findings": [_finding(finding) for finding in self.findings],
            "settings": run.settings,
            "versions": run.versions,
            "seed": run.seed,
            "seconds": run.seconds,
            "notes": list(run.notes),
        }
        plain: dict[str, Any] = _plain(document)
        return plain

    def to_json(self, path: str | Path | None = None) -> str:
        """Return the report as JSON; written to ``path`` when one is given."""
        text = json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        return _written(text, path)

    def to_html(self, path: str | Path | None = None) -> str:
        """Return the report as one self-contained HTML page; written to ``path`` when one is given."""
        from textdrift.reports.as_html import as_html

        return _written(as_html(self.to_dict()), path)

    def to_terminal(self, *, width: int = 100, color: bool = False) -> str:
        """Return the report as text for a terminal."""
        from textdrift.reports.as_terminal import as_terminal

        return as_terminal(self.to_dict(), width=width, color=color)

    def to_markdown(self) -> str:
        """Refuse: this format is promised and does not exist yet."""
        raise NotYetError("to_markdown() does not exist yet; use to_json(), to_html() or to_terminal()")

    def to_frame(self) -> Any:
        """Refuse: this format is promised and does not exist yet."""
        raise NotYetError("to_frame() does not exist yet; use to_dict()['findings']")

    def write(self, folder: str | Path, formats: Sequence[str] = ("html", "json")) -> tuple[Path, ...]:
        """Write ``report.<format>`` files into a folder, made when missing; return their paths.

        Raises
        ------
        SettingsError
            For an unknown format, or a folder that cannot be made or written to.
        """
        check_formats(formats)
        target = made_folder(folder)
        written = []
        for name in dict.fromkeys(formats):
            path = target / f"report.{name}"
            try:
                (self.to_json if name == "json" else self.to_html)(path)
            except OSError as error:
                raise _cannot_write(target, error.strerror or str(error)) from error
            written.append(path)
        return tuple(written)

    def __str__(self) -> str:
        """Return the summary, with everything in it that a terminal would obey written out."""
        return visible(self.summary, keep="\n")

    def _repr_html_(self) -> str:
        from textdrift.reports.as_html import as_html_fragment

        return as_html_fragment(self.to_dict())


def check_formats(formats: Sequence[str]) -> None:
    """Refuse a format that does not exist, naming those that do.

    Raises
    ------
    SettingsError
        For an unknown format, or one that is promised and does not exist yet.
    """
    for name in formats:
        if name in _LATER_FORMATS:
            raise NotYetError(f"report format {name!r} does not exist yet; there are {', '.join(FORMATS)}")
        if name not in FORMATS:
            raise SettingsError(f"no report format {name!r}; {nearest_name(name, FORMATS)}")


def made_folder(folder: str | Path) -> Path:
    """Return the folder of a report, made when missing.

    Raises
    ------
    SettingsError
        When it cannot be made or written to.
    """
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:  # a path with a zero byte is a ValueError
        raise _cannot_write(target, getattr(error, "strerror", None) or str(error)) from error
    if not os.access(target, os.W_OK | os.X_OK):
        raise _cannot_write(target, "Permission denied")
    return target


def _cannot_write(folder: Path, reason: str) -> SettingsError:
    return SettingsError(
        f"the report needs a folder it can write to, and {str(folder)!r} is none ({reason}); name another"
    )


def _window(window: WindowSummary) -> dict[str, Any]:
    return {
        "rows": window.rows,
        "rows_used": window.rows_used,
        "documents": window.documents,
        "start": window.start,
        "end": window.end,
        "name": window.name,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    result, effect = finding.result, finding.effect
    detectable = {"value": effect.detectable, "power": _POWER} if math.isfinite(effect.detectable) else None
    return {
        "test": result.test,
        "kind": result.kind,
        "drifted": finding.drifted,
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
        "notes": _cut(result.notes),
        "evidence": [{"name": evidence.name, "rows": _cut(evidence.rows)} for evidence in result.evidence],
    }


def _cut(value: Any) -> Any:
    """Cut every string that comes from data, but for texts that are shown on purpose."""
    if isinstance(value, Mapping):
        return {
            clipped(str(key), _LONGEST_STRING): item if key == "text" else _cut(item) for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_cut(item) for item in value]
    return clipped(value, _LONGEST_STRING) if isinstance(value, str) else value


def _plain(value: Any) -> Any:
    """Turn a value into what JSON knows, with a fixed number of digits."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        return float(f"{value:.{_SIGNIFICANT_DIGITS}g}") if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return str(value)


def _written(text: str, path: str | Path | None) -> str:
    """Write the whole text or nothing: a reader never meets half a report."""
    if path is not None:
        target = Path(path)
        partial = target.with_name(target.name + ".part")
        partial.write_text(text, encoding="utf-8")
        partial.replace(target)
    return text
