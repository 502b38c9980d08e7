"""One window of a job judged: its sources, its level, the call of compare(), and the gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from textdrift.comparing import compare
from textdrift.errors import MissingSourceError
from textdrift.findings.costing import judge_by_cost
from textdrift.findings.gating import ANY, judge_gate
from textdrift.job.challengers import challenge_of
from textdrift.job.levels import budget_of, job_alpha
from textdrift.job.references import reference_source
from textdrift.job.settings_marks import settings_marks
from textdrift.job.settled_files import settled
from textdrift.job.stages import columns_of_stage, families_of_stage
from textdrift.job.windows import JobWindow, Stage
from textdrift.job_config import ColumnsConfig
from textdrift.reports.drift_report import DriftReport
from textdrift.reports.job_record import JobRecord
from textdrift.reports.wording import LABELS_ALONE
from textdrift.windows.reading import read_table

__all__ = ["judge_window"]


def judge_window(
    window: JobWindow,
    *,
    stage: Stage = "inputs",
    current: Any = None,
    notes: Sequence[str] = (),
    slow_drift: str = "",
) -> DriftReport:
    """Judge a window at the level that the budget leaves it, and its gate; nothing is written.

    Parameters
    ----------
    window:
        The window, with the job filled in for it.
    stage:
        ``inputs``, or ``labelled`` once labels have come.
    current:
        Rows that stand for the job's current window, such as those with labels joined to them.
    notes:
        What else the report is to say of the run.
    slow_drift:
        What the slow-drift detector says where it alarms; a gate that fails on words or meaning then fails.

    Raises
    ------
    MissingSourceError
        When a window's file is missing; to who only tries a job the message names the command that makes sample data.
    """
    config = window.config
    report = _compared(window, stage, current)
    limit = None if report.cost is None else report.cost.table.fail_above
    gate = judge_gate(
        report.verdict,
        report.diagnosis.kinds,
        fail_on=(ANY,) if config.gate is None else config.gate.fail_on,
        passed_by_cost=None if report.cost is None or limit is None else judge_by_cost(report.cost, limit),
        cost_sentence="" if report.cost is None else report.cost.sentence,
        challenge=challenge_of(window, stage=stage, current=current),
        inconclusive_passes=config.gate is not None and config.gate.inconclusive == "pass",
        slow_drift=slow_drift,
    )
    return replace(
        report,
        summary=f"{LABELS_ALONE} {report.summary}" if stage == "labelled" else report.summary,
        run=replace(report.run, notes=(*report.run.notes, *notes)),
        job=JobRecord(
            name=config.name,
            window=window.name,
            stage=stage,
            gate=gate,
            budget=budget_of(config, stage),
            settings=settings_marks(config),
        ),
    )


def _compared(window: JobWindow, stage: Stage, current: Any) -> DriftReport:
    config = window.config
    try:
        reference = reference_source(window)
        with settled(reference, config.current if current is None else None):
            return _report_of(window, stage, reference, config.current if current is None else current)
    except MissingSourceError as error:
        if config.is_dated or config.history is not None:  # a job of one's own needs no sample data
            raise
        raise MissingSourceError(f"{error} (to try textdrift on sample data, run `textdrift demo` first)") from error


def _report_of(window: JobWindow, stage: Stage, reference: Any, current: Any) -> DriftReport:
    config, columns = window.config, columns_of_stage(window.config, stage)
    if config.labels is not None and stage == "inputs" and columns.label is not None:
        current = _without_labels(current, columns)
    return compare(
        reference,
        current,
        text=columns.text,
        label=columns.label,
        prediction=columns.prediction,
        probabilities=columns.probabilities,
        time=columns.time,
        id=columns.id,
        group=columns.group,
        segments=columns.segments,
        features=columns.features,
        embeddings=columns.embeddings,
        encoder=config.encoder,
        tests=families_of_stage(config, stage),
        cost=config.cost,
        playbook=config.playbook,
        labels_to_ask=config.labels_to_ask,
        examples=config.examples,
        alpha=job_alpha(config, stage),
        seed=config.seed,
    )


def _without_labels(current: Any, columns: ColumnsConfig) -> pa.Table:
    """Return the rows with null labels: that they have none yet is expected, and no missing column."""
    rows = read_table(current, time=columns.time)
    label = str(columns.label)
    if label in rows.column_names:
        rows = rows.drop_columns([label])
    return rows.append_column(label, pa.nulls(rows.num_rows, pa.large_string()))
