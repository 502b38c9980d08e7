import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textdrift.embeddings import HashingEncoder, VectorCache, encode_texts
from textdrift.errors import EncoderError

TEXTS = [
    f"the {colour} {thing} number {i}" for i in range(9) for colour in ("red", "blue") for thing in ("cup", "train")
]


class CountingEncoder:
    """The hashing encoder, which remembers what it was asked."""

    name = "counting"
    precision = "float32"

    def __init__(self, batch_size=5, dimension=32, fail_after=None):
        self.hashing = HashingEncoder(dimension)
        self.batch_size = batch_size
        self.batches = []
        self.fail_after = fail_after

    @property
    def fingerprint(self):
        return self.hashing.fingerprint

    def encode(self, texts):
        if self.fail_after is not None and len(self.batches) >= self.fail_after:
            raise KeyboardInterrupt
        self.batches.append(list(texts))
        return self.hashing.encode(texts)


class FixedEncoder(CountingEncoder):
    def __init__(self, answer):
        super().__init__()
        self.answer = answer

    def encode(self, texts):
        return self.answer(len(texts))


def test_each_distinct_text_is_encoded_once():
    encoder = CountingEncoder()
    embeddings = encode_texts(TEXTS * 3, encoder, cache=None)
    asked = [text for batch in encoder.batches for text in batch]
    assert sorted(asked) == sorted(TEXTS)
    assert len(embeddings) == 3 * len(TEXTS)
    np.testing.assert_array_equal(embeddings.points[: len(TEXTS)], embeddings.points[len(TEXTS) : 2 * len(TEXTS)])


def test_every_row_gets_the_vector_of_its_own_text():
    points = encode_texts(TEXTS, CountingEncoder(), cache=None).points
    np.testing.assert_allclose(points, HashingEncoder(32).encode(TEXTS), atol=1e-3)


def test_batches_are_sorted_by_length_and_do_not_depend_on_the_order_of_rows():
    forward, backward = CountingEncoder(), CountingEncoder()
    first = encode_texts(TEXTS, forward, cache=None).points
    second = encode_texts(TEXTS[::-1], backward, cache=None).points
    assert forward.batches == backward.batches
    lengths = [len(text) for batch in forward.batches for text in batch]
    assert lengths == sorted(lengths)
    assert max(len(batch) for batch in forward.batches) == 5
    np.testing.assert_array_equal(first, second[::-1])


def test_the_second_run_never_calls_the_encoder_and_gives_the_same_numbers(tmp_path):
    first = encode_texts(TEXTS, CountingEncoder(), cache=VectorCache(tmp_path))
    silent = CountingEncoder(fail_after=0)
    second = encode_texts(TEXTS[::-1], silent, cache=VectorCache(tmp_path))
    np.testing.assert_array_equal(first.points, second.points[::-1])
    assert silent.batches == []
    assert first.encoder == second.encoder == f"counting@{silent.fingerprint[:12]}"


def test_the_cache_changes_no_number(tmp_path):
    with_cache = encode_texts(TEXTS, CountingEncoder(), cache=VectorCache(tmp_path)).points
    without = encode_texts(TEXTS, CountingEncoder(), cache=None).points
    np.testing.assert_array_equal(with_cache, without)
    assert without.dtype == np.float32
    np.testing.assert_array_equal(without, without.astype(np.float16).astype(np.float32))


def test_only_new_texts_are_encoded(tmp_path):
    cache = VectorCache(tmp_path)
    encode_texts(TEXTS[:30], CountingEncoder(), cache=cache)
    encoder = CountingEncoder()
    points = encode_texts(TEXTS, encoder, cache=cache).points
    assert sorted(text for batch in encoder.batches for text in batch) == sorted(TEXTS[30:])
    np.testing.assert_array_equal(points, encode_texts(TEXTS, CountingEncoder(), cache=None).points)


def test_another_fingerprint_or_precision_is_encoded_anew(tmp_path):
    cache = VectorCache(tmp_path)
    encode_texts(TEXTS, CountingEncoder(), cache=cache)
    other = CountingEncoder(dimension=16)
    encode_texts(TEXTS, other, cache=cache)
    assert other.batches
    rounded = CountingEncoder()
    rounded.precision = "bfloat16"
    encode_texts(TEXTS, rounded, cache=cache)
    assert rounded.batches


