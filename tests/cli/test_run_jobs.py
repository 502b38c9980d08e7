"""`textdrift run`: one window judged once, its exit code kept, and what else there is to know on stderr."""

import json
import shutil

import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest

DRIFTED, QUIET = "2026-11-13", "2026-11-10"


def unalerted(lines):
    """Return the lines that say something else than where the alarm stands."""
    return [line for line in lines if not line.startswith("alert: ")]


def test_a_window_exits_by_its_verdict_and_a_second_run_says_the_same_of_the_stored_one(nightly):
    code, out, err = nightly("run", "--date", DRIFTED)
    assert (code, unalerted(err)) == (1, [f"wrote reports/{DRIFTED}/report.json"])
    assert out[0].startswith("DRIFT")
    again, out_again, err_again = nightly("run", "--date", DRIFTED)
    assert (again, out_again) == (code, out)
    assert unalerted(err_again) == [f"window {DRIFTED} was judged before; --force judges it anew"]
    assert nightly("run", "--date", QUIET)[0] == 0


def test_force_judges_anew_and_keeps_one_row(nightly):
    nightly("run", "--date", DRIFTED)
    shutil.copy(f"{QUIET}.parquet", f"{DRIFTED}.parquet")
    assert nightly("run", "--date", DRIFTED)[0] == 1
    code, _, err = nightly("run", "--date", DRIFTED, "--force")
    assert (code, unalerted(err)) == (0, [f"wrote reports/{DRIFTED}/report.json"])
    assert nightly("run", "--date", DRIFTED)[0] == 0
    assert nightly("history")[1] == [f"{DRIFTED}  no_drift  exit=0"]


def test_force_says_anew_what_labels_said(nightly):
    nightly.job("labels: {path: 'labels-{{ date }}.parquet', join: id}\n",
                columns="text: text, id: id, label: label, prediction: prediction")  # fmt: skip
    rows = pq.read_table(f"{QUIET}.parquet").select(["id", "label"])
    pq.write_table(rows, f"labels-{QUIET}.parquet")
    code, _, err = nightly("run", "--date", QUIET)
    assert code == 0
    assert err[1].startswith(f"labels came for window {QUIET}: ")
    assert not any("labels came" in line for line in nightly("run", "--date", QUIET)[2])
    assert any("labels came" in line for line in nightly("run", "--date", QUIET, "--force")[2])
    assert [line.split()[-1] for line in nightly("history")[1]] == ["exit=0", "labelled"]


@pytest.mark.parametrize(("inconclusive", "expected"), [("fail", 3), ("pass", 0)])
def test_windows_too_small_exit_by_the_gate_and_a_rerun_exits_alike(nightly, inconclusive, expected):
    nightly.job(f"gate: {{inconclusive: {inconclusive}}}\n")
    pq.write_table(pq.read_table(f"{QUIET}.parquet").slice(0, 8), f"{QUIET}.parquet")
    for _ in range(2):
        assert nightly("run", "--date", QUIET)[0] == expected
    (line,) = nightly("history")[1]
    assert line == f"{QUIET}  inconclusive  exit={expected}"


def test_the_verdict_of_a_window_is_kept_when_the_gate_of_the_job_changes(nightly):
    assert nightly("run", "--date", DRIFTED)[0] == 1
    nightly.job("gate: {fail_on: [quality]}\n")
    assert nightly("run", "--date", DRIFTED)[0] == 1
    assert nightly("run", "--date", DRIFTED, "--force")[0] == 0


def test_the_same_rows_in_another_file_are_the_same_window_of_an_undated_job(nightly):
    nightly.job(current="now.parquet")
    shutil.copy(f"{DRIFTED}.parquet", "now.parquet")
    code, _, err = nightly("run")
    (written,) = unalerted(err)
    name = nightly("history")[1][0].split()[0]
    assert (code, name[:5], len(name)) == (1, "xxh3:", 37)
    assert written == f"wrote reports/{name.replace(':', '-')}/report.json"
    nightly.job(current="then.csv")
    arrow_csv.write_csv(pq.read_table("now.parquet"), "then.csv")
    assert "was judged before" in nightly("run")[2][0]
    assert len(nightly("history")[1]) == 1
    shutil.copy(f"{QUIET}.parquet", "now.parquet")
    nightly.job(current="now.parquet")
    assert nightly("run")[0] == 0
    assert [line.split()[1] for line in nightly("history")[1]] == ["drift", "no_drift"]
    assert [state for state, _ in nightly.told()] == ["firing", "resolved"]


def test_a_dated_job_without_a_date_judges_yesterday(nightly):
    code, out, err = nightly("run")
    assert (code, out, len(err)) == (2, [], 1)
    assert err[0].startswith("textdrift: error: window '")
    assert "textdrift demo" not in err[0]
    assert not (nightly.folder / "reports").exists() or list((nightly.folder / "reports").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--date", "yesterday"], "--date needs a date such as 2026-11-25; got 'yesterday'"),
        (["--date", "2026-13-01"], "--date needs a date such as 2026-11-25"),
    ],
)
def test_a_date_that_is_none_is_told(nightly, arguments, said):
    code, out, err = nightly("run", *arguments)
    assert (code, out, len(err)) == (2, [], 1)
    assert said in err[0]


def test_the_report_in_the_history_is_the_file(nightly):
    from textdrift.history import open_history

    nightly("run", "--date", DRIFTED)
    with open_history("sqlite:///drift.db") as history:
        (run,) = history.runs("nightly")
        kept = json.loads((nightly.folder / run.report_folder / "report.json").read_text(encoding="utf-8"))
        assert history.report(run.id) == kept


def test_a_job_file_that_has_changed_since_is_told_with_the_keys_that_differ(nightly):
    nightly("run", "--date", QUIET)
    nightly.job("retention: {days: 400}\n")  # nothing that a judgement follows from
    assert not any("differs" in line for line in nightly("run", "--date", QUIET)[2])
    nightly.job("gate: {fail_on: [quality]}\nseed: 3\n")
    lines = nightly("run", "--date", QUIET)[2]
    told = f"the job file differs in seed, gate from the one that window {QUIET} was judged by; --force judges it anew"
    assert told in lines
    nightly("run", "--date", QUIET, "--force")
    assert told not in nightly("run", "--date", QUIET)[2]
