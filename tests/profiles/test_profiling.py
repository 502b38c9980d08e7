"""Texts in, Profile out: against counting by hand, whatever the batches, and in bounded memory."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from textdrift.embeddings.features import FeatureSums
from textdrift.errors import ProfileError, SettingsError
from textdrift.profiles import profile_texts, profiling
from textdrift.tokens.tokenization import Tokenization
from textdrift.windows.binning import bins_of

TEXTS = ["Good film", None, "bad film", "", "good FILM!", " \n", "so so"]


def counts_by_term(profile):
    held = np.asarray(profile.counts.holders.sum(axis=0)).ravel().tolist()
    occurred = np.asarray(profile.counts.occurrences.sum(axis=0)).ravel().tolist()
    return {term: (h, n) for term, h, n in zip(profile.counts.terms, held, occurred, strict=True)}


def bins_of_term(profile, term):
    return profile.counts.holders[:, profile.counts.terms.index(term)].nonzero()[0].tolist()


def test_null_and_blank_texts_are_rows_and_no_documents():
    profile = profile_texts([TEXTS])
    assert (profile.n_rows, profile.n_documents) == (7, 4)
    assert counts_by_term(profile) == {"!": (1, 1), "bad": (1, 1), "film": (3, 3), "good": (2, 2), "so": (1, 2)}


def test_a_text_without_terms_is_a_document():
    profile = profile_texts([["the", "film"]], tokenization=Tokenization(stop_words=["the"]))
    assert profile.n_documents == 2
    assert profile.counts.terms == ("film",)


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_the_cut_into_batches_leaves_no_trace(size):
    whole, cut = profile_texts([TEXTS]), profile_texts(TEXTS[i : i + size] for i in range(0, len(TEXTS), size))
    assert counts_by_term(cut) == counts_by_term(whole)
    assert cut.counts.sizes.tolist() == whole.counts.sizes.tolist()
    assert (cut.n_rows, cut.n_documents) == (7, 4)


def test_a_long_batch_is_taken_in_by_the_piece(monkeypatch, basis):
    points = np.random.default_rng(0).normal(size=(7, 6)).astype(np.float32)
    settings = {"points": [points], "basis": basis, "encoder": "mini", "groups": [list("abcdefg")]}
    whole = profile_texts([TEXTS], **settings)
    monkeypatch.setattr(profiling, "_ROWS_WITH_POINTS", 2)
    pieces = profile_texts([TEXTS], **settings)
    assert counts_by_term(pieces) == counts_by_term(whole)
    assert pieces.sums.counts.tolist() == whole.sums.counts.tolist() == whole.counts.sizes.tolist()
    np.testing.assert_allclose(pieces.sums.linear, whole.sums.linear, atol=1e-5)


@pytest.mark.parametrize(
    "batch",
    [
        ["good film", None],
        pa.array(["good film", None]),
        pa.array(["good film", None], pa.large_string()),
        pa.chunked_array([["good film"], [None]]),
        np.array(["good film", None], dtype=object),
        ("good film", None),
    ],
)
def test_texts_come_in_many_shapes(batch):
    profile = profile_texts([batch])
    assert (profile.n_rows, profile.n_documents, profile.counts.terms) == (2, 1, ("film", "good"))


@pytest.mark.parametrize("batches", [[], [[]], [[], []], [[None]], [[" ", None]]])
def test_a_stream_without_a_document_has_an_empty_profile(batches):
    profile = profile_texts(batches)
    assert (profile.n_rows, profile.n_documents) == (sum(map(len, batches)), 0)
    assert profile.counts.terms == ()


def test_one_row_is_a_profile():
    profile = profile_texts([["film"]])
    assert (profile.n_rows, profile.n_documents, counts_by_term(profile)) == (1, 1, {"film": (1, 1)})


def test_copies_share_a_bin_in_every_shard():
    first, second = profile_texts([["Order 7 is late!"]]), profile_texts([["other words"] * 50 + ["late is order 12"]])
    assert bins_of_term(first, "late") == bins_of_term(second, "late")


def test_groups_decide_the_bin_where_there_are_any():
    texts, authors = ["aa bb", "cc dd", "ee ff", "gg hh"], ["ann", None, "ann", " "]
    profile = profile_texts([texts[:1], texts[1:]], groups=[authors[:1], pa.array(authors[1:])])
    of_ann = bins_of(np.array(["ann"]), 256).tolist()
    assert bins_of_term(profile, "aa") == bins_of_term(profile, "ee") == of_ann
    assert bins_of_term(profile, "cc") == bins_of_term(profile_texts([texts]), "cc") != of_ann
    assert profile.units.by == "groups"
    assert profile_texts([texts]).units.by == "texts"
    numbered = profile_texts([texts], groups=[np.array([7, 8, 7, 9])])
    assert bins_of_term(numbered, "aa") == bins_of_term(numbered, "ee") == bins_of(np.array([7]), 256).tolist()


@pytest.mark.parametrize("unit", ["bigrams", "character_trigrams", "length"])
def test_whatever_is_counted_the_bins_are_those_of_the_words(unit):
    texts = ["order 7 is late now", "Late is order 12, now"]
    profile = profile_texts([texts[:1], texts[1:]], tokenization=Tokenization(unit=unit))
    words = profile_texts([texts])
    assert profile.counts.sizes.tolist() == words.counts.sizes.tolist()
    assert profile.counts.sizes.max() == 2
    assert profile.counts.terms != words.counts.terms
    assert profile.tokenization["unit"] == unit


def test_embeddings_are_summed_in_the_bins_of_their_texts(basis):
    points = np.random.default_rng(3).normal(size=(7, 6)).astype(np.float32)
    points[[1, 3, 5]] = np.nan  # rows without a text
    profile = profile_texts(
        [TEXTS[:4], TEXTS[4:]], points=[points[:4], points[4:]], basis=basis, encoder="mini", n_bins=8
    )
    usable = [0, 2, 4, 6]
    bins = [next(iter(np.flatnonzero(profile_texts([[TEXTS[i]]], n_bins=8).counts.sizes))) for i in usable]
    expected = FeatureSums(basis, 8)
    expected.add(points[usable], np.array(bins))
    np.testing.assert_allclose(profile.sums.linear, expected.linear, atol=1e-5)
    np.testing.assert_allclose(profile.sums.quadratic, expected.quadratic, atol=1e-5)
    assert profile.sums.counts.tolist() == profile.counts.sizes.tolist()


def test_what_does_not_go_with_the_rows_is_refused(basis):
    points = {"points": [np.zeros((1, 6))], "basis": basis, "encoder": "mini"}
    for batches, settings, message in [
        ([["a", "b"]], {"groups": [["x"]]}, "batch 0 has 2 texts and 1 groups"),
        ([["a"], ["b"]], {"groups": [["x"]]}, "more batches of texts than of groups"),
        ([["a"]], {"groups": [["x"], ["y"]]}, "more batches of groups than of texts"),
        ([["a", "b"]], points, "batch 0 has 2 texts and 1 points"),
        ([["a"]], points | {"points": [np.zeros(6)]}, "shape \\(n_rows, d\\)"),
        ([["a"]], {"points": [np.zeros((1, 6))]}, "go together"),
        ([["a"]], {"basis": basis, "points": [np.zeros((1, 6))]}, "go together"),
        ([[1, 2]], {}, "batch 0 holds int64"),
        ([["a", 2]], {}, "one kind of values"),
        ([["\ud800"]], {}, "one kind of values"),
        ([["a"]], {"groups": [[0.5]]}, "groups of batch 0 hold double"),
    ]:
        with pytest.raises(ProfileError, match=message):
            profile_texts(batches, **settings)
    with pytest.raises(SettingsError, match="power of two"):
        profile_texts([["a"]], n_bins=100)


MEMORY = """
import resource, sys
import numpy as np
from textdrift.profiles import profile_texts

words = np.array([f"word{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(600)])
rng = np.random.default_rng(0)

def batches(n):
    for _ in range(0, n, 5000):
        yield [" ".join(row) for row in words[rng.integers(0, 600, (5000, 15))]]

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # MiB

profile_texts(batches(20_000))
before = peak()
profile = profile_texts(batches(200_000))
assert profile.n_documents == 200_000
print(peak() - before)
"""


def test_ten_times_the_texts_take_no_more_memory():
    done = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True, timeout=120)
    # The texts alone are 24 MB, their tokens as strings 180 MB.
    assert float(done.stdout) < 16
