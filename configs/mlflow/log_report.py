"""Log reports of textdrift to MLflow: one MLflow run a report, with its figures, its verdict and its files.

    python log_report.py reports/2026-11-25/report.json [--experiment textdrift]

Needs `mlflow` or `mlflow-skinny` and nothing of textdrift, so it may run in an environment of its own.
MLFLOW_TRACKING_URI says where to. A report that was logged before is not logged again. The names of metrics do not
change from run to run:

- ``passed`` (0 or 1), ``exit_code``, ``severity`` (0 none, 1 info, 2 warning, 3 critical), ``drifted/KIND`` (0 or 1)
- ``effect/TEST/NAME``, ``material_from/TEST/NAME``, ``p_value/TEST``, ``adjusted_p_value/TEST``; TEST is
  ``lexical.token_frequency``, or ``lexical.token_frequency.emoji`` where it counted something else than words,
  ``columns.categorical.label``, and ``columns.numeric.amount`` for a column of features
- ``rows/WINDOW``, ``documents/WINDOW`` (reference or current), ``seconds``
"""

from __future__ import annotations

import argparse
import json
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

SEVERITIES = (None, "info", "warning", "critical")
FILES = ("report.json", "report.html", "report.md", "constraint_violations.json")
LONGEST_TAG, LONGEST_NAME = 5000, 250


def metrics_of(report: Mapping[str, Any]) -> dict[str, float]:
    """Return the figures of a report by names that MLflow takes."""
    found: dict[str, float] = {}
    for name, value in figures_of(report):
        number = isinstance(value, (bool, int, float)) and math.isfinite(value)
        if number:
            found.setdefault(name[:LONGEST_NAME], float(value))
    return found


def figures_of(report: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the name and value of each figure; of two tests of one name, first the one that drifted."""
    yield "passed", report["passed"]
    yield "exit_code", (report.get("gate") or {}).get("exit_code")
    yield "severity", SEVERITIES.index(report.get("severity"))
    drifted = report["diagnosis"]["kinds"]
    findings = sorted(report["findings"], key=lambda finding: (not finding["drifted"], finding["p_value"] or 0))
    kinds = {finding["kind"] for finding in findings if not finding.get("supporting")}
    for kind in sorted(kinds | set(drifted)):
        yield f"drifted/{part(kind)}", kind in drifted
    for finding in findings:
        test = ".".join(map(part, (finding["test"], *about(finding))))
        effect = finding["effect"]
        yield f"effect/{test}/{part(effect['name'])}", effect["value"]
        yield f"material_from/{test}/{part(effect['name'])}", effect["material_from"]
        yield f"p_value/{test}", finding["p_value"]
        yield f"adjusted_p_value/{test}", finding["adjusted_p_value"]
    for window in ("reference", "current"):
        for count in ("rows", "documents"):
            yield f"{count}/{window}", report[window][count]
    seconds = [value for value in (report.get("seconds") or {}).values() if isinstance(value, (int, float))]
    yield "seconds", math.fsum(seconds)


def about(finding: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a test looked at, where one test runs more than once."""
    kind = (finding["kind"],) if finding["test"] == "columns.categorical" else ()
    tables = [table for table in finding["evidence"] if table["name"] in {"unit", "reader", "column"}]
    named = [str(row[table["name"]]) for table in tables for row in table["rows"] if table["name"] in row]
    return (*kind, *(name for name in named if name != "words"))


def part(name: str) -> str:
    """Return one part of a name, with nothing in it that MLflow refuses."""
    return re.sub(r"[^\w.-]", "_", name).strip(".") or "_"


def tags_of(report: Mapping[str, Any]) -> dict[str, str]:
    """Return what is to be searched for."""
    job = report.get("job") or {}
    tags = {
        "textdrift.job": job.get("name"),
        "textdrift.window": job.get("window"),
        "textdrift.stage": job.get("stage"),
        "textdrift.verdict": report["verdict"],
        "textdrift.severity": report.get("severity"),
        "textdrift.kinds": ", ".join(report["diagnosis"]["kinds"]),
        "textdrift.causes": ", ".join(dict.fromkeys(cause["cause"] for cause in report["diagnosis"]["causes"])),
        "textdrift.version": report["versions"].get("textdrift"),
        "textdrift.digest": report.get("digest"),
        "mlflow.note.content": report["summary"],
    }
    return {name: str(value)[:LONGEST_TAG] for name, value in tags.items() if value}


def log_report(path: Path, experiment: str) -> str:
    """Log a report and the files beside it, and return the id of its MLflow run."""
    import mlflow

    report = json.loads(path.read_text(encoding="utf-8"))
    tags = tags_of(report)
    chosen = mlflow.set_experiment(experiment)
    if digest := tags.get("textdrift.digest"):
        there = mlflow.MlflowClient().search_runs(
            [chosen.experiment_id],
            f"tags.`textdrift.digest` = '{digest}' and attributes.status = 'FINISHED'",
            max_results=1,
        )
        if there:
            return str(there[0].info.run_id)
    name = " ".join(tags.get(f"textdrift.{key}", "") for key in ("job", "window", "stage")).strip() or path.parent.name
    with mlflow.start_run(run_name=name, tags=tags) as run:
        mlflow.log_metrics(metrics_of(report))
        for file in (path.parent / name for name in FILES):
            if file.is_file():
                mlflow.log_artifact(str(file))
    return str(run.info.run_id)


def main() -> None:
    """Log every report that is named."""
    asked = argparse.ArgumentParser(description="Log reports of textdrift to MLflow.")
    asked.add_argument("reports", nargs="+", type=Path, help="report.json of a window")
    asked.add_argument("--experiment", default="textdrift", help="the MLflow experiment; made where it is missing")
    given = asked.parse_args()
    for path in given.reports:
        print(path, log_report(path, given.experiment))


if __name__ == "__main__":
    main()
