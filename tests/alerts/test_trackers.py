"""MLflow and Weights & Biases get the figures, tags and files of a report; the real ones where they are installed."""

import contextlib
import json
import sys
import types
from pathlib import Path

import pytest
from whole_reports import whole_report

import textdrift
from textdrift.alerts.tracked_figures import tracked_figures
from textdrift.errors import DeliveryError, MissingExtraError, SettingsError

REPORT = {"passed": False, "digest": "sha256:0a1b", "notes": [], **whole_report()}
FIGURES = tracked_figures(REPORT, prefix="textdrift/")


class Mlflow(types.ModuleType):
    """The part of mlflow's API that is called, remembering what it was given."""

    def __init__(self):
        super().__init__("mlflow")
        self.exceptions = types.SimpleNamespace(MlflowException=type("MlflowException", (Exception,), {}))
        self.active, self.metrics, self.tags, self.files, self.begun = None, {}, {}, {}, []

    def active_run(self):
        return self.active

    def MlflowClient(self):  # noqa: N802 - mlflow's name
        return self

    def start_run(self, run_name, tags):
        self.begun.append((run_name, tags))
        return contextlib.nullcontext(run_called("new"))

    def log_metric(self, run_id, name, value, step):
        if run_id == "gone":
            raise self.exceptions.MlflowException("Run 'gone'\nnot found")
        self.metrics[run_id, name, step] = value

    def set_tag(self, run_id, name, text):
        self.tags[run_id, name] = text

    def log_dict(self, run_id, document, path):
        self.files[run_id, path] = json.dumps(document)

    def log_text(self, run_id, text, path):
        self.files[run_id, path] = text


def run_called(name):
    return types.SimpleNamespace(info=types.SimpleNamespace(run_id=name))


@pytest.fixture
def mlflow(monkeypatch):
    library = Mlflow()
    monkeypatch.setitem(sys.modules, "mlflow", library)
    return library


def test_where_no_run_is_active_mlflow_gets_a_new_one(mlflow):
    assert textdrift.log_to_mlflow(REPORT) == "new"
    assert mlflow.begun == [("textdrift", {"mlflow.note.content": REPORT["summary"]})]
    assert {name: value for (_, name, _), value in mlflow.metrics.items()} == FIGURES
    assert mlflow.tags["new", "textdrift.verdict"] == "drift"
    assert json.loads(mlflow.files["new", "textdrift/report.json"])["summary"] == REPORT["summary"]
    assert mlflow.files["new", "textdrift/report.html"].startswith("<!doctype html>")


def test_the_note_of_a_run_that_is_active_stays(mlflow):
    mlflow.active = run_called("training")
    assert textdrift.log_to_mlflow(REPORT) == "training"
    assert not mlflow.begun
    assert not any("mlflow.note" in name for _, name in mlflow.tags)


@pytest.mark.parametrize("run", ["mine", run_called("mine")])
def test_steps_of_a_run_have_folders_of_their_own(mlflow, run):
    for step in (0, 1):
        textdrift.log_to_mlflow(REPORT, run, prefix="inputs/", step=step)
    assert {step for _, name, step in mlflow.metrics if name == "inputs/passed"} == {0, 1}
    assert {path for _, path in mlflow.files} == {
        f"textdrift/{i}/report.{kind}" for i in (0, 1) for kind in ("html", "json")
    }


def test_what_mlflow_refuses_is_told_in_one_line(mlflow):
    with pytest.raises(DeliveryError, match="did not take the report: Run 'gone' not found"):
        textdrift.log_to_mlflow(REPORT, "gone")
    with pytest.raises(SettingsError, match="run needs an MLflow run or its id; got a int"):
        textdrift.log_to_mlflow(REPORT, 3)


class Wandb(types.ModuleType):
    """The part of wandb's API that is called."""

    Error = type("Error", (Exception,), {})

    def __init__(self):
        super().__init__("wandb")
        self.run = None

    def Html(self, page, inject):  # noqa: N802 - wandb's name
        return page

    class Artifact:
        def __init__(self, name, type):  # noqa: A002 - wandb's name
            self.name, self.type, self.folder, self.files = name, type, None, []

        def new_file(self, name, mode, encoding):
            self.files.append(name)
            return (self.folder / name).open(mode, encoding=encoding)


class WandbRun:
    id = "abc"

    def __init__(self):
        self.logged, self.summary, self.artifacts = [], {}, []

    def log(self, values, step):
        self.logged.append((step, values))

    def log_artifact(self, artifact):
        self.artifacts.append(artifact)


@pytest.fixture
def wandb(monkeypatch, tmp_path):
    library = Wandb()
    monkeypatch.setitem(sys.modules, "wandb", library)
    init = Wandb.Artifact.__init__

    def at(self, *given, **named):
        init(self, *given, **named)
        self.folder = tmp_path

    monkeypatch.setattr(Wandb.Artifact, "__init__", at)
    return library


def test_wandb_gets_figures_page_summary_and_artifact(wandb, tmp_path):
    wandb.run = WandbRun()
    assert textdrift.log_to_wandb(REPORT, step=4) == "abc"
    ((step, values),) = wandb.run.logged
    assert step == 4
    assert values.pop("textdrift/report").startswith("<!doctype html>")
    assert values == FIGURES
    assert wandb.run.summary["textdrift/severity_word"] == "critical"
    assert not set(wandb.run.summary) & set(FIGURES)
    (artifact,) = wandb.run.artifacts
    assert (artifact.name, artifact.files) == ("textdrift-report-abc", ["report.json", "report.html"])
    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["verdict"] == "drift"


def test_wandb_without_a_run_says_what_to_do(wandb):
    with pytest.raises(SettingsError, match=r"call wandb\.init"):
        textdrift.log_to_wandb(REPORT)
    with pytest.raises(SettingsError, match=r"what wandb\.init\(\) returned; got a str"):
        textdrift.log_to_wandb(REPORT, "abc")


@pytest.mark.parametrize(("name", "log"), [("mlflow", textdrift.log_to_mlflow), ("wandb", textdrift.log_to_wandb)])
def test_a_library_that_is_not_there_is_named(monkeypatch, name, log):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match=f"pip install {name}"):
        log(REPORT)


def test_mlflow_itself_takes_a_report(tmp_path, monkeypatch):
    mlflow = pytest.importorskip("mlflow", reason="pip install mlflow-skinny")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    mlflow.set_tracking_uri(f"file://{tmp_path}/runs")
    run = textdrift.log_to_mlflow(REPORT)
    assert mlflow.get_run(run).data.metrics == pytest.approx(FIGURES)
    files = {file.path for file in mlflow.MlflowClient().list_artifacts(run, "textdrift")}
    assert files == {"textdrift/report.json", "textdrift/report.html"}


def test_wandb_itself_takes_a_report_without_network(tmp_path, monkeypatch):
    wandb = pytest.importorskip("wandb", reason="pip install wandb")
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    run = wandb.init(project="textdrift", dir=tmp_path, settings=wandb.Settings(console="off"))
    textdrift.log_to_wandb(REPORT)
    assert {name: run.summary[name] for name in FIGURES} == pytest.approx(FIGURES)
    run.finish()
    assert list(Path(tmp_path).rglob("*.html"))
