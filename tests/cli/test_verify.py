"""``textdrift verify``: the same comes out and exits 0, anything else exits 1 and is named, an error exits 2."""

import json
import shutil

import pytest

from textdrift.cli.app import main


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("windows")
    for name, words in (("before", "came on time"), ("after", "was lost, nobody answers")):
        lines = [f"parcel {a}{b} {words}" for a in "bcdfghklmnprst" for b in "aeiouy"]
        (folder / f"{name}.csv").write_text("text\n" + "\n".join(f'"{line}"' for line in lines) + "\n", "utf-8")
    windows = [str(folder / f"{name}.csv") for name in ("before", "after")]
    main(["compare", *windows, "--tests", "lexical", "--output", str(folder)])
    return folder


@pytest.fixture
def folder(written, tmp_path, monkeypatch):
    for name in ("before.csv", "after.csv", "report.json"):
        shutil.copy(written / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def edit(folder, **values):
    path = folder / "report.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | values), encoding="utf-8")


def test_the_same_exits_0_and_says_so(folder, capsys):
    for windows in ([], ["before.csv", "after.csv"]):
        assert main(["verify", "report.json", *windows]) == 0
        out = capsys.readouterr().out.splitlines()
        assert out == [
            "Same: every number came out again.",
            "The report is as it was written.",
            "The reference window holds the data that the report was made of.",
            "The current window holds the data that the report was made of.",
        ]


def test_other_data_exit_1_and_the_numbers_are_named(folder, capsys):
    text = (folder / "after.csv").read_text("utf-8")
    (folder / "after.csv").write_text(text.replace("lost", "found"), encoding="utf-8")
    assert main(["verify", "report.json", "before.csv", "after.csv"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("Not the same.")
    assert "current window holds other data" in out
    assert "the verdict and the kinds of drift are the same" in out
    assert 'was "lost", is "found"' in out


def test_an_edited_report_exits_1(folder, capsys):
    edit(folder, verdict="no_drift")
    assert main(["verify", "report.json"]) == 1
    out = capsys.readouterr().out
    assert "changed since it was written" in out
    assert 'verdict: was "no_drift", is "drift"' in out


def test_what_is_gone_and_what_came_are_not_there(folder, capsys):
    edit(folder, seen_by="Ann\x1b[31m", playbook=None)
    assert main(["verify", "report.json"]) == 1
    out = capsys.readouterr().out
    assert 'seen_by: was "Ann\\u001b[31m", is not there' in out
    assert "playbook: was null, is [" in out
    assert "\x1b" not in out


def test_a_report_without_fingerprints_and_digest_is_told_so_and_exits_0(folder, capsys):
    report = json.loads((folder / "report.json").read_text("utf-8"))
    del report["fingerprints"], report["digest"]
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")
    assert main(["verify", "report.json"]) == 0
    out = capsys.readouterr().out
    assert "holds no digest" in out
    assert out.count("holds no fingerprint") == 2


def test_other_versions_are_told_and_exit_0(folder, capsys):
    report = json.loads((folder / "report.json").read_text("utf-8"))
    del report["digest"]
    edit_versions = report["versions"] | {"numpy": "0.1"}
    (folder / "report.json").write_text(json.dumps(report | {"versions": edit_versions}), encoding="utf-8")
    assert main(["verify", "report.json"]) == 0
    out = capsys.readouterr().out
    assert "Other versions:" in out
    assert 'numpy: was "0.1", is' in out


def test_json_holds_all_that_was_found(folder, capsys):
    edit(folder, verdict="no_drift")
    assert main(["verify", "report.json", "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["same"] is False
    assert found["digest"] == "changed"
    assert found["differences"] == [{"path": "verdict", "was": "no_drift", "is": "drift"}]
    assert set(found) == {"same", "digest", "fingerprints", "differences", "versions"}


def test_a_database_is_read_again_by_its_query(folder, capsys):
    import sqlite3

    with sqlite3.connect(folder / "texts.db") as connection:
        connection.execute("create table texts (day int, text varchar)")
        for day, name in enumerate(("before", "after")):
            lines = (folder / f"{name}.csv").read_text("utf-8").splitlines()[1:]
            connection.executemany("insert into texts values (?, ?)", [(day, line.strip('"')) for line in lines])
    connection.close()
    flags = ["--reference-query", "select text from texts where day = 0 order by rowid"]
    flags += ["--current-query", "select text from texts where day = 1 order by rowid"]
    assert main(["verify", "report.json", *["sqlite:///texts.db"] * 2, *flags]) == 0
    assert main(["verify", "report.json", *flags]) == 2
    assert "--reference-query needs REFERENCE" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["report.json", "before.csv"], "give both windows"),
        (["report.json", "before.csv", "none.csv"], "none.csv"),
        (["none.json"], "no report 'none.json'"),
        (["before.csv"], "no JSON report"),
        (["report.json", "--format", "html"], "--format can be json"),
        ([], "Missing argument"),
    ],
)
def test_what_cannot_be_done_exits_2(folder, capsys, arguments, told):
    assert main(["verify", *arguments]) == 2
    captured = capsys.readouterr()
    assert told in captured.err
    assert captured.out == ""
    assert "Traceback" not in captured.err


def test_a_window_that_is_gone_exits_2(folder, capsys):
    report = json.loads((folder / "report.json").read_text("utf-8"))
    report["settings"]["arguments"]["reference"] = "gone.csv"
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")
    assert main(["verify", "report.json"]) == 2
    assert "gone.csv" in capsys.readouterr().err
