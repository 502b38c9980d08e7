"""The bytes of one parquet, csv or jsonl file, as Arrow; what is broken is named by its line.

Arrow reads fast but says little about what it could not read, so each reader hands the bytes of a file that failed
to a slow second look, which names the line.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Never

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.json as arrow_json
import pyarrow.parquet as pq

from textdrift.errors import ColumnTypeError, EmptyWindowError, MissingColumnError, UnreadableSourceError
from textdrift.windows.python_values import chosen_columns

__all__ = ["arrow_buffer", "csv_header", "read_csv", "read_jsonl", "read_parquet"]

_BLOCK_BYTES = 1 << 24
# Arrow keeps block sizes in 32 bits; a row longer than this cannot be read.
_LARGEST_BLOCK_BYTES = (1 << 31) - 1
_QUOTE = ord('"')
_BOM = b"\xef\xbb\xbf"


def arrow_buffer(content: bytes | pa.Buffer) -> pa.Buffer:
    """Return the bytes in memory of Arrow's own, for the readers below.

    A thread of Arrow's pool frees what it read by itself, perhaps after the reader has returned. Freeing bytes of
    Python needs Python's lock, and where Python ends at that moment the process aborts.

    >>> arrow_buffer(b"text").to_pybytes()
    b'text'
    """
    owned = pa.allocate_buffer(len(content))
    np.frombuffer(owned, dtype=np.uint8)[:] = np.frombuffer(content, dtype=np.uint8)
    return owned


def read_parquet(handle: Any, where: str, columns: Sequence[str] | None) -> pa.Table:
    """Return the columns of one parquet file, read from an open file."""
    try:
        file = pq.ParquetFile(handle)
        names = chosen_columns(file.schema_arrow.names, columns, where)
        # A column may be called "a.b" or hold structs; Arrow's own selection reads the dot as a path.
        return file.read(columns=names).select(names)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        msg = f"{where} cannot be read as parquet: {error}; write it again, or give it the extension of what it is"
        raise UnreadableSourceError(msg) from error


def read_csv(buffer: pa.Buffer, where: str, columns: Sequence[str] | None, delimiter: str = ",") -> pa.Table:
    """Return the columns of one csv file, every one as ``large_string``.

    An empty cell without quotes is null. Nothing else is: ``NA``, ``null`` and ``""`` are what they say.
    Blank lines are no rows, but in a file of one column, where a blank line is an empty cell.
    """
    available = csv_header(buffer, where, delimiter)
    if not available:
        msg = f"{where} is empty; a csv file needs a line with the names of its columns, and rows"
        raise EmptyWindowError(msg)
    _check_delimiter(available, where, columns, delimiter)
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
        return _in_large_enough_blocks(read, buffer)
    except pa.ArrowInvalid as error:
        _explain_csv(buffer, where, delimiter)
        msg = f"{where} cannot be read as csv: {error}"
        raise UnreadableSourceError(msg) from error


def _check_delimiter(available: list[str], where: str, wanted: Sequence[str] | None, delimiter: str) -> None:
    """Raise where the header is one name that holds another delimiter, and a wanted column is not there."""
    if len(available) > 1 or wanted is None or set(wanted) <= set(available):
        return
    for other, told in {";": "semicolons", "\t": "tabs", ",": "commas", "|": "bars"}.items():
        if other != delimiter and other in available[0]:
            needed = "tabs" if delimiter == "\t" else "commas"
            msg = (
                f"{where} has no column {wanted[0]!r}: its cells are separated by {told} ({other!r}), and {needed} "
                f"were needed; save it with {needed}, or pass the frame of pandas.read_csv(..., sep={other!r})"
            )
            raise MissingColumnError(msg)


def _without_leading_blank_lines(buffer: pa.Buffer) -> pa.Buffer:
    """Return the bytes from the header on."""
    buffer = _without_bom(buffer)
    start = 0
    while start < buffer.size and buffer[start] in (ord("\n"), ord("\r")):
        start += 1
    return buffer.slice(start)


def read_jsonl(buffer: pa.Buffer, where: str, columns: Sequence[str] | None) -> pa.Table:
    """Return the columns of one file of JSON lines; strings stay strings, also those that look like times."""
    buffer = _without_bom(buffer)
    types = _first_json_types(buffer, columns)
    try:
        if types is None:
            table = _json_table(buffer, None)
            if not table.num_rows:
                return pa.table({name: pa.nulls(0) for name in columns or ()})
            names = chosen_columns(table.column_names, columns, where)
            types = _json_types(table.schema, names)
            if types == {name: table.schema.field(name).type for name in names}:
                table = table.select(names)
            else:
                table = _json_table(buffer, types)
        else:
            table = _json_table(buffer, types)
        table.validate(full=True)
    except pa.ArrowInvalid as error:
        # Either a line is broken, and this names it, or the trouble lies in columns that nobody asked for, or the
        # first block held whole numbers and a later one does not: then the types that it found read the file.
        _explain_whole_json(buffer, where)
        types = _json_types_line_by_line(buffer, where, columns)
        try:
            table = _json_table(buffer, types)
            table.validate(full=True)
        except pa.ArrowInvalid:
            msg = f"{where} cannot be read as JSON lines: {error}"
            raise UnreadableSourceError(msg) from error
    return table.select(list(types))


def _json_table(buffer: pa.Buffer, types: dict[str, pa.DataType] | None) -> pa.Table:
    """Return the columns of these types and no others, or every column with the type that Arrow infers."""
    options = arrow_json.ParseOptions(
        explicit_schema=None if types is None else pa.schema(list(types.items())),
        unexpected_field_behavior="infer" if types is None else "ignore",
    )

    def read(block_bytes: int) -> pa.Table:
        read_options = arrow_json.ReadOptions(block_size=block_bytes)
        return arrow_json.read_json(pa.BufferReader(buffer), read_options=read_options, parse_options=options)

    return _in_large_enough_blocks(read, buffer) if buffer.size else pa.table({})


def _json_types(inferred: pa.Schema, names: Sequence[str]) -> dict[str, pa.DataType]:
    """Return the types to read by: Arrow infers a timestamp from a string that looks like one; we keep the string."""
    types = {name: inferred.field(name).type for name in names}
    return {name: pa.large_string() if pa.types.is_timestamp(t) else t for name, t in types.items()}


def _first_json_types(buffer: pa.Buffer, columns: Sequence[str] | None) -> dict[str, pa.DataType] | None:
    """Return the types of the columns as the first block of a large file shows them; None where it cannot say."""
    if columns is None or buffer.size <= _BLOCK_BYTES:
        return None
    start = buffer.slice(0, _BLOCK_BYTES).to_pybytes()
    try:
        inferred = _json_table(buffer.slice(0, start.rfind(b"\n") + 1), None).schema
    except pa.ArrowInvalid:
        return None
    if any(name not in inferred.names or pa.types.is_null(inferred.field(name).type) for name in columns):
        return None
    return {
        # Arrow would refuse a long column of short strings.
        name: pa.large_string() if pa.types.is_string(t) else t
        for name, t in _json_types(inferred, list(dict.fromkeys(columns))).items()
    }


def _in_large_enough_blocks(read: Any, buffer: pa.Buffer) -> pa.Table:
    """Call ``read(block_bytes)``, with a block for the whole file where one row does not fit into a usual block."""
    try:
        return read(_BLOCK_BYTES)
    except pa.ArrowInvalid as error:
        if buffer.size <= _BLOCK_BYTES or "block" not in str(error):
            raise
        return read(min(buffer.size, _LARGEST_BLOCK_BYTES))


def _without_bom(buffer: pa.Buffer) -> pa.Buffer:
    return buffer.slice(len(_BOM)) if buffer.slice(0, min(len(_BOM), buffer.size)).to_pybytes() == _BOM else buffer


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
    raw = np.frombuffer(_without_bom(buffer), dtype=np.uint8)
    blocks = range(0, len(raw), _BLOCK_BYTES)
    places = [np.flatnonzero(raw[start : start + _BLOCK_BYTES] == _QUOTE) + start for start in blocks]
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
    limit = csv.field_size_limit(min(sys.maxsize, _LARGEST_BLOCK_BYTES))
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
        _explain_bytes(buffer, where)
        msg = f"{where} cannot be read as UTF-8: {error}"
        raise UnreadableSourceError(msg) from error
    except csv.Error as error:
        msg = (
            f"{where}, line {begins}: a quoted cell that begins in this row is broken ({error}, at line "
            f"{reader.line_num}); close its quote, and double the quotes inside it"
        )
        raise UnreadableSourceError(msg) from error


def _explain_bytes(buffer: pa.Buffer, where: str) -> None:
    """Raise for the first byte that is not UTF-8; return where all are."""
    for line, raw in enumerate(io.BytesIO(buffer), start=1):
        try:
            raw.decode()
        except UnicodeDecodeError as error:
            hint = "it looks like UTF-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "it may be Latin-1 or cp1252"
            msg = (
                f"{where}, line {line}: byte {error.start + 1} of the line (0x{raw[error.start]:02x}) is not UTF-8; "
                f"{hint}: write the file again as UTF-8"
            )
            raise UnreadableSourceError(msg) from error


def _no_constant(name: str) -> Never:
    msg = f"{name} is no JSON value"
    raise ValueError(msg)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        msg = f"the key {twice!r} stands twice in one object"
        raise ValueError(msg)
    return dict(pairs)


_JSON_KINDS: dict[type, tuple[str, pa.DataType]] = {
    bool: ("a boolean", pa.bool_()),
    int: ("a number", pa.int64()),
    float: ("a number", pa.float64()),
    str: ("a string", pa.large_string()),
    list: ("an array", pa.null()),
    dict: ("an object", pa.null()),
    type(None): ("null", pa.null()),
}


def _explain_whole_json(buffer: pa.Buffer, where: str) -> None:
    """Raise where the file is one JSON value, an array or an object over several lines; return where it is lines."""
    lines = [raw for raw in io.BytesIO(buffer) if raw.strip()]
    if not lines or not (lines[0].lstrip().startswith(b"[") or lines[0].strip() == b"{"):
        return
    try:
        value = json.loads(b"".join(lines))
    except ValueError:
        return
    msg = (
        f"{where} is not JSON lines: it holds {_JSON_KINDS[type(value)][0]} as a whole, and each line must hold one "
        "object; convert it, for example with pandas.read_json(path).to_json(new, orient='records', lines=True)"
    )
    raise UnreadableSourceError(msg)


def _json_rows(buffer: pa.Buffer, where: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the number and the object of each line that holds one; raise for the first line that is broken."""
    _explain_bytes(buffer, where)
    for line, raw in enumerate(io.BytesIO(buffer), start=1):
        if not raw.strip():
            continue
        try:
            row = json.loads(raw, parse_constant=_no_constant, object_pairs_hook=_unique_keys)
            json.dumps(row, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            msg = f"{where}, line {line}: a string holds a lone surrogate, which no UTF-8 text can; mend the line"
            raise UnreadableSourceError(msg) from error
        except ValueError as error:
            msg = f"{where}, line {line} is not JSON ({error}); each line must hold one whole object"
            raise UnreadableSourceError(msg) from error
        if not isinstance(row, dict):
            msg = f"{where}, line {line} holds {_JSON_KINDS[type(row)][0]}; each line must hold one object"
            raise UnreadableSourceError(msg)
        yield line, row


def _json_types_line_by_line(buffer: pa.Buffer, where: str, columns: Sequence[str] | None) -> dict[str, pa.DataType]:
    """Return the types of the columns; raise for the first line that is broken or unlike the lines before it."""
    kinds: dict[str, type] = {}
    for line, row in _json_rows(buffer, where):
        for name, value in row.items():
            kind = kinds.setdefault(name, type(value))
            if value is None or kind is type(value):
                continue
            told, told_before = _JSON_KINDS[type(value)][0], _JSON_KINDS[kind][0]
            if kind is not type(None) and told != told_before and (columns is None or name in columns):
                msg = f"{where}, line {line}: {name!r} holds {told}, lines before it {told_before}; make them one type"
                raise ColumnTypeError(msg)
            kinds[name] = float if kind is float else type(value)
    return {name: _JSON_KINDS[kinds[name]][1] for name in chosen_columns(list(kinds), columns, where)}
