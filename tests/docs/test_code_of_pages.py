"""What stands in blocks of code on any page runs: Python, job files, shell."""

import datetime as dt
import re
import subprocess
import sys
import types
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import textdrift
from textdrift.embeddings.hashing_encoder import HashingEncoder
from textdrift.job_config import JobConfig, read_job
from textdrift.windows.simulating import DEMO_DOSE, sample_pair

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

# Pages whose Python is run by tests of their own, which also look at what comes out.
RUN_ELSEWHERE = {
    "alerts", "columns", "concept_drift", "dashboard", "history", "lexical_drift", "live_streams",
    "pipeline_and_segments", "reports", "severity_and_playbook",
}  # fmt: skip


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def named(page):
    return str(page.relative_to(ROOT))


def runs_here(page):
    return page.stem not in RUN_ELSEWHERE and page.stem not in {"README", "contributing"} and blocks(page, "python")


@pytest.mark.parametrize("page", [page for page in PAGES if runs_here(page)], ids=named)
def test_the_python_of_a_page_runs_from_top_to_bottom(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("textdrift.comparing.resolve_encoder", lambda _: HashingEncoder())
    names = {"__name__": "page"}
    for place, block in enumerate(blocks(page, "python")):
        exec(compile(block, f"{page.name}, block {place}", "exec"), names)  # noqa: S102 - our own pages


def test_the_python_of_the_readme_runs_on_windows_like_those_of_the_demo(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    few = {"lexical": {}, "columns": {}}  # the families that need neither an encoder nor much time
    monkeypatch.setattr(textdrift, "compare", partial(textdrift.compare, tests=few))
    (tmp_path / "textdrift-demo").mkdir()
    pair = sample_pair(200, 200, dose=DEMO_DOSE, seed=0)
    pq.write_table(pair.reference, "textdrift-demo/reference.parquet")
    pq.write_table(pair.current, "textdrift-demo/current.parquet")
    for block in blocks(ROOT / "README.md", "python"):
        names = {}
        exec(block, names)  # noqa: S102 - our own pages
        assert names["report"].verdict in {"drift", "no_drift", "inconclusive"}


def test_pages_that_are_run_elsewhere_are_there_and_hold_python():
    assert {page.stem for page in PAGES if blocks(page, "python")} >= RUN_ELSEWHERE


def test_the_drift_test_of_the_contributing_guide_is_one_and_passes_its_own_tests(monkeypatch):
    source, tests = blocks(ROOT / "docs" / "contributing.md", "python")
    module = types.ModuleType("textdrift.drift.lexical.questions")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(source, module.__dict__)  # noqa: S102 - our own pages
    names = {}
    exec(tests, names)  # noqa: S102 - our own pages
    claims = [value for name, value in names.items() if name.startswith("test_") and name != "test_a_report_names_it"]
    assert len(claims) == 3
    for claim in claims:
        claim()


def keys(block):
    return set(re.findall(r"^(\w+):", block, flags=re.MULTILINE))


JOBS = [
    pytest.param(block, id=f"{named(page)}-{place}")
    for page in PAGES
    for place, block in enumerate(blocks(page, "yaml"))
    if keys(block) <= set(JobConfig.model_fields)  # others are of other programs
]


@pytest.mark.parametrize("block", JOBS)
def test_every_job_file_and_every_part_of_one_is_read(block, tmp_path, monkeypatch):
    for name in re.findall(r"\$\{(\w+)", block):
        monkeypatch.setenv(name, "given")
    needed = {"name": "job", "reference": "reference.parquet"}
    if "stream" not in keys(block):
        needed["current"] = '"data/{{ date }}.parquet"'
    rest = "".join(f"{key}: {value}\n" for key, value in needed.items() if key not in keys(block))
    (tmp_path / "job.yaml").write_text(rest + block, encoding="utf-8")
    assert read_job(tmp_path / "job.yaml").at(dt.date(2026, 11, 25)).name


def test_job_files_stand_on_the_pages():
    assert len(JOBS) > 10


def test_every_shell_block_is_shell():
    shell = {named(page): "\n".join(blocks(page, "sh")) for page in PAGES}
    functions = [f"page_{i}() {{\n{block}\n}}" for i, block in enumerate(shell.values()) if block.strip()]
    found = subprocess.run(["bash", "-n"], input="\n".join(functions), text=True, capture_output=True, check=False)
    assert found.stderr == ""
    assert len(functions) > 15
