"""How long a page of two windows of a million documents takes to be made and to open; run with -m speed -s."""

import html
import re
import shutil
import subprocess
import time

import pytest
from whole_reports import large_report

from textdrift.reports.as_html import as_html

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
MAKING_SECONDS, OPENING_SECONDS = 3.0, 1.0

pytestmark = pytest.mark.speed


def test_a_large_page_is_made_in_seconds():
    report = large_report()
    as_html(report)  # the templates are read once
    begun = time.perf_counter()
    page = as_html(report)
    seconds = time.perf_counter() - begun
    print(f"made in {seconds:.2f} s, {len(page.encode()):,} bytes")
    assert len(page.encode()) <= 500_000
    assert seconds < MAKING_SECONDS


@pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine: the page is not shown")
def test_a_large_page_opens_within_a_second(tmp_path):
    (tmp_path / "framed.html").write_text(as_html(large_report()), encoding="utf-8")
    outside = tmp_path / "page.html"
    outside.write_text(
        """<!doctype html><title>nothing</title><iframe src="framed.html" style="width:1100px;height:800px"></iframe>
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
