"""The columns of one parquet file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from textdrift.errors import UnreadableSourceError
from textdrift.windows.python_values import chosen_columns

__all__ = ["read_parquet"]


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
