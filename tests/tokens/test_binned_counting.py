"""Binned counts: against a loop over the tokens, in every order, and copies that meet without being looked for."""

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textdrift.errors import SettingsError, TokenizerError
from textdrift.tokens.binned_counting import CountsInBins, bins_of_texts
from textdrift.tokens.encoding import encoded_batches
from textdrift.tokens.tokenization import Tokenization
from textdrift.tokens.unnamed import unnamed

WORDS = ["late", "order", "the", "Zoe", "42", "!!", "déjà", "\N{THUMBS UP SIGN}"]


def batch_of(texts, **settings):
    return next(encoded_batches([pa.array(texts, pa.large_string())], Tokenization(**settings)))


def summed(texts, bins, n_bins):
    counts = CountsInBins(n_bins)
    counts.add(batch_of(texts), np.array(bins, dtype=np.int64))
    return counts


def same(first, second):
    return (
        first.terms == second.terms
        and first.sizes.tolist() == second.sizes.tolist()
        and all(
            np.array_equal(getattr(getattr(first, name), part), getattr(getattr(second, name), part))
            for name in ("occurrences", "holders")
            for part in ("data", "indices", "indptr")
        )
    )


def by_hand(texts, bins, n_bins):
    """Return sizes, occurrences and holders of the tokens of lower-case texts split at spaces."""
    sizes, occurrences, holders = Counter(bins), Counter(), Counter()
    for text, b in zip(texts, bins, strict=True):
        tokens = text.lower().split()
        occurrences.update((b, token) for token in tokens)
        holders.update((b, token) for token in set(tokens))
    return [sizes[b] for b in range(n_bins)], occurrences, holders


def of_random_words(seed, n):
    rng = np.random.default_rng(seed)
    texts = [" ".join(rng.choice(WORDS, rng.integers(0, 9))) for _ in range(n)]
    return texts, rng.integers(0, 8, n).tolist()


@settings(deadline=None)
@given(st.lists(st.tuples(st.lists(st.sampled_from(WORDS), max_size=6), st.integers(0, 3)), max_size=12))
def test_counts_in_bins_equal_a_loop_over_the_tokens(rows):
    texts, bins = [" ".join(words) for words, _ in rows], [b for _, b in rows]
    counts = summed(texts, bins, 4).counts()
    sizes, occurrences, holders = by_hand(texts, bins, 4)
    assert counts.terms == tuple(sorted({token for _, token in occurrences}))
    assert counts.sizes.tolist() == sizes
    for matrix, expected in ((counts.occurrences, occurrences), (counts.holders, holders)):
        assert matrix.dtype == np.int64
        assert matrix.has_canonical_format
        assert matrix.nnz == len(expected)
        found = matrix.toarray()
        assert all(found[b, counts.terms.index(token)] == n for (b, token), n in expected.items())


def test_neither_batches_nor_shards_nor_their_order_leave_a_trace():
    texts, bins = of_random_words(0, 600)
    whole = summed(texts, bins, 8).counts()
    batched, backwards = CountsInBins(8), CountsInBins(8)
    starts = list(range(0, 600, 40))
    shards = [summed(texts[i : i + 40], bins[i : i + 40], 8) for i in starts]
    for i in starts:
        batched.add(batch_of(texts[i : i + 40]), np.array(bins[i : i + 40]))
    for shard in reversed(shards):
        backwards.include(shard.counts())
    assert same(batched.counts(), whole)
    assert same(backwards.counts(), whole)
    assert same(sum(shards[1:], shards[0]).counts(), whole)
    assert same((shards[0] + (shards[1] + shards[2])).counts(), ((shards[2] + shards[0]) + shards[1]).counts())


def test_counting_goes_on_after_the_counts_were_taken():
    counts = summed(["good film"], [0], 2)
    first = counts.counts()
    counts.add(batch_of(["bad film", "awful"]), np.array([1, 0]))
    assert first.terms == ("film", "good")
    assert first.sizes.tolist() == [1, 0]
    assert same(counts.counts(), summed(["good film", "bad film", "awful"], [0, 1, 0], 2).counts())


def test_a_sum_leaves_its_parts_as_they_are():
    first, second = summed(["a b"], [0], 2), summed(["b c"], [1], 2)
    before = first.counts(), second.counts()
    both = (first + second).counts()
    assert both.terms == ("a", "b", "c")
    assert same(first.counts(), before[0])
    assert same(second.counts(), before[1])


