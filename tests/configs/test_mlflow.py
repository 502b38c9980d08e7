"""Logging to MLflow: the same names every night, each once, of characters that MLflow takes."""

import contextlib
import json
import re
import runpy
import sys
import types
from pathlib import Path

import pytest
from whole_reports import sample, whole_report

SCRIPT = Path(__file__).parents[2] / "configs" / "mlflow" / "log_report.py"
NAMES = runpy.run_path(str(SCRIPT))
SAMPLES = ["ambiguous", "concept", "drift", "hostile", "inconclusive", "meaning", "no_drift", "words"]


def report(name="words"):
    made = whole_report() if name == "words" else sample(name)
    return {"passed": made["verdict"] != "drift", "digest": "sha256:0a1b", **made}


@pytest.mark.parametrize("name", SAMPLES)
def test_names_are_those_that_mlflow_takes_and_no_name_is_the_folder_of_another(name):
    metrics = NAMES["metrics_of"](report(name))
    for metric in metrics:
        assert re.fullmatch(r"[/\w.\- ]{1,250}", metric)
        assert ".." not in metric
        assert not any(other.startswith(metric + "/") for other in metrics)  # its file store makes folders of them
    assert len(metrics) > 8


def test_every_figure_is_that_of_the_report():
    metrics, document = NAMES["metrics_of"](report()), report()
    assert metrics["passed"] == 0
    assert metrics["severity"] == 3
    assert metrics["drifted/lexical"] == 1
    assert metrics["rows/reference"] == document["reference"]["rows"]
    words, emoji = [f for f in document["findings"] if f["test"] == "lexical.token_frequency"][:2]
    assert metrics["p_value/lexical.token_frequency"] == words["p_value"]
    name = emoji["effect"]["name"]
    assert metrics[f"effect/lexical.token_frequency.emoji/{name}"] == emoji["effect"]["value"]


def test_names_do_not_depend_on_what_came_out():
    quiet, loud = sample("no_drift"), sample("no_drift")
    for finding in loud["findings"]:
        finding["drifted"], finding["p_value"] = True, 0.001
    loud["diagnosis"]["kinds"] = list({f["kind"] for f in loud["findings"] if not f["supporting"]})
    assert set(NAMES["metrics_of"]({"passed": True, **quiet})) == set(NAMES["metrics_of"]({"passed": False, **loud}))


class Recorder(types.ModuleType):
    """The part of mlflow's API that the script calls, remembering what it was given."""

    def __init__(self):
        super().__init__("mlflow")
        self.runs = []

    def set_experiment(self, name):
        return types.SimpleNamespace(experiment_id=name)

    def MlflowClient(self):  # noqa: N802 - mlflow's name
        return types.SimpleNamespace(search_runs=self.search_runs)

    def search_runs(self, experiments, asked, max_results):
        (digest,) = re.findall(r"tags.`textdrift.digest` = '(.*?)'", asked)
        return [run for run in self.runs if run.tags.get("textdrift.digest") == digest][:max_results]

    def start_run(self, run_name, tags):
        info = types.SimpleNamespace(run_id=str(len(self.runs)))
        self.runs.append(types.SimpleNamespace(name=run_name, tags=tags, metrics={}, files=[], info=info))
        return contextlib.nullcontext(self.runs[-1])

    def log_metrics(self, metrics):
        self.runs[-1].metrics |= metrics

    def log_artifact(self, path):
        self.runs[-1].files.append(Path(path).name)


def test_a_report_is_logged_once_with_its_files(tmp_path, monkeypatch):
    mlflow = Recorder()
    monkeypatch.setitem(sys.modules, "mlflow", mlflow)
    document = report() | {"job": {"name": "inputs", "window": "2026-11-25", "stage": "inputs"}}
    (tmp_path / "report.json").write_text(json.dumps(document), encoding="utf-8")
    (tmp_path / "report.html").write_text("<p>", encoding="utf-8")
    first = NAMES["log_report"](tmp_path / "report.json", "textdrift")
    assert NAMES["log_report"](tmp_path / "report.json", "textdrift") == first
    (run,) = mlflow.runs
    assert run.name == "inputs 2026-11-25 inputs"
    assert run.tags["textdrift.window"] == "2026-11-25"
    assert run.tags["textdrift.verdict"] == "drift"
    assert run.metrics == NAMES["metrics_of"](document)
    assert run.files == ["report.json", "report.html"]


def test_mlflow_itself_takes_it(tmp_path, monkeypatch):
    mlflow = pytest.importorskip("mlflow", reason="pip install mlflow-skinny")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    mlflow.set_tracking_uri(f"file://{tmp_path}/runs")
    (tmp_path / "report.json").write_text(json.dumps(report()), encoding="utf-8")
    first = NAMES["log_report"](tmp_path / "report.json", "textdrift")
    assert NAMES["log_report"](tmp_path / "report.json", "textdrift") == first
    assert mlflow.get_run(first).data.metrics == pytest.approx(NAMES["metrics_of"](report()))
