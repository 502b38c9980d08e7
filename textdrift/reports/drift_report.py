"""DriftReport: what one comparison found, and the one dict that every renderer takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

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
from textdrift.reports.report_forms import ReportForms
from textdrift.reports.report_values import (
    cut_values,
    finding_values,
    fingerprints_of,
    plain_values,
    window_values,
)
from textdrift.reports.run_record import RunRecord, compared_of, repeats_few_texts
from textdrift.reports.visible_text import visible

__all__ = ["SCHEMA", "DriftReport"]

SCHEMA = "textdrift.report/1"
"""The name of the schema that ``to_dict`` follows; it only grows."""

_PARTS_WITH_SENTENCES = ("diagnosis", "performance", "cost", "labels_to_ask", "findings")


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftReport(ReportForms):
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
            few_texts=has_text(self.run.settings) and repeats_few_texts(self.run),
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
                "segment_shares": cut_values(diagnosis.segment_shares),
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

    def __str__(self) -> str:
        """Return the summary, with everything in it that a terminal would obey written out."""
        return visible(self.summary, keep="\n")

    def _repr_html_(self) -> str:
        from textdrift.reports.as_html import as_html_fragment

        return as_html_fragment(self.to_dict())
