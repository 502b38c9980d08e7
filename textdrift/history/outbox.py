"""Messages that are to be sent: kept with their run, sent afterwards, tried again until they arrive."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable

from sqlalchemy import Connection, insert, select, update

from textdrift.errors import HistoryError
from textdrift.history.column_types import as_json, packed, unpacked
from textdrift.history.records import OutboxMessage, PendingMessage
from textdrift.history.tables import MESSAGES

__all__ = ["add_messages", "due_messages", "mark_delivered", "mark_failed", "mark_given_up"]

# Due whatever the clock of the sender says.
_AT_ONCE = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def add_messages(connection: Connection, job: str, run_id: int | None, messages: Iterable[OutboxMessage]) -> None:
    """Keep messages, apart from those that are there already, delivered or not."""
    for message in messages:
        names = as_json([job, message.sink, message.dedup_key, message.state], "a message")
        identity = hashlib.sha256(names.encode("ascii")).hexdigest()
        if connection.scalar(select(MESSAGES.c.id).where(MESSAGES.c.identity == identity)) is None:
            row = {
                "job": job,
                "identity": identity,
                "run_id": run_id,
                "sink": message.sink,
                "dedup_key": message.dedup_key,
                "state": message.state,
                "body": packed(message.body, "the body of a message"),
                "attempts": 0,
                "next_attempt_at": _AT_ONCE,
            }
            connection.execute(insert(MESSAGES).values(row))


def due_messages(connection: Connection, job: str | None, now: dt.datetime) -> list[PendingMessage]:
    """Return what is due, first come first."""
    query = select(MESSAGES).where(MESSAGES.c.next_attempt_at <= now)
    found = connection.execute(query if job is None else query.where(MESSAGES.c.job == job))
    # Sorted here: asked for an order by number a database would read all messages there ever were.
    rows = sorted(found, key=lambda row: row.id)
    return [
        PendingMessage(
            id=row.id,
            job=row.job,
            sink=row.sink,
            dedup_key=row.dedup_key,
            state=row.state,
            body=unpacked(row.body, f"message {row.id}"),
            attempts=row.attempts,
        )
        for row in rows
    ]


def _count_attempt(connection: Connection, message_id: int, **values: dt.datetime | str | None) -> None:
    changed = connection.execute(
        update(MESSAGES)
        .where(MESSAGES.c.id == message_id, MESSAGES.c.next_attempt_at.is_not(None))
        .values(attempts=MESSAGES.c.attempts + 1, **values)
    )
    there = changed.rowcount or connection.scalar(select(MESSAGES.c.id).where(MESSAGES.c.id == message_id))
    if not there:
        raise HistoryError(f"the history has no message {message_id}; take the numbers from pending()")


def mark_delivered(connection: Connection, message_id: int, at: dt.datetime) -> None:
    """Note that a message has arrived; one that had arrived before stays as it was."""
    _count_attempt(connection, message_id, next_attempt_at=None, delivered_at=at, reason=None)


def mark_failed(connection: Connection, message_id: int, reason: str, next_attempt: dt.datetime) -> None:
    """Note why a message did not arrive, and when to try again; one that has arrived stays so."""
    _count_attempt(connection, message_id, next_attempt_at=next_attempt, reason=reason)


def mark_given_up(connection: Connection, message_id: int, reason: str) -> None:
    """Note that a message has nowhere to go any more: it is never due again, and did not arrive."""
    _count_attempt(connection, message_id, next_attempt_at=None, reason=reason)
