"""A job file: read, checked, run; every fault named at once."""

import json

import pytest

from textdrift.errors import MissingSourceError, NotYetError, SettingsError, UnreadableSourceError
from textdrift.job import run_job
from textdrift.job_config import read_job


def written(tmp_path, text):
    path = tmp_path / "job.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def windows(tmp_path):
    for name, ending in (("before", "came on time"), ("after", "never came at all")):
        rows = [json.dumps({"body": f"parcel {i} {ending} today"}) for i in range(120)]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path


def test_a_job_file_runs_and_writes_its_report(windows):
    path = written(
        windows,
        f"""
        name: nightly
        reference: {{path: "{windows}/before.jsonl"}}
        current: {{path: "{windows}/after.jsonl"}}
        columns: {{text: body}}
        tests: {{lexical: {{}}}}
        report: {{folder: "{windows}/out", formats: [json]}}
        """,
    )
    result = run_job(read_job(path))
    assert result.report.verdict == "drift"
    assert [file.name for file in result.files] == ["report.json"]
    assert json.loads(result.files[0].read_text(encoding="utf-8")) == result.report.to_dict()


def test_roles_may_stand_at_the_top_level_under_the_names_of_compare(tmp_path):
    job = read_job(written(tmp_path, "name: a\nreference: r.csv\ncurrent: c.csv\ntext: body\nlabel: y\n"))
    assert (job.columns.text, job.columns.label) == ("body", "y")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: a\nreference: r\ncurrent: c\ncolums: {}", "unknown key 'colums'; did you mean 'columns'?"),
        (
            "name: a\nreference: r\ncurrent: c\ncolumns: {texts: body}",
            "unknown key 'columns.texts'; did you mean 'text'?",
        ),
        ("name: a\nreference: r\ncurrent: c\nreport: {formats: [jsn]}", "did you mean 'json'?"),
        ("name: a\nreference: r\ncurrent: c\nalpha: 3", "alpha"),
        ("name: a\ncurrent: c", "reference"),
        ("name: a\nreference: r\ncurrent: c\ntext: a\ncolumns: {text: b}", "both under columns and at the top level"),
        ("- a\n- b", "a job file is a table"),
    ],
)
def test_a_fault_names_its_place_and_the_nearest_key(tmp_path, text, message):
    with pytest.raises(SettingsError, match=message.replace("?", r"\?")):
        read_job(written(tmp_path, text))


def test_all_faults_are_reported_at_once(tmp_path):
    with pytest.raises(SettingsError) as caught:
        read_job(written(tmp_path, "name: a\nreference: r\ncurent: c\nalpha: 3"))
    assert all(word in str(caught.value) for word in ("curent", "current", "alpha"))


@pytest.mark.parametrize(
    "key", ["history: sqlite:///x.db", "gate: {}", "alerts: []", "budget: {}", "columns: {group: a}"]
)
def test_a_promised_key_says_that_it_does_not_exist_yet(tmp_path, key):
    with pytest.raises(NotYetError, match=r"do(es)? not exist yet"):
        read_job(written(tmp_path, f"name: a\nreference: r\ncurrent: c\n{key}"))


def test_broken_yaml_and_a_missing_file_have_their_own_errors(tmp_path):
    with pytest.raises(UnreadableSourceError, match="not a YAML file"):
        read_job(written(tmp_path, "name: [a"))
    with pytest.raises(MissingSourceError, match="textdrift demo"):
        read_job(tmp_path / "none.yaml")


def test_a_missing_window_names_the_demo_command(tmp_path):
    job = read_job(
        written(
            tmp_path, f"name: a\nreference: {{path: {tmp_path}/r.parquet}}\ncurrent: {{path: {tmp_path}/c.parquet}}"
        )
    )
    with pytest.raises(MissingSourceError, match="textdrift demo"):
        run_job(job)
