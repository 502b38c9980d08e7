"""Tables of a report in polars and Arrow hold what the pandas frame holds."""

import math

import pytest
from whole_reports import sample, whole_report

from textdrift.errors import SettingsError
from textdrift.reports.as_frame import as_arrow, as_frame, as_polars
from textdrift.reports.report_tables import TABLES


def plain(value):
    return None if value is None or (isinstance(value, float) and math.isnan(value)) else value


@pytest.mark.parametrize("table", TABLES)
def test_all_three_hold_the_same(table):
    report = whole_report()
    frame, arrow = as_frame(report, table), as_arrow(report, table)
    assert arrow.column_names == list(frame.columns)
    for name in arrow.column_names:
        pandas = [plain(value) for value in frame[name].astype(object).where(frame[name].notna(), None).tolist()]
        assert arrow.column(name).to_pylist() == pandas
    assert as_polars(report, table).to_dict(as_series=False) == arrow.to_pydict()


@pytest.mark.parametrize("table", TABLES)
def test_types_are_the_same_in_an_empty_report(table):
    assert as_arrow(sample("no_drift"), table).schema == as_arrow(whole_report(), table).schema
    assert as_polars(sample("no_drift"), table).schema == as_polars(whole_report(), table).schema


def test_a_slip_in_the_name_is_told():
    with pytest.raises(SettingsError, match="did you mean 'terms'"):
        as_polars(sample("words"), "term")
