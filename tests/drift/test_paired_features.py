"""Both windows together say what a feature holds, and cells that are not read are told with their row."""

import numpy as np
import pyarrow as pa
import pytest

from textdrift.drift.paired_features import paired_feature
from textdrift.windows.reading import read_window
from textdrift.windows.source_types import without_types
from textdrift.windows.window import Roles


def typed(values, **roles):
    return read_window(pa.table({"x": values}), Roles(text=None, features=("x",), **roles), name="day")


def cells(values, **roles):
    table = without_types(pa.table({"x": pa.array(values, pa.large_string())}))
    return read_window(table, Roles(text=None, features=("x",), **roles), name="day")


def paired(reference, current, **options):
    return paired_feature(reference, current, "x", **options)


def amounts(n=400, seed=0):
    return [f"{value:.2f}" for value in np.random.default_rng(seed).lognormal(3, 1, n)]


def test_types_of_the_sources_that_differ_are_mixed():
    assert paired(typed([1, 2]), typed(["a", "b"])).type == "mixed"
    assert paired(typed([1, 2]), typed(["a", "b"]), categories=["x"]).type == "categorical"
    assert paired(typed([1, 2]), typed(pa.nulls(2))).type == "numeric"
    assert paired(typed(pa.nulls(2)), typed(["a", "b"])).type == "categorical"
    assert paired(typed(pa.nulls(2)), typed(pa.nulls(2))).type == "numeric"


@pytest.mark.parametrize("spelled", [("true", "false"), ("True", "False"), ("1", "0"), ("1.0", "0.0")])
def test_bools_of_a_csv_file_are_those_of_the_other_window(spelled):
    is_set = [True, False, True, None]
    feature = paired(cells([None if v is None else spelled[not v] for v in is_set]), typed(is_set))
    assert (feature.type, feature.doubt, feature.notes) == ("categorical", None, ())
    assert feature.reference.values.to_pylist() == feature.current.values.to_pylist() == ["True", "False", "True", None]


def test_codes_of_a_csv_file_stay_as_spelled_beside_text():
    feature = paired(cells(["0007", "12", "NA"]), typed(["0007", "12", "NA"]))
    assert feature.type == "categorical"
    assert feature.reference.values.to_pylist() == feature.current.values.to_pylist() == ["0007", "12", "NA"]


def test_bools_beside_numbers_are_told_by_their_types():
    feature = paired(typed([0, 1]), typed([True, False]))
    assert (feature.type, feature.reference.held, feature.current.held) == ("mixed", "numbers", "booleans")
    assert paired(typed([0, 1]), typed([True, False]), categories=["x"]).current.values.to_pylist() == ["True", "False"]
    assert paired(typed(["yes", "no"]), typed([True, False])).reference.held == "text"


@pytest.mark.parametrize("bad", ["NA", "null", "-", "", "0x10"])
@pytest.mark.parametrize("other", [cells, typed])
def test_one_bad_cell_is_missing_and_told_with_its_row(bad, other):
    values = amounts()
    values[17] = bad
    before = amounts(seed=1) if other is cells else [float(value) for value in amounts(seed=1)]
    feature = paired(other(before), cells(values))
    assert (feature.type, feature.doubt) == ("numeric", None)
    assert feature.current.values.null_count == 1
    (note,) = feature.notes
    assert note.startswith("0 reference and 1 current cells of 'x'")
    assert f"{bad!r} in row 17 (counted from 0) of the current window" in note


def test_blanks_around_a_number_are_no_fault():
    feature = paired(cells([f" {value} " for value in amounts()]), cells(amounts()))
    assert (feature.type, feature.notes, feature.doubt) == ("numeric", (), None)


def test_cells_of_one_window_alone_that_spell_no_number_are_told_with_the_first():
    values = amounts()
    values[3:203] = ["free"] * 200
    feature = paired(cells(amounts(seed=1)), cells(values))
    assert (feature.type, feature.reference.held, feature.current.held) == ("mixed", "numbers", "text")
    assert feature.current.first_odd == (
        "'free' in row 3 (counted from 0) of the current window, and 200 of 400 values there spell no number"
    )
    assert feature.doubt.leaves_open
    turned = paired(cells(values), cells(amounts(seed=1)))
    assert (turned.reference.held, turned.current.held) == ("text", "numbers")


