from __future__ import annotations

import datetime as dt
import html
import re

import numpy as np
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from textdrift.errors import SettingsError
from textdrift.windows.simulating import DEMO_DOSE, NO_DOSE, Dose, SampleWindows, sample_pair, sample_windows

COLUMNS = ["id", "timestamp", "text", "label", "prediction", "p_negative", "p_neutral", "p_positive", "channel"]


def column(table, name):
    return np.array(table[name].to_pylist())


def share(table, label):
    return np.mean(column(table, "label") == label)


def holds(table, pattern):
    return np.array([bool(re.search(pattern, text.lower())) for text in table["text"].to_pylist()])


@pytest.fixture(scope="module")
def null_pair():
    return sample_pair(4000, 4000, seed=11)


@pytest.fixture(scope="module")
def demo_pair():
    return sample_pair(4000, 4000, dose=DEMO_DOSE, seed=11)


def test_tables_hold_the_promised_columns_and_sizes():
    windows = sample_windows(n_reference=30, n_current=20, seed=1)
    assert isinstance(windows, SampleWindows)
    assert windows.reference.column_names == windows.current.column_names == COLUMNS
    assert (windows.reference.num_rows, windows.current.num_rows) == (30, 20)


def test_same_seed_gives_the_same_windows_and_another_seed_does_not():
    first, again, other = (sample_pair(50, 40, dose=DEMO_DOSE, seed=seed) for seed in (3, 3, 4))
    assert first.reference.equals(again.reference)
    assert first.current.equals(again.current)
    assert not first.current["text"].equals(other.current["text"])


def test_reference_does_not_depend_on_the_dose():
    assert sample_pair(60, 60, seed=5).reference.equals(sample_pair(60, 60, dose=DEMO_DOSE, seed=5).reference)


def test_reference_and_current_are_drawn_independently(null_pair):
    reference, current = (set(table["text"].to_pylist()) for table in (null_pair.reference, null_pair.current))
    assert len(reference & current) < 0.02 * len(reference)


def test_texts_are_distinct_and_of_message_length(null_pair, demo_pair):
    for table in (null_pair.reference, demo_pair.current):
        texts = table["text"].to_pylist()
        assert len(set(texts)) > 0.98 * len(texts)
    lengths = [len(text.split()) for text in null_pair.reference["text"].to_pylist()]
    assert min(lengths) >= 4
    assert max(lengths) <= 46
    assert np.std(lengths) > 5


def test_no_slot_is_left_unfilled(null_pair, demo_pair):
    for table in (null_pair.reference, demo_pair.current):
        assert not any("{" in text or "}" in text for text in table["text"].to_pylist())


def test_probabilities_sum_to_one_and_the_prediction_is_the_largest(demo_pair):
    table = demo_pair.current
    probabilities = np.column_stack([column(table, f"p_{label}") for label in ("negative", "neutral", "positive")])
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-12)
    largest = np.array(["negative", "neutral", "positive"])[probabilities.argmax(axis=1)]
    assert (largest == column(table, "prediction")).all()


def test_the_model_is_right_about_four_times_in_five(null_pair):
    table = null_pair.reference
    accuracy = np.mean(column(table, "label") == column(table, "prediction"))
    assert 0.74 < accuracy < 0.86


def test_current_week_follows_the_reference_week():
    pair = sample_pair(500, 500, seed=2)
    starts = {name: pc.min(table["timestamp"]).as_py() for name, table in (("r", pair.reference), ("c", pair.current))}
    assert pc.max(pair.reference["timestamp"]).as_py() < starts["c"]
    assert starts["r"].tzinfo is not None
    assert starts["c"] - starts["r"] < dt.timedelta(days=9)


def test_ids_are_unique_over_both_windows():
    pair = sample_pair(200, 200, seed=2)
    ids = pair.reference["id"].to_pylist() + pair.current["id"].to_pylist()
    assert len(set(ids)) == 400


@pytest.mark.parametrize("name", ["label", "prediction", "channel"])
def test_columns_of_null_pairs_come_from_one_law(name):
    """Over many pairs the p-values of a two-sample test are uniform: not too small, not too large."""
    p_values = []
    for seed in range(60):
        pair = sample_pair(150, 150, seed=seed)
        left, right = column(pair.reference, name), column(pair.current, name)
        counts = [[np.sum(side == value) for value in np.unique(left)] for side in (left, right)]
        p_values.append(stats.chi2_contingency(np.array(counts), correction=False).pvalue)
    assert stats.kstest(p_values, "uniform").pvalue > 0.001


def test_words_of_null_pairs_come_from_one_law():
    """One word's document share, compared over many null pairs, is as often significant as the level says."""
    p_values = []
    for seed in range(60):
        pair = sample_pair(200, 200, seed=100 + seed)
        counts = [np.sum(holds(table, r"\bdelivery\b")) for table in (pair.reference, pair.current)]
        p_values.append(stats.chi2_contingency([counts, [200 - c for c in counts]], correction=False).pvalue)
    assert stats.kstest(p_values, "uniform").pvalue > 0.001


