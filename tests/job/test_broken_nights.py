"""What breaks in the night: one clear line and exit code 2, or the right verdict; and the next run ends as if not."""

import contextlib
import datetime as dt
import json
import os
import resource
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import textwrap
import threading
from pathlib import Path

import postgresql
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest
from listening import Listening

from textdrift.cli.app import main
from textdrift.errors import UnreadableSourceError
from textdrift.history import open_history
from textdrift.job import backfill_job, judging, outbox, remembering, run_job
from textdrift.job_config import read_job
from textdrift.windows.simulating import sample_pair

TESTS = Path(__file__).parents[1]
DRIFTED = 3
SECRET = "correct-horse-battery"  # noqa: S105 - it opens nothing


def day(i):
    return dt.date(2026, 11, 10 + i)


def drifted(table):
    texts = [f"{text} zonkel vrimp" if i % 2 else text for i, text in enumerate(table.column("text").to_pylist())]
    return table.set_column(table.column_names.index("text"), "text", pa.array(texts, pa.large_string()))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    pq.write_table(sample_pair(300, 300, seed=1).reference, folder / "reference.parquet")
    for i in range(5):
        table = sample_pair(200, 200, seed=20 + i).reference
        pq.write_table(drifted(table) if i == DRIFTED else table, folder / f"{day(i)}.parquet")
    return folder


class Night:
    """A folder with a job and its windows, and a sink that hears of everything."""

    def __init__(self, folder, sink, capsys):
        self.folder, self.sink, self._capsys = folder, sink, capsys

    def job(self, more="", *, history="sqlite:///drift.db", current="{{ date }}.parquet", alerts=None):
        url = alerts or f"json://{self.sink.address}/drift"
        (self.folder / "job.yaml").write_text(
            f"name: nightly\nreference: reference.parquet\ncurrent: '{current}'\ncolumns: {{text: text, id: id}}\n"
            f"tests: {{lexical: {{}}}}\nhistory: '{history}'\nreport: {{folder: reports, formats: [json, html]}}\n"
            "budget: {false_alarms_per_year: 2, windows_per_year: 365}\n"
            f"alerts: [{{url: '{url}', on: [firing, resolved, error], timeout: 1}}]\n{more}",
            encoding="utf-8",
        )
        return read_job(self.folder / "job.yaml")

    def run(self, i=DRIFTED, *flags):
        self._capsys.readouterr()
        code = main(["run", "job.yaml", "--date", str(day(i)), *flags])
        return code, self._capsys.readouterr().err

    @property
    def told(self):
        messages = [json.loads(json.loads(request.body)["message"]) for request in self.sink.requests]
        return [(message["state"], message["dedup_key"]) for message in messages]

    @property
    def told_in_short(self):
        """Return what was told without the time of an outage."""
        return [(state, key.partition("/history/")[0]) for state, key in self.told]

    def history(self):
        return open_history(read_job(self.folder / "job.yaml").history)

    def ended(self, i=DRIFTED):
        """Return what a run left, apart from the seconds it took."""
        document = json.loads((self.folder / "reports" / str(day(i)) / "report.json").read_text(encoding="utf-8"))
        with self.history() as history:
            runs = [run for run in history.runs("nightly") if run.window == str(day(i))]
            assert [history.report(run.id) for run in runs] == [document]
            assert history.pending("nightly", now=dt.datetime(2100, 1, 1, tzinfo=dt.UTC)) == []
        assert list(self.folder.rglob("*.part")) == []
        document.pop("seconds")
        return document, [(run.exit_code, run.verdict, run.kinds) for run in runs]

    def failures(self):
        with self.history() as history:
            return [(failure.window, failure.reason) for failure in history.failures("nightly")]


