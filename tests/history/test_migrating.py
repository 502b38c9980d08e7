"""A history of every released version is brought up, and its rows survive."""

import datetime as dt

import judged_runs
import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from textdrift.errors import HistoryError
from textdrift.history import connecting, migrating, open_history, tables
from textdrift.history.addressing import address_of

# What a run looked like in the first schema; every later one must bring it along.
FIRST_ROW = {
    "job": "inputs",
    "window": "2026-01-01",
    "stage": "inputs",
    "date": dt.date(2026, 1, 1),
    "day": dt.date(2026, 1, 1),
    "judged_at": judged_runs.NIGHT,
    "alpha": 0.05,
    "verdict": "no_drift",
    "passed": True,
    "exit_code": 0,
    "kinds": '["lexical"]',
    "summary": "Nothing moved.",
}


def brought_to(url, revision):
    """Make a history as the version of that schema did."""
    address = address_of(url)
    engine = connecting.engine_of(address, read_only=False)
    if address.path is not None:
        connecting.use_wal(engine)
    with connecting.writing(engine, address, "schema") as connection:
        migrating.migrate(connection, address, to=revision)
    return engine, address


@pytest.mark.parametrize("revision", migrating.revisions())
def test_a_run_of_every_schema_survives_the_way_up(url, revision):
    engine, address = brought_to(url, revision)
    table = sqlalchemy.Table("textdrift_runs", sqlalchemy.MetaData(), autoload_with=engine)
    row = dict(FIRST_ROW)
    if address.path is not None:
        row["judged_at"] = row["judged_at"].replace(tzinfo=None)
    with connecting.writing(engine, address, "row") as connection:
        connection.execute(sqlalchemy.insert(table).values(row))
    engine.dispose()
    with open_history(url) as history:
        (run,) = history.runs("inputs")
        assert (run.window, run.judged_at, run.kinds) == ("2026-01-01", judged_runs.NIGHT, ("lexical",))
        history.record(judged_runs.run(1))
        assert len(history.runs("inputs")) == 2


def test_the_last_schema_is_that_of_the_tables(url):
    with open_history(url) as history, connecting.reading(history._engine, history._address) as connection:
        options = {"version_table": tables.VERSION_TABLE, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, tables.METADATA) == []


def test_the_revisions_are_one_line_from_the_first_to_the_last():
    assert migrating.revisions()[0] == "0001"
    assert len(set(migrating.revisions())) == len(migrating.revisions())


def test_a_history_of_a_newer_version_is_left_alone(url):
    with open_history(url) as history:
        stored = history.record(judged_runs.run())
        with connecting.writing(history._engine, history._address, "test") as connection:
            connection.exec_driver_sql("UPDATE textdrift_schema SET version_num = '9999'")
    for read_only in (False, True):
        with pytest.raises(HistoryError, match=r"a newer textdrift \(schema 9999.*pip install --upgrade"):
            open_history(url, read_only=read_only)
    with connecting.writing(history._engine, history._address, "test") as connection:
        statement = sqlalchemy.text("UPDATE textdrift_schema SET version_num = :known")
        connection.execute(statement, {"known": migrating.revisions()[-1]})
    history.close()
    with open_history(url, read_only=True) as history:
        assert history.runs("inputs") == [stored]


def test_a_way_up_that_fails_leaves_the_schema_as_it_was(url, monkeypatch):
    from alembic import op

    def fail(*_, **__):
        raise sqlalchemy.exc.OperationalError("CREATE INDEX", {}, Exception("the disk is full"))

    monkeypatch.setattr(op, "create_index", fail)
    with pytest.raises(HistoryError, match="the disk is full"):
        open_history(url)
    monkeypatch.undo()
    engine = connecting.engine_of(address_of(url), read_only=False)
    assert sqlalchemy.inspect(engine).get_table_names() == []
    engine.dispose()
    with open_history(url) as history:
        assert history.jobs() == []


def test_other_tables_of_the_database_are_left_alone(url):
    address = address_of(url)
    engine = connecting.engine_of(address, read_only=False)
    with connecting.writing(engine, address, "test") as connection:
        connection.exec_driver_sql("CREATE TABLE runs (id INTEGER)")
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('of another program')")
    with open_history(url) as history:
        assert history.jobs() == []
    with connecting.reading(engine, address) as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "of another program"
    engine.dispose()
