"""Profiles: merged in any order they are the profile of all rows, and strangers are refused."""

import itertools
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from textdrift.embeddings.features import Basis, FeatureSums
from textdrift.errors import ProfileError
from textdrift.profiles import Profile, Span, check_comparable, merged, profile_texts
from textdrift.tokens.token_counts import BinnedCounts
from textdrift.tokens.tokenization import Tokenization
from textdrift.tokens.unnamed import unnamed


def same_counts(first, second):
    assert first.terms == second.terms
    assert first.sizes.tolist() == second.sizes.tolist()
    for name in ("occurrences", "holders"):
        for part in ("data", "indices", "indptr"):
            assert np.array_equal(getattr(getattr(first, name), part), getattr(getattr(second, name), part))


def close_sums(first, second, tolerance):
    assert first.counts.tolist() == second.counts.tolist()
    for name in ("linear", "quadratic", "squared_distance", "squared_quadratic"):
        np.testing.assert_allclose(getattr(first, name), getattr(second, name), rtol=tolerance, atol=tolerance)


def same(first, second, tolerance=1e-9):
    same_counts(first.counts, second.counts)
    close_sums(first.sums, second.sums, tolerance)
    assert (first.name, first.n_rows, first.encoder, first.span) == (
        second.name, second.n_rows, second.encoder, second.span
    )  # fmt: skip
    assert (first.tokenization, first.units.by, first.units.hashes.tolist()) == (
        second.tokenization,
        second.units.by,
        second.units.hashes.tolist(),
    )


def counted(terms, n_documents=3, **settings):
    ones = sparse.csr_matrix(np.ones((1, len(terms)), dtype=np.int64))
    return Profile(
        **{
            "name": "a window",
            "n_rows": n_documents,
            "counts": BinnedCounts(ones, ones, np.array([n_documents]), tuple(terms)),
            "tokenization": {"unit": "words"},
        }
        | settings
    )


@settings(max_examples=15, deadline=None)
@given(order=st.permutations(range(6)), cut=st.integers(1, 5))
def test_merging_is_associative_and_commutative(shards, order, cut):
    profiles = [shards[i][0] for i in range(6)]
    shuffled = [profiles[i] for i in order]
    same(merged(merged(*shuffled[:cut]), merged(*shuffled[cut:])), merged(*profiles))
    same(shuffled[0] + (shuffled[1] + shuffled[2]), (shuffled[2] + shuffled[0]) + shuffled[1])


def test_shards_merged_are_one_pass_over_all_rows(shards, basis):
    whole = profile_texts(
        [texts for _, texts, _ in shards],
        points=[points for *_, points in shards],
        basis=basis, encoder="an encoder", n_bins=16,
    )  # fmt: skip
    together = merged(*(profile for profile, *_ in shards))
    same_counts(together.counts, whole.counts)
    close_sums(together.sums, whole.sums, 1e-4)  # documents are summed in single precision within a batch
    assert (together.n_rows, together.n_documents) == (whole.n_rows, whole.n_documents)
    assert together.n_rows == 1200 > together.n_documents


def test_a_thousand_shards_merged_are_one_pass():
    made = [[f"{letter}w {letter}x order", f"order x{letter}", None] for letter in "abcdefghijklmnopqrst"]
    profiles = [profile_texts([texts], n_bins=8) for texts in made]
    shards, whole = [profiles[i % 20] for i in range(1000)], profile_texts(made * 50, n_bins=8)
    assert merged(*shards).n_rows == whole.n_rows == 3000
    same_counts(merged(*shards).counts, whole.counts)
    same_counts(merged(*reversed(shards)).counts, whole.counts)


def test_a_profile_of_nothing_adds_nothing():
    nothing, one = profile_texts([], n_bins=4), profile_texts([["a film"]], n_bins=4, name="monday")
    assert (nothing.n_rows, nothing.n_documents, nothing.n_bins, nothing.counts.terms) == (0, 0, 4, ())
    both = one + nothing
    same_counts(both.counts, one.counts)
    assert (both.name, both.n_rows) == ("monday", 1)
    assert merged(one) is one


def test_rare_words_named_and_unnamed_meet_under_the_name_in_any_order():
    named, hidden, other = counted(["film", "zoe"]), counted([unnamed("zoe")]), counted([unnamed("bob"), "good"])
    expected = merged(named, hidden, other)
    assert expected.counts.terms == tuple(sorted(["film", "good", "zoe", unnamed("bob")]))
    assert expected.counts.holders.toarray()[0, expected.counts.terms.index("zoe")] == 2
    for first, second, third in itertools.permutations([named, hidden, other]):
        same_counts(((first + second) + third).counts, expected.counts)
        same_counts((first + (second + third)).counts, expected.counts)


def test_merging_leaves_the_parts_as_they_are(shards):
    first, second = shards[0][0], shards[1][0]
    terms, linear, sizes = first.counts.terms, first.sums.linear.copy(), first.counts.sizes.copy()
    _ = first + second
    assert first.counts.terms is terms
    assert np.array_equal(first.sums.linear, linear)
    assert np.array_equal(first.counts.sizes, sizes)


def test_names_and_spans_are_those_of_all_shards():
    monday, tuesday = Span("2024-05-06", "2024-05-07"), Span("2024-05-07T01:00:00+01:00", "2024-05-08")
    one, two = counted(["a"], name="monday", span=monday), counted(["a"], name="tuesday", span=tuesday)
    unknown = counted(["a"], name="")
    assert (one + two).span == Span("2024-05-06", "2024-05-08")
    assert (one + two).name == "several windows"
    assert ((one + two) + one).name == "several windows"
    assert ((one + unknown).name, (one + unknown).span) == ("monday", monday)
    assert (one + one).name == "monday"