def test_nothing_counted_is_no_terms_and_empty_bins():
    counts = CountsInBins(4).counts()
    assert (counts.terms, counts.occurrences.shape, counts.n_documents) == ((), (4, 0), 0)
    assert same(summed([], [], 4).counts(), counts)
    blank = summed(["", "  "], [0, 3], 4).counts()
    assert (blank.terms, blank.sizes.tolist()) == ((), [1, 0, 0, 1])


def test_bins_that_do_not_fit_are_refused_and_nothing_is_taken_in():
    counts = CountsInBins(4)
    for bins in (np.array([0]), np.array([0, 4]), np.array([-1, 0]), np.array([0.0, 1.0])):
        with pytest.raises(TokenizerError, match="bin"):
            counts.add(batch_of(["a", "b"]), bins)
    assert counts.counts().terms == ()
    with pytest.raises(TokenizerError, match="same bins"):
        counts.include(CountsInBins(8).counts())
    with pytest.raises(SettingsError, match="at least one bin"):
        CountsInBins(0)


def test_more_bins_than_a_byte_counts_are_told_apart():
    counts = summed(["a", "a", "b"], [0, 256, 65_536], 2**17).counts()
    assert np.flatnonzero(counts.sizes).tolist() == [0, 256, 65_536]
    assert counts.holders.tocoo().row.tolist() == [0, 256, 65_536]


def test_a_token_that_looks_like_a_hash_is_not_taken_for_the_word_of_that_hash():
    # Only a tokenizer of the user's can return one.
    liar = batch_of([f"{unnamed('zoe')} zoe"], tokenizer=str.split)
    counts = CountsInBins(1)
    counts.add(liar, np.array([0]))
    assert counts.counts().terms == ("zoe", unnamed(unnamed("zoe")))


NEAR_COPIES = [
    ["Your order 17 is LATE, sorry!", "sorry... your order 4 is late", "late is your order, SORRY"],
    ["No  ONE\tanswered me", "answered: no one (me)", "NO ONE answered me 2", "no no no one answered me"],
    ["5 stars!!", "1 STARS", "stars"],
    ["Ｆｕｌｌ width", "full WIDTH"],
    ["12 !!", "!! 12", "12 12 !!"],
    ["", " \n", "\t"],
]  # fmt: skip


@pytest.mark.parametrize("copies", NEAR_COPIES)
def test_near_copies_share_a_bin_wherever_they_appear(copies):
    alone = [bins_of_texts(batch_of([text]), 2**32)[0] for text in copies]
    among = bins_of_texts(batch_of(["other words", *copies, "and more of them"]), 2**32)[1:-1]
    assert len({*alone, *among.tolist()}) == 1


@pytest.mark.parametrize("tokenizer", ["words", "wordpunct", "tweet", "treebank", str.split])
def test_near_copies_share_a_bin_whatever_splits_them(tokenizer):
    texts = ["Your order 17 is LATE sorry!", "sorry: your order is late (9)", "late your order is sorry"]
    assert len(set(bins_of_texts(batch_of(texts, tokenizer=tokenizer), 2**32).tolist())) == 1


def test_texts_that_differ_in_a_word_do_not_share_a_bin():
    texts = ["the order is late", "the order is early", "the order", "12 !!", "13 !!", "", "the order is late late"]
    bins = bins_of_texts(batch_of(texts), 2**32)
    assert len(set(bins.tolist())) == 6
    assert bins[0] == bins[-1]


def test_bins_of_texts_nest_and_are_evenly_filled():
    texts = [f"{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}{chr(97 + i // 676)} word" for i in range(6400)]
    fine, coarse = (bins_of_texts(batch_of(texts), n_bins) for n_bins in (64, 16))
    assert (fine // 4 == coarse).all()
    sizes = np.bincount(fine, minlength=64)
    # Chi-squared with 63 degrees of freedom: 131 has a probability of 1e-6.
    assert ((sizes - 100) ** 2 / 100).sum() < 131


def test_bins_of_texts_must_be_a_power_of_two():
    with pytest.raises(SettingsError, match="power of two"):
        bins_of_texts(batch_of(["a"]), 100)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), max_size=8))
def test_any_text_has_a_bin_that_does_not_depend_on_its_neighbours(texts):
    together = bins_of_texts(batch_of(texts), 256)
    assert together.tolist() == [int(bins_of_texts(batch_of([text]), 256)[0]) for text in texts]


@pytest.mark.parametrize("n_bins", ["256", 256.0, True, None])
def test_bins_that_are_no_whole_number_are_told(n_bins) -> None:
    with pytest.raises(SettingsError, match=r"n_bins is .*a whole number was needed, such as 256"):
        CountsInBins(n_bins)