def test_new_words_appear_at_their_dose_in_the_current_window_alone():
    pair = sample_pair(3000, 3000, dose=Dose(new_words=0.10), seed=7)
    pattern = r"\b(" + "|".join(pair.planted.terms) + r")\b"
    assert not holds(pair.reference, pattern).any()
    assert holds(pair.current, pattern).mean() == pytest.approx(0.10, abs=0.02)
    assert pair.planted.kinds == ("lexical",)


def test_a_raised_topic_moves_its_words_but_not_the_labels():
    pair = sample_pair(6000, 6000, dose=Dose(topic=0.25), seed=7)
    rise = holds(pair.current, r"\b(courier|parcel|delivery)\b").mean()
    rise -= holds(pair.reference, r"\b(courier|parcel|delivery)\b").mean()
    assert rise > 0.10
    shift = share(pair.current, "negative") - share(pair.reference, "negative")
    assert abs(shift) < 0.03


def test_label_dose_moves_that_many_points_to_negative():
    pair = sample_pair(6000, 6000, dose=Dose(labels=0.20), seed=7)
    shift = share(pair.current, "negative") - share(pair.reference, "negative")
    # A slip of the annotator takes 6 % of the negatives and brings 3 % of the neutrals: 0.2·0.94 less a little.
    assert shift == pytest.approx(0.19, abs=0.03)


def test_sarcasm_changes_labels_and_neither_texts_nor_predictions():
    pair = sample_pair(3000, 3000, dose=Dose(sarcasm=0.10), seed=7)
    null = sample_pair(3000, 3000, seed=7)
    assert pair.current["text"].equals(null.current["text"])
    assert pair.current["prediction"].equals(null.current["prediction"])
    relabelled = column(pair.current, "label") != column(null.current, "label")
    assert relabelled.mean() == pytest.approx(0.10, abs=0.02)
    assert set(column(pair.current, "label")[relabelled]) == {"negative"}


def test_escaped_rows_are_escaped_at_their_dose_and_only_on_the_web():
    pair = sample_pair(3000, 3000, dose=Dose(escaped=0.06), seed=7)
    null = sample_pair(3000, 3000, seed=7)
    changed = column(pair.current, "text") != column(null.current, "text")
    assert changed.mean() == pytest.approx(0.06, abs=0.015)
    assert set(column(pair.current, "channel")[changed]) == {"web"}
    assert all("&" in text for text in column(pair.current, "text")[changed])
    readable = [
        re.sub(r"<br>|\xa0", " ", html.unescape(text)).strip() for text in column(pair.current, "text")[changed]
    ]
    assert readable == column(null.current, "text")[changed].tolist()
    assert pair.planted.segment == ("channel", "web")


def test_nothing_planted_means_nothing_named():
    planted = sample_pair(5, 5, seed=0).planted
    assert (planted.dose, planted.kinds, planted.terms, planted.segment) == (NO_DOSE, (), (), None)


def test_the_demo_plants_every_kind_it_can():
    assert sample_windows(n_reference=5, n_current=5).planted.kinds == (
        "lexical", "semantic", "label", "concept", "quality",
    )  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(
    st.builds(
        Dose,
        new_words=st.floats(0, 1),
        topic=st.floats(0, 0.8),
        labels=st.floats(0, 0.4),
        sarcasm=st.floats(0, 0.15),
        escaped=st.floats(0, 0.35),
    ),
    st.integers(1, 30),
    st.integers(0, 2**32),
)
def test_every_dose_in_range_gives_a_whole_window(dose, n_rows, seed):
    table = sample_pair(1, n_rows, dose=dose, seed=seed).current
    assert table.num_rows == n_rows
    assert all(table[name].null_count == 0 for name in COLUMNS)
    assert all(text.strip() for text in table["text"].to_pylist())


@pytest.mark.parametrize("sizes", [(0, 5), (5, 0), (-3, 5)])
def test_sizes_below_one_are_refused(sizes):
    with pytest.raises(SettingsError, match="at least one row"):
        sample_pair(*sizes, seed=0)


@pytest.mark.parametrize(
    "dose",
    [
        {"new_words": -0.1},
        {"topic": 0.9},
        {"labels": 0.8},
        {"sarcasm": 0.5},
        {"escaped": 0.4},
        {"labels": 0.7, "sarcasm": 0.2},
        {"new_words": float("nan")},
    ],
)
def test_doses_without_room_are_refused_by_name(dose):
    with pytest.raises(SettingsError, match=rf"Dose\({list(dose)[-1]}="):
        Dose(**dose)
