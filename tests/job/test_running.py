"""A job file: read, checked, run; every fault named at once."""

import json
import re

import pytest

from textdrift.errors import MissingSourceError, SettingsError, UnreadableSourceError
from textdrift.job import run_job
from textdrift.job_config import read_job


def written(tmp_path, text):
    path = tmp_path / "job.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def spelled(i):
    """Return a number in letters: texts that differ by a number alone are near-copies."""
    return str(i).translate(str.maketrans("0123456789", "abcdefghij"))


@pytest.fixture
def windows(tmp_path):
    for name, ending in (("before", "came on time"), ("after", "never came at all")):
        rows = [json.dumps({"body": f"parcel {spelled(i)} {ending} today"}) for i in range(120)]
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
        ("name: a\nreference: r\ncurrent: c\nreference: s", "'reference' stands twice, in lines 2 and 4"),
        ("name: a\nreference: r\ncurrent: c\ncolumns:\n  text: a\n  text: b", "'text' stands twice, in lines 5 and 6"),
        ("name: a\nreference: r\ncurrent: c\nreport: {formats: []}", "report.formats: it names no format"),
        ("name: a\nreference: r\ncurrent: c\ntests: {}", "tests names no family; leave it out to run all"),
        ("name: a\nreference: 5\ncurrent: c", "reference: a path or a table {path: …} or {sql: …, query: …}; got 5$"),
        ("name: a\nreference: r\ncurrent: c\nseed: x", "seed: it must be a whole number; got 'x'"),
        ("name: a\nreference: r\ncurrent: c\ntests: {1: {}}", "tests.1: it must be a string; got 1"),
        ("name: a\nreference: r\ncurrent: c\ncolumns: text", "columns: it must be a table; got 'text'"),
    ],
)
def test_a_fault_names_its_place_and_the_nearest_key(tmp_path, text, message):
    with pytest.raises(SettingsError, match=re.escape(message).replace(r"\$", "$")):
        read_job(written(tmp_path, text))


def test_all_faults_are_reported_at_once(tmp_path):
    with pytest.raises(SettingsError) as caught:
        read_job(written(tmp_path, "name: a\nreference: r\ncurent: c\nalpha: 3"))
    assert all(word in str(caught.value) for word in ("curent", "current", "alpha"))


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


def test_a_missing_key_is_named_and_the_table_is_not_echoed(tmp_path):
    with pytest.raises(SettingsError) as caught:
        read_job(written(tmp_path, "name: a\ncurrent: c\nencoder: {prefix: a-secret-prompt}"))
    assert str(caught.value).endswith("job.yaml: missing key 'reference'")


def test_a_long_value_is_not_echoed_whole(tmp_path):
    with pytest.raises(SettingsError) as caught:
        read_job(written(tmp_path, f"name: a\nreference: r\ncurrent: c\nseed: {'x' * 5000}"))
    assert len(str(caught.value)) < 500


def test_tables_left_empty_have_their_defaults(tmp_path):
    job = read_job(written(tmp_path, "name: a\nreference: r\ncurrent: c\ncolumns:\nreport:\n"))
    assert (job.columns.text, job.report.formats) == ("text", ["html", "json"])


def test_labels_that_are_numbers_are_names(tmp_path):
    job = read_job(written(tmp_path, "name: a\nreference: r\ncurrent: c\nprobabilities: {0: p_no, 1: p_yes}"))
    assert job.columns.probabilities == {"0": "p_no", "1": "p_yes"}


def test_merged_yaml_tables_are_no_duplicates(tmp_path):
    text = "name: a\nreference: &w {path: r.csv}\ncurrent: {<<: *w, path: c.csv}\n"
    assert read_job(written(tmp_path, text)).current == {"path": "c.csv"}


def test_a_report_folder_that_cannot_be_made_is_refused_before_the_windows_are_read(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    text = f"name: a\nreference: none.csv\ncurrent: none.csv\nreport: {{folder: {tmp_path}/file/x}}"
    with pytest.raises(SettingsError, match="needs a folder it can write to"):
        run_job(read_job(written(tmp_path, text)))
