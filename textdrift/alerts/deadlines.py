"""Waiting for something outside, and no longer than that."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

__all__ = ["TooLateError", "within"]

Answer = TypeVar("Answer")


class TooLateError(Exception):
    """What was waited for did not come in time; it may still be under way."""


def within(timeout: float, asked: Callable[[], Answer], *, name: str) -> Answer:
    """Return what a function returns, or raise what it raises, unless it takes longer than so many seconds.

    It runs in a daemon thread: when the time is over it is left alone, and a program that ends does not wait for it.

    Raises
    ------
    TooLateError
        When the time is over.

    Examples
    --------
    >>> within(1.0, lambda: 6 * 7, name="example")
    42
    """
    answers: list[Answer] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(asked())
        except BaseException as error:  # noqa: BLE001 - raised again where the answer is waited for
            failures.append(error)

    thread = threading.Thread(target=run, name=f"textdrift {name}", daemon=True)
    thread.start()
    thread.join(timeout)
    if failures:
        raise failures[0]
    if not answers:
        raise TooLateError
    return answers[0]