def test_equal_windows_are_never_called_mixed():
    rng = np.random.default_rng(3)
    types = set()
    for _ in range(60):
        n, m = rng.integers(2, 60, 2)
        drawn = np.where(rng.random(n + m) < 0.12, "free", "5.5").tolist()
        before, now = cells(drawn[:n]), cells(drawn[n:])
        types.add(paired(before, now).type)
        assert paired(before, now).type == paired(now, before).type
    assert types == {"numeric", "categorical"}


@pytest.mark.parametrize(
    "spell",
    [lambda a: a.replace(".", ","), lambda a: f"€{a}", lambda a: f"{a} %", lambda a: f"{100 * float(a):,.2f}"],
)
@pytest.mark.parametrize("source", [cells, typed])
def test_numbers_that_are_not_read_leave_a_doubt_with_the_first_cell_and_what_to_do(spell, source):
    values = [spell(value) for value in amounts()]
    feature = paired(source(values), source([spell(value) for value in amounts(seed=1)]))
    assert feature.type == "categorical"
    assert feature.doubt.why == "spelled_numbers"
    assert "(counted from 0) of the reference; write them as 1234.5" in feature.doubt.reason
    assert len(feature.doubt.reason) < 240
    assert paired(source(values), source(values), categories=["x"]).doubt is None


def test_marks_between_thousands_among_smaller_numbers_leave_a_doubt():
    values = [f"{10 * float(value):,.2f}" for value in amounts()]
    feature = paired(cells(values), cells(values))
    assert feature.type == "numeric"
    assert feature.doubt.why == "spelled_numbers"
    assert 0.01 < feature.reference.values.null_count / 400 < 0.1


def test_text_that_spells_numbers_is_doubted_where_its_values_are_many():
    assert paired(typed(amounts()), typed(amounts(seed=1))).doubt.why == "spelled_numbers"
    codes = ["100", "200", "300"] * 50
    assert paired(typed(codes), typed(codes)).doubt is None


def test_a_name_of_its_own_in_every_row_is_doubted_and_leaves_other_columns_their_say():
    ids = [f"order {i}" for i in range(100)]
    doubt = paired(typed(ids), typed(ids)).doubt
    assert (doubt.why, doubt.leaves_open) == ("distinct", False)
    assert paired(typed(["free", "paid"] * 50), typed(ids)).doubt is None


def test_infinite_codes_are_missing_and_counted():
    feature = paired(typed([7.0, np.inf]), typed([7.0, 8.0]), categories=["x"])
    assert feature.reference.values.to_pylist() == ["7", None]
    assert feature.notes == ("1 reference and 0 current values of 'x' are infinite, and count as missing.",)


def test_codes_are_spelled_alike_whatever_held_them():
    assert paired(cells(["7.0", "8"]), typed([7, 8]), categories=["x"]).reference.values.to_pylist() == ["7", "8"]
    assert paired(cells(["2.0", "beta"]), typed([2, 3]), categories=["x"]).reference.values.to_pylist() == [
        "2.0", "beta"
    ]  # fmt: skip


def test_long_whole_numbers_are_compared_less_the_smallest():
    low = 2**62
    for source, make in ((typed, int), (cells, str)):
        feature = paired(source([make(low), make(low + 9)]), source([make(low + 250)]))
        assert feature.reference.values.to_pylist() == [0.0, 9.0]
        assert feature.current.values.to_pylist() == [250.0]
        assert "less 4,611,686,018,427,387,904, the smallest of both windows" in feature.notes[0]
    long = [float(2**70 + i) for i in range(50)]
    assert paired(typed(long), typed(long)).doubt.why == "rounded"


def test_a_segment_holds_names_whatever_it_spells():
    side = cells(["7", "8"], segments=("x",))
    assert paired(side, side).type == "categorical"
