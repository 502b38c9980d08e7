"""Features of which there is nothing to say: constant, empty, at the ends of a float, or not asked for."""

import numpy as np
import pyarrow as pa
import pytest

import textdrift

QUICK = {"columns": {"n_permutations": 99}}


def compared(reference, current, **arguments):
    reference, current = (pa.table(window) for window in (reference, current))
    features = [name for name in reference.column_names if name != "text"]
    return textdrift.compare(reference, current, **{"text": None, "features": features, "tests": QUICK} | arguments)


def numbers(seed, n=400):
    return np.random.default_rng(seed).normal(size=n)


def nothing(n=400):
    return pa.array([None] * n, pa.float64())


def test_a_column_that_is_constant_in_both_windows_is_no_drift():
    alone = compared({"rate": np.ones(400)}, {"rate": np.ones(400)})
    assert (alone.verdict, "too few" in alone.summary) == ("no_drift", False)
    beside = compared({"rate": np.ones(400), "x": numbers(0)}, {"rate": np.ones(400), "x": numbers(1)})
    assert beside.summary.endswith("A change of twice the size that matters would have shown in the features.")


def test_a_column_without_values_says_so_and_keeps_its_share_of_missing_values():
    report = compared({"rate": nothing(100)}, {"rate": nothing(100)})
    assert report.summary == (
        "Inconclusive: the features could not be compared: column 'rate' holds no value in either window."
    )
    row = report.to_frame("columns").iloc[0]
    assert (row["missing_reference"], row["missing_current"]) == (1.0, 1.0)


def test_beside_a_short_column_the_empty_one_is_told_and_the_rows_that_would_do():
    report = compared({"rate": nothing(60), "x": numbers(0, 60)}, {"rate": nothing(60), "x": numbers(1, 60)})
    assert "60 reference and 60 current rows are too few to see a material change. About " in report.summary
    assert report.summary.endswith("Not tested: column 'rate' holds no value in either window.")


def test_no_drift_names_the_column_that_has_no_values():
    report = compared({"rate": nothing(), "x": numbers(0)}, {"rate": nothing(), "x": numbers(1)})
    assert report.verdict == "no_drift"
    assert "not tested in the features: column 'rate' holds no value in either window." in report.summary


def test_where_all_rows_are_copies_of_one_text_the_summary_says_how_each_can_count():
    rows = {"text": ["the same text in every row"] * 100, "x": numbers(0, 100)}
    report = compared(rows, rows, text="text")
    assert report.verdict == "inconclusive"
    assert "copies of a text count once" in report.summary
    assert "`unit: rows` of the columns tests counts each" in report.summary
    each = compared(rows, rows, text="text", tests={"columns": {"unit": "rows", "n_permutations": 99}})
    assert "100 reference and 100 current" in each.summary


def test_the_rows_that_were_given_are_counted_and_not_those_of_a_sample():
    few, many = ({"x": numbers(0, n), "y": numbers(1, n)} for n in (8, 2000))
    assert "8 reference rows beside 2,000 current ones" in compared(few, many).summary


@pytest.mark.parametrize("unit", [1e200, 1.79e308])
def test_numbers_near_the_end_of_a_float_raise_no_warning_anywhere(unit):
    windows = [{"x": np.clip(numbers(seed) / 4, -1, 1) * unit, "y": numbers(seed)} for seed in (0, 1)]
    report = compared(*windows)
    assert report.verdict == "no_drift"
    assert "<svg" in report.to_html()


def test_infinite_values_are_no_reason_why_a_column_was_not_tested():
    after = np.append(np.ones(5), [np.inf])
    report = compared({"rate": np.ones(6)}, {"rate": after})
    finding = next(f for f in report.findings if f.result.test == "columns.numeric")
    assert not finding.sentence.startswith("Not tested")
    assert "infinite" not in report.summary


def test_features_that_no_test_was_asked_for_are_told_in_a_note():
    texts = [f"memo {number} of the year" for number in range(60)]
    windows = [{"text": texts, "x": numbers(seed, 60) + 9 * seed} for seed in (0, 1)]
    report = compared(*windows, text="text", tests={"lexical": {}})
    assert any(note.startswith("The feature was not compared: `tests` names") for note in report.run.notes)
    asked = compared(*windows, text="text", tests={"lexical": {}} | QUICK)
    assert not any("was not compared" in note for note in asked.run.notes)
