"""``textdrift dashboard``: the page of a job's history."""

import judged_runs
import pytest

from textdrift.cli.app import main
from textdrift.history import open_history


@pytest.fixture
def job(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "job.yaml").write_text(
        "{name: inputs, reference: a.csv, current: b.csv, history: sqlite:///drift.db, report: {folder: reports}}"
    )
    return tmp_path / "job.yaml"


@pytest.fixture
def judged(job):
    folder = job.parent / "reports" / "2026-01-01"
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("")
    with open_history("sqlite:///drift.db") as history:
        history.record(judged_runs.run(0, report_folder="reports/2026-01-01"))
        history.record(judged_runs.run(1, report_folder="reports/2026-01-02"))
    return job


def test_the_page_links_to_the_reports_that_are_there(judged, capsys):
    assert main(["dashboard", str(judged), "--output", "page.html"]) == 0
    page = (judged.parent / "page.html").read_text("utf-8")
    assert page.count('href="./reports/2026-01-01/report.html"') == 1
    assert "reports/2026-01-02" not in page
    assert capsys.readouterr().err == "wrote page.html\n"


def test_without_an_output_the_page_is_printed(judged, capsys):
    assert main(["dashboard", str(judged), "--since", "2026-01-02"]) == 0
    page = capsys.readouterr().out
    assert page.startswith("<!doctype html>")
    assert "<bdi>2026-01-02</bdi>" in page
    assert "<bdi>2026-01-01</bdi>" not in page


def test_it_leaves_the_history_as_it_was(judged):
    before = (judged.parent / "drift.db").read_bytes()
    assert main(["dashboard", str(judged), "--output", "page.html"]) == 0
    assert (judged.parent / "drift.db").read_bytes() == before


@pytest.mark.parametrize("command", [["dashboard"], ["serve", "--port", "0"]])
def test_what_cannot_be_shown_is_an_error(job, command, capsys):
    assert main([*command, str(job)]) == 2
    assert "there is no history" in capsys.readouterr().err
    job.write_text("{name: inputs, reference: a.csv, current: b.csv}")
    assert main([*command, str(job)]) == 2
    assert "keeps no history; add `history: sqlite:///drift.db`" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_an_error(judged, capsys):
    assert main(["dashboard", str(judged), "--output", "nowhere/page.html"]) == 2
    assert "there is no folder 'nowhere'" in capsys.readouterr().err


def test_others_than_this_machine_need_a_token(judged, capsys, monkeypatch):
    monkeypatch.delenv("TEXTDRIFT_TOKEN", raising=False)
    assert main(["serve", str(judged), "--host", "0.0.0.0", "--port", "0"]) == 2  # noqa: S104 - it is refused
    assert "give a token by TEXTDRIFT_TOKEN" in capsys.readouterr().err