def test_a_span_that_is_none_is_refused():
    for start, end in (("yesterday", "2024-05-06"), ("2024-05-06", ""), ("2024-05-06", None)):
        with pytest.raises(ProfileError, match="a time such as"):
            Span(start, end)
    with pytest.raises(ProfileError, match="must not end before"):
        Span("2024-05-06T00:00:00+00:00", "2024-05-06T00:00:00+01:00")


def strangers(basis):
    texts, points = [["a film"]], [np.zeros((1, 6))]
    other_basis = Basis.fit(np.random.default_rng(1).normal(size=(50, 6)))
    plain = {"n_bins": 4, "name": "one"}
    embedded = plain | {"points": points, "encoder": "mini"}
    return {
        "different terms: stemmer is None": (
            profile_texts(texts, **plain), profile_texts(texts, tokenization=Tokenization(stemmer="english"), **plain),
        ),
        "'two' has no sums": (
            profile_texts(texts, basis=basis, **embedded), profile_texts(texts, n_bins=4, name="two")
        ),
        "encoders \\(mini and maxi\\)": (
            profile_texts(texts, basis=basis, **embedded),
            profile_texts(texts, basis=basis, **embedded | {"encoder": "maxi"}),
        ),
        "two bases": (
            profile_texts(texts, basis=basis, **embedded), profile_texts(texts, basis=other_basis, **embedded)
        ),
        "by texts and by groups": (profile_texts(texts, **plain), profile_texts(texts, groups=[[1]], **plain)),
    }  # fmt: skip


def test_profiles_that_were_made_differently_neither_compare_nor_merge(basis):
    for message, (first, second) in strangers(basis).items():
        with pytest.raises(ProfileError, match=message):
            check_comparable(first, second)
        with pytest.raises(ProfileError, match=message):
            merged(first, second)


def test_profiles_of_different_bins_compare_but_do_not_merge():
    few, many = profile_texts([["a"]], n_bins=4), profile_texts([["a"]], n_bins=8)
    check_comparable(few, many)
    with pytest.raises(ProfileError, match="equally many bins can be merged; got 4, 8"):
        _ = few + many
    with pytest.raises(ProfileError, match="at least one"):
        merged()


def test_a_profile_that_contradicts_itself_is_refused(basis):
    sums = FeatureSums(basis, 1)
    good = {"name": "", "n_rows": 3, "counts": counted(["a"]).counts, "tokenization": {"unit": "words"}}
    for wrong, message in [
        ({"counts": None, "tokenization": {}}, "got neither"),
        ({"sums": sums, "encoder": "mini"}, "same documents"),
        ({"tokenization": {}}, "tokenization that made them"),
        ({"encoder": "mini"}, "fingerprint of the encoder"),
        ({"n_rows": 2}, "3 documents cannot come from 2 rows"),
        ({"tokenization": {"stop_words": {"a", "b"}}}, "plain values"),
    ]:
        with pytest.raises(ProfileError, match=message):
            Profile(**good | wrong)
    alone = Profile(name="vectors", n_rows=0, sums=sums, encoder="mini")
    assert (alone.n_documents, alone.n_bins) == (0, 1)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": 3}, r"the name of a profile is 3 \(int\); a string was needed"),
        ({"span": "2024"}, r"the span of a profile is '2024' \(str\); textdrift.profiles.Span"),
        ({"n_rows": "3"}, r"the n_rows of a profile is '3' \(str\); a whole number"),
        ({"n_rows": True}, "the n_rows of a profile is True"),
        ({"counts": [1]}, "BinnedCounts or None was needed"),
        ({"sums": 3}, "FeatureSums or None was needed"),
        ({"tokenization": "words"}, "a mapping of plain values"),
        ({"encoder": None}, "the fingerprint of an encoder"),
    ],
)
def test_what_is_not_of_its_type_is_refused_at_once(wrong, said):
    with pytest.raises(ProfileError, match=said):
        counted(["a"], **wrong)


def test_a_window_is_named_before_its_texts_are_counted():
    def unread():
        raise AssertionError("texts were asked for")
        yield

    for wrong in ({"name": 3}, {"span": "2024"}):
        with pytest.raises(ProfileError, match="of a profile is"):
            profile_texts(unread(), **wrong)


def test_whole_numbers_of_numpy_are_rows():
    assert type(counted(["a"], n_rows=np.int64(3)).n_rows) is int


def test_profiles_add_up_with_sum_and_with_nothing_else():
    one, two = counted(["a"]), counted(["b"])
    same_counts(sum([one, two]).counts, (one + two).counts)
    for wrong in (3, "a", None):
        with pytest.raises(TypeError, match="unsupported operand"):
            one + wrong
        with pytest.raises(TypeError, match=r"unsupported operand|can only concatenate"):
            wrong + one
    with pytest.raises(ProfileError, match=r"got \[.*\] \(list\); unpack a list of them: merged\(\*profiles\)"):
        merged([one, two])


def test_profiles_of_two_functions_of_one_name_do_not_merge():
    first, second = (
        profile_texts([["a film"]], tokenization=Tokenization(tokenizer=split))
        for split in (lambda text: text.split(), lambda text: [text])
    )
    with pytest.raises(ProfileError, match=r"count different terms: tokenizer is 'function <lambda> #.{8}' in one and"):
        first + second


def test_a_profile_travels_between_processes(shards):
    profile = shards[0][0]
    same(pickle.loads(pickle.dumps(profile)), profile)
