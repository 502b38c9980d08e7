"""One process at a time for each job, until it is done or dead."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator

import sqlalchemy
import xxhash
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from textdrift.errors import HistoryError
from textdrift.history.addressing import Address
from textdrift.history.connecting import lock_number, telling

__all__ = ["holding"]

_NOT_AVAILABLE = "55P03"
# A server asks after a holder that is silent, so that the lock of a machine without power is free after a minute.
_KEEPALIVES = "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3"


@contextlib.contextmanager
def holding(engine: Engine, address: Address, job: str, timeout: float | None) -> Iterator[None]:
    """Hold the lock of a job; the system gives it back when the process dies, however it dies."""
    if address.path is None:
        with _holding_on_server(engine, address, job, timeout):
            yield
    else:
        with _holding_file(address, job, timeout):
            yield


def _refusal(job: str, timeout: float | None) -> HistoryError:
    waited = f" after {timeout:g} seconds" if timeout else ""
    return HistoryError(f"another process is running the job {job!r}{waited}; wait until it is done, or stop it")


@contextlib.contextmanager
def _holding_file(address: Address, job: str, timeout: float | None) -> Iterator[None]:
    from filelock import FileLock, Timeout

    name = xxhash.xxh3_64_hexdigest(job.encode("utf-8", "surrogatepass"))
    # The file stays when the lock is given back: removing it would let two processes lock two files of one name.
    lock = FileLock(f"{address.path}.{name}.lock")
    try:
        lock.acquire(timeout=-1 if timeout is None else max(0.0, timeout))
    except Timeout:
        raise _refusal(job, timeout) from None
    except RuntimeError:
        # filelock knows that this thread would wait for itself.
        raise HistoryError(f"this thread already runs the job {job!r}") from None
    except OSError as error:
        raise HistoryError(f"the lock file {lock.lock_file!r} cannot be held: {error}") from error
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def _holding_on_server(engine: Engine, address: Address, job: str, timeout: float | None) -> Iterator[None]:
    number = lock_number(f"run {job}")
    milliseconds = 0 if timeout is None else max(1, math.ceil(timeout * 1000))
    with telling(address, "locking a job of"):
        # A connection of its own, outside the pool: what ends the connection ends the lock.
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()
    try:
        with telling(address, "locking a job of"):
            try:
                connection.exec_driver_sql(f"{_KEEPALIVES}; SET lock_timeout = {milliseconds}")
                connection.execute(sqlalchemy.select(sqlalchemy.func.pg_advisory_lock(number)))
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", None) == _NOT_AVAILABLE:
                    raise _refusal(job, timeout) from None
                raise
        yield
        # A connection that broke meanwhile has given the lock back already.
        with contextlib.suppress(SQLAlchemyError):
            connection.execute(sqlalchemy.select(sqlalchemy.func.pg_advisory_unlock(number)))
    finally:
        with contextlib.suppress(SQLAlchemyError):
            connection.close()
