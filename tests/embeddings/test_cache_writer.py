import threading

import numpy as np
import pytest

from textdrift.embeddings import VectorCache, cache_writer, encode_texts
from textdrift.embeddings.cache_writer import CacheWriter
from textdrift.embeddings.vector_cache import text_keys

TEXTS = [f"text number {i}" for i in range(60)]


class BrokenCache(VectorCache):
    calls = 0

    def put(self, space, keys, vectors, *, truncation=None):
        BrokenCache.calls += 1
        raise ValueError("the disk said no")


class LockedCache(BrokenCache):
    def put(self, space, keys, vectors, *, truncation=None):
        BrokenCache.calls += 1
        return False


class NumberEncoder:
    """The length and the last number of a text; may stop, and counts what it was asked."""

    name, fingerprint, precision, batch_size = "numbers", "0a0a0a0a", "float32", 1

    def __init__(self, fail_after=10**9):
        self.n_asked, self.fail_after = 0, fail_after

    def encode(self, texts):
        self.n_asked += len(texts)
        if self.n_asked > self.fail_after:
            raise KeyboardInterrupt
        return np.array([[len(text), float(text.split()[-1])] for text in texts], dtype=np.float32)


@pytest.fixture(autouse=True)
def no_calls():
    BrokenCache.calls = 0


def test_all_groups_are_on_the_disk_when_the_writer_is_done(tmp_path):
    cache = VectorCache(tmp_path)
    with CacheWriter(cache, "a space") as writer:
        for i in range(7):
            writer.write(text_keys([f"text {i}"]), np.full((1, 3), i, dtype=np.float16), None)
    known = cache.get("a space", text_keys([f"text {i}" for i in range(7)]))
    assert known.vectors[:, 0].tolist() == [0, 1, 2, 3, 4, 5, 6]


def test_an_error_of_the_cache_reaches_the_caller_and_no_thread_is_left(tmp_path):
    with pytest.raises(ValueError, match="the disk said no"):
        encode_texts(TEXTS, NumberEncoder(), cache=BrokenCache(tmp_path))
    assert BrokenCache.calls == 1
    assert "textdrift-cache" not in {thread.name for thread in threading.enumerate()}


def test_a_cache_that_cannot_be_written_is_asked_once(tmp_path):
    points = encode_texts(TEXTS, NumberEncoder(), cache=LockedCache(tmp_path)).points
    assert BrokenCache.calls == 1
    np.testing.assert_array_equal(points, encode_texts(TEXTS, NumberEncoder(), cache=None).points)


def test_an_interrupted_run_has_written_every_batch_that_was_computed_and_the_interrupt_comes_through(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        encode_texts(TEXTS, NumberEncoder(fail_after=40), cache=VectorCache(tmp_path))
    again = NumberEncoder()
    points = encode_texts(TEXTS, again, cache=VectorCache(tmp_path)).points
    assert again.n_asked == len(TEXTS) - 40
    np.testing.assert_array_equal(points, encode_texts(TEXTS, NumberEncoder(), cache=None).points)


class WatchingEncoder(NumberEncoder):
    """Looks, before each batch, how many of the texts before it are on the disk."""

    batch_size = 5

    def __init__(self, cache):
        super().__init__()
        self.cache, self.n_lost = cache, []

    def encode(self, texts):
        if self.n_asked:  # the first batch makes the file
            known = self.cache.get(f"{self.fingerprint}/{self.precision}", text_keys(TEXTS))
            self.n_lost.append(self.n_asked - int(known.found.sum()))
        return super().encode(texts)


@pytest.mark.parametrize(("cheap", "most_batches"), [(float("inf"), 0), (0.0, 1)])
def test_what_a_kill_loses_beside_the_batch_in_hand_is_one_batch_at_most(tmp_path, monkeypatch, cheap, most_batches):
    monkeypatch.setattr(cache_writer, "_CHEAP", cheap)  # whether a write is waited for
    encoder = WatchingEncoder(VectorCache(tmp_path))
    encode_texts(TEXTS, encoder, cache=encoder.cache)
    assert len(encoder.n_lost) == len(TEXTS) // 5 - 1
    assert max(encoder.n_lost) <= most_batches * 5


def write_and_stop(cache):
    with CacheWriter(cache, "a space") as writer:
        writer.write(text_keys(["a"]), np.ones((1, 2), dtype=np.float16), None)
        raise KeyboardInterrupt


def test_an_error_of_the_encoder_hides_that_of_the_cache(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        write_and_stop(BrokenCache(tmp_path))
