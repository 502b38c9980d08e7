"""A report as metrics, tags and files of an MLflow run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textdrift.alerts.tracked_figures import report_values, tracked_figures, tracked_tags
from textdrift.errors import DeliveryError, MissingExtraError, SettingsError
from textdrift.reports.as_html import as_html
from textdrift.reports.drift_report import DriftReport

__all__ = ["log_to_mlflow"]

_FOLDER = "textdrift"


def log_to_mlflow(
    report: DriftReport | Mapping[str, Any], run: Any = None, *, prefix: str = "textdrift/", step: int | None = None
) -> str:
    """Log a report to an MLflow run: figures as metrics, what to search for as tags, the page and the JSON as files.

    Metrics are named ``textdrift/passed``, ``textdrift/effect/TEST/NAME`` and so on, see ``tracked_figures``; tags
    ``textdrift.verdict``, ``textdrift.kinds``. No text of the data goes along but those that the report shows:
    ``examples=0``, the default of ``compare``, shows none, and words and segments stand in every report.

    Parameters
    ----------
    report:
        A ``DriftReport``, or the dict of its ``to_dict``.
    run:
        An MLflow run or its id; ``None`` for the active one, or a new one where none is active.
    prefix:
        Put before the name of each metric.
    step:
        Which window this is, where one run gets many: the metrics then make curves, and each step has a folder.

    Returns
    -------
    str
        The id of the run.

    Raises
    ------
    MissingExtraError
        When neither ``mlflow`` nor ``mlflow-skinny`` is installed.
    SettingsError
        When there is no report, or the run is none.
    DeliveryError
        When MLflow does not take it.
    """
    values = report_values(report)
    try:
        import mlflow
    except ImportError as error:
        raise MissingExtraError("MLflow is not installed; pip install mlflow-skinny") from error
    active = mlflow.active_run()
    is_new = run is None and active is None
    run_id = None if is_new else _id_of(active if run is None else run)
    tags = {f"textdrift.{name}": value for name, value in tracked_tags(values).items()}
    folder = _FOLDER if step is None else f"{_FOLDER}/{step}"
    try:
        client = mlflow.MlflowClient()
        if is_new:
            with mlflow.start_run(run_name=_FOLDER, tags={"mlflow.note.content": str(values.get("summary"))}) as made:
                run_id = str(made.info.run_id)
                _log(client, run_id, values, tags, prefix=prefix, step=step, folder=folder)
        else:
            _log(client, str(run_id), values, tags, prefix=prefix, step=step, folder=folder)
    except (mlflow.exceptions.MlflowException, OSError) as error:
        raise DeliveryError(f"MLflow did not take the report: {' '.join(str(error).split())[:300]}") from error
    return str(run_id)


def _id_of(run: Any) -> str:
    named = run if isinstance(run, str) else getattr(getattr(run, "info", None), "run_id", None)
    if not isinstance(named, str) or not named:
        raise SettingsError(f"run needs an MLflow run or its id; got a {type(run).__name__}")
    return named


def _log(
    client: Any,
    run_id: str,
    values: Mapping[str, Any],
    tags: Mapping[str, str],
    *,
    prefix: str,
    step: int | None,
    folder: str,
) -> None:
    for name, value in tracked_figures(values, prefix=prefix).items():
        client.log_metric(run_id, name, value, step=0 if step is None else step)
    for name, text in tags.items():
        client.set_tag(run_id, name, text)
    client.log_dict(run_id, dict(values), f"{folder}/report.json")
    client.log_text(run_id, as_html(values), f"{folder}/report.html")
