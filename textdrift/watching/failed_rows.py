"""The rows of a window that could not be judged: kept, so that nothing is lost with the fault."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from textdrift.job.windows import JobWindow
from textdrift.reports.report_files import made_folder

__all__ = ["keep_failed_rows"]

_FAILED_ROWS = "failed-rows.parquet"


def keep_failed_rows(window: JobWindow, table: pa.Table) -> Path:
    """Write the rows of a window beside its report, readable by their owner alone; return where they lie."""
    path = made_folder(window.folder("inputs")) / _FAILED_ROWS
    partial = path.with_suffix(".part")
    pq.write_table(table, partial)
    partial.chmod(0o600)
    partial.replace(path)
    return path
