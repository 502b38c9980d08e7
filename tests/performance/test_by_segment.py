import json
import os
import time

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from textdrift.errors import SettingsError, WindowError
from textdrift.performance.by_segment import by_segment
from textdrift.performance.scored_rows import ScoredRows
from textdrift.stats.contingency import share_difference_interval, wilson_intervals

NAMES = ("bad", "good")
REPEATS = 300 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 1500


def window(right, *, labels=None, documents=None, rows=None, names=NAMES):
    right = np.asarray(right, dtype=bool)
    n = len(right)
    labels = np.arange(n) % 2 if labels is None else np.asarray(labels)
    return ScoredRows(
        label_names=names,
        labels=labels,
        predictions=np.where(right, labels, 1 - labels),
        probabilities=None,
        documents=np.arange(n) if documents is None else np.asarray(documents),
        rows=np.arange(n) if rows is None else np.asarray(rows),
    )


def found(reference, current, segments, **options):
    return by_segment(reference, current, segments, **{"prediction_name": None, **options})


def test_a_small_case_by_hand():
    # north: 3 of 4 right, then 1 of 4; south: 2 of 2, then 1 of 2.
    reference = window([1, 1, 1, 0, 1, 1])
    current = window([1, 0, 0, 0, 1, 0])
    region = pa.array(["north"] * 4 + ["south"] * 2)
    north, south = found(reference, current, {"region": (region, region)}, least_documents=2).rows
    assert (north.value, north.reference.value, north.current.value, north.change.value) == ("north", 0.75, 0.25, -0.5)
    assert (south.value, south.reference.value, south.current.value, south.change.value) == ("south", 1.0, 0.5, -0.5)
    low, high = wilson_intervals(0.75, 4)
    assert (north.reference.low, north.reference.high) == pytest.approx((float(low), float(high)))
    assert (north.change.low, north.change.high) == pytest.approx(share_difference_interval(3, 4, 1, 4))
    # 4 of 8 right, 3 or more of them among the first 4: (16 + 1) / 70, twice.
    assert north.own_p_value == pytest.approx(2 * 17 / 70)
    assert (north.p_value, south.p_value) == (pytest.approx(4 * 17 / 70), 1.0)
    assert (north.n_documents, south.n_documents) == ((4, 4), (2, 2))


def test_p_values_are_fishers():
    rng = np.random.default_rng(0)
    for _ in range(20):
        n, m = rng.integers(30, 80, 2)
        reference, current = rng.random(n) < 0.9, rng.random(m) < 0.7
        everyone = tuple(pa.array(["all"] * size) for size in (n, m))
        (row,) = found(window(reference), window(current), {"s": everyone}).rows
        table = [[current.sum(), m - current.sum()], [reference.sum(), n - reference.sum()]]
        tails = [stats.fisher_exact(table, alternative=side).pvalue for side in ("less", "greater")]
        assert row.own_p_value == pytest.approx(min(1.0, 2 * min(tails)))


def test_copies_of_a_text_count_once():
    rng = np.random.default_rng(1)
    region = pa.array(np.array(["north", "south"])[np.arange(200) % 2])
    reference, current = window(rng.random(200) < 0.9), window(rng.random(200) < 0.7)
    order = np.repeat(np.arange(200), rng.integers(1, 4, 200))
    once = found(reference, current, {"region": (region, region)})
    often = found(reference.where(order), current.where(order), {"region": (region, region)})
    for first, second in zip(once.rows, often.rows, strict=True):
        assert second.change.value == pytest.approx(first.change.value)
        assert second.own_p_value == pytest.approx(first.own_p_value)
        assert first.n_documents == second.n_documents


def test_copies_that_disagree_are_judged_as_permutations_would():
    rng = np.random.default_rng(2)
    shares = [np.round(rng.random(60) ** 0.7, 1), np.round(rng.random(50), 1)]
    sides = []
    for side in shares:
        right = (np.arange(10)[None, :] < np.rint(10 * side)[:, None]).ravel()
        sides.append(window(right, documents=np.repeat(np.arange(len(side)), 10)))
    everyone = tuple(pa.array(["all"] * len(side)) for side in sides)
    (row,) = found(sides[0], sides[1], {"s": everyone}).rows
    pooled = np.concatenate(shares)
    drawn = np.array([rng.permutation(pooled)[:60].mean() for _ in range(40_000)])
    permuted = 2 * np.mean(drawn >= shares[0].mean())
    assert row.change.value == pytest.approx(shares[1].mean() - shares[0].mean())
    assert row.own_p_value == pytest.approx(permuted, rel=0.15)


def test_the_value_that_fell_comes_first_and_a_rise_last():
    rng = np.random.default_rng(3)
    n = 4000
    values = rng.integers(4, size=n)
    region = pa.array([f"r{v}" for v in values])
    before = window(rng.random(n) < 0.8)
    after = window(rng.random(n) < np.array([0.8, 0.6, 0.8, 0.95])[values])
    rows = found(before, after, {"region": (region, region)}).rows
    assert (rows[0].value, rows[-1].value) == ("r1", "r3")
    assert rows[0].p_value < 0.001
    assert rows[0].change.high < -0.1
    assert [row.change.value for row in rows] == sorted(row.change.value for row in rows)
    assert {row.value for row in rows if row.p_value <= 0.05} == {"r1", "r3"}


