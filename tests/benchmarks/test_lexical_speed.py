"""Counting words and comparing them: ratios to scikit-learn's CountVectorizer in the same run, and memory of a stream.

Not part of the ordinary suite: run with ``-m speed -s`` on an idle machine. ``TEXTDRIFT_BENCHMARK_TEXTS`` sets the
number of short texts, ``TEXTDRIFT_BENCHMARK_FILE`` names a parquet file whose column ``text`` replaces made-up ones.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from textdrift import compare_profiles
from textdrift.drift.lexical.token_frequency import TokenFrequency
from textdrift.drift.lexical.vocabulary import Vocabulary
from textdrift.profiles import profile_texts
from textdrift.tokens.counting import count_tokens
from textdrift.tokens.document_bins import documents_in_bins

pytestmark = pytest.mark.speed

TEXTS = int(os.environ.get("TEXTDRIFT_BENCHMARK_TEXTS", "1000000"))
PATTERN = r"\w+|[^\w\s]+"
STREAM = """
import sys
sys.path.insert(0, sys.argv[1])
from test_lexical_speed import made_up
from textdrift.profiles import profile_texts
n = int(sys.argv[2])
profile_texts(made_up(50_000, seed) for seed in range(n // 50_000))
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def made_up(n, seed):
    """Make short texts, 15 words on average, of a vocabulary that grows as one of tweets does."""
    rng = np.random.default_rng([seed, 1])
    lengths = rng.integers(4, 27, size=n)
    # P(rank > r) goes as one over the root of r: the vocabulary grows as the tokens to the power of 2/3.
    ranks = (20 * np.minimum(rng.random(int(lengths.sum())) ** -2.0, 1e12)).astype(np.int64) % 2_000_000_011
    letters = np.frombuffer(b"etaoinsrhldcumfpgwyb", dtype=np.uint8)
    digits = np.zeros((len(ranks), 8), dtype=np.uint8)
    rest = ranks.copy()
    for place in range(8):
        digits[:, place] = np.where(rest > 0, letters[rest % 20], 0)
        rest //= 20
    words = pa.array(digits.view("S8").ravel().astype(str), pa.string())
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32())
    texts = pc.binary_join(pa.ListArray.from_arrays(offsets, words), " ")
    marks = np.array(["", "!", ".", "?!"], dtype=object)[rng.integers(0, 4, size=n)]
    return pc.binary_join_element_wise(texts, pa.array(marks, pa.string()), "").cast(pa.large_string())


@pytest.fixture(scope="module")
def texts():
    file = os.environ.get("TEXTDRIFT_BENCHMARK_FILE")
    if file:
        return pq.read_table(file, columns=["text"]).column("text").combine_chunks().cast(pa.large_string())[:TEXTS]
    parts = [made_up(min(50_000, TEXTS - start), seed) for seed, start in enumerate(range(0, TEXTS, 50_000))]
    return pa.concat_arrays(parts)


def seconds_of_each(*runs, repeats):
    """The best time of each, taken in turn, so that what else the machine does meets all alike."""
    best = [float("inf")] * len(runs)
    for _ in range(repeats):
        for place, run in enumerate(runs):
            start = time.perf_counter()
            run()
            best[place] = min(best[place], time.perf_counter() - start)
    return best


def test_counting_is_four_times_as_fast_as_scikit_learn_and_the_report_hardly_slower(texts):
    half = len(texts) // 2
    none = pa.array([], pa.large_string())
    lines = texts.to_pylist()
    kept = {}

    def scikit_learn():
        vectorizer = CountVectorizer(token_pattern=PATTERN)
        kept["theirs"] = vectorizer.fit_transform(lines), vectorizer

    def counting():
        kept["ours"] = count_tokens(texts, none)[0]

    def report():
        rng = np.random.default_rng(0)
        rows = documents_in_bins(*count_tokens(texts[:half], texts[half:]), rng=rng)
        kept["results"] = [test.compare(*rows, rng=rng) for test in (Vocabulary(), TokenFrequency())]

    def profiles():
        kept["report"] = compare_profiles(profile_texts([texts[:half]]), profile_texts([texts[half:]]))

    theirs, ours, whole, streamed = seconds_of_each(scikit_learn, counting, report, profiles, repeats=3)
    print(
        f"\n{len(texts):,} texts: scikit-learn {theirs:.2f} s, documents x terms {ours:.2f} s ({theirs / ours:.1f}x), "
        f"counted and tested {whole:.2f} s ({whole / ours:.2f} of counting, {4 * whole / theirs:.2f} of a quarter of "
        f"scikit-learn), by two profiles {streamed:.2f} s ({streamed / ours:.2f} of counting)"
    )
    counts, vectorizer = kept["theirs"]
    if not os.environ.get(
        "TEXTDRIFT_BENCHMARK_FILE"
    ):  # real texts hold marks that the two tell apart, see WordTokenizer
        assert tuple(vectorizer.get_feature_names_out()) == kept["ours"].terms
        assert (counts != kept["ours"].counts).nnz == 0
    assert min(result.p_value for result in kept["results"]) > 0.001
    assert kept["report"].verdict in {"no_drift", "inconclusive"}
    assert ours <= theirs / 4
    assert whole <= 1.3 * theirs / 4


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from Linux's /proc")
def test_ten_times_the_texts_need_far_less_than_ten_times_the_memory():
    def peak_kilobytes(n):
        command = [sys.executable, "-c", STREAM, str(Path(__file__).parent), str(n)]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    few, many = peak_kilobytes(TEXTS), peak_kilobytes(10 * TEXTS)
    print(f"\npeak memory: {few / 1024:.0f} MB for {TEXTS:,} texts, {many / 1024:.0f} MB for {10 * TEXTS:,}")
    assert many <= 4 * few
