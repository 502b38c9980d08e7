"""Drift of meaning inside a segment is found and named, also where all texts together stayed."""

import os

import numpy as np
import pytest

from textdrift.drift.embedding.mean_embedding import MeanEmbedding
from textdrift.drift.embedding.segments import MeaningInSegments, SlicedEmbeddings
from textdrift.drift.slices import SegmentCodes
from textdrift.embeddings import Embeddings
from textdrift.errors import EmbeddingsError, SettingsError

REPEATS = 200 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 1000
AIRLINES, PLANS, TOPICS = ("Delta", "United", "US"), ("free", "paid"), ("bags", "crew", "delay", "food")
SPREAD = np.linspace(1.6, 0.4, 24)


def window(rng, n, *, moved=None, airline=(0.4, 0.35, 0.25)):
    """Points of airlines that differ, in plans and topics; `moved` maps (airline, topic) or an airline to a shift."""
    codes = np.column_stack(
        [rng.choice(3, size=n, p=airline), rng.integers(2, size=n), rng.choice(4, size=n, p=(0.4, 0.3, 0.2, 0.1))]
    )
    points = rng.normal(size=(n, 24)) * SPREAD
    points[:, 1] += codes[:, 0]
    points[:, 2] += 2.0 * codes[:, 2]
    for where, shift in (moved or {}).items():
        airline_of, topic_of = where if isinstance(where, tuple) else (where, None)
        inside = codes[:, 0] == AIRLINES.index(airline_of)
        if topic_of is not None:
            inside &= codes[:, 2] == TOPICS.index(topic_of)
        points[inside, 0] += shift * np.sqrt((SPREAD**2).sum())
    segments = SegmentCodes(("airline", "plan", "topic"), (AIRLINES, PLANS, TOPICS), codes, frozenset({"topic"}))
    return SlicedEmbeddings(Embeddings(points, "an encoder"), segments)


def found(reference, current, *, seed=0, **options):
    return MeaningInSegments(**{"n_permutations": 499, **options}).compare(
        reference, current, rng=np.random.default_rng(seed)
    )


def names(result):
    return [(row["value"], row.get("within", {}).get("value")) for row in result.table("segments")]


def test_a_value_that_moved_is_named_with_its_size_and_its_pairs_are_not():
    rng = np.random.default_rng(0)
    result = found(window(rng, 1500), window(rng, 1500, moved={"US": 0.3}))
    assert result.p_value == 1 / 500
    assert names(result)[0] == ("US", None)
    assert not any(value == "US" and within is not None for value, within in names(result))
    first = result.table("segments")[0]
    assert first["effect"] == pytest.approx(0.3, abs=0.08)
    assert first["low"] <= first["effect"] <= first["high"]
    effect = result.effects[0]
    assert (effect.name, effect.value) == ("std_shift_in_segment", first["effect"])
    assert effect.detectable < 0.3


def test_drift_in_a_pair_only_is_named_as_the_pair():
    rng = np.random.default_rng(1)
    result = found(window(rng, 2000), window(rng, 2000, moved={("Delta", "delay"): 0.7}))
    assert names(result)[0] == ("Delta", "delay")
    assert result.table("segments")[0]["within"] == {"column": "topic", "value": "delay"}
    assert result.table("segments")[0]["effect"] == pytest.approx(0.7, abs=0.15)


def test_segments_that_move_against_each_other_are_found_though_the_whole_stays():
    rng = np.random.default_rng(2)
    equal = (0.35, 0.35, 0.3)
    reference = window(rng, 1500, airline=equal)
    current = window(rng, 1500, moved={"Delta": 0.25, "United": -0.25}, airline=equal)
    whole = MeanEmbedding(n_permutations=499).compare(reference.embeddings, current.embeddings, rng=rng)
    assert whole.effects[0].value < 0.05
    result = found(reference, current)
    assert result.p_value == 1 / 500
    assert set(names(result)[:2]) == {("Delta", None), ("United", None)}
    assert "US" not in {value for value, _ in names(result)}


