"""The first released schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0001"
down_revision = None

# A revision says its types itself: what the tables of today hold is not what they held then.
_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_MOMENT = sa.DateTime(timezone=True)
_ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _of_run() -> sa.Column[int]:
    return sa.Column("run_id", _ROW_NUMBER, sa.ForeignKey("textdrift_runs.id", ondelete="CASCADE"), primary_key=True)


def upgrade() -> None:
    """Make the tables of a new history."""
    _make_runs()
    _make_parts_of_runs()
    _make_outbox()


def _make_runs() -> None:
    op.create_table(
        "textdrift_runs",
        sa.Column("id", _ROW_NUMBER, primary_key=True),
        sa.Column("job", _TEXT, nullable=False),
        sa.Column("window", _TEXT, nullable=False),
        sa.Column("stage", _TEXT, nullable=False),
        sa.Column("date", sa.Date),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("judged_at", _MOMENT, nullable=False),
        sa.Column("alpha", sa.Double),
        sa.Column("verdict", _TEXT, nullable=False),
        sa.Column("passed", sa.Boolean, nullable=False),
        sa.Column("exit_code", sa.Integer, nullable=False),
        sa.Column("severity", _TEXT),
        sa.Column("kinds", sa.Text, nullable=False),
        sa.Column("summary", _TEXT, nullable=False),
        sa.Column("report_folder", _TEXT),
        sa.UniqueConstraint("job", "window", "stage", name="textdrift_runs_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("textdrift_runs_by_day", "textdrift_runs", ["job", "day"])


def _make_parts_of_runs() -> None:
    op.create_table("textdrift_reports", _of_run(), sa.Column("report", sa.LargeBinary, nullable=False))
    op.create_table("textdrift_profiles", _of_run(), sa.Column("profile", sa.LargeBinary, nullable=False))
    op.create_table("textdrift_slow_drift", _of_run(), sa.Column("state", sa.LargeBinary, nullable=False))
    op.create_table(
        "textdrift_results",
        _of_run(),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("test", _TEXT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("column_name", _TEXT),
        sa.Column("p_value", sa.Double),
        sa.Column("adjusted_p_value", sa.Double),
        sa.Column("statistic", sa.Double),
        sa.Column("effect", _TEXT),
        sa.Column("value", sa.Double),
        sa.Column("low", sa.Double),
        sa.Column("high", sa.Double),
        sa.Column("material_from", sa.Double),
        sa.Column("drifted", sa.Boolean, nullable=False),
    )
    op.create_table(
        "textdrift_segments",
        _of_run(),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("column_name", _TEXT, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("within", sa.Text, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("effect", sa.Double),
        sa.Column("p_value", sa.Double),
    )


def _make_outbox() -> None:
    op.create_table(
        "textdrift_alert_states",
        sa.Column("job", _TEXT, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
    )
    op.create_table(
        "textdrift_messages",
        sa.Column("id", _ROW_NUMBER, primary_key=True),
        sa.Column("job", _TEXT, nullable=False),
        sa.Column("identity", sa.Text, nullable=False),
        sa.Column("run_id", _ROW_NUMBER, sa.ForeignKey("textdrift_runs.id", ondelete="SET NULL")),
        sa.Column("sink", _TEXT, nullable=False),
        sa.Column("dedup_key", _TEXT, nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", _MOMENT),
        sa.Column("delivered_at", _MOMENT),
        sa.Column("reason", _TEXT),
        sa.UniqueConstraint("identity", name="textdrift_messages_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("textdrift_messages_due", "textdrift_messages", ["next_attempt_at"])
    op.create_index("textdrift_messages_of_run", "textdrift_messages", ["run_id"])
    op.create_table(
        "textdrift_failures",
        sa.Column("id", _ROW_NUMBER, primary_key=True),
        sa.Column("job", _TEXT, nullable=False),
        sa.Column("window", _TEXT),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("reason", _TEXT, nullable=False),
    )
    op.create_index("textdrift_failures_of_job", "textdrift_failures", ["job", "at"])
