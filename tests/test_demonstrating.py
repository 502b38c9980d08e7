from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from textdrift.demonstrating import DEMO_ROLES, _what_to_read, run_demo
from textdrift.errors import SettingsError
from textdrift.job import run_job
from textdrift.job_config import ColumnsConfig, read_job

SMOKE = Path(__file__).parents[1] / "configs" / "smoke.yaml"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("TEXTDRIFT_CACHE", str(folder / "cache"))
        yield folder


@pytest.fixture(scope="module")
def demo(home):
    return run_demo(Path("textdrift-demo"))


def without_seconds(path):
    document = json.loads(path.read_text(encoding="utf-8"))
    document.pop("seconds")
    # A job file writes out what the demo leaves to the defaults.
    document.pop("digest"), document["settings"].pop("arguments")
    return document


def test_demo_writes_two_windows_and_two_reports(demo, home):
    assert sorted(p.name for p in (home / "textdrift-demo").iterdir()) == [
        "current.parquet", "reference.parquet", "report.html", "report.json",
    ]  # fmt: skip
    assert pq.read_table(demo.folder / "current.parquet").num_rows == 600
    assert demo.report_path.read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html>")


def test_demo_finds_what_it_planted(demo):
    assert demo.report.verdict == "drift"
    assert {"lexical", "label", "quality"} <= set(demo.report.diagnosis.kinds)
    assert "brewsync" in [row["term"] for row in demo.report.diagnosis.terms[:20]]
    assert demo.report.diagnosis.causes[0]["cause"] == "escaped"


def test_demo_says_where_the_report_lies_and_what_to_read_first(demo):
    said = "\n".join(demo.what_to_read)
    assert str(demo.report_path) in said
    assert "brewsync" in said


def test_the_job_file_is_named_only_where_it_is(demo, monkeypatch, tmp_path):
    def said():
        return "".join(_what_to_read(demo.report, page=demo.report_path, document=demo.report_path, planted=()))

    monkeypatch.chdir(tmp_path)
    assert "smoke.yaml" not in said()
    monkeypatch.chdir(SMOKE.parents[1])
    assert "textdrift run configs/smoke.yaml" in said()


def test_smoke_job_is_the_comparison_of_the_demo(demo, home):
    config = read_job(SMOKE)
    assert config.columns == ColumnsConfig(**DEMO_ROLES)
    before = without_seconds(home / "textdrift-demo" / "report.json")
    result = run_job(config)
    assert [path.name for path in result.files] == ["report.html", "report.json"]
    after = without_seconds(home / "textdrift-demo" / "report.json")
    for document in (before, after):  # what only a job knows
        for key in ("job", "gate"):
            document.pop(key)
    assert after == before


def test_a_folder_that_is_a_file_is_refused_with_a_remedy(tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("not a folder", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"taken.*--output"):
        run_demo(taken)
