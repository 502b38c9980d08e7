from __future__ import annotations

import os

import numpy as np
import pytest
from scipy import sparse
from scipy.stats import binom

from textdrift.drift.lexical.row_splits import PooledRows
from textdrift.drift.lexical.terms import term_tests
from textdrift.drift.lexical.token_frequency import TokenFrequency
from textdrift.drift.lexical.vocabulary import Vocabulary
from textdrift.tokens.document_bins import documents_in_bins
from textdrift.tokens.token_counts import BinnedCounts, TokenCounts

REPEATS = 70 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 200


def one_document_bins(counts: TokenCounts) -> BinnedCounts:
    return BinnedCounts(counts.occurrences, counts.holders, counts.sizes, counts.terms)


def test_every_split_is_counted_as_by_hand(draw, counted) -> None:
    rng = np.random.default_rng(0)
    reference, current = counted(draw(30, rng), draw(20, rng))
    rows = PooledRows.holding(reference, current, np.arange(len(reference.terms)))
    dense = np.vstack([reference.holders.toarray(), current.holders.toarray()])
    n_cells = 0
    for chunk in rows.chunks(9, np.random.default_rng(1)):
        by_hand = dense[:, chunk.terms].T @ chunk.rows
        np.testing.assert_array_equal(chunk.in_reference, by_hand)
        np.testing.assert_array_equal(chunk.documents, chunk.rows.sum(axis=0))
        n_cells += by_hand.size
    assert n_cells == len(reference.terms) * 10


def test_the_variance_of_uneven_rows_is_exact() -> None:
    rng = np.random.default_rng(2)
    sizes = rng.integers(1, 9, size=7)
    holders = rng.binomial(sizes[:, None], 0.4, size=(7, 3))
    bins = [
        BinnedCounts(sparse.csr_matrix(part), sparse.csr_matrix(part), of_part, ("a", "b", "c"))
        for part, of_part in ((holders[:4], sizes[:4]), (holders[4:], sizes[4:]))
    ]
    rows = PooledRows.holding(*bins, np.arange(3))
    residuals = holders - sizes[:, None] * holders.sum(axis=0) / sizes.sum()
    from itertools import combinations

    moved = np.array([residuals[list(chosen)].sum(axis=0) for chosen in combinations(range(7), 4)])
    np.testing.assert_allclose(rows.residual_variance(), (moved**2).mean(axis=0))


@pytest.mark.parametrize("test", [TokenFrequency(n_permutations=199), Vocabulary(n_permutations=199)])
def test_bins_of_one_document_give_the_answer_of_documents(draw, counted, test) -> None:
    rng = np.random.default_rng(3)
    reference, current = counted(draw(80, rng), [f"{text} brandnew" for text in draw(60, rng)])
    of_documents = test.compare(reference, current, rng=np.random.default_rng(4))
    of_bins = test.compare(one_document_bins(reference), one_document_bins(current), rng=np.random.default_rng(4))
    assert of_bins.p_value == of_documents.p_value
    assert of_bins.statistic == pytest.approx(of_documents.statistic)
    assert [e.value for e in of_bins.effects] == pytest.approx([e.value for e in of_documents.effects])


def test_bins_hold_the_sums_of_their_documents(draw, counted) -> None:
    reference, current = counted(draw(700, np.random.default_rng(5)), draw(90, np.random.default_rng(6)))
    few, many = documents_in_bins(current, reference, rng=np.random.default_rng(7))
    for bins, counts in ((few, current), (many, reference)):
        np.testing.assert_array_equal(bins.occurrences.sum(axis=0), counts.occurrences.sum(axis=0))
        np.testing.assert_array_equal(bins.holders.sum(axis=0), counts.holders.sum(axis=0))
        assert bins.sizes.sum() == len(counts)
        assert bins.sizes.max() - bins.sizes.min() <= 1
    assert len(few) >= 32
    assert few.sizes.mean() == pytest.approx(many.sizes.mean(), rel=0.05)


def test_copies_in_one_bin_do_not_make_a_word_significant() -> None:
    # Forty copies of one text fall into one bin of the current window: one event, not forty.
    rng = np.random.default_rng(8)
    holders = rng.binomial(100, 0.02, size=(64, 2))
    holders[40, 1] += 40
    sizes = np.full(64, 100)
    bins = [
        BinnedCounts(sparse.csr_matrix(holders[side]), sparse.csr_matrix(holders[side]), sizes[side], ("calm", "burst"))
        for side in (slice(32), slice(32, 64))
    ]
    tests = term_tests(*bins)
    assert tests.inflation[1] > 5
    assert tests.p_values[1] > 0.05
    as_documents = [
        TokenCounts(
            sparse.csr_matrix(
                (np.arange(3200)[:, None] < np.array([holders[side, 0].sum(), holders[side, 1].sum()])).astype(int)
            ),
            ("calm", "burst"),
        )
        for side in (slice(32), slice(32, 64))
    ]
    assert term_tests(*as_documents).p_values[1] < 1e-3


@pytest.mark.slow
@pytest.mark.parametrize("test", [TokenFrequency(n_permutations=99), Vocabulary(n_permutations=99)])
def test_bins_hold_their_level_where_windows_are_uneven(draw, counted, test) -> None:
    rng = np.random.default_rng(9)
    alarms = 0
    for _ in range(REPEATS):
        bins = documents_in_bins(*counted(draw(900, rng), draw(130, rng)), rng=rng)
        alarms += test.compare(*bins, rng=rng).p_value <= 0.05
    assert 1 <= alarms <= binom.ppf(0.998, REPEATS, 0.05)


def test_bins_still_find_a_word_in_three_percent_of_the_documents(draw, counted) -> None:
    found = 0
    for seed in range(10):
        rng = np.random.default_rng([10, seed])
        current = draw(1500, rng)
        for i in rng.choice(1500, size=45, replace=False):
            current[i] += " #deal"
        bins = documents_in_bins(*counted(draw(1500, rng), current), rng=rng)
        found += TokenFrequency(n_permutations=199).compare(*bins, rng=rng).p_value <= 0.05
    assert found >= 9
