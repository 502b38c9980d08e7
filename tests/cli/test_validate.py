"""`textdrift validate`: one line a thing, 0 where a run could begin, 2 where it would fail; no secret, no model."""

import json
import subprocess
import sys
from unittest.mock import Mock

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


def without(folder, *columns):
    path = folder / "2026-11-25.csv"
    arrow_csv.write_csv(arrow_csv.read_csv(path).drop_columns(list(columns)), path)


def test_a_label_that_the_window_lacks_is_no_fault_since_a_run_goes_on(validate, folder):
    without(folder, "label")
    code, told = validate(f"{WINDOWS}\n{QUICK}\nreport: {{folder: out}}")
    assert code == 0
    line = next(line for line in told.splitlines() if line.split()[1] == "current")
    assert line.startswith("note   current    2026-11-25.csv: no column 'label', ")
    assert line.endswith(
        "; a run tells of it and goes on without; where labels come days later, add labels: {path: …, join: …}"
    )
    assert main(["run", "job.yaml", "--date", "2026-11-25"]) in {0, 1, 3}


@pytest.mark.parametrize(
    ("lost", "current"),
    [("text", "{path: '{{ date }}.csv'}"), ("timestamp", "{path: '{{ date }}.csv', start: '2000-01-01'}")],
)
def test_a_column_that_a_run_cannot_do_without_stays_a_fault(validate, folder, lost, current):
    without(folder, lost)
    code, told = validate(f"reference: reference.parquet\ncurrent: {current}\n{QUICK}")
    assert code == 2
    assert f"no column {lost!r}" in next(line for line in told.splitlines() if line.startswith("fault"))


def test_a_night_that_is_missing_names_the_newest_there_is(validate):
    code, told = validate(f"{WINDOWS}\n{QUICK}", "--date", "2026-11-26")
    assert code == 2
    assert "there is no file or folder '2026-11-26.csv'" in told
    assert "; the newest there is '2026-11-25.csv'" in told


@pytest.mark.parametrize(
    ("answer", "state", "said"),
    [
        ("nothing", "fault", "the Hugging Face hub cannot be asked for it (ConnectionError); did you mean"),
        ("no such model", "fault", "the Hugging Face hub has none of that name; did you mean"),
        ("a model", "note", "the first run downloads it from the Hugging Face hub"),
        ("offline", "fault", "keeps a run from downloading it; did you mean"),
    ],
)
def test_an_encoder_that_a_run_would_not_find_is_a_fault(validate, monkeypatch, answer, state, said):
    from huggingface_hub import HfApi
    from huggingface_hub.errors import RepositoryNotFoundError

    def model_info(_, repository, *, timeout):
        assert (repository, timeout) == ("sentence-transformers/all-MiniLM-L6-v3", 5.0)
        if answer == "nothing":
            raise ConnectionError
        if answer == "no such model":
            raise RepositoryNotFoundError("404", response=Mock())

    monkeypatch.setattr(HfApi, "model_info", model_info)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1" if answer == "offline" else "")
    code, told = validate(f"{WINDOWS}\n{COLUMNS}\nencoder: sentence-transformers/all-MiniLM-L6-v3")
    line = next(line for line in told.splitlines() if line.split()[1] == "encoder")
    assert (line.split()[0], code) == (state, 2 if state == "fault" else 0)
    assert said in line


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
