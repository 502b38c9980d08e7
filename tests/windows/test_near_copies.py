"""Near-copies are found, different texts are left apart, and the order of the texts does not matter."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textdrift.windows.near_copies import near_copy_clusters
from textdrift.windows.simulating import sample_pair

SOURCE = "the new kettle from your spring sale broke after two weeks and nobody answers my letters"


def clusters(texts):
    return near_copy_clusters(pa.array(texts, pa.large_string()))


def together(*texts):
    return len(set(clusters(texts).tolist())) == 1


def apart(*texts):
    return len(set(clusters(texts).tolist())) == len(texts)


@pytest.mark.parametrize(
    "copy",
    [
        SOURCE.upper() + "!!!",
        SOURCE + " https://a.example/x7Yq2",
        "@kettles @shop " + SOURCE,
        SOURCE.replace("two", "2") + " 481-99",
        SOURCE.replace("kettle", "toaster"),
        "really " + SOURCE,
        SOURCE.replace("spring ", ""),
        "\uff34" + SOURCE[1:],  # a full-width T
    ],
)
def test_a_copy_that_differs_by_little_is_a_near_copy(copy):
    assert together(SOURCE, copy)


@pytest.mark.parametrize(
    "pair",
    [
        ("flight delayed 2 hours again", "flight on time again"),
        ("5 stars", "1 star"),
        ("4/10", "9/10"),
        ("thanks :)", "thanks :("),
        ("thank you for the help", "thank you for the delay"),
        ("one of the best films of this year", "one of the worst films of this year"),
        ("https://a.example/1", "https://a.example/2"),
        ("17", "18"),
        ("😀", "😡"),
        ("!", "?"),
        ("今天航班晚点2小时", "今天航班很准时"),
        (SOURCE, "the new kettle from your spring sale broke and I sent it back for the money"),
    ],
)
def test_texts_that_a_person_calls_different_stay_apart(pair):
    assert apart(*pair)


@pytest.mark.parametrize("pair", [("thanks!", "@you Thanks"), ("OK", "ok..."), ("so good!!", "so good")])
def test_short_texts_are_copies_after_normalisation(pair):
    assert together(*pair)


def test_a_text_of_links_and_names_alone_is_compared_as_it_is():
    assert apart("@ann https://a.example/1", "@bob https://a.example/1")
    assert together("@ann  https://a.example/1", "@Ann https://a.example/1")


def test_variants_of_one_template_meet_through_it():
    rng = np.random.default_rng(0)
    words = SOURCE.split()
    variants = []
    for i in range(40):
        changed = list(words)
        changed[rng.integers(len(words))] = f"{'abcdefgh'[i % 8]}q{'xyzuv'[i % 5]}"
        variants.append(" ".join(changed))
    assert together(SOURCE, *variants)


def test_a_chain_of_near_copies_is_cut():
    words = [f"w{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(70)]
    chain = [" ".join(words[i : i + 10]) for i in range(60)]  # neighbours share 9 of 11 words, the ends nothing
    found = clusters(chain)
    assert together(*chain[:2])
    for cluster in set(found.tolist()):
        members = np.flatnonzero(found == cluster)
        assert members.max() - members.min() <= 6


@given(
    st.lists(
        st.sampled_from(["a b c d e f", "a b c d e g", "A b c d e f!", "x", "X", "y 1", "y 2", "", " "]), max_size=9
    )
)
def test_the_order_of_the_texts_does_not_matter(texts):
    forward, backward = clusters(texts), clusters(texts[::-1])[::-1]
    same = forward[:, None] == forward[None, :]
    np.testing.assert_array_equal(same, backward[:, None] == backward[None, :])


def test_adding_texts_of_another_kind_changes_no_cluster():
    rng = np.random.default_rng(3)
    texts = sample_pair(400, 1, seed=5).reference["text"].to_pylist()
    others = ["".join(rng.choice(list("klmnopqrst"), size=40)) for _ in range(200)]
    alone, among = clusters(texts), clusters(others + texts)[200:]
    np.testing.assert_array_equal(alone[:, None] == alone[None, :], among[:, None] == among[None, :])


def test_ordinary_texts_are_hardly_merged():
    texts = sorted(set(sample_pair(3000, 1, seed=6).reference["text"].to_pylist()))
    assert len(set(clusters(texts).tolist())) >= 0.97 * len(texts)


def test_batches_do_not_show(monkeypatch):
    texts = sample_pair(500, 1, seed=7).reference["text"].to_pylist() * 2
    whole = clusters(texts)
    monkeypatch.setattr("textdrift.windows.near_copies._BATCH", 64)
    monkeypatch.setattr("textdrift.windows.min_hashing._CELLS_AT_ONCE", 100)
    np.testing.assert_array_equal(clusters(texts), whole)


def test_no_text_has_no_cluster():
    assert clusters([]).tolist() == []
