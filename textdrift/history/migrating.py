"""Bringing the schema of a history up to that of this version, by alembic and without its ini file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from textdrift.errors import HistoryError
from textdrift.history.addressing import Address
from textdrift.history.tables import VERSION_TABLE

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

__all__ = ["check_revision", "migrate", "revisions"]

_FOLDER = Path(__file__).parent / "migrations"


def revisions() -> list[str]:
    """Return the names of all released schemas, oldest first.

    >>> revisions()[0]
    '0001'
    """
    return [script.revision for script in _scripts().walk_revisions()][::-1]


def migrate(connection: Connection, address: Address, *, to: str = "head") -> None:
    """Bring the schema up inside the transaction of the connection: all of it, or nothing.

    Raises
    ------
    HistoryError
        When a newer version of textdrift has written it.
    """
    scripts = _scripts()
    revision = _revision_of(connection, address)

    def steps(begun_at: Any, _: Any) -> Any:
        return scripts._upgrade_revs(to, begun_at)  # noqa: SLF001 - the public door of it is a command line

    if revision != (scripts.get_current_head() if to == "head" else to):
        from alembic.runtime.environment import EnvironmentContext

        with EnvironmentContext(_config(), scripts, fn=steps) as environment:
            environment.configure(connection=connection, version_table=VERSION_TABLE, transactional_ddl=True)
            environment.run_migrations()


def check_revision(connection: Connection, address: Address) -> None:
    """Check that the schema is the one that this version reads.

    Raises
    ------
    HistoryError
        When there is none yet, or it is older or newer.
    """
    revision = _revision_of(connection, address)
    if revision is None:
        raise HistoryError(f"{address.shown} holds no history yet; run a job first")
    if revision != _scripts().get_current_head():
        msg = (
            f"the history {address.shown} was written by an older textdrift (schema {revision}); "
            "run a job once, or open it for writing, to bring it up"
        )
        raise HistoryError(msg)


def _revision_of(connection: Connection, address: Address) -> str | None:
    """Return the revision of a schema, None where there is no schema."""
    from alembic.runtime.migration import MigrationContext

    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    heads = context.get_current_heads()
    known = revisions()
    unknown = [head for head in heads if head not in known]
    if unknown:
        msg = (
            f"the history {address.shown} was written by a newer textdrift (schema {unknown[0]}; this version knows "
            f"{known[-1]}); pip install --upgrade textdrift"
        )
        raise HistoryError(msg)
    return heads[0] if heads else None


def _scripts() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(_FOLDER), version_locations=[str(_FOLDER)])


def _config() -> Any:
    from alembic.config import Config

    return Config()
