"""A job file: every key read, every slip named with its place, values filled in by date and environment."""

import datetime as dt
import pickle
import re
from pathlib import Path

import pytest

from textdrift.errors import MissingSourceError, SettingsError, UnreadableSourceError
from textdrift.job_config import JobConfig, ReferencePolicy, read_job

START = "name: a\nreference: r.csv\ncurrent: c.csv\n"
CONFIGS = Path(__file__).parents[2] / "configs"

PROMISED = """\
name: sentiment-inputs
reference: {path: data/reference.parquet}
current: {path: "data/{{ date }}.parquet"}
columns: {text: text, label: label, prediction: prediction, time: timestamp, segments: [airline]}
encoder: {model: sentence-transformers/all-MiniLM-L6-v2, device: auto, batch_size: 64}
tests: {embedding: {engine: auto}, concept: {}, lexical: {}, quality: {}, columns: {}}
budget: {false_alarms_per_year: 2, windows_per_year: 365}
history: sqlite:///drift.db
report: {folder: reports, formats: [html, json]}
alerts: [{url: "json://localhost:8099/drift", on: [firing, resolved]}]
gate: {fail_on: [concept, semantic, quality]}
"""


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        path = tmp_path / "job.yaml"
        path.write_text(text, encoding="utf-8")
        return read_job(path)

    return read_text


def test_the_promised_job_file_is_read_as_it_is_written(read):
    job = read(PROMISED)
    assert job.budget is not None
    assert (job.budget.false_alarms_per_year, job.budget.windows_per_year) == (2, 365)
    assert job.gate is not None
    assert job.gate.fail_on == ("concept", "semantic", "quality")
    assert [(alert.url, alert.on) for alert in job.alerts] == [("json://localhost:8099/drift", ["firing", "resolved"])]
    assert (job.is_dated, job.history, job.slow_drift) == (True, "sqlite:///drift.db", False)
    assert job.at(dt.date(2026, 11, 25)).current == {"path": "data/2026-11-25.parquet"}


def test_the_commented_copy_holds_what_was_promised(read):
    assert read_job(CONFIGS / "nightly.yaml").model_dump() == read(PROMISED).model_dump()


@pytest.mark.parametrize("name", ["nightly", "gate"])
def test_shipped_job_files_point_an_editor_to_the_schema(name):
    path = CONFIGS / f"{name}.yaml"
    pointed = re.match(r"# yaml-language-server: \$schema=(\S+)\n", path.read_text(encoding="utf-8"))
    assert pointed is not None
    assert (path.parent / pointed[1]).resolve().name == "job.schema.json"
    assert (path.parent / pointed[1]).exists()
    read_job(path)