def test_a_new_mix_of_segments_is_no_drift_inside_them_nor_in_others():
    rng = np.random.default_rng(3)
    reference, current = window(rng, 1500), window(rng, 1500, airline=(0.1, 0.2, 0.7))
    result = found(reference, current)
    assert result.p_value > 0.05
    assert result.table("segments") == ()
    whole = MeanEmbedding(n_permutations=499).compare(reference.embeddings, current.embeddings, rng=rng)
    assert whole.p_value < 0.01


def test_drift_is_found_and_sized_while_the_mix_turns():
    rng = np.random.default_rng(13)
    reference, current = window(rng, 2500), window(rng, 2500, airline=(0.2, 0.3, 0.5))
    points = current.embeddings.points.copy()
    points[current.segments.codes[:, 1] == 1, 0] += 0.3 * np.sqrt((SPREAD**2).sum())
    result = found(reference, SlicedEmbeddings(Embeddings(points, "an encoder"), current.segments))
    assert names(result) == [("paid", None)]
    first = result.table("segments")[0]
    assert first["effect"] == pytest.approx(0.3, abs=0.06)
    assert first["low"] <= 0.3 <= first["high"]


def test_what_changed_with_a_column_that_tells_the_windows_apart_is_said_to_show_in_all():
    rng = np.random.default_rng(14)
    sides = []
    for side in range(2):
        made = window(rng, 300)
        codes = np.column_stack([made.segments.codes[:, 1], np.full(300, side)])
        sides.append(SlicedEmbeddings(made.embeddings, SegmentCodes(("plan", "build"), (PLANS, ("1", "2")), codes)))
    assert "'build'" in found(*sides).notes[0]


def test_nothing_moved_is_no_effect_and_what_would_have_shown_is_said():
    rng = np.random.default_rng(4)
    result = found(window(rng, 900), window(rng, 900))
    effect = result.effects[0]
    assert (result.p_value > 0.05, effect.value, effect.low) == (True, 0.0, 0.0)
    assert effect.high == effect.detectable > 0
    assert result.sizes["n_slices"] > result.sizes["n_pairs"] > 0


def test_windows_too_small_for_any_slice_are_not_tested():
    rng = np.random.default_rng(5)
    result = found(window(rng, 50), window(rng, 50))
    assert result.p_value == 1.0
    assert result.effects[0].detectable == np.inf
    assert "30 documents" in result.notes[0]


def test_points_that_do_not_vary_are_no_drift():
    codes = SegmentCodes(("plan",), (PLANS,), np.repeat([[0], [1]], 40, axis=0))
    same = SlicedEmbeddings(Embeddings(np.ones((80, 3)), "an encoder"), codes)
    assert found(same, same).p_value == 1.0


def test_settings_and_rows_that_do_not_fit_are_refused():
    with pytest.raises(SettingsError, match="n_permutations must be at least 1"):
        MeaningInSegments(n_permutations=0)
    rng = np.random.default_rng(6)
    with pytest.raises(EmbeddingsError, match="each point needs its segments"):
        SlicedEmbeddings(window(rng, 40).embeddings, window(rng, 41).segments)


def test_the_same_state_gives_the_same_result():
    rng = np.random.default_rng(7)
    pair = window(rng, 600), window(rng, 600, moved={"Delta": 0.4})
    assert found(*pair, seed=3) == found(*pair, seed=3)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "m"), [(400, 400), (900, 250)])
def test_null_windows_alarm_in_five_percent(n, m):
    rng = np.random.default_rng([8, n, m])
    alarms = [found(window(rng, n), window(rng, m), n_permutations=99, seed=i).p_value <= 0.05 for i in range(REPEATS)]
    assert np.mean(alarms) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / REPEATS)


@pytest.mark.slow
def test_the_detectable_shift_shows_four_times_in_five():
    rng = np.random.default_rng(9)
    size = found(window(rng, 800), window(rng, 800)).effects[0].detectable
    # That of the smallest segment, food (a tenth of the documents), along a direction of large variance.
    shown = 0
    for seed in range(60):
        current = window(rng, 800)
        inside = current.segments.codes[:, 2] == 3
        points = current.embeddings.points.copy()
        points[inside, 0] += size * np.sqrt((SPREAD**2).sum())
        moved = SlicedEmbeddings(Embeddings(points, "an encoder"), current.segments)
        shown += found(window(rng, 800), moved, seed=seed).p_value <= 0.05
    assert shown / 60 >= 0.6
