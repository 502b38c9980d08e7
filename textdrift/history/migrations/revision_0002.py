"""Indices for histories of a hundred thousand windows: the last verdict, and the windows of a year."""

from __future__ import annotations

from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make them; no row is changed."""
    op.drop_index("textdrift_runs_by_day", "textdrift_runs")
    op.create_index("textdrift_runs_by_day", "textdrift_runs", ["job", "day", "window"])
    op.create_index("textdrift_runs_by_moment", "textdrift_runs", ["job", "judged_at"])
