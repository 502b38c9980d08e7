"""The columns of one csv file; what is broken is named by its line.

Arrow reads fast but says little about what it could not read, so the bytes of a file that failed are handed to a slow
second look, which names the line.
"""

from __future__ import annotations

import contextlib
import csv
import io
import sys
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from textdrift.errors import EmptyWindowError, MissingColumnError, UnreadableSourceError
from textdrift.windows import file_bytes
from textdrift.windows.file_bytes import explain_bytes, in_large_enough_blocks, without_bom
from textdrift.windows.python_values import chosen_columns

__all__ = ["csv_header", "other_delimiter", "read_csv"]

_QUOTE = ord('"')


def read_csv(buffer: pa.Buffer, where: str, columns: Sequence[str] | None, delimiter: str = ",") -> pa.Table:
    """Return the columns of one csv file, every one as ``large_string``.

    An empty cell without quotes is null. Nothing else is: ``NA``, ``null`` and ``""`` are what they say.
    Blank lines are no rows, but in a file of one column, where a blank line is an empty cell.
    """
    available = csv_header(buffer, where, delimiter)
    if not available:
        msg = f"{where} is empty; a csv file needs a line with the names of its columns, and rows"
        raise EmptyWindowError(msg)
    other = other_delimiter(available, delimiter)
    if other and columns is not None and not set(columns) <= set(available):
        error = MissingColumnError(f"{where} has no column {columns[0]!r}: {other}")
        error.available = tuple(available)
        raise error
    names = chosen_columns(available, columns, where)
    if _has_odd_quotes(buffer, delimiter):
        _explain_csv(buffer, where, delimiter)

    def read(block_bytes: int) -> pa.Table:
        return arrow_csv.read_csv(
            pa.BufferReader(_without_leading_blank_lines(buffer) if len(available) == 1 else buffer),
            read_options=arrow_csv.ReadOptions(block_size=block_bytes),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=len(available) > 1
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()),
                include_columns=names,
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )

    try:
        return in_large_enough_blocks(read, buffer)
    except pa.ArrowInvalid as error:
        if other:
            raise UnreadableSourceError(f"{where} cannot be read as csv: {other}") from error
        _explain_csv(buffer, where, delimiter)
        msg = f"{where} cannot be read as csv: {error}"
        raise UnreadableSourceError(msg) from error


def other_delimiter(header: Sequence[str], delimiter: str) -> str | None:
    """Return what to do where a header is one name that holds another delimiter; ``None`` where it is none.

    >>> other_delimiter(["text;label"], ",")[:47], other_delimiter(["text", "label"], ",")
    ("its cells are separated by semicolons (';'), an", None)
    """
    if len(header) != 1:
        return None
    for other, told in {";": "semicolons", "\t": "tabs", ",": "commas", "|": "bars"}.items():
        if other != delimiter and other in header[0]:
            needed = "tabs" if delimiter == "\t" else "commas"
            return (
                f"its cells are separated by {told} ({other!r}), and {needed} were needed; save it with {needed}, or "
                f"pass the frame of pandas.read_csv(..., sep={other!r})"
            )
    return None


def _without_leading_blank_lines(buffer: pa.Buffer) -> pa.Buffer:
    """Return the bytes from the header on."""
    buffer = without_bom(buffer)
    start = 0
    while start < buffer.size and buffer[start] in (ord("\n"), ord("\r")):
        start += 1
    return buffer.slice(start)


def _text_lines(buffer: pa.Buffer) -> io.TextIOWrapper:
    return io.TextIOWrapper(pa.BufferReader(buffer), encoding="utf-8-sig", newline="")


def csv_header(buffer: pa.Buffer, where: str, delimiter: str) -> list[str]:
    """Return the column names of a csv file; none where it is empty."""
    try:
        for row in csv.reader(_text_lines(buffer), delimiter=delimiter):
            if row:
                return row
    except (UnicodeDecodeError, csv.Error):
        _explain_csv(buffer, where, delimiter)
    return []


def _has_odd_quotes(buffer: pa.Buffer, delimiter: str) -> bool:
    """Return whether a quote neither opens, closes nor is doubled: one left open swallows the rows after it.

    Arrow accepts a cell whose quote is never closed, so this looks at the neighbours of each quote: the first, third,
    ... must follow a delimiter, a line's end or a quote; the second, fourth, ... must stand before one.
    """
    raw = np.frombuffer(without_bom(buffer), dtype=np.uint8)
    blocks = range(0, len(raw), file_bytes.BLOCK_BYTES)
    places = [np.flatnonzero(raw[start : start + file_bytes.BLOCK_BYTES] == _QUOTE) + start for start in blocks]
    quotes = np.concatenate(places) if places else np.array([], dtype=np.int64)
    if len(quotes) % 2:
        return True
    may_border = np.zeros(256, dtype=bool)
    may_border[[ord(delimiter), ord("\n"), ord("\r"), _QUOTE]] = True
    opening, closing = quotes[::2], quotes[1::2]
    before = opening[opening > 0] - 1
    after = closing[closing < len(raw) - 1] + 1
    return not (may_border[raw[before]].all() and may_border[raw[after]].all())


@contextlib.contextmanager
def _any_cell_length() -> Iterator[None]:
    """Lift the csv module's limit of 131,072 characters a cell, which is set for the whole process, for a while."""
    limit = csv.field_size_limit(min(sys.maxsize, file_bytes.LARGEST_BLOCK_BYTES))
    try:
        yield
    finally:
        csv.field_size_limit(limit)


def _explain_csv(buffer: pa.Buffer, where: str, delimiter: str) -> None:
    """Raise for the first line of a csv file that is broken; return where every line is whole."""
    reader = csv.reader(_text_lines(buffer), delimiter=delimiter, strict=True)
    n_columns = 0
    begins = 1
    try:
        with _any_cell_length():
            for row in reader:
                n_columns = n_columns or len(row)
                if row and len(row) != n_columns:
                    msg = (
                        f"{where}, line {begins}: {len(row)} cells where the header names {n_columns}; "
                        "put quotes around cells that hold a delimiter, or mend the line"
                    )
                    raise UnreadableSourceError(msg)
                begins = reader.line_num + 1
    except UnicodeDecodeError as error:
        explain_bytes(buffer, where)
        msg = f"{where} cannot be read as UTF-8: {error}"
        raise UnreadableSourceError(msg) from error
    except csv.Error as error:
        msg = (
            f"{where}, line {begins}: a quoted cell that begins in this row is broken ({error}, at line "
            f"{reader.line_num}); close its quote, and double the quotes inside it"
        )
        raise UnreadableSourceError(msg) from error
