"""What cannot be opened, read or written says so at once, what to do, and no secret."""

import datetime as dt
import os
import socket
import stat
import sys
import tempfile
import time
from pathlib import Path

import judged_runs
import pytest
import sqlalchemy

from textdrift.errors import HistoryError, MissingExtraError
from textdrift.history import connecting, open_history, tables
from textdrift.history.addressing import address_of

SECRET = "hunter/2 @home"  # noqa: S105 - it opens nothing
QUOTED = "hunter%2F2%20%40home"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("drift.db", "sqlite:///drift.db or postgresql://.*got no scheme"),
        ("", "got no scheme"),
        (None, "got no scheme"),
        ("postgressql://u:hunter2@h/d", "did you mean 'postgresql'"),
        ("mysql://u:hunter2@h/d", "'mysql' is none of them"),
        ("sqlite://", "needs the path of a file"),
        ("sqlite:///:memory:", "needs the path of a file"),
        ("sqlite:///file:x.db?uri=true", "needs the path of a file"),
        ("sqlite:///x.db?timeout=5", "needs the path of a file"),
        ("sqlite://x.db", "needs the path of a file"),
        ("sqlite:///no/such/folder/x.db", "there is no folder '.*/no/such/folder'"),
        ("sqlite:///.", "is a folder"),
        ("postgresql://u:hunter2@h:port/d", "cannot be read"),
    ],
)
def test_a_url_that_names_no_history_is_refused_and_its_password_is_not_told(url, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(HistoryError, match=said) as refused:
        open_history(url)
    assert "hunter2" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_relative_path_counts_from_the_folder_in_which_it_was_opened(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open_history("sqlite:///a b%20c#.db") as history:
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        stored = history.record(judged_runs.run())
        with history.exclusive("inputs"):
            pass
    assert list((tmp_path / "elsewhere").iterdir()) == []
    (file,) = tmp_path.glob("*.db")
    with open_history(f"sqlite:///{file}", read_only=True) as history:
        assert history.runs("inputs") == [stored]


def test_two_names_of_one_file_are_one_history_and_one_lock(tmp_path):
    (tmp_path / "link.db").symlink_to(tmp_path / "drift.db")
    with open_history(f"sqlite:///{tmp_path}/drift.db") as one, open_history(f"sqlite:///{tmp_path}/link.db") as two:
        with one.exclusive("inputs"), pytest.raises(HistoryError), two.exclusive("inputs", timeout=0):
            pass
        one.record(judged_runs.run())
        assert two.jobs() == ["inputs"]


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path):
    file = tmp_path / "drift.db"
    file.write_text("date,verdict\n" * 500)
    with pytest.raises(HistoryError, match="no SQLite database or is damaged"):
        open_history(f"sqlite:///{file}")
    assert file.read_text() == "date,verdict\n" * 500


def test_a_damaged_report_is_told_and_the_rest_is_read(history):
    stored = history.record(judged_runs.run())
    with connecting.writing(history._engine, history._address, "test") as connection:
        connection.execute(sqlalchemy.update(tables.REPORTS).values(report=b"\x00\xff"))
    with pytest.raises(HistoryError, match=f"the report of run {stored.id} is damaged"):
        history.report(stored.id)
    assert history.runs("inputs") == [stored]


def test_who_only_looks_changes_nothing(url, history):
    stored = history.record(judged_runs.run())
    with open_history(url, read_only=True) as looking:
        assert looking.runs("inputs") == [stored]
        assert looking.report(stored.id)["verdict"] == "no_drift"
        for change in (
            lambda: looking.record(judged_runs.run(1)),
            lambda: looking.set_alert_state("inputs", {}),
            lambda: looking.prune("inputs", before=dt.date(2030, 1, 1)),
        ):
            with pytest.raises(HistoryError, match="cannot be written"):
                change()
        history.record(judged_runs.run(1))
        assert len(looking.runs("inputs")) == 2


def test_who_only_looks_makes_no_history(url, tmp_path):
    with pytest.raises(HistoryError, match="run a job first"):
        open_history(url, read_only=True)
    assert not list(tmp_path.glob("drift.db*"))


def test_an_empty_file_holds_no_history_yet(tmp_path):
    (tmp_path / "drift.db").touch()
    with pytest.raises(HistoryError, match="holds no history yet"):
        open_history(f"sqlite:///{tmp_path}/drift.db", read_only=True)
    with open_history(f"sqlite:///{tmp_path}/drift.db") as history:
        assert history.jobs() == []


def test_a_missing_driver_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match=r"textdrift\[postgres\]"):
        open_history("postgresql://localhost/drift")


def test_the_address_is_shown_without_its_secrets():
    address = address_of(f"postgres://ann:{QUOTED}@db.example:5433/drift?sslmode=require&sslpassword=other")
    assert address.shown == "postgresql://ann:***@db.example:5433/drift"
    assert "hunter" not in repr(address)
    told = address.hidden(f"a '{SECRET}' b {QUOTED} c hunter%2F2+%40home d other")
    assert told == "a '***' b *** c *** d ***"


