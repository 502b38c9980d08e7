from __future__ import annotations

import os

import numpy as np
import pytest
from scipy.stats import binom

from textdrift.drift.contract import DriftTest
from textdrift.drift.lexical.vocabulary import Vocabulary

REPEATS = 100 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 300


def compare(windows, *, seed: int = 0, n_permutations: int = 199):
    return Vocabulary(n_permutations=n_permutations).compare(*windows, rng=np.random.default_rng(seed))


def test_it_keeps_the_contract() -> None:
    assert isinstance(Vocabulary(), DriftTest)


def test_identical_windows_do_not_drift(draw, counted) -> None:
    documents = draw(200, np.random.default_rng(0))
    result = compare(counted(documents, documents))
    assert result.p_value == 1.0
    assert result.effects[0].value < 0
    assert result.table("terms") == ()


def test_the_expectation_is_exact(draw, counted) -> None:
    # Over all splits the mean number of new terms is the expectation; the mean over 2,000 lies within 4 errors of it.
    rng = np.random.default_rng(1)
    documents = np.array(draw(120, rng), dtype=object)
    new, vanished = [], []
    for _ in range(200):
        mixed = rng.permutation(documents)
        sizes = compare(counted(list(mixed[:80]), list(mixed[80:])), n_permutations=1).sizes
        new.append(sizes["new"])
        vanished.append(sizes["vanished"])
    for seen, expected in ((new, sizes["expected_new"]), (vanished, sizes["expected_vanished"])):
        assert abs(np.mean(seen) - expected) < 4 * np.std(seen) / np.sqrt(len(seen))


def test_permuted_numbers_are_those_of_really_permuted_windows(draw, counted) -> None:
    # Terms of one document and terms that are everywhere take short cuts; together they must give the plain counts.
    rng = np.random.default_rng(2)
    documents = [f"{text} always" for text in draw(90, rng)]
    result = compare(counted(documents[:50], documents[50:]), n_permutations=999)
    sizes = result.sizes
    reference = {w for d in documents[:50] for w in d.split()}
    current = {w for d in documents[50:] for w in d.split()}
    assert (sizes["new"], sizes["vanished"]) == (len(current - reference), len(reference - current))
    assert sizes["used_in_current"] == len(current)
    used = len(current)
    assert result.effects[0].value == pytest.approx((len(current - reference) - sizes["expected_new"]) / used)


def test_new_words_are_found_counted_and_listed(draw, counted) -> None:
    rng = np.random.default_rng(3)
    reference, current = draw(300, rng), draw(300, rng)
    current = [f"{text} gadget{i % 40}" if i % 2 else text for i, text in enumerate(current)]
    result = compare(counted(reference, current))
    effect = result.effects[0]
    assert result.p_value <= 0.01
    planted = 20 / result.sizes["used_in_current"]
    assert effect.low < planted < effect.high
    assert {row["term"] for row in result.table("terms")[:5]} <= {f"gadget{i}" for i in range(40)}
    assert all(row["direction"] == "up" for row in result.table("terms")[:5])


def test_vanished_words_are_found(draw, counted) -> None:
    rng = np.random.default_rng(4)
    reference = [f"{text} gadget{i % 40}" if i % 2 else text for i, text in enumerate(draw(300, rng))]
    result = compare(counted(reference, draw(300, rng)))
    assert result.p_value <= 0.01
    assert result.sizes["vanished"] > result.sizes["expected_vanished"] + 15
    assert result.effects[1].name == "excess_vanished_terms"
    assert result.effects[1].value > 0.03
    assert result.effects[0].value < 0.03


def test_a_single_new_word_in_many_documents_is_found_by_its_pairs(draw, counted) -> None:
    rng = np.random.default_rng(5)
    reference, current = draw(300, rng), draw(300, rng)
    current = [f"{text} recall" if i % 2 else text for i, text in enumerate(current)]
    assert compare(counted(reference, current)).p_value <= 0.01


def test_the_same_generator_gives_the_same_result(draw, counted) -> None:
    rng = np.random.default_rng(6)
    windows = counted(draw(80, rng), draw(120, rng))
    assert compare(windows, seed=1) == compare(windows, seed=1)


@pytest.mark.parametrize(
    ("reference", "current"),
    [(["one text"], ["another text"]), ([""], [""]), (["", ""], ["", " "]), ([], ["a", "b"]), (["a"], ["b", "c", "d"])],
)
def test_windows_that_cannot_show_anything_give_p_1_and_say_so(counted, reference, current) -> None:
    result = compare(counted(reference, current))
    assert result.p_value == 1.0
    assert result.effects[0].detectable == np.inf
    assert len(result.notes) == 1


@pytest.mark.slow
@pytest.mark.parametrize(("n", "m"), [(200, 200), (400, 60)])
def test_it_holds_its_level(draw, counted, n: int, m: int) -> None:
    rng = np.random.default_rng(7)
    p_values = [compare(counted(draw(n, rng), draw(m, rng)), seed=i, n_permutations=99).p_value for i in range(REPEATS)]
    alarms = int(np.count_nonzero(np.array(p_values) <= 0.05))
    fewest, most = binom.ppf([0.002, 0.999], REPEATS, 0.05)
    assert max(1, fewest) <= alarms <= most  # a test that never alarms has no level either


@pytest.mark.slow
def test_the_detectable_excess_is_detected_four_times_in_five(draw, counted) -> None:
    rng = np.random.default_rng(8)
    found = []
    for _ in range(120):
        reference, current = draw(250, rng), draw(250, rng)
        result = compare(counted(reference, current))
        # A word planted in one document is in the current window in half of all splits, so it is half an excess.
        n_new = round(2 * result.effects[0].detectable * result.sizes["used_in_current"])
        for i in range(n_new):
            current[rng.integers(250)] += f" fresh{i}"
        found.append(compare(counted(reference, current)).p_value <= 0.05)
    assert 0.68 < np.mean(found) < 0.93


def test_what_is_no_word_is_no_part_of_the_vocabulary(counted) -> None:
    words = [f"w{chr(97 + i % 26)}{chr(97 + i // 26)} good bad" for i in range(80)]
    plain = Vocabulary(n_permutations=199).compare(*counted(words, words), rng=np.random.default_rng(1))
    marked = Vocabulary(n_permutations=199).compare(
        *counted(words, [f"{text} !! ;-)" for text in words]), rng=np.random.default_rng(1)
    )
    assert marked.p_value == plain.p_value
    assert marked.effects == plain.effects


def test_windows_of_a_single_word_show_nothing_and_say_so(counted) -> None:
    result = Vocabulary().compare(*counted(["same"] * 60, ["same"] * 50), rng=np.random.default_rng(0))
    assert result.p_value == 1.0
    assert result.effects[0].detectable == np.inf
    assert "one word" in result.notes[0]


def test_growth_and_forecast_stand_beside_the_test(draw, counted) -> None:
    rng = np.random.default_rng(2)
    texts = draw(1200, rng)
    result = Vocabulary(n_permutations=99).compare(*counted(texts[:400], texts[400:800]), rng=rng)
    sizes = result.sizes
    assert sizes["heaps_exponent_reference"] == pytest.approx(sizes["heaps_exponent_current"], abs=0.05)
    known = set(" ".join(texts[400:800]).split())
    came = len(set(" ".join(texts[800:]).split()) - known)
    assert sizes["forecast_new_types"] == pytest.approx(came, abs=4 * sizes["forecast_standard_error"])
