"""`textdrift watch`: what it says when there is nothing to say, and how it ends when told to."""

import json
import signal
from pathlib import Path

import pytest

from textdrift.cli.app import main
from textdrift.windows.simulating import sample_pair

BEGIN = "2026-11-26T10:00:"


@pytest.fixture
def stream(tmp_path, monkeypatch):
    import pyarrow.parquet as pq

    monkeypatch.chdir(tmp_path)
    pq.write_table(sample_pair(200, 1, seed=1).reference, "reference.parquet")
    Path("job.yaml").write_text(
        "name: live\nreference: reference.parquet\ncolumns: {text: text, time: timestamp}\ntests: {lexical: {}}\n"
        "history: sqlite:///drift.db\nreport: {folder: reports, formats: [json]}\n"
        "stream: {source: in.jsonl, rows: 30}\n",
        encoding="utf-8",
    )
    texts = sample_pair(40, 1, seed=2).reference.column("text").to_pylist()
    Path("in.jsonl").write_text(
        "".join(json.dumps({"text": text, "timestamp": f"{BEGIN}{i:02}Z"}) + "\n" for i, text in enumerate(texts)),
        "utf-8",
    )


def test_once_says_that_there_is_nothing_new(stream, capsys):
    assert main(["watch", "job.yaml", "--once"]) == 0
    captured = capsys.readouterr()
    assert [line.split()[0] for line in captured.out.splitlines()] == [f"{BEGIN}00Z", f"{BEGIN}30Z"]
    assert captured.err == ""
    assert main(["watch", "job.yaml", "--once"]) == 0
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "nothing new: no window was judged\n")


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_told_to_stop_it_ends_well_and_says_what_was_open(stream, capsys, monkeypatch, sign):
    from textdrift.watching import window_judge

    judged = window_judge.stored_judgement

    def judged_and_told(*given, **more):
        try:
            return judged(*given, **more)
        finally:
            signal.raise_signal(sign)

    monkeypatch.setattr(window_judge, "stored_judgement", judged_and_told)
    before = signal.getsignal(sign)
    assert main(["watch", "job.yaml"]) == 0
    assert signal.getsignal(sign) == before
    captured = capsys.readouterr()
    assert captured.out.startswith(f"{BEGIN}00Z")  # the window in hand is judged
    assert captured.err == "told to stop: no window was open\n"
