"""A table of a report as a pandas or polars data frame or an Arrow table, for further work in a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from textdrift.errors import MissingExtraError
from textdrift.reports.report_tables import report_table

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

__all__ = ["as_arrow", "as_frame", "as_polars"]

# What pandas calls a column of each sort; all but "object" know missing values.
_TYPES: Mapping[str, str] = {"text": "object", "number": "float64", "count": "Int64", "truth": "bool", "any": "object"}
# What pyarrow calls them; a column that may hold anything is the text of what it holds.
_ARROW_TYPES: Mapping[str, str] = {
    "text": "large_string", "number": "float64", "count": "int64", "truth": "bool", "any": "large_string",
}  # fmt: skip


def as_frame(report: Mapping[str, Any], table: str = "findings") -> pd.DataFrame:
    """Return a table of a report as a data frame: one row per finding, term, segment, cause, and so on.

    The columns are the same in every report, whatever it holds; what is not told is missing. Texts are those of the
    data, as they are: a spreadsheet would run some of them as formulas, so write files with ``DriftReport.to_csv``,
    not with the method of the frame.

    Parameters
    ----------
    report:
        The dict of ``DriftReport.to_dict``, as described by ``report_schema``.
    table:
        ``findings``, ``terms``, ``segments``, ``causes``, ``documents``, ``playbook`` or ``labels_to_ask``.

    Raises
    ------
    SettingsError
        For a name of no table.
    MissingExtraError
        Where pandas is not installed.

    Examples
    --------
    >>> term = {"term": "late", "kind": "lexical", "direction": "up", "reference_share": 0.01, "current_share": 0.07,
    ...         "p_value": 1e-9}
    >>> as_frame({"diagnosis": {"terms": [term]}}, "terms")[["term", "unit", "current_share"]]
       term   unit  current_share
    0  late  words           0.07
    """
    held = report_table(report, table)
    try:
        import pandas as pd
    except ImportError as error:
        raise MissingExtraError(
            "to_frame() gives a pandas data frame, and pandas is not installed; run: pip install pandas "
            "(to_polars(), to_arrow(), to_csv() and to_dict() do without)"
        ) from error
    return pd.DataFrame(
        {name: pd.Series([row[name] for row in held.rows], dtype=_TYPES[sort]) for name, sort in held.columns.items()}
    )


def as_arrow(report: Mapping[str, Any], table: str = "findings") -> pa.Table:
    """Return the same as an Arrow table: the same columns in every report, null where nothing is told.

    A column whose values may be of any type, such as the value of a segment, is text here.

    Parameters
    ----------
    report:
        The dict of ``DriftReport.to_dict``, as described by ``report_schema``.
    table:
        As for ``as_frame``.

    Raises
    ------
    SettingsError
        For a name of no table.

    Examples
    --------
    >>> segment = {"column": "stars", "value": 5, "kind": "lexical", "effect": 0.4, "p_value": 0.001}
    >>> held = as_arrow({"diagnosis": {"segments": [segment]}}, "segments")
    >>> held.column("value").to_pylist(), held.column("effect").to_pylist(), held.column("term").to_pylist()
    (['5'], [0.4], [None])
    """
    import pyarrow as pa

    held = report_table(report, table)
    columns = {}
    for name, sort in held.columns.items():
        values = [row[name] for row in held.rows]
        if sort == "any":
            values = [None if value is None else str(value) for value in values]
        columns[name] = pa.array(values, pa.type_for_alias(_ARROW_TYPES[sort]))
    return pa.table(columns)


def as_polars(report: Mapping[str, Any], table: str = "findings") -> pl.DataFrame:
    """Return the same as a polars data frame; see ``as_arrow``.

    >>> as_polars({"diagnosis": {"terms": []}}, "terms").columns[:3]
    ['term', 'kind', 'unit']
    """
    import polars as pl

    frame = pl.from_arrow(as_arrow(report, table))
    return frame if isinstance(frame, pl.DataFrame) else frame.to_frame()