def test_no_server_is_told_within_seconds_and_without_the_password(server):
    url = server.url_with_password("drift", SECRET).replace(f":{server.port}/", ":1/")
    begun = time.monotonic()
    with pytest.raises(HistoryError, match="check that the server runs") as refused:
        open_history(url)
    assert time.monotonic() - begun < 5
    assert "hunter" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_a_server_that_never_answers_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        with pytest.raises(HistoryError, match="failed"):
            open_history(f"postgresql://u:{QUOTED}@127.0.0.1:{silent.getsockname()[1]}/d?connect_timeout=2")
        assert time.monotonic() - begun < 6


def test_a_wrong_password_and_a_missing_database_say_what_to_do(server):
    from postgresql import PASSWORD

    with pytest.raises(HistoryError, match="check the user and the password") as refused:
        open_history(server.url_with_password("postgres", SECRET))
    assert "hunter" not in str(refused.value)
    with pytest.raises(HistoryError, match="make the database") as refused:
        open_history(server.url_with_password("no_such_database", PASSWORD))
    assert PASSWORD not in str(refused.value)


def test_a_password_opens_a_history(server):
    from postgresql import PASSWORD

    server.run("CREATE DATABASE guarded")
    with open_history(server.url_with_password("guarded", PASSWORD)) as history:
        history.record(judged_runs.run())
        assert PASSWORD not in repr(history)


def test_a_user_who_may_not_write_is_told(server):
    url = server.new_database()
    server.run("CREATE ROLE looker LOGIN")
    looker = url.replace("tester@", "looker@")
    with pytest.raises(HistoryError, match="let its user make tables"):
        open_history(looker)
    server.run("ALTER ROLE looker SET default_transaction_read_only = on")
    with pytest.raises(HistoryError, match="only reads"):
        open_history(looker)


def test_a_server_that_dies_loses_nothing_that_was_kept(server):
    with open_history(server.new_database()) as history:
        stored = history.record(judged_runs.run())
        with history.exclusive("inputs"):
            server.stop()
            for call in (lambda: history.runs("inputs"), lambda: history.record(judged_runs.run(1))):
                with pytest.raises(HistoryError, match="check that the server runs"):
                    call()
        with pytest.raises(HistoryError, match="check that the server runs"), history.exclusive("inputs"):
            pass
        server.start()
        assert history.runs("inputs") == [stored]
        assert history.record(judged_runs.run(1)).window == "2026-01-02"
        with history.exclusive("inputs", timeout=5):
            pass


FULL = """
    import resource, sys
    from pathlib import Path
    import judged_runs
    from textdrift.errors import HistoryError
    from textdrift.history import connecting, open_history, tables

    def refused(work):
        try:
            work()
        except HistoryError as error:
            return str(error)
        raise AssertionError("the disk was not full")

    folder = Path.cwd()
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    print(refused(lambda: open_history(f"sqlite:///{folder}/new.db")))
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    open_history(f"sqlite:///{folder}/new.db").close()

    noise = bytes(range(256)) * 20_000
    with open_history(f"sqlite:///{folder}/drift.db") as history:
        stored = history.record(judged_runs.run(), profile=b"small", alert_state={"status": "ok"})
        largest = max(path.stat().st_size for path in folder.iterdir())
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest + 100_000, hard))
        for replace in (False, True):
            for day in (0, 1):
                if replace or day:
                    new = judged_runs.run(day)
                    print(refused(lambda: history.record(new, replace=replace, profile=noise, alert_state={})))
        assert history.runs("inputs") == [stored]
        with open_history(f"sqlite:///{folder}/drift.db", read_only=True) as looking:
            assert looking.runs("inputs") == [stored]
            assert looking.report(stored.id) == judged_runs.run().report
            assert list(looking.profiles("inputs")) == [("2026-01-01", b"small")]
            assert looking.alert_state("inputs") == {"status": "ok"}
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        history.record(judged_runs.run(1), profile=noise)
        assert len(history.runs("inputs")) == 2
"""


def test_a_full_disk_keeps_nothing_of_the_step_and_all_of_what_was_there(said):
    told = said(FULL).splitlines()
    assert len(told) == 4
    assert all("free space on its disk; nothing of this step was kept" in line for line in told)


READ_ONLY = """
    import os, sys
    import judged_runs
    from textdrift.errors import HistoryError
    from textdrift.history import connecting, open_history, tables

    # Loads all that is loaded late, before the rights of root are given up.
    with open_history(f"sqlite:///{sys.argv[1]}/drift.db") as history, history.exclusive("inputs"):
        history.record(judged_runs.run())
    os.chmod(sys.argv[1] + "/drift.db", int(sys.argv[2], 8))
    os.chmod(sys.argv[1], int(sys.argv[3], 8))
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    try:
        with open_history(f"sqlite:///{sys.argv[1]}/drift.db") as history:
            with history.exclusive("inputs"):
                history.record(judged_runs.run(1))
    except HistoryError as error:
        print(error)
"""


@pytest.fixture
def open_folder():
    """A folder that any user may enter."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder
        folder.chmod(stat.S_IRWXU)


@pytest.mark.parametrize(("file_mode", "folder_mode"), [("0444", "0777"), ("0666", "0555"), ("0444", "0555")])
def test_what_cannot_be_written_is_told_when_it_is_opened(said, open_folder, file_mode, folder_mode):
    told = said(READ_ONLY, open_folder, file_mode, folder_mode)
    assert "writable" in told
    assert str(open_folder / "drift.db") in told
    if os.getuid() == 0:
        with open_history(f"sqlite:///{open_folder}/drift.db") as history:
            assert len(history.runs("inputs")) == 1
