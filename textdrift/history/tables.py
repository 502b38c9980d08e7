"""The tables of the history: one schema for SQLite and PostgreSQL.

A run has one row in ``textdrift_runs``; what is large (reports, profiles) stands in tables of its own, so that the list
of runs is read without it. Every name begins with ``textdrift_``: the database of a team may hold other tables.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from textdrift.history.column_types import ExactText, FiniteNumber, UtcMoment

__all__ = [
    "ALERT_STATES",
    "FAILURES",
    "MESSAGES",
    "METADATA",
    "PROFILES",
    "REPORTS",
    "RESULTS",
    "RUNS",
    "SEGMENTS",
    "SLOW_DRIFT",
    "VERSION_TABLE",
]

VERSION_TABLE = "textdrift_schema"
"""Where alembic keeps the revision of the schema."""

METADATA = MetaData()

# SQLite counts rows by itself in a column of this very type only.
_ROW_NUMBER = BigInteger().with_variant(Integer, "sqlite")


def _of_run() -> Column[int]:
    return Column("run_id", _ROW_NUMBER, ForeignKey("textdrift_runs.id", ondelete="CASCADE"), primary_key=True)


RUNS = Table(
    "textdrift_runs",
    METADATA,
    Column("id", _ROW_NUMBER, primary_key=True),
    Column("job", ExactText, nullable=False),
    Column("window", ExactText, nullable=False),
    Column("stage", ExactText, nullable=False),
    Column("date", Date),
    # The date, or the day of judging where nothing is dated: what runs are ordered and pruned by.
    Column("day", Date, nullable=False),
    Column("judged_at", UtcMoment, nullable=False),
    Column("alpha", FiniteNumber),
    Column("verdict", ExactText, nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("exit_code", Integer, nullable=False),
    Column("severity", ExactText),
    Column("kinds", Text, nullable=False),
    Column("summary", ExactText, nullable=False),
    Column("report_folder", ExactText),
    UniqueConstraint("job", "window", "stage", name="textdrift_runs_once"),
    # With the window, so that windows are counted by the index alone.
    Index("textdrift_runs_by_day", "job", "day", "window"),
    Index("textdrift_runs_by_moment", "job", "judged_at"),
    # The number of a pruned run is never given to another: links to it must not lead elsewhere.
    sqlite_autoincrement=True,
)

REPORTS = Table("textdrift_reports", METADATA, _of_run(), Column("report", LargeBinary, nullable=False))

PROFILES = Table("textdrift_profiles", METADATA, _of_run(), Column("profile", LargeBinary, nullable=False))

SLOW_DRIFT = Table("textdrift_slow_drift", METADATA, _of_run(), Column("state", LargeBinary, nullable=False))

RESULTS = Table(
    "textdrift_results",
    METADATA,
    _of_run(),
    Column("position", Integer, primary_key=True),
    Column("test", ExactText, nullable=False),
    Column("kind", ExactText, nullable=False),
    Column("column_name", ExactText),
    Column("p_value", FiniteNumber),
    Column("adjusted_p_value", FiniteNumber),
    Column("statistic", FiniteNumber),
    Column("effect", ExactText),
    Column("value", FiniteNumber),
    Column("low", FiniteNumber),
    Column("high", FiniteNumber),
    Column("material_from", FiniteNumber),
    Column("drifted", Boolean, nullable=False),
)

SEGMENTS = Table(
    "textdrift_segments",
    METADATA,
    _of_run(),
    Column("position", Integer, primary_key=True),
    Column("column_name", ExactText, nullable=False),
    Column("value", Text, nullable=False),
    Column("within", Text, nullable=False),
    Column("kind", ExactText, nullable=False),
    Column("effect", FiniteNumber),
    Column("p_value", FiniteNumber),
)

ALERT_STATES = Table(
    "textdrift_alert_states",
    METADATA,
    Column("job", ExactText, primary_key=True),
    Column("state", Text, nullable=False),
)

MESSAGES = Table(
    "textdrift_messages",
    METADATA,
    Column("id", _ROW_NUMBER, primary_key=True),
    Column("job", ExactText, nullable=False),
    # What may be there once: a digest, since the four names together may be longer than an index takes.
    Column("identity", Text, nullable=False),
    Column("run_id", _ROW_NUMBER, ForeignKey("textdrift_runs.id", ondelete="SET NULL")),
    Column("sink", ExactText, nullable=False),
    Column("dedup_key", ExactText, nullable=False),
    Column("state", ExactText, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("attempts", Integer, nullable=False),
    # Null once it is delivered, so that the index finds what is due.
    Column("next_attempt_at", UtcMoment),
    Column("delivered_at", UtcMoment),
    Column("reason", ExactText),
    UniqueConstraint("identity", name="textdrift_messages_once"),
    Index("textdrift_messages_due", "next_attempt_at"),
    Index("textdrift_messages_of_run", "run_id"),
    sqlite_autoincrement=True,
)

FAILURES = Table(
    "textdrift_failures",
    METADATA,
    Column("id", _ROW_NUMBER, primary_key=True),
    Column("job", ExactText, nullable=False),
    Column("window", ExactText),
    Column("at", UtcMoment, nullable=False),
    Column("reason", ExactText, nullable=False),
    Index("textdrift_failures_of_job", "job", "at"),
)
