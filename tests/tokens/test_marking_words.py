import numpy as np
from scipy import sparse

from textdrift.tokens.marking_words import marking_words
from textdrift.tokens.token_counts import TokenCounts

TERMS = ("!!", "bag", "seat", "the")


def drawn(rng, n):
    groups = rng.integers(2, size=n)
    held = np.column_stack(
        [groups == 0, (groups == 0) & (rng.random(n) < 0.5), (groups == 1) & (rng.random(n) < 0.5), np.ones(n, bool)]
    )
    return TokenCounts(sparse.csr_matrix(held.astype(np.int32)), TERMS), groups


def test_groups_are_named_by_their_own_words_and_not_by_signs_or_words_of_all():
    rng = np.random.default_rng(0)
    (reference, first), (current, second) = drawn(rng, 200), drawn(rng, 100)
    assert marking_words((reference, current), np.concatenate([first, second]), 2) == [["bag"], ["seat"]]


def test_a_group_like_the_others_has_no_words():
    rng = np.random.default_rng(1)
    reference, _ = drawn(rng, 200)
    current, _ = drawn(rng, 200)
    assert marking_words((reference, current), rng.integers(2, size=400), 2) == [[], []]


def test_a_word_counts_once_a_document():
    rng = np.random.default_rng(2)
    reference, groups = drawn(rng, 200)
    often = TokenCounts(sparse.csr_matrix(reference.counts * 5), TERMS)
    both = np.tile(groups, 2)
    assert marking_words((reference, reference), both, 2) == marking_words((often, often), both, 2)


def test_an_empty_group_has_no_words():
    reference, groups = drawn(np.random.default_rng(3), 200)
    assert marking_words((reference, reference), np.tile(groups, 2), 3)[2] == []
