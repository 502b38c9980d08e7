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


def test_nothing_to_compare_is_an_error_that_helps(folder, capsys):
    pq.write_table(pa.table({"a": [1, 1], "b": ["x", "y"]}), folder / "numbers.parquet")
    assert main(["init", "numbers.parquet"]) == 2
    assert "no column looks like texts, nor like anything else to compare, among 'a', 'b'" in capsys.readouterr().err
    assert main(["init", "numbers.parquet", "--text", "b"]) == 0
    assert main(["init", "numbers.parquet", "--text", "c", "--force"]) == 2


def test_a_table_without_texts_is_compared_by_its_features(folder, capsys):
    rows = {"amount": [i * 0.5 for i in range(40)], "country": ["at", "de"] * 20, "order_no": list(range(40))}
    pq.write_table(pa.table(rows), folder / "orders.parquet")
    assert main(["init", "orders.parquet"]) == 0
    assert "guessed features: amount (numbers or names that no other part was found for)" in capsys.readouterr().out
    columns = read_job("job.yaml").columns
    assert (columns.text, columns.id, columns.segments, columns.features) == (None, "order_no", ["country"], ["amount"])
    assert main(["validate", "job.yaml"]) == 0


@pytest.mark.parametrize(
    ("name", "template", "job"),
    [
        ("2026-11-25.parquet", "{{ date }}.parquet", "nights"),
        ("tweets_20261125.csv", "tweets_{{ date.strftime('%Y%m%d') }}.csv", "tweets"),
    ],
)
def test_a_date_in_the_name_makes_a_nightly_job(folder, capsys, name, template, job):
    (folder / "nights").mkdir()
    path = folder / "nights" / name
    if name.endswith("csv"):
        arrow_csv.write_csv(pq.read_table("rows.parquet"), path)
    else:
        pq.write_table(pq.read_table("rows.parquet"), path)
    assert main(["init", f"nights/{name}"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == f"guessed current: nights/{template} (the date in the name of the file)"
    assert out[-1] == "wrote job.yaml; next: textdrift validate job.yaml --date 2026-11-25"
    read = read_job("job.yaml")
    assert (read.name, read.current, read.reference) == (
        job,
        {"path": f"nights/{template}"},
        {"path": f"nights/{name}"},
    )
    assert main(["validate", "job.yaml", "--date", "2026-11-25"]) == 0


def test_every_guess_is_told_and_what_is_not_sure_is_a_comment(folder, capsys):
    n = 40
    rows = {
        "reply": [f"parcel {i} came late to me" for i in range(n)],
        "posted": [f"2026-01-{1 + i % 28:02}T10:00:00" for i in range(n)],
        "order_no": list(range(n)),
        "customer": ["ann", "bob", "cid", "dan"] * 10,
        "predicted_class": ["good", "bad"] * 20,
        "stars": [1, 2, 3, 4, 5] * 8,
        "price": [i / 3 for i in range(n)],
    }
    pq.write_table(pa.table(rows), folder / "replies.parquet")
    assert main(["init", "replies.parquet"]) == 0
    columns = read_job("job.yaml").columns
    assert (columns.text, columns.time, columns.id) == ("reply", "posted", "order_no")
    assert (columns.prediction, columns.label, columns.features) == ("predicted_class", None, ["price"])
    out = capsys.readouterr().out
    assert "guessed time: posted (by a word in its name)" in out
    assert "not sure of label: stars (a rating may be what a model learns); it stands there as a comment" in out
    text = (folder / "job.yaml").read_text(encoding="utf-8")
    assert "  # label: stars  # the true labels; not sure: a rating may be what a model learns" in text
    assert '# current: {path: "{{ date }}.parquet"}' in text


def test_odd_names_stay_what_they_are(folder):
    odd = "a {{ date }} ${X}: #1"
    name = "odd {{ x }}.parquet"
    pq.write_table(pa.table({odd: ["where is my parcel?", "it came today"]}), folder / name)
    assert main(["init", name, "--text", odd]) == 0
    assert main(["validate", "job.yaml"]) == 0


@pytest.mark.parametrize("values", [[i / 7 for i in range(60)], ["x", "y", "z"] * 20])
def test_a_column_named_beyond_the_basic_plane_is_found_again(folder, values):
    texts = [f"parcel {i} came late to me" for i in range(60)]
    pq.write_table(pa.table({"text": texts, "😀 é": values}), folder / "😀.parquet")
    assert main(["init", "😀.parquet"]) == 0
    assert main(["validate", "job.yaml"]) == 0
    job = read_job("job.yaml")
    assert job.columns.features + job.columns.segments == ["😀 é"]
    assert job.reference == {"path": "😀.parquet"}
    assert '"😀.parquet"' in (folder / "job.yaml").read_text(encoding="utf-8")


def test_columns_that_are_too_many_are_told(folder, capsys):
    rows = {f"x{i}": [i * 0.5 + j for j in range(30)] for i in range(25)}
    rows |= {f"s{i}": ["a", "b", "c"] * 10 for i in range(5)}
    pq.write_table(pa.table(rows), folder / "wide.parquet")
    assert main(["init", "wide.parquet"]) == 0
    told = [
        "left out of segments: s3, s4; add to segments in the job file those that you need",
        "left out of features: x20, x21, x22 and 4 more; add to features in the job file those that you need",
    ]
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith("left out")] == told
    written = (folder / "job.yaml").read_text(encoding="utf-8").splitlines()
    assert [line.removeprefix("  # ") for line in written if "left out" in line] == told


@pytest.mark.parametrize("row", ["parcel {i} came late; today;bad", "{i},5;2,{i}"])
def test_a_file_with_semicolons_is_refused_as_compare_refuses_it(folder, capsys, row):
    lines = ["words;label" if "parcel" in row else "a;b", *(row.format(i=i).replace("; ", ", ", 1) for i in range(20))]
    (folder / "rows_of.csv").write_text("\n".join(lines), encoding="utf-8")
    assert main(["init", "rows_of.csv"]) == 2
    assert "cells are separated by semicolons (';'), and commas were needed; save it" in capsys.readouterr().err
    assert not (folder / "job.yaml").exists()


def test_a_column_whose_name_holds_a_semicolon_can_be_named(folder):
    (folder / "one.csv").write_text("so; long\n" + "a parcel came late\n" * 20, encoding="utf-8")
    assert main(["init", "one.csv", "--text", "so; long"]) == 0
    assert main(["validate", "job.yaml"]) == 0


def test_a_table_of_numbers_with_commas_is_told_how_to_be_compared(folder, capsys):
    rows = {"a": [f"{i},25" for i in range(30)], "b": [f"0,{i:03}" for i in range(30)]}
    pq.write_table(pa.table(rows), folder / "commas.parquet")
    assert main(["init", "commas.parquet"]) == 2
    error = capsys.readouterr().err
    assert "columns: {text: null, features: [COLUMN]}" in error
    assert "left out of features: a, b; write their numbers with a point, not as 0,25" in error


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_numbers_that_differ_in_each_row_are_features_and_no_ids(folder, capsys, kind):
    table = pa.table({"weight": [i / 7 for i in range(30)], "depth": [3 * i for i in range(30)]})
    (arrow_csv.write_csv if kind == "csv" else pq.write_table)(table, folder / f"numbers.{kind}")
    assert main(["init", f"numbers.{kind}"]) == 0
    assert "guessed features: weight, depth (" in capsys.readouterr().out
