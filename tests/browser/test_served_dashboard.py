"""The server's pages in a real browser: each opens without a word on the console, and a token leads in."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import judged_runs
import pytest
from whole_reports import sample

from textdrift.history import open_history

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--virtual-time-budget=3000",
    "--enable-logging=stderr",
    "--dump-dom",
)
TOKEN = "a-token-that-nobody-guesses"  # noqa: S105 - of a test

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine: the page is not shown")


@pytest.fixture
def address(tmp_path):
    """The address of a server that asks for a token."""
    url = f"sqlite:///{tmp_path}/drift.db"
    with open_history(url) as history:
        for day, name in enumerate(("no_drift", "drift", "words")):
            document = sample(name) | {"passed": name == "no_drift"}
            history.record(judged_runs.run(day, document=document))
    (tmp_path / "job.yaml").write_text(f"{{name: inputs, reference: a.csv, current: b.csv, history: '{url}'}}")
    process = subprocess.Popen(
        [sys.executable, "-m", "textdrift", "serve", str(tmp_path / "job.yaml"), "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "TEXTDRIFT_TOKEN": TOKEN},
    )
    line = process.stderr.readline()
    yield re.search(r"http://\S+", line)[0]
    process.terminate()
    process.communicate(timeout=30)


def opened(folder, address):
    command = [BROWSER, *FLAGS, f"--user-data-dir={folder / 'profile'}", address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def test_every_page_opens_quietly_once_the_token_was_shown(tmp_path, address):
    page, said = opened(tmp_path, f"{address}?token={TOKEN}")
    assert said == []
    assert 'role="slider"' in page  # its script ran under the policy of the header
    assert TOKEN not in page
    links = re.findall(r'href="(/[^"]*)"', page)
    assert {"/jobs", "/runs/1", "/runs/2", "/runs/3"} <= set(links)
    # A browser that is started again keeps no cookie of a session.
    for link, part in (("runs/2", "lexical"), ("jobs", "newest window"), ("compare?first=1&second=3", "What differs")):
        shown, said = opened(tmp_path, f"{address}{link}{'&' if '?' in link else '?'}token={TOKEN}")
        assert said == []
        assert part in shown
        assert TOKEN not in shown
    refused, _ = opened(tmp_path / "stranger", address)
    assert "needs its token" in refused
    assert "inputs" not in refused
