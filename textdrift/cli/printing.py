"""What the commands print: nothing that a terminal would obey, and no broken pipe that reads as a verdict."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO, cast

__all__ = ["print_document", "print_message", "print_text", "survived_streams"]


class _Surviving:
    """A stream whose reader may leave: what is written after that is lost, as the reader wanted.

    With ``whatever_happens`` every other failure, such as a full disk, is survived too.
    """

    def __init__(self, stream: TextIO, *, whatever_happens: bool) -> None:
        self._stream, self._whatever_happens = stream, whatever_happens

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write to the stream, where there still is a reader."""
        try:
            self._stream.write(text)
        except OSError as error:
            self._survive(error)
        return len(text)

    def flush(self) -> None:
        """Flush the stream, where there still is a reader."""
        try:
            self._stream.flush()
        except OSError as error:
            self._survive(error)

    def _survive(self, error: OSError) -> None:
        _point_to_nowhere(self._stream)
        if not (self._whatever_happens or isinstance(error, BrokenPipeError)):
            raise error


@contextlib.contextmanager
def survived_streams() -> Iterator[None]:
    """Make stdout and stderr safe to write to while a command runs, and flush them at its end.

    A stream that was closed before the start leads nowhere; a character that a stream cannot encode is written as an
    escape. A stdout that fails for another reason than a reader who left is an ``OSError``: the report was asked for.
    """
    before = sys.stdout, sys.stderr
    sys.stdout = _surviving(sys.stdout, whatever_happens=False)
    sys.stderr = _surviving(sys.stderr, whatever_happens=True)
    try:
        yield
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        sys.stdout, sys.stderr = before


def print_text(text: str) -> None:
    """Print a text that was made for a terminal to stdout, as it is."""
    sys.stdout.write(text + "\n")


def print_document(text: str) -> None:
    """Print a document of any format to stdout: in UTF-8, as its file would be, whatever the terminal speaks."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    sys.stdout.write(text)


def print_message(message: str, *, to_stdout: bool = False) -> None:
    """Print a message, which may quote data, with everything that a terminal would obey written out."""
    from textdrift.reports.visible_text import visible

    (sys.stdout if to_stdout else sys.stderr).write(visible(message, keep="\n") + "\n")


def _surviving(stream: TextIO | None, *, whatever_happens: bool) -> TextIO:
    if stream is None:  # closed by the shell: Python then has no stream at all
        stream = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - it lives as long as the process
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")
    return cast("TextIO", _Surviving(stream, whatever_happens=whatever_happens))


def _point_to_nowhere(stream: TextIO) -> None:
    """Let what the stream still holds go nowhere: Python flushes it at exit, and a failure there is an exit code."""
    with contextlib.suppress(OSError, ValueError):  # a stream without a file number holds nothing back
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
