from __future__ import annotations

from collections import Counter

import nltk
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.collocations import BigramCollocationFinder
from nltk.metrics import BigramAssocMeasures
from nltk.probability import FreqDist
from numpy.typing import NDArray

from textdrift.errors import SettingsError
from textdrift.tokens.sequences import collocations, ngrams

DOCUMENTS = st.lists(st.lists(st.integers(0, 6), max_size=8), max_size=6)


def flat(documents: list[list[int]], dtype: type = np.int32) -> tuple[NDArray, NDArray]:
    codes = np.array([code for document in documents for code in document], dtype=dtype)
    return codes, np.array([len(document) for document in documents], dtype=np.int64)


def of_documents(found) -> list[list[tuple[int, ...]]]:
    parts = np.split(found.members[found.codes], np.cumsum(found.lengths)[:-1]) if len(found.lengths) else []
    return [[tuple(row) for row in part.tolist()] for part in parts]


@settings(max_examples=40, deadline=None)
@given(DOCUMENTS, st.integers(2, 5))
def test_ngrams_are_those_of_nltk_document_by_document(documents: list[list[int]], n: int) -> None:
    found = ngrams(*flat(documents), n)
    assert of_documents(found) == [list(nltk.ngrams(document, n)) for document in documents]


@settings(max_examples=40, deadline=None)
@given(DOCUMENTS, st.integers(2, 5))
def test_ngrams_are_distinct_sorted_and_all_there(documents: list[list[int]], n: int) -> None:
    members = [tuple(row) for row in ngrams(*flat(documents), n).members.tolist()]
    expected = {tuple(document[i : i + n]) for document in documents for i in range(len(document) - n + 1)}
    assert members == sorted(expected)


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.uint32])
def test_large_codes_do_not_overflow(dtype: type) -> None:
    rng = np.random.default_rng(0)
    vocabulary = rng.integers(0, 3_000_000, size=400)
    documents = rng.choice(vocabulary, size=(50, 20)).tolist()
    found = ngrams(*flat(documents, dtype), 3)
    assert of_documents(found) == [list(nltk.ngrams(document, 3)) for document in documents]
    assert found.codes.dtype == np.int32
    assert found.members.dtype == dtype


def test_windows_without_a_run_have_none() -> None:
    found = ngrams(np.zeros(0, dtype=np.int32), np.zeros(3, dtype=np.int64), 4)
    assert found.codes.tolist() == []
    assert found.lengths.tolist() == [0, 0, 0]
    assert found.members.shape == (0, 4)
    assert len(ngrams(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int64), 2).lengths) == 0


@pytest.mark.parametrize("n", [1, 6, 2.5])
def test_other_lengths_of_runs_are_refused(n: float) -> None:
    with pytest.raises(SettingsError, match=rf"n is {n}; a whole number from 2 to 5"):
        ngrams(np.array([0]), np.array([1]), n)


def counted(words: list[int]) -> tuple[NDArray, NDArray]:
    """Count the pairs of a ring of words: there each word is as often first as it is second."""
    found = ngrams(*flat([[*words, words[0]]]), 2)
    return np.bincount(found.codes, minlength=len(found.members)), found.members


def speech(n_words: int, *, planted: int, seed: int = 0) -> list[int]:
    rng = np.random.default_rng(seed)
    words = rng.choice(200, size=n_words, p=(p := 1 / np.arange(1, 201)) / p.sum()).tolist()
    for place in rng.choice(n_words // 2, size=planted, replace=False):
        words[2 * place : 2 * place + 2] = [150, 160]
    return words


def test_scores_and_their_order_are_those_of_nltks_finder() -> None:
    words = speech(3_000, planted=20)
    counts, members = counted(words)
    found = collocations(counts, members, fewest=1, most=len(counts), least_score=-np.inf)
    ring = FreqDist(zip(words, [*words[1:], words[0]], strict=True))
    finder = BigramCollocationFinder(FreqDist(words), ring)
    expected = dict(finder.score_ngrams(BigramAssocMeasures.likelihood_ratio))
    frequency = Counter(words)
    more_than_chance = {pair for pair in expected if ring[pair] * len(words) > frequency[pair[0]] * frequency[pair[1]]}
    chosen = [tuple(pair) for pair in members[found.pairs].tolist()]
    assert set(chosen) == more_than_chance
    assert found.scores.tolist() == [expected[pair] for pair in chosen]
    assert chosen == sorted(more_than_chance, key=lambda pair: (-expected[pair], pair))


def test_a_pair_that_keeps_company_is_chosen_first() -> None:
    counts, members = counted(speech(5_000, planted=25))
    found = collocations(counts, members)
    assert members[found.pairs[0]].tolist() == [150, 160]
    assert counts[found.pairs].min() >= 5
    assert found.scores.min() >= 10.83


def test_words_that_meet_by_chance_are_hardly_ever_chosen() -> None:
    chosen = [len(collocations(*counted(speech(5_000, planted=0, seed=seed))).pairs) for seed in range(5)]
    frequent = np.count_nonzero(counted(speech(5_000, planted=0))[0] >= 5)
    assert frequent > 100
    assert np.mean(chosen) < 0.01 * frequent


def test_a_frequent_pair_that_avoids_each_other_is_not_chosen() -> None:
    members = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    found = collocations(np.array([500, 20, 20, 500]), members)
    assert members[found.pairs].tolist() == [[0, 0], [1, 1]]


def test_limits_hold_and_ties_go_to_the_lower_codes() -> None:
    members = np.array([[2 * k, 2 * k + 1] for k in range(50)])[::-1]
    counts = np.full(50, 5)
    found = collocations(counts, members, most=7)
    assert members[found.pairs, 0].tolist() == [0, 2, 4, 6, 8, 10, 12]
    assert len(collocations(counts - 1, members).pairs) == 0
    assert len(collocations(counts, members, fewest=6).pairs) == 0


def test_pairs_that_are_not_allowed_still_count_as_company() -> None:
    counts, members = counted(speech(5_000, planted=25))
    allowed = members[:, 0] != 150
    free, bound = collocations(counts, members, most=50), collocations(counts, members, allowed=allowed, most=50)
    assert 150 in members[free.pairs, 0]
    assert 150 not in members[bound.pairs, 0]
    score = dict(zip(free.pairs.tolist(), free.scores.tolist(), strict=True))
    assert all(score[pair] == s for pair, s in zip(bound.pairs.tolist(), bound.scores.tolist(), strict=True))


def test_no_pairs_have_no_collocations() -> None:
    found = collocations(np.zeros(0, dtype=np.int64), np.zeros((0, 2), dtype=np.int32))
    assert len(found.pairs) == len(found.scores) == 0


def test_the_choice_does_not_know_which_window_a_document_came_from() -> None:
    rng = np.random.default_rng(3)
    documents = np.array_split(np.array(speech(4_000, planted=30)), 200)
    chosen = []
    for order in (np.arange(200), rng.permutation(200)):
        found = ngrams(*flat([documents[k].tolist() for k in order]), 2)
        pairs = collocations(np.bincount(found.codes), found.members).pairs
        chosen.append(found.members[pairs].tolist())
    assert chosen[0] == chosen[1]
    assert [150, 160] in chosen[0]
