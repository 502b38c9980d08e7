from __future__ import annotations

import os

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import binom

from textdrift.drift.contract import DriftTest
from textdrift.drift.lexical.row_splits import PooledRows
from textdrift.drift.lexical.token_frequency import TokenFrequency, _split
from textdrift.stats.divergences import jensen_shannon, population_stability_index

REPEATS = 100 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 300


def compare(windows, *, seed: int = 0, n_permutations: int = 199):
    return TokenFrequency(n_permutations=n_permutations).compare(*windows, rng=np.random.default_rng(seed))


def effect(result, name: str):
    return next(e for e in result.effects if e.name == name)


def test_it_keeps_the_contract() -> None:
    assert isinstance(TokenFrequency(), DriftTest)


def test_identical_windows_do_not_drift(draw, counted) -> None:
    documents = draw(200, np.random.default_rng(0))
    result = compare(counted(documents, documents))
    assert result.p_value == 1.0
    assert [e.name for e in result.effects] == ["largest_share_change", "js_excess"]
    assert result.effects[0].value == 0.0
    assert result.effects[1].value < 0
    assert result.table("terms") == ()


def test_one_hashtag_in_four_percent_of_the_documents_is_found(draw, counted) -> None:
    rng = np.random.default_rng(1)
    reference, current = draw(500, rng), draw(500, rng)
    for i in rng.choice(500, size=20, replace=False):
        current[i] += " #deal"
    result = compare(counted(reference, current))
    assert result.p_value <= 0.01
    assert result.table("terms")[0]["term"] == "deal"
    assert effect(result, "largest_share_change").value == pytest.approx(0.04)


def test_a_broad_change_shows_in_the_divergence_where_no_word_stands_out(draw, counted) -> None:
    rng = np.random.default_rng(2)
    # A third of the words of the middle ranks gets a new spelling in two documents of five.
    respelled = {f"w{i}": f"w{i}x" for i in range(20, 4000, 3)}
    current = [
        " ".join(respelled.get(w, w) for w in text.split()) if i % 5 < 2 else text
        for i, text in enumerate(draw(500, rng))
    ]
    result = compare(counted(draw(500, rng), current))
    js = effect(result, "js_excess")
    assert result.p_value <= 0.01
    assert js.low > 0
    assert js.value > 2 * js.detectable


def test_the_sizes_are_the_textbook_ones(draw, counted) -> None:
    rng = np.random.default_rng(3)
    reference, current = counted(draw(100, rng), draw(150, rng))
    sizes = compare((reference, current)).sizes
    kept = (reference.counts.getnnz(axis=0) + current.counts.getnnz(axis=0)) >= 5
    a, b = (np.asarray(side.counts.sum(axis=0)).ravel()[kept] for side in (reference, current))
    assert sizes["js_bits"] == pytest.approx(jensen_shannon(a / a.sum(), b / b.sum()))
    assert sizes["psi"] == pytest.approx(population_stability_index(a, b))
    assert sizes["terms_compared"] == kept.sum()


def test_sizes_speak_of_words_and_not_of_punctuation(draw, counted) -> None:
    rng = np.random.default_rng(4)
    result = compare(counted([f"{text} ." for text in draw(150, rng)], draw(150, rng)))
    assert result.p_value <= 0.01
    assert effect(result, "largest_share_change").value == 0.0
    assert effect(result, "js_excess").low < 0.0
    assert result.table("terms") == ()


def test_the_statistic_has_mean_one_squared_difference_per_term(draw, counted) -> None:
    # Var(d) is exact over splits, so the mean of Σ t² over random splits is the number of terms.
    rng = np.random.default_rng(5)
    whole = counted(draw(80, rng), [""])[0]
    reference, current = whole.taken(np.arange(50)), whole.taken(np.arange(50, 80))
    kept = np.flatnonzero(whole.counts.getnnz(axis=0) >= 5)
    rows = PooledRows.holding(reference, current, kept)
    splits = _split(rows, PooledRows.occurring(reference, current, kept), 3999, rng)
    permuted = splits.parts[0, 1:]
    assert permuted.mean() == pytest.approx(len(kept), abs=4 * permuted.std() / np.sqrt(3999))


