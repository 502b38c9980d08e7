from __future__ import annotations

import os
import time
from itertools import combinations

import numpy as np
import pytest
from scipy import sparse
from scipy.stats import binom

from textdrift.drift.contract import DriftTest
from textdrift.drift.lexical.covered_counts import CoveredCounts
from textdrift.drift.lexical.model_coverage import ModelCoverage, _sums_of_splits
from textdrift.errors import TokenizerError
from textdrift.tokens.token_counts import BinnedCounts, TokenCounts

REPEATS = 100 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 300


def covered(windows, *, unknown=None, split=None):
    """Mark terms by two functions of the term; without them one word in 40 is unknown, one in 25 heavily split."""
    unknown = unknown or (lambda term: term[1:].isdigit() and int(term[1:]) % 40 == 7)
    split = split or (lambda term: term[1:].isdigit() and int(term[1:]) % 25 == 3)
    marks = [np.array([mark(term) for term in windows[0].terms], dtype=bool) for mark in (unknown, split)]
    return [CoveredCounts(side, *marks) for side in windows]


def compare(sides, *, seed: int = 0, n_permutations: int = 199):
    return ModelCoverage(n_permutations=n_permutations).compare(*sides, rng=np.random.default_rng(seed))


def gibberish(rng: np.random.Generator) -> str:
    return "x" + "".join(rng.choice(list("bcdfghjklmnpqrstvwxz"), 8))


def is_gibberish(term: str) -> bool:
    return len(term) == 9 and term.isalpha()


def plant(documents: list[str], share: float, rng: np.random.Generator) -> list[str]:
    """Put a new word of random letters in the place of each word with some probability."""
    return [" ".join(gibberish(rng) if rng.random() < share else word for word in text.split()) for text in documents]


def test_it_keeps_the_contract() -> None:
    assert isinstance(ModelCoverage(), DriftTest)


def test_identical_windows_do_not_drift(draw, counted) -> None:
    documents = draw(200, np.random.default_rng(0))
    result = compare(covered(counted(documents, documents)))
    assert result.p_value == 1.0
    assert result.effects[0].value == 0.0
    assert result.effects[0].low < 0 < result.effects[0].high
    assert result.table("blind_words") == ()
    assert result.sizes["blind_share_reference"] > 0.02


def test_shares_are_those_of_word_occurrences(counted) -> None:
    windows = counted(["late late xqz !!!", "late"], ["xqz brvk", "late ... late", "brvk"])
    result = compare(covered(windows, unknown=lambda term: term in {"xqz", "!!!"}, split=lambda term: term == "brvk"))
    assert result.sizes == pytest.approx(
        {
            "blind_share_reference": 1 / 4, "blind_share_current": 3 / 5, "unknown_share_reference": 1 / 4,
            "split_share_reference": 0.0, "unknown_share_current": 1 / 5, "split_share_current": 2 / 5,
        }
    )  # fmt: skip
    assert result.effects[0].value == pytest.approx(3 / 5 - 1 / 4)
    assert result.effects[0].low <= result.effects[0].value <= result.effects[0].high


def test_the_p_value_is_the_share_of_all_splits_that_differ_as_much(counted) -> None:
    reference = ["late xqz", "late soon", "late", "soon soon late soon", "late brvk soon"]
    current = ["xqz xqz", "brvk xqz", "xqz late xqz", "late xqz", "soon xqz"]
    windows = counted(reference, current)
    sides = covered(windows, unknown=lambda term: term == "xqz", split=lambda term: term == "brvk")
    texts = [text.split() for text in (*reference, *current)]
    words = np.array([len(text) for text in texts])
    parts = []
    for blind in ("xqz", "brvk"):
        marked = np.array([text.count(blind) for text in texts])
        residual = marked - marked.sum() / words.sum() * words
        parts.append([abs(residual[list(chosen)].sum()) for chosen in combinations(range(10), 5)])
    z = (np.array(parts) - np.mean(parts, axis=1, keepdims=True)) / np.std(parts, axis=1, keepdims=True)
    largest = z.max(axis=0)
    # combinations() begins with the observed split: the first five rows.
    exact = np.mean(largest >= largest[0] - 1e-9)
    result = compare(sides, n_permutations=19_999)
    assert exact < 0.09  # so that the full round is run
    assert result.p_value == pytest.approx(exact, abs=0.01)
    assert result.statistic == pytest.approx(largest[0], abs=0.05)