def test_an_interrupted_run_keeps_the_batches_it_committed(tmp_path):
    cache = VectorCache(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        encode_texts(TEXTS, CountingEncoder(batch_size=1, fail_after=20), cache=cache)
    encoder = CountingEncoder(batch_size=1)
    encode_texts(TEXTS, encoder, cache=cache)
    assert len(encoder.batches) == len(TEXTS) - 20


def test_a_cache_that_cannot_be_written_stops_nothing_and_is_told_once(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    points = encode_texts(TEXTS, CountingEncoder(batch_size=1), cache=VectorCache(tmp_path / "file")).points
    np.testing.assert_array_equal(points, encode_texts(TEXTS, CountingEncoder(), cache=None).points)
    assert len(caplog.records) <= 2


@pytest.mark.parametrize(
    "wrap", [pa.array, lambda t: pa.array(t, pa.large_string()), lambda t: pa.chunked_array([t]), tuple]
)
def test_any_arrow_or_python_sequence_of_strings_will_do(wrap):
    points = encode_texts(wrap(TEXTS), CountingEncoder(), cache=None).points
    np.testing.assert_array_equal(points, encode_texts(TEXTS, CountingEncoder(), cache=None).points)


@given(st.lists(st.text(), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_shuffled_rows_get_shuffled_vectors(texts, random):
    order = list(range(len(texts)))
    random.shuffle(order)
    points = encode_texts(texts, HashingEncoder(8, batch_size=3), cache=None).points
    shuffled = encode_texts([texts[i] for i in order], HashingEncoder(8, batch_size=3), cache=None).points
    np.testing.assert_array_equal(points[order], shuffled)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda n: np.ones((n + 1, 3), np.float32), r"shape \(5, d\); got \(6, 3\)"),
        (lambda n: np.ones(n, np.float32), "one vector per text"),
        (lambda n: np.ones((n, 0), np.float32), "one vector per text"),
        (lambda n: np.full((n, 3), np.nan, np.float32), "NaN or infinity for a text of"),
        (lambda n: np.full((n, 3), 1e6, np.float32), "beyond float16"),
        (lambda n: np.full((n, 3), 1e-12, np.float32), "largest value is 1e-12, which float16 rounds away"),
        (lambda n: np.full((n, 3), -5e-6, np.float64), "divide each vector by its length"),
        (lambda n: np.ones((n, 3), np.int64), "floating point numbers; got int64"),
        (lambda n: [["a"] * 3] * n, "floating point"),
        (lambda n: np.ones((n, n), np.float32), "vectors of one length"),
    ],
)
def test_an_encoder_that_breaks_its_promise_is_named(answer, message):
    with pytest.raises(EncoderError, match=message):
        encode_texts([f"text number {i}" for i in range(8)], FixedEncoder(answer), cache=None)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["a", None], "the first in row 1"),
        (["a", 3], "must be strings"),
        (["lone surrogate \ud800"], "valid Unicode"),
        ("one string", "put it in a list"),
        ([], "at least one"),
    ],
)
def test_texts_that_are_none_are_refused(texts, message):
    with pytest.raises(EncoderError, match=message):
        encode_texts(texts, HashingEncoder(), cache=None)


@pytest.mark.parametrize("progress", [None, True])
def test_there_is_no_progress_bar_where_stderr_is_no_terminal(capfd, progress):
    encode_texts([f"text {i}" for i in range(500)], HashingEncoder(8, batch_size=10), cache=None, progress=progress)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("n_texts", "progress", "shown"), [(500, None, True), (100, None, False), (100, True, True), (500, False, False)]
)
def test_a_terminal_sees_a_bar_for_long_work_on_stderr_only(capsys, monkeypatch, n_texts, progress, shown):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    encode_texts([f"text {i}" for i in range(n_texts)], HashingEncoder(8, batch_size=10), cache=None, progress=progress)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert ("encoding texts" in printed.err) is shown


@pytest.mark.parametrize("answer", [lambda _: 1 / 0, lambda n: [[1.0], [1.0, 2.0]] * n])
def test_an_encoder_that_fails_or_returns_ragged_lists_is_named(answer):
    with pytest.raises(EncoderError, match="the encoder counting failed on a batch") as caught:
        encode_texts(TEXTS, FixedEncoder(answer), cache=None)
    assert caught.value.__cause__ is not None


def test_a_vector_of_zeros_is_no_vector_that_vanished():
    points = encode_texts(TEXTS, FixedEncoder(lambda n: np.eye(n, 5, 1, dtype=np.float32)), cache=None).points
    assert (points == 0.0).all(axis=1).any()


def test_an_encoder_whose_name_is_no_string_is_refused():
    encoder = FixedEncoder(lambda n: np.ones((n, 2)))
    encoder.name = 7
    with pytest.raises(EncoderError, match=r"has the name 7 \(int\)"):
        encode_texts(TEXTS, encoder, cache=None)
