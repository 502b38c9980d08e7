"""`textdrift history`: one plain line a window, its date first, the oldest on top."""

import datetime as dt
import shutil

import pytest

LINES = [
    "2026-11-10  no_drift  exit=0",
    "2026-11-13  drift  exit=1  warning  lexical",
    "2026-11-15  no_drift  exit=0",
]


@pytest.fixture
def judged(nightly):
    for day in (13, 15, 10):
        nightly("run", "--date", f"2026-11-{day}")
    return nightly


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        ((), LINES),
        (("--limit", "2"), LINES[1:]),
        (("--limit", "0"), LINES),
        (("--since", "2026-11-13"), LINES[1:]),
        (("--since", "2026-11-11", "--limit", "1"), LINES[2:]),
    ],
)
def test_windows_are_listed_by_date(judged, arguments, lines):
    assert judged("history", *arguments) == (0, lines, [])


def test_where_none_is_listed_the_jobs_of_the_history_are_named(judged):
    code, out, err = judged("history", "--since", "2026-12-01")
    assert (code, out) == (0, [])
    assert err == ["no window of job 'nightly' is listed; jobs of this history: 'nightly'"]


def test_looking_makes_no_history(nightly):
    code, out, err = nightly("history")
    assert (code, out, len(err)) == (2, [], 1)
    assert "there is no history" in err[0]
    assert "run a job first" in err[0]
    assert not (nightly.folder / "drift.db").exists()


def test_a_job_without_a_history_is_told_how_to_get_one(nightly):
    text = (nightly.folder / "job.yaml").read_text(encoding="utf-8")
    (nightly.folder / "job.yaml").write_text(text.replace("history: sqlite:///drift.db\n", ""), encoding="utf-8")
    code, _, err = nightly("history")
    assert code == 2
    assert "keeps no history; add `history: sqlite:///drift.db` to job.yaml" in err[0]


@pytest.mark.parametrize(
    ("arguments", "said"), [(("--since", "monday"), "--since needs a date"), (("--limit", "-1"), "limit")]
)
def test_flags_that_cannot_be_are_told(judged, arguments, said):
    code, out, err = judged("history", *arguments)
    assert (code, out) == (2, [])
    assert any(said in line for line in err)


def test_a_night_that_failed_stands_among_the_others_until_it_is_judged(nightly):
    nightly("run", "--date", "2026-11-10")
    for _ in range(2):  # tried again
        assert nightly("run", "--date", "2026-11-12")[0] == 2
    nightly("run", "--date", "2026-11-15")
    code, out, _ = nightly("history")
    assert (code, out[0], out[2]) == (0, LINES[0], LINES[2])
    assert out[1].startswith("2026-11-12  failed  window '2026-11-12.parquet': there is no file or folder")
    assert len(out[1]) < 150
    assert nightly("history", "--since", "2026-11-13")[1] == LINES[2:]
    assert nightly("history", "--limit", "2")[1] == out[1:]
    shutil.copy("2026-11-10.parquet", "2026-11-12.parquet")
    nightly("run", "--date", "2026-11-12")
    assert [line.split()[:2] for line in nightly("history")[1]] == [
        ["2026-11-10", "no_drift"], ["2026-11-12", "no_drift"], ["2026-11-15", "no_drift"],
    ]  # fmt: skip


def test_labels_that_could_not_be_used_are_told_as_such():
    from textdrift.cli.failed_windows import failed_line
    from textdrift.history import Failure

    at = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
    labelled = Failure(job="a", window="2026-11-20/labelled", at=at, reason="ids '1' have\n two labels")
    assert failed_line(labelled) == "2026-11-20  failed  labelled  ids '1' have two labels"
    undated = Failure(job="a", window="current", at=at, reason="x" * 500)
    assert failed_line(undated).startswith("2026-11-26  failed  xxx")
    assert len(failed_line(undated)) < 150