@pytest.fixture
def night(made, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TEXTDRIFT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(outbox, "_SECONDS_BETWEEN", (0.01,))
    for file in made.iterdir():
        shutil.copy(file, tmp_path / file.name)
    with Listening() as sink:
        yield Night(tmp_path, sink, capsys)


@pytest.fixture(scope="module")
def undisturbed(made, tmp_path_factory):
    """What an undisturbed run of the drifted night says."""
    folder = tmp_path_factory.mktemp("undisturbed")
    for file in made.iterdir():
        shutil.copy(file, folder / file.name)
    with Listening() as sink, pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        quiet = Night(folder, sink, None)
        config = quiet.job()
        assert run_job(config, date=day(DRIFTED)).exit_code == 1
        return quiet.ended()


def one_line(err):
    """Return what stderr said, which must be one line of an error that shows no secret."""
    lines = err.splitlines()
    assert len(lines) == 1, err
    assert lines[0].startswith("textdrift: error: ")
    assert SECRET not in err
    return lines[0]


FAILED_AND_MENDED = [("error", f"nightly/{day(DRIFTED)}/failed/error"),
                     ("recovered", f"nightly/{day(DRIFTED)}/failed/recovered"),
                     ("firing", f"nightly/{day(DRIFTED)}/firing")]  # fmt: skip


AWAY = [("error", f"nightly/{day(DRIFTED)}")]
BACK = [("firing", f"nightly/{day(DRIFTED)}/firing"), ("recovered", f"nightly/{day(DRIFTED)}")]


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 64 kB at the folder of the reports, where this user may mount one."""
    folder = tmp_path / "reports"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], check=False,
                             capture_output=True)  # fmt: skip
    if mounted.returncode != 0:
        pytest.skip("this user may not mount a small file system")

    def grow():
        subprocess.run(["mount", "-o", "remount,size=8m", folder], check=True)

    yield grow
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_told_once_and_leaves_nothing_half_written(night, small_disk, undisturbed):
    night.job()
    for _ in range(2):
        code, err = night.run()
        assert code == 2
        assert "No space left on device" in one_line(err)
        assert list((night.folder / "reports").iterdir()) == []
    assert [window for window, _ in night.failures()] == [str(day(DRIFTED))] * 2
    small_disk()
    assert night.run()[0] == 1
    assert night.ended() == undisturbed
    assert night.told == FAILED_AND_MENDED


def test_where_no_file_can_grow_a_run_is_told_although_the_history_cannot_keep_it(night, undisturbed):
    night.job()
    assert night.run(0)[0] == 0
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        code, err = night.run()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert code == 2
    assert "File too large" in one_line(err) or "disk" in err
    assert night.told_in_short == AWAY
    assert night.run()[0] == 1
    assert night.ended() == undisturbed
    assert night.told_in_short == AWAY + BACK


UNPRIVILEGED = """
    import os, sys
    from textdrift.cli.app import main
    from textdrift.alerts import deliver
    os.umask(0)
    # Loads all that is loaded late, before the rights of root are given up.
    assert main(["run", "job.yaml", "--date", sys.argv[1]]) == 0
    try:
        deliver("json://127.0.0.1:1/nobody", {})
    except Exception:
        pass
    os.chmod("reports", 0o555)
    for name in os.listdir():
        if name.startswith("drift.db"):
            os.chmod(name, 0o666)
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    sys.stderr.write("=== now\\n")
    sys.exit(main(["run", "job.yaml", "--date", sys.argv[2]]))
"""


def others_may_enter(folder):
    return all(place.stat().st_mode & stat.S_IXOTH for place in (folder, *folder.parents))


@pytest.mark.skipif(
    os.getuid() == 0 and not others_may_enter(TESTS),
    reason="another user, whom root becomes here, cannot enter the folder of this checkout",
)
def test_a_folder_that_cannot_be_written_is_told_before_anything_is_compared(night, made, undisturbed):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(made, folder, dirs_exist_ok=True)
        quiet = Night(folder, night.sink, None)
        with contextlib.chdir(folder):
            quiet.job()
            folder.chmod(0o777)
            process = subprocess.run(
                [sys.executable, "-c", textwrap.dedent(UNPRIVILEGED), str(day(0)), str(day(DRIFTED))],
                capture_output=True, text=True, check=False, cwd=folder,
                env={**os.environ, "PYTHONPATH": str(TESTS.parent), "TEXTDRIFT_CACHE": str(folder / "cache"),
                     "PYTHONDONTWRITEBYTECODE": "1"},
            )  # fmt: skip
            err = process.stderr.partition("=== now\n")[2]
            assert process.returncode == 2, process.stderr
            assert "the report needs a folder it can write to" in one_line(err)
            assert quiet.failures()[0][0] == str(day(DRIFTED))
            (folder / "reports").chmod(stat.S_IRWXU)
            assert run_job(read_job("job.yaml"), date=day(DRIFTED)).exit_code == 1
            assert quiet.ended() == undisturbed
        assert night.told == FAILED_AND_MENDED


@pytest.fixture(scope="module")
def server():
    reason = postgresql.missing()
    if reason:
        pytest.skip(reason)
    with postgresql.PostgresqlServer() as running:
        yield running


def test_a_server_that_is_not_there_is_told_without_its_password(night):
    port = postgresql.free_port()
    night.job(history=f"postgresql://tester:{SECRET}@127.0.0.1:{port}/drift")
    code, err = night.run()
    assert code == 2
    assert "check that the server runs and can be reached" in one_line(err)
    assert night.told_in_short == AWAY
    assert night.run()[0] == 2
    assert len(night.told) == 1  # once an outage, though the alert's state cannot be read
    (left,) = (night.folder / "reports").iterdir()
    assert left.name == "nightly.history-outage.json"
    assert SECRET not in night.sink.requests[0].body.decode() + left.read_text(encoding="utf-8")


def test_a_server_that_dies_under_a_run_is_told_and_the_next_run_ends_as_an_undisturbed_one(
    night, server, undisturbed, monkeypatch
):
    night.job(history=server.new_database())

    def judged_and_dead(*given, **more):
        report = judging.judge_window(*given, **more)
        server.stop()
        return report

    with monkeypatch.context() as patch:
        patch.setattr(remembering, "judge_window", judged_and_dead)
        code, err = night.run()
    assert code == 2
    assert "check that the server runs and can be reached" in one_line(err)
    server.start()
    assert night.told_in_short == AWAY
    assert night.run()[0] == 1
    assert night.ended() == undisturbed
    assert night.told_in_short == AWAY + BACK


def test_a_server_that_dies_after_the_verdict_was_kept_takes_no_verdict_away(night, server, undisturbed, monkeypatch):
    night.job(history=server.new_database())

    def dead(*given, **more):
        server.stop()
        return outbox.deliver_pending(*given, **more)

    with monkeypatch.context() as patch:
        patch.setattr(remembering, "deliver_pending", dead)
        code, err = night.run()
    assert code == 1
    assert "warning: the verdict is kept, but what follows it waits for the next run" in err
    server.start()
    assert night.run()[0] == 1
    assert night.ended() == undisturbed
    assert night.told_in_short == AWAY + BACK


@contextlib.contextmanager
def closing_midway():
    """A server that reads a little of what it is sent, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    connection.recv(10)
                    connection.close()

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("way", ["hangs", "refuses", "answers 500", "hangs up"])
def test_a_sink_that_takes_nothing_costs_no_verdict_and_hears_of_it_later(night, undisturbed, way):
    with contextlib.ExitStack() as broken:
        if way == "refuses":
            port = postgresql.free_port()
        elif way == "hangs up":
            port = broken.enter_context(closing_midway())
        else:
            port = broken.enter_context(Listening(hold=way == "hangs", status=500)).port
        # The same address later leads to a sink that listens.
        night.job(alerts=f"json://user:{SECRET}@127.0.0.1:{port}/drift")
        code, err = night.run()
    assert code == 1
    said = [line for line in err.splitlines() if line.startswith("warning: ")]
    assert len(said) == 1
    assert "the message is kept, and tried again at the next run" in said[0]
    assert SECRET not in err
    with Listening(port=port) as healed:
        code, err = night.run()
    assert code == 1
    assert "warning" not in err
    night.sink = healed
    assert night.told == [("firing", f"nightly/{day(DRIFTED)}/firing")]
    assert night.ended() == undisturbed


def test_where_metrics_cannot_be_written_the_verdict_is_told_with_a_warning(night, undisturbed):
    night.job("metrics: {textfile: no-such-folder/job.prom}\n")
    code, err = night.run()
    assert code == 1
    assert [line for line in err.splitlines() if line.startswith("warning: ")] == [
        line for line in err.splitlines() if "the metrics were not written" in line
    ]
    assert "no-such-folder" in err
    assert night.ended() == undisturbed


def test_a_reference_that_vanished_is_told_once_and_forgotten_when_it_is_back(night, undisturbed):
    night.job()
    (night.folder / "reference.parquet").rename(night.folder / "elsewhere")
    for _ in range(2):
        code, err = night.run()
        assert code == 2
        assert "reference.parquet" in one_line(err)
    (night.folder / "elsewhere").rename(night.folder / "reference.parquet")
    assert night.run()[0] == 1
    assert night.ended() == undisturbed
    assert night.told == FAILED_AND_MENDED
    assert len(night.failures()) == 2


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_half_a_parquet_file_is_no_window(night, undisturbed, share):
    night.job()
    path = night.folder / f"{day(DRIFTED)}.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    code, err = night.run()
    assert code == 2
    assert path.name in one_line(err)
    path.write_bytes(whole)
    assert night.run()[0] == 1
    assert night.ended() == undisturbed


def test_a_csv_file_that_ends_within_a_row_is_no_window(night):
    night.job(current="{{ date }}.csv")
    path = night.folder / f"{day(DRIFTED)}.csv"
    arrow_csv.write_csv(pq.read_table(night.folder / f"{day(DRIFTED)}.parquet"), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(b"\n", len(whole) // 2) - 40])
    code, err = night.run()
    assert code == 2
    assert path.name in one_line(err)
    path.write_bytes(whole)
    assert night.run()[0] == 1


def test_a_file_that_grows_while_it_is_judged_is_not_stored_as_judged(night, undisturbed, monkeypatch):
    night.job()
    path = night.folder / f"{day(DRIFTED)}.parquet"
    whole = pq.read_table(path)

    def compared(*given, **more):
        pq.write_table(whole.slice(0, 90), path)
        return compare(*given, **more)

    compare = judging.compare
    with monkeypatch.context() as patch:
        patch.setattr(judging, "compare", compared)
        code, err = night.run()
    assert code == 2
    assert "changed while the window was judged" in one_line(err)
    pq.write_table(whole, path)
    assert night.run()[0] == 1
    assert night.ended() == undisturbed


def test_rows_of_an_undated_job_that_change_under_it_are_no_window(night, monkeypatch):
    config = night.job(current="now.parquet")
    shutil.copy(f"{day(0)}.parquet", "now.parquet")

    def compared(*given, **more):
        shutil.copy(f"{day(1)}.parquet", "now.parquet")
        return compare(*given, **more)

    compare = judging.compare
    monkeypatch.setattr(judging, "compare", compared)
    with pytest.raises(UnreadableSourceError, match="changed while"):
        run_job(config)


def test_a_clock_that_goes_back_loses_no_message(night):
    config = night.job()
    night.sink.status = 500
    later, earlier = dt.datetime(2031, 1, 1, tzinfo=dt.UTC), dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
    assert "is kept" in run_job(config, date=day(DRIFTED), clock=lambda: later).troubles[0]
    night.sink.status = 200
    night.sink.requests.clear()
    assert run_job(config, date=day(4), clock=lambda: earlier).exit_code == 0
    with pytest.raises(FileNotFoundError):
        run_job(config, date=day(6), clock=lambda: earlier - dt.timedelta(hours=1))
    assert [state for state, _ in night.told] == ["firing", "resolved", "error"]


def test_two_runs_of_one_window_at_one_moment_judge_it_once(night, undisturbed):
    config = night.job()
    results = at_once(lambda: run_job(config, date=day(DRIFTED)), lambda: run_job(config, date=day(DRIFTED)))
    assert [result.exit_code for result in results] == [1, 1]
    assert sorted(result.was_stored for result in results) == [False, True]
    assert night.ended() == undisturbed
    assert [state for state, _ in night.told] == ["firing"]


def test_a_run_that_hangs_does_not_silence_the_nights_after_it(night, monkeypatch):
    night.job()
    monkeypatch.setattr(remembering, "_LONGEST_WAIT", 0.2)
    with night.history() as history, history.exclusive("nightly"):
        (answer,) = at_once(night.run)
    code, err = answer
    assert code == 2
    assert "another process is running the job 'nightly'" in one_line(err)
    assert night.told_in_short == AWAY


def test_a_run_while_a_backfill_is_going_judges_each_window_once(night, undisturbed):
    config = night.job()
    done, result = at_once(
        lambda: list(backfill_job(config, day(0), day(4))), lambda: run_job(config, date=day(DRIFTED))
    )
    assert [one.result.exit_code for one in done] == [0, 0, 0, 1, 0]
    assert result.exit_code == 1
    with night.history() as history:
        assert [run.window for run in history.runs("nightly")] == [str(day(i)) for i in range(5)]
    assert night.ended() == undisturbed


def at_once(*works):
    """Do several things in threads that start together; return what each came to."""
    gate, answers = threading.Barrier(len(works)), [None] * len(works)

    def work(place):
        gate.wait()
        answers[place] = works[place]()

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
