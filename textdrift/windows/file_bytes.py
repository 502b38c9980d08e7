"""The bytes of a file for the readers of each format: held by Arrow, in blocks that hold a row, all of them UTF-8."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pyarrow as pa

from textdrift.errors import UnreadableSourceError

__all__ = [
    "BLOCK_BYTES",
    "LARGEST_BLOCK_BYTES",
    "arrow_buffer",
    "explain_bytes",
    "in_large_enough_blocks",
    "without_bom",
]

BLOCK_BYTES = 1 << 24
"""What Arrow reads at a time."""

LARGEST_BLOCK_BYTES = (1 << 31) - 1
"""Arrow keeps block sizes in 32 bits; a row longer than this cannot be read."""

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


def in_large_enough_blocks(read: Any, buffer: pa.Buffer) -> pa.Table:
    """Call ``read(block_bytes)``, with a block for the whole file where one row does not fit into a usual block."""
    try:
        return read(BLOCK_BYTES)
    except pa.ArrowInvalid as error:
        if buffer.size <= BLOCK_BYTES or "block" not in str(error):
            raise
        return read(min(buffer.size, LARGEST_BLOCK_BYTES))


def without_bom(buffer: pa.Buffer) -> pa.Buffer:
    """Return the bytes without the mark that some programs put before UTF-8."""
    return buffer.slice(len(_BOM)) if buffer.slice(0, min(len(_BOM), buffer.size)).to_pybytes() == _BOM else buffer


def explain_bytes(buffer: pa.Buffer, where: str, *, reader: str = "read_csv(path") -> None:
    """Raise for the first byte that is not UTF-8; return where all are. ``reader`` of pandas takes an encoding."""
    for line, raw in enumerate(io.BytesIO(buffer), start=1):
        try:
            raw.decode()
        except UnicodeDecodeError as error:
            is_utf_16 = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
            hint, name = ("it looks like UTF-16", "utf-16") if is_utf_16 else ("it may be Latin-1 or cp1252", "cp1252")
            msg = (
                f"{where}, line {line}: byte {error.start + 1} of the line (0x{raw[error.start]:02x}) is not UTF-8; "
                f"{hint}: write the file again as UTF-8, or pass the frame of pandas.{reader}, encoding='{name}')"
            )
            raise UnreadableSourceError(msg) from error