def test_keys_left_out_have_their_defaults(read):
    job = read(START)
    assert (job.budget, job.history, job.alerts, job.gate, job.labels) == (None, None, [], None, None)
    assert (job.alert_policy.drifted, job.alert_policy.of, job.alert_policy.cool_down_hours) == (1, 1, 0)
    sink = read(START + "alerts: [{url: json://h}]").alerts[0]
    assert (sink.on, sink.severity, sink.timeout) == (["firing", "resolved"], "info", 10)
    gate = read(START + "gate: {}").gate
    assert gate is not None
    assert (gate.fail_on, gate.challenger, gate.margin, gate.inconclusive) == (("any",), None, 0.02, "fail")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bugdet: {}", "unknown key 'bugdet'; did you mean 'budget'?"),
        (
            "budget: {false_alarm_per_year: 2, windows_per_year: 365}",
            "unknown key 'budget.false_alarm_per_year'; did you mean 'false_alarms_per_year'?",
        ),
        ("budget: {false_alarms_per_year: 2}", "missing key 'budget.windows_per_year'"),
        ("budget: {false_alarms_per_year: 400, windows_per_year: 365}", "promise fewer than one for each window"),
        ("alpha: 0.1\nbudget: {false_alarms_per_year: 2, windows_per_year: 365}", "alpha and budget are two ways"),
        ("alerts: [{ur: x://y}]", "unknown key 'alerts.0.ur'; did you mean 'url'?"),
        (
            "alerts: [{url: x://y, on: [fireing]}]",
            "alerts.0.on.0: it must be 'warning', 'firing', 'resolved' or 'error'",
        ),
        ("alerts: [{url: nowhere}]", "alerts.0.url: it needs an address with a scheme"),
        ("alert_policy: {drifted: 3, of: 2}", "3 of the last 2 windows cannot drift; raise `of` to 3"),
        ("alert_policy: {cooldown_hours: 2}", "did you mean 'cool_down_hours'?"),
        ("history: 5", "history: it must be a string; got 5"),
        ("gate: {fail_on: [concpt]}", "gate.fail_on: no kind of drift 'concpt'; did you mean 'concept'?"),
        ("gate: {failon: any}", "unknown key 'gate.failon'; did you mean 'fail_on'?"),
        ("labels: {path: l.csv}", "missing key 'labels.join'"),
        ("labels: {path: {paht: l.csv}, join: id}", "unknown key 'labels.path.paht'; did you mean 'path'?"),
        ("slow_drift: true", "slow_drift takes half of the yearly budget, and there is none"),
        ("slow_drift: {level: 1}", "unknown key 'slow_drift.level'; it has no options"),
        ("metrics: {textfil: x}", "unknown key 'metrics.textfil'; did you mean 'textfile'?"),
        ("metrics: {}", "metrics: it names no place"),
        ("retention: {days: 0}", "retention.days: it must be at least 1; got 0"),
        ("encoder: {modle: x}", "unknown encoder setting 'modle': did you mean 'model'?"),
        ("lable: y", "unknown key 'lable'; did you mean 'label'?"),
        ("history: 'sqlite:///{{ date }}.db'", "history: it holds for all dates alike"),
        ("report: {folder: '{{ dat }}'}", "report.folder: '{{ dat }}': there is no 'dat' here; did you mean 'date'?"),
        ("report: {folder: '{{ date'}", "'{{' in '{{ date' is not closed"),
        ("report: {folder: '${NO_SUCH_NAME}'}", "report.folder: the environment has no variable NO_SUCH_NAME"),
        ("report: {folder: '${NO_SUCH_NAME'}", "'${' in '${NO_SUCH_NAME' is not closed"),
    ],
)
def test_a_slip_is_named_with_its_place(read, text, message):
    with pytest.raises(SettingsError, match=re.escape(message)):
        read(START + text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{policy: trailing}", "the policy 'trailing' needs how many windows"),
        ("{policy: growing}", "the policy 'growing' needs the first date"),
        ("{policy: growing, since: soon}", "reference.since: it needs a date such as 2026-01-01; got 'soon'"),
        ("{policy: growing, since: 5}", "reference.since: a date such as 2026-01-01; got 5"),
        ("{policy: trailing, windows: 2, since: 2026-01-01}", "the policy 'trailing' has no 'since'"),
        ("{policy: traling, windows: 2}", "reference.policy: it must be 'trailing', 'same_weekday' or 'growing'"),
        ("{polcy: trailing, windows: 2}", "unknown key 'reference.polcy'; did you mean 'policy'?"),
        ("{policy: fixed}", "a fixed reference needs the path of its file"),
        ("{policy: fixed, path: r.csv, windows: 2}", "a fixed reference has no 'windows'"),
        ("{paht: r.csv}", "unknown key 'reference.paht'; did you mean 'path'?"),
        ("{path: r.csv, start: noon}", "start is 'noon'; it needs an ISO date or time"),
    ],
)
def test_a_slip_in_the_reference_is_named(read, text, message):
    with pytest.raises(SettingsError, match=re.escape(message)):
        read(f"name: a\ncurrent: c.csv\nreference: {text}")


