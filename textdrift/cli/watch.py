"""``textdrift watch JOB``."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from textdrift.cli.printing import print_message, print_text

__all__ = ["watch"]


def watch(
    job: Annotated[Path, typer.Argument(help="A job file with a `stream` and a `history`.")],
    once: Annotated[bool, typer.Option("--once", help="End at the end of a file instead of waiting for more.")] = False,
) -> None:
    """Judge a live stream window by window: one plain line each, until it ends or is told to stop.

    Rows are JSON lines from standard input, a growing file, or Redis. SIGTERM and SIGINT end it after the window in
    hand, with exit code 0, and what is left open is told: it comes again when the watch is started anew. With --once a
    file is read to its end, its last and shorter window too, and the watch ends; a scheduler may do that now and then.
    """
    with _told_to_stop() as stop:
        from textdrift.job_config import read_job

        config = read_job(job)

        from textdrift.cli.history import window_line
        from textdrift.watching import watch_job

        n_windows, told = 0, list[str]()

        def tell(sentence: str) -> None:
            told[:] = [sentence]  # the last one says what was open, if anything was
            _warn(sentence)

        with config.hiding():
            for watched in watch_job(config, stop=stop.is_set, follow=not once, tell=tell):
                n_windows += 1
                result = watched.result
                if result is None:
                    print_text(f"{watched.window}  failed  exit=2  rows={watched.n_rows}")
                else:
                    line = window_line(result.window, result.stage, result.exit_code, result.document)
                    print_text(f"{line}  rows={watched.n_rows}" + ("  stored before" if result.was_stored else ""))
                for note in watched.notes:
                    _warn(f"{watched.window}: {note}")
        if stop.is_set() and not any(sentence.startswith("told to stop") for sentence in told):
            print_message("told to stop: no window was open")
        elif once and not n_windows and not stop.is_set():
            print_message("nothing new: no window was judged")


def _warn(sentence: str) -> None:
    print_message(f"warning: {sentence}")


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """Give an event that SIGTERM and SIGINT set, instead of ending the program at once; a second one does."""
    stop = threading.Event()

    def told(*_: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {sign: signal.signal(sign, told) for sign in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
