"""Move a history from SQLite to a new PostgreSQL database, or back: every run, report, state and message.

    python move_history.py sqlite:///drift.db postgresql://textdrift@host/drift

Stop the jobs first, and give the password by PGPASSWORD or ~/.pgpass. The old history is only read, the new one must be
empty, and all of it is there afterwards or nothing. Then write the new URL into the job file; `textdrift history JOB`
must list what it did before.
"""

from __future__ import annotations

import sys

from sqlalchemy import create_engine, func, insert, select, text

from textdrift.history import open_history
from textdrift.history.addressing import address_of
from textdrift.history.tables import METADATA

AT_ONCE = 500


def move(source: str, target: str) -> dict[str, int]:
    """Copy every table, and return how many rows each had."""
    with open_history(source, read_only=True), open_history(target):
        pass  # both are of this version, and the new one has its tables
    engines = [create_engine(address_of(url).url) for url in (source, target)]
    copied = {}
    try:
        with engines[0].connect() as old, engines[1].begin() as new:
            for table in METADATA.sorted_tables:
                if new.scalar(select(func.count()).select_from(table)):
                    raise SystemExit(f"the new history is not empty: {table.name} has rows; name a new database")
                rows = old.execution_options(yield_per=AT_ONCE).execute(select(table)).mappings()
                for part in rows.partitions():
                    new.execute(insert(table), [dict(row) for row in part])
                copied[table.name] = int(new.scalar(select(func.count()).select_from(table)) or 0)
                if new.dialect.name == "postgresql" and "id" in table.c and copied[table.name]:
                    # Its numbers go on after the last one.
                    counter = f"pg_get_serial_sequence('{table.name}', 'id')"
                    new.execute(text(f"SELECT setval({counter}, (SELECT max(id) FROM {table.name}))"))  # noqa: S608
    finally:
        for engine in engines:
            engine.dispose()
    return copied


if __name__ == "__main__":
    if len(sys.argv) != 3:  # noqa: PLR2004 - two URLs after the name
        raise SystemExit(__doc__)
    for name, n_rows in move(*sys.argv[1:]).items():
        print(f"{name}: {n_rows} rows")