def test_the_predicted_class_is_a_segment_of_its_own():
    labels = np.repeat([0, 1], 100)
    before = window(np.ones(200), labels=labels)
    after = window(labels == 0, labels=labels)  # every good one is called bad
    result = by_segment(before, after, {}, prediction_name="answer")
    assert [(row.column, row.value, row.current.value) for row in result.rows] == [("answer", "bad", 0.5)]
    assert [(row["value"], row["n_reference"], row["n_current"]) for row in result.not_judged] == [("good", 100, 0)]
    after = window((labels == 0) | (np.arange(200) < 150), labels=labels)
    rows = by_segment(before, after, {}, prediction_name="answer").rows
    assert [(row.column, row.value) for row in rows] == [("answer", "bad"), ("answer", "good")]
    assert rows[0].current.value == pytest.approx(100 / 150)
    assert rows[1].current.value == 1.0


def test_what_could_not_be_looked_at_is_said():
    n = 300
    values = np.array(["north"] * 100 + ["south"] * 100 + [None] * 50 + ["west"] * 50, dtype=object)
    later = np.where(values == "south", "east", values)
    labels = np.arange(n) % 2
    labels[280:] = -1  # of west only 30 have a label
    reference = window(np.ones(n), labels=labels)
    current = window(np.ones(n), labels=np.where(np.arange(n) < 279, labels, -1))
    result = found(reference, current, {"region": (pa.array(values), pa.array(later))})
    assert [row.value for row in result.rows] == ["north"]
    told = {row["value"]: row for row in result.not_judged}
    assert set(told) == {"east", "south", "west", None}
    assert (told["west"]["n_reference"], told["west"]["n_current"]) == (30, 29)
    assert told["west"]["reason"] == "30 and 29 documents have a label and a prediction; 30 are needed in each window"
    assert (told["east"]["n_reference"], told["east"]["n_current"]) == (0, 100)
    assert told[None]["n_reference"] == 50
    assert told[None]["reason"] == "these documents have no value of 'region'"


def test_values_are_found_by_the_row_of_the_window():
    region = pa.array(["north"] * 100 + ["south"] * 100)
    half = window(np.ones(40), rows=np.arange(150, 190))
    (row,) = found(half, half, {"region": (region, region)}).rows
    assert row.value == "south"


def test_without_labels_nothing_is_judged():
    nobody = window(np.ones(50), labels=np.full(50, -1))
    region = pa.array(["north"] * 50)
    result = found(nobody, nobody, {"region": (region, region)})
    assert result.rows == ()
    assert result.not_judged[0]["reason"] == "no document of this value has a label and a prediction"
    none = nobody.where(np.zeros(50, dtype=bool))
    assert by_segment(none, none, {"region": (region, region)}).rows == ()


def test_the_report_is_plain_json():
    rng = np.random.default_rng(4)
    region = pa.array([None] + ["north"] * 199)
    described = found(window(rng.random(200) < 0.9), window(rng.random(200) < 0.8), {"r": (region, region)}).described()
    assert json.loads(json.dumps(described, allow_nan=False)) == described


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"level": 1.0}, SettingsError, "level"),
        ({"least_documents": 0}, SettingsError, "least_documents"),
        ({"prediction_name": "region"}, SettingsError, "region"),
    ],
)
def test_settings_that_cannot_be_are_refused(options, error, message):
    region = pa.array(["north"] * 10)
    with pytest.raises(error, match=message):
        found(window(np.ones(10)), window(np.ones(10)), {"region": (region, region)}, **options)


def test_windows_that_do_not_belong_together_are_refused():
    region = pa.array(["north"] * 10)
    with pytest.raises(WindowError, match="labels of both"):
        found(window(np.ones(10)), window(np.ones(10), names=("a", "b")), {"region": (region, region)})
    with pytest.raises(WindowError, match="10 values of the current window, but row 11"):
        found(window(np.ones(10)), window(np.ones(12)), {"region": (region, region)})


def test_two_hundred_values_of_many_rows_are_quick():
    rng = np.random.default_rng(5)
    n = 100_000
    sides = [window(rng.random(n) < 0.85) for _ in range(2)]
    values = tuple(pa.array([f"v{v}" for v in rng.integers(200, size=n)]) for _ in range(2))
    started = time.perf_counter()
    result = by_segment(*sides, {"value": values})
    assert time.perf_counter() - started < 10
    assert len(result.rows) == 202


@pytest.mark.slow
@pytest.mark.parametrize("copied", [False, True])
def test_on_null_data_values_are_rarely_called_changed(copied):
    rng = np.random.default_rng(6)
    called, held = 0, []
    for _ in range(REPEATS):
        sides, values = [], []
        for n in (500, 300):
            of_row = rng.integers(6, size=n)
            documents = np.sort(rng.integers(n // 2, size=n)) if copied else np.arange(n)
            of_row = of_row[documents]
            easy = np.array([0.98, 0.9, 0.9, 0.7, 0.5, 0.9])[of_row]
            sides.append(window(rng.random(n) < easy, documents=documents))
            values.append(pa.array([f"v{v}" for v in of_row]))
        rows = found(*sides, {"value": tuple(values)}).rows
        called += any(row.p_value <= 0.05 for row in rows)
        held += [row.change.low <= 0 <= row.change.high for row in rows]
    assert called / REPEATS <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / REPEATS)
    assert np.mean(held) >= 0.94