def test_rows_alike_are_drawn_by_their_kind_as_they_would_be_shuffled() -> None:
    rng = np.random.default_rng(1)
    few = rng.choice([-1.0 + 0.5j, 0.25 - 1j, 2.0 + 0j], size=900)
    other = few + 1e-9 * rng.random(900)  # rows that are no more alike take the other way
    drawn, shuffled = (_sums_of_splits(residuals, 300, 4000, rng) for residuals in (few, other))
    for part in (np.real, np.imag):
        assert part(drawn).mean() == pytest.approx(part(shuffled).mean(), abs=4 * part(drawn).std() * (2 / 4000) ** 0.5)
        assert part(drawn).std() == pytest.approx(part(shuffled).std(), rel=0.06)
    variance = few.real.var(ddof=1) * 300 * 600 / 900  # of a sum drawn without replacement
    assert drawn.real.std() == pytest.approx(variance**0.5, rel=0.05)


def test_planted_gibberish_is_found_measured_and_named(draw, counted) -> None:
    rng = np.random.default_rng(2)
    reference, current = draw(300, rng), plant(draw(300, rng), 0.03, rng)
    result = compare(covered(counted(reference, current), split=is_gibberish, unknown=lambda term: term == "w3"))
    assert result.p_value <= 0.01
    effect = result.effects[0]
    assert effect.low < 0.03 < effect.high
    assert effect.low > 0
    assert effect.value > effect.detectable
    rows = [row for row in result.table("blind_words") if row["state"] == "split"]
    assert rows
    assert all(is_gibberish(row["term"]) and row["reference_share"] == 0.0 < row["current_share"] for row in rows)


def test_unknown_words_alone_are_found(draw, counted) -> None:
    rng = np.random.default_rng(3)
    reference, current = plant(draw(300, rng), 0.03, rng), draw(300, rng)
    result = compare(covered(counted(reference, current), unknown=is_gibberish))
    assert result.p_value <= 0.01
    assert result.effects[0].high < 0


def test_unknown_words_in_the_place_of_split_ones_are_found_though_the_share_stays(draw, counted) -> None:
    rng = np.random.default_rng(4)
    reference = plant(draw(300, rng), 0.04, rng)
    current = [text.replace(" x", " y") for text in plant(draw(300, rng), 0.04, rng)]
    sides = covered(
        counted(reference, current),
        unknown=lambda term: is_gibberish(term) and term[0] == "x",
        split=lambda term: is_gibberish(term) and term[0] == "y",
    )
    result = compare(sides)
    assert result.p_value <= 0.01
    assert abs(result.effects[0].value) < 0.015


def test_longer_documents_alone_are_no_drift(draw, counted) -> None:
    rng = np.random.default_rng(5)
    reference = draw(300, rng)
    joined = draw(900, rng)
    current = [" ".join(joined[i : i + 3]) for i in range(0, 900, 3)]
    assert compare(covered(counted(reference, current))).p_value > 0.05


def test_bins_of_one_document_are_documents(draw, counted) -> None:
    rng = np.random.default_rng(6)
    documents = covered(counted(draw(120, rng), plant(draw(90, rng), 0.05, rng)), split=is_gibberish)
    binned = [
        CoveredCounts(
            BinnedCounts(
                occurrences=side.counts.occurrences.astype(np.int64),
                holders=side.counts.holders.astype(np.int64),
                sizes=side.counts.sizes,
                terms=side.counts.terms,
            ),
            side.unknown,
            side.split,
        )
        for side in documents
    ]
    assert compare(binned, seed=1) == compare(documents, seed=1)


def test_bins_of_many_documents_say_nearly_the_same(draw, counted) -> None:
    rng = np.random.default_rng(7)
    documents = covered(counted(draw(1200, rng), plant(draw(1200, rng), 0.01, rng)), split=is_gibberish)
    gather = sparse.csr_matrix((np.ones(1200), (np.arange(1200) % 100, np.arange(1200))), dtype=np.int64)
    binned = [
        CoveredCounts(
            BinnedCounts(
                gather @ side.counts.occurrences, gather @ side.counts.holders, np.full(100, 12), side.counts.terms
            ),
            side.unknown,
            side.split,
        )
        for side in documents
    ]
    fine, coarse = compare(documents), compare(binned)
    assert coarse.n_documents == fine.n_documents == (1200, 1200)
    assert coarse.sizes == pytest.approx(fine.sizes)
    assert coarse.table("blind_words") == fine.table("blind_words")
    assert coarse.p_value == fine.p_value == 1 / 200
    for name in ("value", "low", "high", "detectable"):
        assert getattr(coarse.effects[0], name) == pytest.approx(getattr(fine.effects[0], name), rel=0.3)