def test_blocks_of_splits_do_not_show(draw, counted, monkeypatch: pytest.MonkeyPatch) -> None:
    windows = counted(draw(60, np.random.default_rng(6)), draw(90, np.random.default_rng(7)))
    whole = compare(windows)
    monkeypatch.setattr("textdrift.drift.lexical.row_splits._SPLITS_OF_DOCUMENTS", 7)
    monkeypatch.setattr("textdrift.drift.lexical.row_splits._CELLS", 50)
    monkeypatch.setattr("textdrift.stats.permutations._BATCH_CELLS", 2000)
    in_blocks = compare(windows)
    assert in_blocks.p_value == whole.p_value
    # Sums over blocks round otherwise in the last digit.
    assert in_blocks.statistic == pytest.approx(whole.statistic, rel=1e-9)
    for name in ("value", "low", "high", "detectable"):
        assert getattr(effect(in_blocks, "js_excess"), name) == pytest.approx(getattr(effect(whole, "js_excess"), name))
    assert in_blocks.table("terms") == whole.table("terms")


@pytest.mark.parametrize(
    ("reference", "current"),
    [(["one text"], ["another text"]), ([""], [""]), (["", ""], ["", " "]), ([], ["a", "b"]), (["a"] * 2, ["a"] * 9)],
)
def test_windows_that_cannot_show_anything_give_p_1_and_say_so(counted, reference, current) -> None:
    result = compare(counted(reference, current))
    assert result.p_value == 1.0
    assert all(e.value == 0.0 and e.detectable == np.inf for e in result.effects)
    assert len(result.notes) == 1


@pytest.mark.slow
@pytest.mark.parametrize(("n", "m"), [(250, 250), (500, 60)])
def test_it_holds_its_level(draw, counted, n: int, m: int) -> None:
    rng = np.random.default_rng(8)
    p_values = [compare(counted(draw(n, rng), draw(m, rng)), seed=i, n_permutations=99).p_value for i in range(REPEATS)]
    alarms = int(np.count_nonzero(np.array(p_values) <= 0.05))
    fewest, most = binom.ppf([0.002, 0.999], REPEATS, 0.05)
    assert max(1, fewest) <= alarms <= most  # a test that never alarms has no level either


@pytest.mark.slow
def test_the_detectable_share_change_is_detected_four_times_in_five(draw, counted) -> None:
    rng = np.random.default_rng(9)
    found = []
    for _ in range(120):
        reference, current = draw(300, rng), draw(300, rng)
        change = compare(counted(reference, current)).effects[0].detectable
        marked = [
            [f"{text} mark" if rng.random() < share else text for text in side]
            for side, share in ((reference, 0.05), (current, 0.05 + change))
        ]
        result = compare(counted(*marked))
        found.append(result.p_value <= 0.05 and result.effects[0].value > 0)
    assert 0.68 < np.mean(found) < 0.93


@pytest.mark.slow
def test_the_interval_of_the_largest_change_holds_for_the_chosen_word(draw, counted) -> None:
    rng = np.random.default_rng(10)
    covered = []
    for _ in range(100):
        current = [f"{text} mark" if rng.random() < 0.12 else text for text in draw(300, rng)]
        change = compare(counted(draw(300, rng), current), n_permutations=9).effects[0]
        covered.append(change.low <= 0.12 <= change.high)
    assert np.mean(covered) >= 0.95


@pytest.mark.slow
def test_sample_windows_without_drift_rarely_drift_and_new_words_are_found() -> None:
    from textdrift.tokens.counting import count_tokens
    from textdrift.windows.simulating import NO_DOSE, Dose, sample_pair

    def p_value(dose: Dose, seed: int) -> float:
        pair = sample_pair(n_reference=300, n_current=300, dose=dose, seed=seed)
        # A copy of a text is no document of its own.
        sides = [
            pa.array(dict.fromkeys(side["text"].to_pylist()), pa.large_string())
            for side in (pair.reference, pair.current)
        ]
        return compare(count_tokens(*sides), seed=seed, n_permutations=99).p_value

    alarms = sum(p_value(NO_DOSE, seed) <= 0.05 for seed in range(100))
    assert alarms <= 12  # binomial(100, 0.05): P(X > 12) < 0.002
    assert sum(p_value(Dose(new_words=0.20), seed) <= 0.05 for seed in range(20)) >= 19


def test_punctuation_that_moved_is_told_beside_the_words(draw, counted) -> None:
    rng = np.random.default_rng(20)
    result = compare(counted(draw(150, rng), [f"{text} !!" for text in draw(150, rng)]))
    assert result.table("terms") == ()
    assert [row["term"] for row in result.table("marks")] == ["!!"]
    assert result.effects[0].value == 0.0


def test_a_size_that_no_window_can_have_is_not_stated_as_detectable(counted) -> None:
    result = compare(counted(["a b"] * 2 + ["a c"] * 3, ["a b"] * 3 + ["a d"] * 2))
    for e in result.effects:
        assert e.detectable == np.inf or 0 < e.detectable <= 1
