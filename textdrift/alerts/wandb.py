"""A report as metrics, a page and an artifact of a Weights & Biases run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from textdrift.alerts.tracked_figures import report_values, tracked_figures, tracked_tags
from textdrift.errors import DeliveryError, MissingExtraError, SettingsError
from textdrift.reports.as_html import as_html
from textdrift.reports.drift_report import DriftReport

__all__ = ["log_to_wandb"]


def log_to_wandb(
    report: DriftReport | Mapping[str, Any], run: Any = None, *, prefix: str = "textdrift/", step: int | None = None
) -> str:
    """Log a report to a Weights & Biases run: figures as metrics, verdict and kinds in the summary, page and JSON.

    Metrics are named ``textdrift/passed``, ``textdrift/effect/TEST/NAME`` and so on, see ``tracked_figures``. The page
    is the panel ``textdrift/report``, and page and JSON are the files of an artifact of the type ``textdrift-report``.
    No text of the data goes along but those that the report shows: ``examples=0``, the default of ``compare``, shows
    none, and words and segments stand in every report.

    Parameters
    ----------
    report:
        A ``DriftReport``, or the dict of its ``to_dict``.
    run:
        What ``wandb.init`` returned; ``None`` for the run that is active.
    prefix:
        Put before the name of each metric.
    step:
        The step of the run; ``None`` for the next one.

    Returns
    -------
    str
        The id of the run.

    Raises
    ------
    MissingExtraError
        When ``wandb`` is not installed.
    SettingsError
        When there is no report, or no run.
    DeliveryError
        When Weights & Biases does not take it.
    """
    values = report_values(report)
    try:
        import wandb
    except ImportError as error:
        raise MissingExtraError("Weights & Biases is not installed; pip install wandb") from error
    run = wandb.run if run is None else run
    if run is None:
        raise SettingsError("no run of Weights & Biases is active; call wandb.init(project='...'), or pass its run")
    if not hasattr(run, "log_artifact"):
        raise SettingsError(f"run needs what wandb.init() returned; got a {type(run).__name__}")
    page = as_html(values)
    try:
        figures: dict[str, Any] = dict(tracked_figures(values, prefix=prefix))
        run.log({**figures, f"{prefix}report": wandb.Html(page, inject=False)}, step=step)
        for name, text in tracked_tags(values).items():
            # The severity is a figure already, and a summary has one value a name.
            run.summary[f"{prefix}{'severity_word' if name == 'severity' else name}"] = text
        artifact = wandb.Artifact(f"textdrift-report-{run.id}", type="textdrift-report")
        for name, text in (("report.json", json.dumps(values, indent=2)), ("report.html", page)):
            with artifact.new_file(name, mode="w", encoding="utf-8") as file:
                file.write(text)
        run.log_artifact(artifact)
    except (wandb.Error, OSError) as error:
        raise DeliveryError(
            f"Weights & Biases did not take the report: {' '.join(str(error).split())[:300]}"
        ) from error
    return str(run.id)
