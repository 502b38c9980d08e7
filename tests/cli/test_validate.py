"""`textdrift validate`: one line a thing, 0 where a run could begin, 2 where it would fail; no secret, no model."""

import json
import subprocess
import sys

import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest

from textdrift.cli.app import main
from textdrift.windows.simulating import sample_pair

COLUMNS = "columns: {text: text, label: label, prediction: prediction, time: timestamp, segments: [channel]}"
QUICK = f"tests: {{lexical: {{}}}}\n{COLUMNS}"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    windows = sample_pair(60, 60, seed=1)
    pq.write_table(windows.reference, tmp_path / "reference.parquet")
    arrow_csv.write_csv(windows.current, tmp_path / "2026-11-25.csv")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def validate(folder, capsys):
    def validated(text, *flags):
        (folder / "job.yaml").write_text(f"name: a\n{text}\n", encoding="utf-8")
        code = main(["validate", "job.yaml", "--date", "2026-11-25", *flags])
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    return validated


WINDOWS = 'reference: reference.parquet\ncurrent: {path: "{{ date }}.csv"}'


def test_a_job_that_can_run_passes(validate):
    code, told = validate(f"{WINDOWS}\n{QUICK}\nhistory: sqlite:///drift.db\nalerts: [{{url: 'json://localhost:1/x'}}]")
    assert code == 0
    names = [line.split()[1] for line in told.splitlines()]
    assert names == ["keys", "dates", "tests", "current", "reference", "encoder", "report", "history", "alerts"]
    assert all(line.startswith("ok ") for line in told.splitlines())


def test_it_writes_nothing(validate, folder):
    before = {path.name for path in folder.iterdir()}
    validate(f"{WINDOWS}\n{QUICK}\nhistory: sqlite:///drift.db")
    assert {path.name for path in folder.iterdir()} == before | {"job.yaml"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("reference: refrence.parquet\ncurrent: '{{ date }}.csv'\n" + QUICK, "did you mean 'reference.parquet'?"),
        (f"{WINDOWS}\ncolumns: {{text: txt}}\ntests: {{lexical: {{}}}}", "no column 'txt', did you mean 'text'?"),
        (f"{WINDOWS}\ncolumns: {{label: lable}}\ntests: {{lexical: {{}}}}", "no column 'lable', did you mean 'label'?"),
        (f"{WINDOWS}\n{QUICK}\ngate: {{challenger: candidate}}", "no column 'candidate'"),
        (f"{WINDOWS}\n{COLUMNS}\ntests: {{lexcal: {{}}}}", "did you mean 'lexical'?"),
        (f"{WINDOWS}\n{COLUMNS}\ntests: {{lexical: {{tokeniser: tweet}}}}", "did you mean 'tokenizer'?"),
        (f"{WINDOWS}\ncolumns: {{text: text, label: text}}", "the column 'text' is given as text and label"),
        (f"{WINDOWS}\n{COLUMNS}\nencoder: ./no-model", "no encoder at ./no-model: there is no such folder"),
        (f"{WINDOWS}\n{QUICK}\nhistory: mysql://h/d", "a history lies in SQLite or PostgreSQL"),
        (f"{WINDOWS}\n{QUICK}\nalerts: [{{url: 'json://h'}}]", "alerts need one; add `history: sqlite:///drift.db`"),
        (f"{WINDOWS}\n{QUICK}\nhistory: sqlite:///d.db\nalerts: [{{url: 'jsno://h'}}]", "is no address that Apprise"),
        (f"{WINDOWS}\n{QUICK}\nreport: {{folder: reference.parquet/x}}", "reference.parquet takes no files"),
        (f"{WINDOWS}\n{QUICK}\nhistory: sqlite:///d.db\nlabels: {{path: reference.parquet, join: ident}}", "'ident'"),
        ("reference: {policy: growing, since: \"{{ date.strftime('%d') }}\"}\ncurrent: x", "reference.since: it needs"),
    ],
)
def test_what_would_fail_a_run_is_told_and_exits_2(validate, text, fault):
    code, told = validate(text)
    assert code == 2
    assert fault in next(line for line in told.splitlines() if line.startswith("fault"))


def test_labels_that_are_not_there_yet_are_no_fault(validate):
    labels = "history: sqlite:///drift.db\nlabels: {path: 'labels-{{ date }}.csv', join: id}"
    code, told = validate(f"{WINDOWS}\n{QUICK}\n{labels}")
    assert code == 0
    assert "note   labels     not there yet" in told


def test_a_slip_in_the_keys_is_one_line_and_2(validate):
    code, told = validate(f"{WINDOWS}\nbugdet: {{}}")
    assert code == 2
    assert told == "textdrift: error: job.yaml: unknown key 'bugdet'; did you mean 'budget'?\n"


def test_no_secret_is_printed(validate, monkeypatch):
    monkeypatch.setenv("PW", "hunter2")
    code, told = validate(
        "reference: {sql: 'postgresql://ann:${PW}@127.0.0.1:1/r', query: select 1}\ncurrent: '${PW}/x.csv'\n"
        f"{QUICK}\nhistory: 'postgresql://ann:${{PW}}@127.0.0.1:1/d'\n"
        "alerts: [{url: 'slack://${PW}/#x'}, {url: 'jsno://ann:pw-in-file@h'}]\nreport: {folder: '${PW}'}"
    )
    assert code == 2
    assert "hunter2" not in told
    assert "pw-in-file" not in told


def test_no_model_is_loaded(folder):
    (folder / "job.yaml").write_text(f"name: a\n{WINDOWS}\n{COLUMNS}\n", encoding="utf-8")
    probe = (
        "import sys\nfrom textdrift.cli.app import main\nmain(['validate', 'job.yaml', '--date', '2026-11-25'])\n"
        "print([name for name in ('torch', 'sentence_transformers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False, cwd=folder)
    assert done.stdout.splitlines()[-1] == "[]"


def test_schema_prints_the_schema(capsys):
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["properties"]["budget"]
