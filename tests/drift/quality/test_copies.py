"""A join that doubles rows is found; popular texts, and bursts that both windows know, are not."""

from __future__ import annotations

import itertools

import numpy as np
import pyarrow as pa
import pytest

from textdrift.drift.quality import Copies
from textdrift.drift.quality.blocks import Units
from textdrift.drift.quality.copies import _blocks, _differences, _expected, _permute, _rows
from textdrift.drift.quality.share_change import change_among_texts
from textdrift.errors import SettingsError
from textdrift.windows.auditing import Audit, audit
from textdrift.windows.duplicates import distinct_documents
from textdrift.windows.near_copies import near_copy_clusters
from textdrift.windows.window import Roles, Window

LEVEL = 0.05 / 42
_fresh = itertools.count()


def audited(texts: list[str]) -> Audit:
    window = Window(pa.table({"text": pa.array(texts, pa.large_string())}), Roles(), "window")
    return audit(window, distinct_documents(window))


def unique(n: int) -> list[str]:
    return [f"unique {next(_fresh)}" for _ in range(n)]


def bursts(n: int, rng: np.random.Generator, *, share: float, size: int) -> list[str]:
    """A stream cut at n rows, a share of which belongs to bursts of one size that no other window holds."""
    chance = share / size / (share / size + 1 - share)
    rows: list[str] = []
    while len(rows) < n:
        rows += unique(1) * (size if rng.random() < chance else 1)
    return rows[:n]


def popular(n: int, rng: np.random.Generator) -> list[str]:
    """A stream in which forty per cent of the rows are popular texts (Zipf)."""
    weights = 1 / np.arange(1, 1001)
    picks = rng.choice(1000, size=int(0.4 * n), p=weights / weights.sum())
    return [*(f"popular {k}" for k in picks), *unique(n - len(picks))]


def p_values(make, n: int, m: int, *, repeats: int) -> np.ndarray:
    rng = np.random.default_rng(17)
    test = Copies()
    found = [test.compare(audited(make(n, rng)), audited(make(m, rng)), rng=rng).p_value for _ in range(repeats)]
    return np.array(found)


def test_few_texts_repeated_often_are_found_and_measured():
    rng = np.random.default_rng(0)
    texts = unique(1000)
    repeated = [texts[rng.integers(0, 5)] if hit else t for t, hit in zip(texts, rng.random(1000) < 0.15, strict=True)]
    result = Copies().compare(audited(unique(1000)), audited(repeated), rng=rng)
    (cause,) = result.table("causes")
    effect = result.effects[0]
    assert result.p_value <= LEVEL
    assert cause == {**cause, "cause": "repeated", "direction": "up", "share_of_rows": effect.value}
    assert effect.value == pytest.approx(0.15, abs=0.03)
    assert effect.low <= effect.value <= effect.high


def test_many_rows_doubled_are_found_in_either_direction():
    rng = np.random.default_rng(1)
    clean, doubled = unique(1000), unique(900)
    doubled += doubled[:100]
    assert Copies().compare(audited(clean), audited(doubled), rng=rng).p_value <= LEVEL
    back = Copies().compare(audited(doubled), audited(clean), rng=rng)
    assert back.p_value <= LEVEL
    assert back.table("causes")[0]["direction"] == "down"


def test_a_fault_is_found_among_popular_texts():
    rng = np.random.default_rng(2)
    current = popular(850, rng)
    assert Copies().compare(audited(popular(1000, rng)), audited(current + current[-150:]), rng=rng).p_value <= LEVEL


def test_a_large_window_meets_more_repeats_and_that_is_no_change():
    rng = np.random.default_rng(3)
    result = Copies().compare(audited(popular(2000, rng)), audited(popular(250, rng)), rng=rng)
    shares = result.table("measures")[0]
    assert shares["reference"] - shares["current"] > 0.05
    assert result.p_value > 0.05
    assert result.effects[0].value < 0.04


def test_one_text_ten_times_as_large_as_the_reference_s_bursts_is_what_a_heavy_tail_brings():
    rng = np.random.default_rng(8)
    reference, current = ([text for text in unique(12) for _ in range(10)] for _ in range(2))
    current += ["one text"] * 100 + unique(280)
    p_value = Copies().compare(audited(reference + unique(380)), audited(current), rng=rng).p_value
    assert p_value > LEVEL
    # Sizes with the tail 1 / k: in one of eleven pairs the current window's largest burst is ten times the reference's.
    largest = 1.0 / rng.random((20_000, 2, 40)).min(axis=2)
    assert np.mean(largest[:, 1] > 10 * largest[:, 0]) == pytest.approx(1 / 11, abs=0.01)


def test_windows_without_copies_give_one():
    rng = np.random.default_rng(4)
    result = Copies().compare(audited(unique(300)), audited(unique(200)), rng=rng)
    assert (result.p_value, result.effects[0].value) == (1.0, 0.0)
    assert 0.0 < result.effects[0].detectable < 0.1


STREAMS = {
    "groups of 5": lambda n, rng: bursts(n, rng, share=0.2, size=5),
    "groups of 10": lambda n, rng: bursts(n, rng, share=0.3, size=10),
    "popular": popular,
}


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize(("n", "m"), [(300, 300), (800, 100)])
def test_copies_of_one_stream_alarm_about_as_seldom_as_promised(stream, n, m):
    found = p_values(STREAMS[stream], n, m, repeats=80)
    assert np.mean(found <= 0.05) <= 0.12
    assert np.mean(found <= LEVEL) <= 0.03