def test_the_same_generator_gives_the_same_result(draw, counted) -> None:
    rng = np.random.default_rng(8)
    sides = covered(counted(draw(80, rng), draw(120, rng)))
    assert compare(sides, seed=1) == compare(sides, seed=1)


@pytest.mark.parametrize(
    ("reference", "current", "note"),
    [
        (["xqz"], ["late", "xqz"], "A window of one document"),
        ([], ["late", "xqz"], "A window of one document"),
        (["", "!!"], ["late", "xqz"], "A window without a word"),
        (["late", "late"], ["late", "soon"], "can read every word"),
    ],
)
def test_windows_that_cannot_show_anything_give_p_1_and_say_so(counted, reference, current, note) -> None:
    result = compare(covered(counted(reference, current), unknown=lambda term: term == "xqz"))
    assert result.p_value == 1.0
    assert len(result.notes) == 1
    assert note in result.notes[0]
    assert result.effects[0].low <= 0 <= result.effects[0].high


def test_a_model_that_knows_no_word_at_all_finds_no_drift(draw, counted) -> None:
    # Every row has the same share, but for rounding.
    rng = np.random.default_rng(9)
    result = compare(covered(counted(draw(100, rng), draw(70, rng)), unknown=lambda _: True, split=lambda _: False))
    assert result.p_value == 1.0
    assert result.sizes["blind_share_current"] == 1.0


def test_one_word_in_three_everywhere_is_no_drift_by_rounding(counted) -> None:
    rng = np.random.default_rng(10)
    texts = [" ".join(["late soon xqz"] * int(rng.integers(1, 40))) for _ in range(200)]
    result = compare(covered(counted(texts[:90], texts[90:]), unknown=lambda term: term == "xqz"))
    assert result.p_value == 1.0


def test_windows_over_two_vocabularies_are_refused(counted) -> None:
    first, second = counted(["late"], ["late"])[0], counted(["soon"], ["soon"])[1]
    with pytest.raises(TokenizerError, match="two vocabularies"):
        compare([covered([first])[0], covered([second])[0]])


def _many_rows(n: int, rng: np.random.Generator) -> list[CoveredCounts]:
    sides = []
    for _ in range(2):
        words = rng.integers(5, 30, n)
        unknown, split = rng.binomial(words, 0.01), rng.binomial(words, 0.02)
        table = np.stack([words, unknown, split], axis=1)
        sides.append(TokenCounts(sparse.csr_matrix(table, dtype=np.int32), ("w0", "w1", "w2")))
    marks = np.array([False, True, False]), np.array([False, False, True])
    return [CoveredCounts(side, *marks) for side in sides]


@pytest.mark.speed
def test_a_million_documents_a_side_take_seconds() -> None:
    sides = _many_rows(1_000_000, np.random.default_rng(11))
    started = time.perf_counter()
    compare(sides, n_permutations=1999)
    assert time.perf_counter() - started < 20


@pytest.mark.slow
@pytest.mark.parametrize(("n", "m"), [(200, 200), (400, 60)])
def test_it_holds_its_level(draw, counted, n: int, m: int) -> None:
    rng = np.random.default_rng(12)
    p_values = [
        compare(covered(counted(draw(n, rng), draw(m, rng))), seed=i, n_permutations=99).p_value for i in range(REPEATS)
    ]
    alarms = int(np.count_nonzero(np.array(p_values) <= 0.05))
    fewest, most = binom.ppf([0.002, 0.999], REPEATS, 0.05)
    assert max(1, fewest) <= alarms <= most  # a test that never alarms has no level either


@pytest.mark.slow
def test_the_detectable_change_is_detected_four_times_in_five_and_the_interval_holds_it(draw, counted) -> None:
    rng = np.random.default_rng(13)
    found, held = [], []

    def split(term: str) -> bool:
        return is_gibberish(term) or (term[1:].isdigit() and int(term[1:]) % 25 == 3)

    for _ in range(150):
        reference, current = draw(250, rng), draw(250, rng)
        detectable = compare(covered(counted(reference, current), split=split)).effects[0].detectable
        result = compare(covered(counted(reference, plant(current, detectable, rng)), split=split))
        found.append(result.p_value <= 0.05)
        held.append(result.effects[0].low <= detectable <= result.effects[0].high)
    assert 0.68 < np.mean(found) < 0.95
    assert np.mean(held) > 0.88
