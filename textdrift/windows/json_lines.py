"""The columns of one file of JSON lines; what is broken is named by its line.

Arrow reads fast but says little about what it could not read, so the bytes of a file that failed are handed to a slow
second look, which names the line.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from typing import Any, Never

import pyarrow as pa
import pyarrow.json as arrow_json

from textdrift.errors import ColumnTypeError, UnreadableSourceError
from textdrift.windows import file_bytes
from textdrift.windows.file_bytes import explain_bytes, in_large_enough_blocks, without_bom
from textdrift.windows.python_values import chosen_columns

__all__ = ["read_jsonl"]


def read_jsonl(buffer: pa.Buffer, where: str, columns: Sequence[str] | None) -> pa.Table:
    """Return the columns of one file of JSON lines; strings stay strings, also those that look like times."""
    buffer = without_bom(buffer)
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

    return in_large_enough_blocks(read, buffer) if buffer.size else pa.table({})


def _json_types(inferred: pa.Schema, names: Sequence[str]) -> dict[str, pa.DataType]:
    """Return the types to read by: Arrow infers a timestamp from a string that looks like one; we keep the string."""
    types = {name: inferred.field(name).type for name in names}
    return {name: pa.large_string() if pa.types.is_timestamp(t) else t for name, t in types.items()}


def _first_json_types(buffer: pa.Buffer, columns: Sequence[str] | None) -> dict[str, pa.DataType] | None:
    """Return the types of the columns as the first block of a large file shows them; None where it cannot say."""
    if columns is None or buffer.size <= file_bytes.BLOCK_BYTES:
        return None
    start = buffer.slice(0, file_bytes.BLOCK_BYTES).to_pybytes()
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
    explain_bytes(buffer, where, reader="read_json(path, lines=True")
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
