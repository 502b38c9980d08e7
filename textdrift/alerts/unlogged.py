"""What a library logs while it sends: kept from the log, since it may hold addresses that are keys."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["unlogged"]


@contextmanager
def unlogged(name: str, heard: list[str]) -> Iterator[None]:
    """Append what a logger is told in this thread to a list, and log none of it; other threads log as they did.

    Examples
    --------
    >>> heard = []
    >>> with unlogged("example", heard):
    ...     logging.getLogger("example").warning("no answer from https://host/a-key")
    >>> heard
    ['no answer from https://host/a-key']
    """
    logger, thread = logging.getLogger(name), threading.get_ident()

    def is_of_others(record: logging.LogRecord) -> bool:
        if record.thread != thread:
            return True
        heard.append(record.getMessage())
        return False

    logger.addFilter(is_of_others)
    try:
        yield
    finally:
        logger.removeFilter(is_of_others)