def test_reference_policies_are_read(read):
    def policy(text):
        return read(f"name: a\ncurrent: c.csv\nreference: {text}").reference

    trailing = policy("{policy: trailing, windows: 7}")
    assert isinstance(trailing, ReferencePolicy)
    assert (trailing.policy, trailing.windows, trailing.source) == ("trailing", 7, None)
    growing = policy("{policy: growing, since: 2026-01-01, path: 'd/{{ date }}.csv'}")
    assert isinstance(growing, ReferencePolicy)
    assert (growing.since, growing.source) == (dt.date(2026, 1, 1), {"path": "d/{{ date }}.csv"})
    assert policy("{policy: fixed, path: r.csv}") == {"path": "r.csv"}


def test_features_are_a_list_of_columns(read):
    assert read(START + "columns: {features: [a]}").columns.features == ["a"]
    assert read(START + "features: [a, b]").columns.features == ["a", "b"]


def test_on_is_a_key_although_yaml_reads_it_as_true(read):
    assert read(START + "alerts:\n  - url: json://h\n    on: [error]").alerts[0].on == ["error"]


def test_braces_without_quotes_are_explained(read):
    with pytest.raises(UnreadableSourceError, match=r"put values that hold .* in quotes"):
        read("name: a\nreference: r\ncurrent: {path: {{ date }}}")


def test_slow_drift_may_be_a_table_without_options(read):
    budget = "budget: {false_alarms_per_year: 2, windows_per_year: 365}\n"
    assert [read(f"{START}{budget}slow_drift: {text}").slow_drift for text in ("{}", "true", "false", "")] == [
        True, True, False, False,
    ]  # fmt: skip


def test_a_job_is_filled_in_anew_for_each_date(read):
    job = read("name: a\nreference: r.csv\ncurrent: 'd/{{ date }}.csv'").at(dt.date(2026, 1, 2))
    assert job.is_dated
    assert job.at(dt.date(2026, 1, 3)).current == "d/2026-01-03.csv"
    assert not read(START).is_dated


def test_a_job_made_in_python_knows_dates_too():
    job = JobConfig(name="a", reference="r.csv", current={"path": "{{ date - days(1) }}.csv"})
    assert job.at(dt.date(2026, 3, 1)).current == {"path": "2026-02-28.csv"}


def test_a_fault_that_a_date_brings_names_the_file(read):
    job = read("name: a\nreference: {policy: growing, since: \"{{ date.strftime('%d/%m') }}\"}\ncurrent: c.csv")
    with pytest.raises(SettingsError, match=r"job\.yaml: reference\.since: it needs a date"):
        job.at(dt.date(2026, 1, 2))


def test_numbers_from_the_environment_are_numbers(read, monkeypatch):
    monkeypatch.setenv("N", "8")
    job = read(START + "seed: ${N}\nencoder: {model: hashing, batch_size: '${N}'}\ncolumns: {label: '${N}'}")
    assert (job.seed, job.encoder, job.columns.label) == (8, {"model": "hashing", "batch_size": 8}, "8")


def test_a_job_survives_pickling(read, monkeypatch):
    monkeypatch.setenv("PW", "hunter2")
    job = read(START + "history: 'postgresql://ann:${PW}@h/d'")
    assert pickle.loads(pickle.dumps(job)).hidden(str(job.history)) == "postgresql://ann:***@h/d"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("job.yml", "no job file '{}/job.yml'; did you mean 'job.yaml'?"),
        ("jobb.yaml", "did you mean 'job.yaml'?"),
        ("another.yaml", "its folder has 'job.yaml'; `textdrift init DATA` writes one"),
        ("nowhere/job.yaml", "there is no folder '{}/nowhere'"),
    ],
)
def test_a_missing_job_file_names_those_that_are_there(tmp_path, asked, told):
    (tmp_path / "job.yaml").write_text("name: a", encoding="utf-8")
    with pytest.raises(MissingSourceError) as error:
        read_job(tmp_path / asked)
    assert told.format(tmp_path) in str(error.value)
