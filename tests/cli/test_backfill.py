"""`textdrift backfill`: a plain line for each date, gaps told, and what is done kept when it is interrupted."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SPAN = ("--from", "2026-11-10", "--to", "2026-11-15")
LINES = [
    "2026-11-10  no_drift  exit=0",
    "2026-11-11  no_drift  exit=0",
    "2026-11-12  missing",
    "2026-11-13  drift  exit=1  warning  lexical",
    "2026-11-14  drift  exit=1  warning  lexical",
    "2026-11-15  no_drift  exit=0",
]


def test_every_date_has_a_line_in_order_and_a_gap_is_told(nightly):
    code, out, err = nightly("backfill", *SPAN)
    assert (code, out) == (2, LINES)
    assert len(err) == 1
    assert err[0].startswith("textdrift: 2026-11-12: window '2026-11-12.parquet': there is no file")
    said = nightly("history")[1]
    assert [line for line in said if "failed" not in line] == [line for line in LINES if "missing" not in line]
    assert said[2].startswith("2026-11-12  failed  window '2026-11-12.parquet': there is no file")
    assert nightly.told() == []


def test_a_second_backfill_judges_nothing_and_says_the_same(nightly):
    first = nightly("backfill", *SPAN)
    moments = {path: path.stat().st_mtime_ns for path in nightly.folder.rglob("report.json")}
    assert nightly("backfill", *SPAN) == first
    assert {path: path.stat().st_mtime_ns for path in nightly.folder.rglob("report.json")} == moments


@pytest.mark.parametrize(("begin", "end", "code"), [(10, 11, 0), (11, 14, 2), (13, 15, 1), (12, 12, 2)])
def test_the_exit_code_is_the_gravest_of_all_windows(nightly, begin, end, code):
    assert nightly("backfill", "--from", f"2026-11-{begin}", "--to", f"2026-11-{end}")[0] == code


def test_it_sends_messages_where_it_is_asked_to(nightly):
    nightly("backfill", *SPAN, "--alert")
    assert nightly.told() == [("error", "2026-11-12"), ("recovered", "2026-11-13"), ("firing", "2026-11-13"),
                              ("resolved", "2026-11-15")]  # fmt: skip


@pytest.mark.parametrize(
    ("more", "arguments", "said"),
    [
        ({}, ("--from", "2026-11-12", "--to", "2026-11-11"), "from the earlier date to the later; got 2026-11-12 to"),
        ({}, ("--from", "2026-11-12", "--to", "soon"), "--to needs a date such as 2026-11-25; got 'soon'"),
        ({"current": "now.parquet"}, SPAN, "a backfill needs a job with dates; write {{ date }} into the path"),
    ],
)
def test_what_cannot_be_filled_is_told_in_one_line(nightly, more, arguments, said):
    nightly.job(**more)
    code, out, err = nightly("backfill", *arguments)
    assert (code, out, len(err)) == (2, [], 1)
    assert said in err[0]


def test_without_its_dates_it_says_which_flag_it_needs(nightly):
    code, _, err = nightly("backfill", "--from", "2026-11-12")
    assert code == 2
    assert any("--to" in line for line in err)


def test_a_broken_window_ends_it_and_what_is_done_is_kept(nightly):
    (nightly.folder / "2026-11-11.parquet").write_bytes(b"PAR1")
    code, out, err = nightly("backfill", *SPAN)
    assert (code, out) == (2, LINES[:1])
    assert "2026-11-11.parquet" in err[0]
    done, broken = nightly("history")[1]
    assert done == LINES[0]
    assert broken.startswith("2026-11-11  failed  window '2026-11-11.parquet': ")


# It says the first line, and then waits for the signal that comes: on a busy machine it would be done before.
WAITING = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts what runs in the background without it
from textdrift.cli import app, backfill
said = backfill.print_text
backfill.print_text = lambda text: (said(text), time.sleep(60))
sys.exit(app.main())
"""


def test_interrupted_it_keeps_what_is_done_and_goes_on_from_there(nightly):
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", WAITING, "backfill", "job.yaml", *SPAN],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert process.stdout.readline().strip() == LINES[0]
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    done = [LINES[0], *out.splitlines()]
    assert process.returncode == 130  # as shells say it
    assert "Traceback" not in err
    assert done == LINES[:1]
    assert [line for line in nightly("history")[1] if "failed" not in line] == [
        line for line in done if "missing" not in line
    ]
    assert nightly("backfill", *SPAN)[1] == LINES
