"""`textdrift init`: a job file from a data file, fit to run."""

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest

from textdrift.cli.app import main
from textdrift.job_config import read_job
from textdrift.windows.simulating import sample_pair


@pytest.fixture
def folder(tmp_path, monkeypatch):
    table = sample_pair(200, 1, seed=1).reference
    pq.write_table(table, tmp_path / "rows.parquet")
    arrow_csv.write_csv(table, tmp_path / "rows.csv")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("data", ["rows.parquet", "rows.csv"])
def test_every_role_is_guessed_and_the_file_passes(folder, capsys, data):
    assert main(["init", data, "--output", "a.yaml"]) == 0
    assert main(["validate", "a.yaml"]) == 0
    columns = read_job("a.yaml").columns
    assert (columns.text, columns.label, columns.prediction) == ("text", "label", "prediction")
    assert (columns.time, columns.id, columns.segments) == ("timestamp", "id", ["channel"])
    assert columns.probabilities == {name: f"p_{name}" for name in ("negative", "neutral", "positive")}
    assert "fault" not in capsys.readouterr().out


def test_the_file_runs(folder):
    assert main(["init", "rows.parquet", "--output", "a.yaml"]) == 0
    text = (folder / "a.yaml").read_text(encoding="utf-8")
    (folder / "a.yaml").write_text(text + "tests: {lexical: {}, columns: {}}\n", encoding="utf-8")
    assert main(["run", "a.yaml"]) in {0, 3}
    assert list((folder / "reports" / "rows").rglob("report.html"))


def test_a_file_that_is_there_is_kept(folder, capsys):
    (folder / "job.yaml").write_text("mine", encoding="utf-8")
    assert main(["init", "rows.csv"]) == 2
    assert "--force" in capsys.readouterr().err
    assert (folder / "job.yaml").read_text(encoding="utf-8") == "mine"
    assert main(["init", "rows.csv", "--force"]) == 0
    assert read_job("job.yaml").name == "rows"


def test_without_times_both_windows_are_the_file(folder):
    rows = {"body": [f"parcel {i} came late to me" for i in range(40)]}
    pq.write_table(pa.table(rows), folder / "plain.parquet")
    assert main(["init", "plain.parquet"]) == 0
    job = read_job("job.yaml")
    assert (job.reference, job.current, job.columns.text) == (
        {"path": "plain.parquet"},
        {"path": "plain.parquet"},
        "body",
    )


def test_no_texts_is_an_error_that_helps(folder, capsys):
    pq.write_table(pa.table({"a": [1, 2], "b": ["x", "y"]}), folder / "numbers.parquet")
    assert main(["init", "numbers.parquet"]) == 2
    assert "no column looks like texts among 'a', 'b'; name it with --text COLUMN" in capsys.readouterr().err
    assert main(["init", "numbers.parquet", "--text", "b"]) == 0
    assert main(["init", "numbers.parquet", "--text", "c", "--force"]) == 2


def test_odd_names_stay_what_they_are(folder):
    odd = "a {{ date }} ${X}: #1"
    name = "odd {{ x }}.parquet"
    pq.write_table(pa.table({odd: ["where is my parcel?", "it came today"]}), folder / name)
    assert main(["init", name, "--text", odd]) == 0
    assert main(["validate", "job.yaml"]) == 0
