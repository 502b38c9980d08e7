"""A table of a report as a pandas data frame, for further work in a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from textdrift.errors import MissingExtraError
from textdrift.reports.report_tables import report_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["as_frame"]

# What pandas calls a column of each sort; all but "object" know missing values.
_TYPES: Mapping[str, str] = {"text": "object", "number": "float64", "count": "Int64", "truth": "bool", "any": "object"}


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
            "(to_csv() and to_dict() need nothing)"
        ) from error
    return pd.DataFrame(
        {name: pd.Series([row[name] for row in held.rows], dtype=_TYPES[sort]) for name, sort in held.columns.items()}
    )
