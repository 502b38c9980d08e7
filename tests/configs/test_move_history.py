"""Moving a history: all of it is there afterwards, new rows go on after it, and one that is in use is left alone."""

import datetime as dt
import runpy
from pathlib import Path

import postgresql
import pytest
from judged_runs import finding, report, run, segment

from textdrift.history import OutboxMessage, open_history

SCRIPT = Path(__file__).parents[2] / "configs" / "postgresql" / "move_history.py"
move = runpy.run_path(str(SCRIPT))["move"]


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request, tmp_path):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/new.db"
        return
    if reason := postgresql.missing():
        pytest.skip(reason)
    with postgresql.PostgresqlServer() as server:
        yield server.new_database()


@pytest.fixture
def source(tmp_path):
    url = f"sqlite:///{tmp_path}/old.db"
    with open_history(url) as history:
        for day in range(3):
            message = OutboxMessage(
                sink="0 json://localhost", dedup_key=f"inputs/{day}/firing", state="firing", body={"text": "é"}
            )
            document = report(finding(drifted=True), kinds=["lexical"], segments=[segment(value="a\x00b")])
            history.record(
                run(day, document=document), alert_state={"status": "firing"}, messages=[message], profile=b"\x00"
            )
        history.record_failure("inputs", "2026-01-04", dt.datetime(2026, 1, 5, tzinfo=dt.UTC), "no file")
    return url


def content(url):
    with open_history(url) as history:
        runs = history.runs("inputs")
        return (
            runs,
            [history.report(one.id) for one in runs],
            history.series("inputs"),
            history.segments("inputs"),
            history.alert_state("inputs"),
            history.pending(now=dt.datetime(2027, 1, 1, tzinfo=dt.UTC)),
            history.failures("inputs"),
            list(history.profiles("inputs")),
        )


def test_all_of_it_is_there_and_goes_on_from_there(source, target):
    copied = move(source, target)
    assert copied["textdrift_runs"] == 3
    assert content(target) == content(source)
    with open_history(target) as history:
        before = {one.id for one in history.runs("inputs")}
        assert history.record(run(3)).id not in before


def test_a_history_with_rows_is_not_written_to(source, target):
    move(source, target)
    before = content(target)
    with pytest.raises(SystemExit, match="not empty"):
        move(source, target)
    assert content(target) == before