@pytest.mark.slow
@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize(("n", "m"), [(500, 500), (2000, 250)])
def test_copies_of_one_stream_keep_the_level(stream, n, m):
    found = p_values(STREAMS[stream], n, m, repeats=500)
    assert np.mean(found <= 0.05) <= 0.07
    assert np.mean(found <= 0.01) <= 0.02


def test_the_permuted_p_value_of_rows_is_the_enumerated_one():
    # Texts A and B; reference AAAB + 2 unique rows, current BB + 2 unique rows: all 10-choose-6 splits.
    units = _rows(np.array([[3, 0], [1, 2], [1, 0], [1, 0], [0, 1], [0, 1]]))
    labels = np.array([0, 0, 0, 1, 1, 1, 2, 3, 4, 5])
    every = []
    for chosen in itertools.combinations(range(10), 6):
        here, there = labels[list(chosen)], np.delete(labels, list(chosen))
        every.append((4 - len(set(there))) / 4 - (6 - len(set(here))) / 6)
    observed = (4 - 3) / 4 - (6 - 4) / 6
    distance = np.abs(np.array(every) - np.mean(every))
    exact = np.mean(distance >= abs(observed - np.mean(every)) - 1e-9)
    found = _permute(units, 20_000, np.random.default_rng(0))
    assert _differences(units, units.in_reference[None, :])[0] == pytest.approx(observed)
    assert found.expected == pytest.approx(np.mean(every))
    assert found.p_value == pytest.approx(exact, abs=0.02)


def test_blocks_are_as_large_as_the_reference_knows_them():
    units = _blocks(np.array([[4, 0], [0, 10], [50, 50], [1, 0], [3, 0], [2, 0], [40, 40]]))
    assert isinstance(units, Units)
    assert units.sizes[units.texts == 0].tolist() == [4]
    assert sorted(units.sizes[units.texts == 1].tolist()) == [2, 4, 4]
    assert units.sizes[units.texts == 2].tolist() == [1] * 100
    assert (units.n, units.m, units.n_unique) == (100, 100, 1)


def test_the_expected_difference_of_equal_windows_is_zero():
    assert _expected(_rows(np.array([[3, 1], [1, 3], [2, 2]]))) == 0.0


def test_no_permutations_are_refused():
    with pytest.raises(SettingsError, match="n_permutations=0"):
        Copies(n_permutations=0)


@pytest.mark.parametrize(("reference", "current"), [((0, 300), (0, 600)), ((0, 600), (200, 400))])
def test_windows_that_share_texts_without_a_copy_repeat_nothing(reference, current):
    texts = unique(600)
    result = Copies().compare(
        audited(texts[slice(*reference)]), audited(texts[slice(*current)]), rng=np.random.default_rng(5)
    )
    assert result.effects[0].value == 0.0
    assert result.table("causes") == ()


def audited_pair(reference: list[str], current: list[str]) -> tuple[Audit, Audit]:
    windows = [Window(pa.table({"text": pa.array(t, pa.large_string())}), Roles(), "w") for t in (reference, current)]
    documents = [distinct_documents(window) for window in windows]
    clusters = near_copy_clusters(pa.concat_arrays([d.texts for d in documents]))
    n = len(documents[0])
    return audit(windows[0], documents[0], clusters[:n]), audit(windows[1], documents[1], clusters[n:])


def test_a_burst_of_near_copies_is_found_and_told_from_exact_ones():
    rng = np.random.default_rng(6)
    template = "parcel {} is on its way to your door and comes before noon"
    burst = [template.format(i) for i in range(60)] + [template.format(0)] * 40
    result = Copies().compare(*audited_pair(unique(1000), unique(900) + burst), rng=rng)
    shares = {row["measure"]: row["current"] for row in result.table("measures")}
    assert result.p_value <= LEVEL * 2
    assert result.table("causes")[0]["cause"] == "repeated"
    assert "word for word" in result.table("causes")[0]["sentence"]
    assert result.effects[0].value == pytest.approx(0.099, abs=0.005)
    assert shares["share_copies"] == pytest.approx(0.04)
    assert shares["share_near_copies"] == pytest.approx(0.059)


def test_exact_copies_are_found_among_rows_that_are_all_of_one_template():
    rng = np.random.default_rng(7)
    template = "parcel {} is on its way to your door and comes before noon"
    reference = [template.format(i) for i in range(500)]
    current = [template.format(i + 500) for i in range(425)] + [template.format(i + 500) for i in range(75)]
    assert Copies().compare(*audited_pair(reference, current), rng=rng).p_value <= LEVEL * 2


def test_marks_of_near_copies_count_as_one_document():
    reference, current = audited_pair(
        ["one two three four 1", "other"], ["one two three four 2", "one two three four 3"]
    )
    marks = np.array([True, False]), np.array([True, False])
    change = change_among_texts(reference, marks[0], current, marks[1])
    # The cluster lies by a third in the reference, where it carries the mark, and by two thirds in the current window.
    assert (change.n, change.m) == (1, 0)
    assert (change.k1, change.k2) == (0, 0)
