"""How long the dashboard of a year takes to be made and to open; run with -m speed -s."""

import html
import re
import shutil
import subprocess
import time

import pytest
import year_of_runs

from textdrift.dashboard import dashboard_page
from textdrift.history import open_history

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
MAKING_SECONDS, OPENING_SECONDS = 2.0, 1.0
LARGEST_BYTES = 2_000_000

pytestmark = pytest.mark.speed


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """365 nights of twelve tests."""
    with open_history(f"sqlite:///{tmp_path_factory.mktemp('year')}/drift.db") as opened:
        yield year_of_runs.filled(opened, year_of_runs.year(missing=()))


def test_a_year_is_made_in_two_seconds(history):
    dashboard_page(history, "sentiment-inputs")  # the templates are read once
    begun = time.perf_counter()
    page = dashboard_page(history, "sentiment-inputs")
    seconds = time.perf_counter() - begun
    print(f"made in {seconds:.2f} s, {len(page.encode()):,} bytes")
    assert len(page.encode()) <= LARGEST_BYTES
    assert seconds < MAKING_SECONDS


@pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine: the page is not shown")
def test_a_year_opens_within_a_second(tmp_path, history):
    (tmp_path / "framed.html").write_text(dashboard_page(history, "sentiment-inputs"), encoding="utf-8")
    outside = tmp_path / "page.html"
    outside.write_text(
        """<!doctype html><title>nothing</title><iframe src="framed.html" style="width:1280px;height:900px"></iframe>
        <script>onload = () => setTimeout(() => { const frame = document.querySelector("iframe").contentWindow;
        frame.document.body.getBoundingClientRect();
        document.title = frame.performance.getEntriesByType("navigation")[0].loadEventEnd; }); </script>""",
        encoding="utf-8",
    )
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--dump-dom", "--timeout=9000"]
    command += ["--allow-file-access-from-files", "--host-resolver-rules=MAP * ~NOTFOUND"]
    command += [f"--user-data-dir={tmp_path / 'profile'}", outside.as_uri()]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    seconds = float(html.unescape(re.search(r"<title>(.*?)</title>", dom)[1])) / 1000
    print(f"opened in {seconds:.2f} s")
    assert 0 < seconds < OPENING_SECONDS
