"""DriftReport: what one comparison found, and the one dict that every renderer takes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textdrift.findings.business_summary import business_summary
from textdrift.findings.costing import judge_by_cost
from textdrift.findings.diagnosing import Diagnosis
from textdrift.findings.finding import Finding
from textdrift.findings.playbook import Play
from textdrift.findings.priced_change import Cost
from textdrift.findings.said_of_rows import has_text, said_of_rows, values_of_rows
from textdrift.findings.severity import Severity, report_severity
from textdrift.performance.asking import AskedLabels
from textdrift.performance.assessing import Performance
from textdrift.reports.digest import report_digest
from textdrift.reports.job_record import JobRecord
from textdrift.reports.masking import masked_report
from textdrift.reports.report_files import FILE_NAMES, check_formats, made_folder, written, written_together
from textdrift.reports.report_values import (
    cut_values,
    finding_values,
    fingerprints_of,
    plain_values,
    window_values,
)
from textdrift.reports.run_record import RunRecord, compared_of
from textdrift.reports.visible_text import visible

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa
    from matplotlib.figure import Figure

__all__ = ["SCHEMA", "DriftReport"]

SCHEMA = "textdrift.report/1"
"""The name of the schema that ``to_dict`` follows; it only grows."""

_PARTS_WITH_SENTENCES = ("diagnosis", "performance", "cost", "labels_to_ask", "findings")


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
    playbook:
        What to do, first things first; empty where nothing drifted.
    job:
        The job that judged the window, its budget and its gate; ``None`` for a comparison by hand.
    """

    verdict: str
    summary: str
    findings: tuple[Finding, ...]
    diagnosis: Diagnosis
    run: RunRecord = field(repr=False)
    performance: Performance | None = field(default=None, repr=False)
    cost: Cost | None = field(default=None, repr=False)
    labels_to_ask: AskedLabels | None = field(default=None, repr=False)
    playbook: tuple[Play, ...] = field(default=(), repr=False)
    job: JobRecord | None = field(default=None, repr=False)

    @property
    def passed(self) -> bool:
        """False when the verdict is ``drift``.

        Where a price has a limit, ``fail_above``, the cost decides first: passed when it is surely at or under the
        limit, not passed when it is surely above, and the verdict decides where the data leave it open. Where a job
        judged, its gate decides.
        """
        if self.job is not None:
            return self.job.gate.passed
        limit = None if self.cost is None else self.cost.table.fail_above
        by_cost = None if self.cost is None or limit is None else judge_by_cost(self.cost, limit)
        return self.verdict != "drift" if by_cost is None else by_cost

    @property
    def severity(self) -> Severity | None:
        """``info``, ``warning`` or ``critical``; ``None`` where nothing drifted."""
        return report_severity(self.findings, cost=self.cost, causes=self.diagnosis.causes)

    @property
    def business_summary(self) -> str:
        """One paragraph without technical words, for who owns the product."""
        labels_alone = self.job is not None and self.job.stage == "labelled"
        said = business_summary(
            self.verdict,
            self.findings,
            passed=self.passed,
            severity=self.severity,
            plays=self.playbook,
            performance=self.performance,
            cost=self.cost,
            diagnosis=self.diagnosis,
            gate=None if self.job is None else self.job.gate,
            whole=compared_of(self.run, self.findings),
            labels_alone=labels_alone,
        )
        return said if has_text(self.run.settings) else said_of_rows(said)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values: the one schema behind JSON, pages and history.

        Fractions carry six significant digits, as many as do not change with the number of threads; what is not finite
        is ``None``. Words, values and notes that come from data are cut to 500 characters; texts that ``examples``
        allows are whole. What may name a person is masked in texts and words, see ``masking.masked_report``.
        """
        run, diagnosis = self.run, self.diagnosis
        document: dict[str, Any] = {
            "schema": SCHEMA,
            "verdict": self.verdict,
            "summary": self.summary,
            "severity": self.severity,
            "business_summary": self.business_summary,
            "reference": window_values(run.reference),
            "current": window_values(run.current),
            "diagnosis": {
                "kinds": diagnosis.kinds,
                "ambiguous": diagnosis.ambiguous,
                "causes": diagnosis.causes,
                "terms": cut_values(diagnosis.terms),
                "columns": cut_values(diagnosis.columns),
                "segments": cut_values(diagnosis.segments),
                "too_small": cut_values(diagnosis.too_small),
                "search": diagnosis.search,
                "explained_together": diagnosis.explained_together,
                "documents": diagnosis.documents,
            },
            "passed": self.passed,
            **cut_values(JobRecord.none() if self.job is None else self.job.described()),
            "performance": cut_values(self.performance.described()) if self.performance else None,
            "cost": cut_values(self.cost.described()) if self.cost else None,
            "labels_to_ask": cut_values(self.labels_to_ask.described()) if self.labels_to_ask else None,
            "playbook": [cut_values(play.described()) for play in self.playbook] or None,
            "findings": [finding_values(finding, self.cost, diagnosis.causes) for finding in self.findings],
            "settings": run.settings,
            "fingerprints": fingerprints_of(run),
            "versions": run.versions,
            "seed": run.seed,
            "seconds": run.seconds,
            "notes": list(run.notes),
        }
        if not has_text(run.settings):
            document |= {part: values_of_rows(document[part]) for part in _PARTS_WITH_SENTENCES}
        plain = masked_report(plain_values(document))
        if "arguments" in run.settings:  # with all of their digits: a rerun is given the same numbers
            plain["settings"]["arguments"] = run.settings["arguments"]
        return plain | {"digest": report_digest(plain)}

    def to_json(self, path: str | Path | None = None) -> str:
        """Return the report as JSON; written to ``path`` when one is given."""
        text = json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        return written(text, path)

    def to_html(self, path: str | Path | None = None) -> str:
        """Return the report as one self-contained HTML page; written to ``path`` when one is given."""
        from textdrift.reports.as_html import as_html

        return written(as_html(self.to_dict()), path)

    def to_terminal(self, *, width: int = 100, color: bool = False) -> str:
        """Return the report as text for a terminal."""
        from textdrift.reports.as_terminal import as_terminal

        return as_terminal(self.to_dict(), width=width, color=color)

    def to_markdown(self, path: str | Path | None = None) -> str:
        """Return the report as GitHub-flavoured Markdown, for a pull request; written to ``path`` when one is given."""
        from textdrift.reports.as_markdown import as_markdown

        return written(as_markdown(self.to_dict()), path)

    def to_junit(self, path: str | Path | None = None) -> str:
        """Return the report as JUnit XML, one case per deciding test; written to ``path`` when one is given."""
        from textdrift.reports.as_junit import as_junit

        return written(as_junit(self.to_dict()), path)

    def to_sagemaker(self, path: str | Path | None = None) -> str:
        """Return what drifted as SageMaker's ``constraint_violations.json``; written to ``path`` when one is given."""
        from textdrift.reports.as_sagemaker import as_sagemaker

        return written(as_sagemaker(self.to_dict()), path)

    def to_evidently(self, path: str | Path | None = None) -> str:
        """Return what Evidently's ``.json()`` would hold; written to ``path`` when one is given."""
        from textdrift.reports.as_evidently import as_evidently

        return written(as_evidently(self.to_dict()), path)

    def to_whylogs(self, path: str | Path | None = None) -> str:
        """Return the columns' drift scores as whylogs shapes them, as JSON; written to ``path`` when one is given."""
        from textdrift.reports.as_whylogs import as_whylogs

        return written(as_whylogs(self.to_dict()), path)

    def to_frame(self, table: str = "findings") -> pd.DataFrame:
        """Return a table of ``report_tables.TABLES``, such as ``terms`` or ``playbook``, as a pandas data frame."""
        from textdrift.reports.as_frame import as_frame

        return as_frame(self.to_dict(), table)

    def to_polars(self, table: str = "findings") -> pl.DataFrame:
        """Return the same table as a polars data frame, in which a column of mixed types is text."""
        from textdrift.reports.as_frame import as_polars

        return as_polars(self.to_dict(), table)

    def to_arrow(self, table: str = "findings") -> pa.Table:
        """Return the same table as an Arrow table, in which a column of mixed types is text."""
        from textdrift.reports.as_frame import as_arrow

        return as_arrow(self.to_dict(), table)

    def to_csv(self, path: str | Path | None = None, *, table: str = "findings") -> str:
        """Return a table of ``to_frame`` as csv that a spreadsheet runs no formula of; written to ``path`` if given."""
        from textdrift.reports.as_csv import as_csv

        return written(as_csv(self.to_dict(), table), path)

    def figure(self, what: str) -> Figure:
        """Return one matplotlib figure, such as ``kinds``, ``words`` or ``map``; see ``figures.figure``."""
        from textdrift.reports.figures import figure

        return figure(self.to_dict(), what)

    def figures(self) -> dict[str, Figure]:
        """Return every matplotlib figure that this report has something to show in, by name."""
        from textdrift.reports.figures import figures

        return figures(self.to_dict())

    def in_format(self, name: str) -> str:
        """Return the report as the file of that format holds it; a name of ``report_files.FORMATS``.

        Raises
        ------
        SettingsError
            For an unknown format.
        """
        check_formats([name])
        render = {
            "json": self.to_json,
            "html": self.to_html,
            "md": self.to_markdown,
            "junit": self.to_junit,
            "sagemaker": self.to_sagemaker,
            "evidently": self.to_evidently,
            "whylogs": self.to_whylogs,
        }
        return render[name]()

    def write(self, folder: str | Path, formats: Sequence[str] = ("html", "json")) -> tuple[Path, ...]:
        """Write the file of each format, ``report.html`` and ``report.json`` by default; return their paths.

        The folder is made when missing, and all of them are written or none.

        Raises
        ------
        SettingsError
            For an unknown format, or a folder that cannot be made or written to.
        """
        check_formats(formats)
        target = made_folder(folder)
        texts = {target / FILE_NAMES[name]: self.in_format(name) for name in dict.fromkeys(formats)}
        written_together(texts)
        return tuple(texts)

    def __str__(self) -> str:
        """Return the summary, with everything in it that a terminal would obey written out."""
        return visible(self.summary, keep="\n")

    def _repr_html_(self) -> str:
        from textdrift.reports.as_html import as_html_fragment

        return as_html_fragment(self.to_dict())
