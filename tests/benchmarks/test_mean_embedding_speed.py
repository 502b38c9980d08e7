"""Streamed windows: the time of one matrix product over the same file, memory that stays flat, cheap permutations.

Not part of the ordinary suite: run with ``-m speed`` by naming this folder. ``TEXTDRIFT_BENCHMARK_ROWS`` sets the rows
of each window. Every figure is a ratio within one run.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from textdrift.drift.embedding.mean_embedding import MeanEmbedding
from textdrift.drift.embedding.spectral import permuted, units_of_bins
from textdrift.embeddings.features import Basis, sum_features

pytestmark = pytest.mark.speed

ROWS = int(os.environ.get("TEXTDRIFT_BENCHMARK_ROWS", "100000"))
DIMENSIONS = 384
BATCH = 8192
SUMMING = """
import sys
import numpy as np
from textdrift.embeddings.features import Basis, sum_features
points = np.load(sys.argv[1], mmap_mode="r")
basis = Basis.fit(np.asarray(points[:2000], dtype=np.float32))
rows = int(sys.argv[2])

def batches():
    with open(sys.argv[1], "rb") as file:
        file.seek(points.offset)
        for start in range(0, rows, 8192):
            count = min(8192, rows - start)
            yield np.fromfile(file, dtype=points.dtype, count=count * 384).reshape(count, 384)

sum_features(batches(), basis)
# Not getrusage: its peak starts from that of the process that started this one.
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.fixture(scope="module")
def windows(tmp_path_factory):
    """Two files of points, written in chunks: unit vectors of half precision, an elongated cloud."""
    folder, paths = tmp_path_factory.mktemp("vectors"), []
    rng = np.random.default_rng(0)
    scales = (1 / np.sqrt(np.arange(1, DIMENSIONS + 1))).astype(np.float32)
    for name in ("reference", "current"):
        path = folder / f"{name}.npy"
        file = np.lib.format.open_memmap(path, "w+", dtype=np.float16, shape=(ROWS, DIMENSIONS))
        for start in range(0, ROWS, BATCH):
            chunk = rng.standard_normal((min(BATCH, ROWS - start), DIMENSIONS), dtype=np.float32) * scales
            file[start : start + BATCH] = chunk / np.linalg.norm(chunk, axis=1, keepdims=True)
        file.flush()
        del file
        paths.append(path)
    yield paths
    for path in paths:
        path.unlink()


def batches(path):
    points = np.load(path, mmap_mode="r")
    return (points[start : start + BATCH] for start in range(0, len(points), BATCH))


def seconds_of_each(*runs, repeats):
    """The best time of each, taken in turn, so that what else the machine does meets all alike."""
    best = [float("inf")] * len(runs)
    for _ in range(repeats):
        for i, run in enumerate(runs):
            start = time.perf_counter()
            run()
            best[i] = min(best[i], time.perf_counter() - start)
    return best


def test_summing_takes_less_than_twice_one_matrix_product_and_permutations_a_tenth(windows):
    basis = Basis.fit(np.vstack([np.load(path, mmap_mode="r")[:2000] for path in windows]).astype(np.float32))
    leading = np.ascontiguousarray(basis.directions[:, :32], dtype=np.float32)
    sums = [sum_features(batches(path), basis) for path in windows]

    def one_product():
        for path in windows:
            for points in batches(path):
                points.astype(np.float32) @ leading

    def summing():
        for path in windows:
            sum_features(batches(path), basis)

    product_seconds, summing_seconds = seconds_of_each(one_product, summing, repeats=max(2, min(7, 700_000 // ROWS)))
    permuting_seconds, whole_seconds = seconds_of_each(
        lambda: permuted(units_of_bins(*sums), 9999, np.random.default_rng(0)),
        lambda: MeanEmbedding().compare_sums(*sums, rng=np.random.default_rng(0)),
        repeats=3,
    )
    print(
        f"\n{ROWS} + {ROWS} rows: product {product_seconds:.2f} s, sums {summing_seconds:.2f} s "
        f"(ratio {summing_seconds / product_seconds:.2f}), 9,999 permutations {permuting_seconds:.3f} s "
        f"({permuting_seconds / (summing_seconds + permuting_seconds):.3f} of the total), test and effects "
        f"{whole_seconds:.2f} s"
    )
    assert [side.n_documents for side in sums] == [ROWS, ROWS]
    assert summing_seconds <= 2 * product_seconds
    # The permutations cost the same for any number of documents: a tenth of a million rows, a share of fewer.
    assert permuting_seconds * min(1.0, ROWS / 10**6) <= 0.1 * summing_seconds


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from Linux's /proc")
def test_memory_is_flat_in_the_number_of_rows(windows):
    def peak_kilobytes(rows):
        command = [sys.executable, "-c", SUMMING, str(windows[0]), str(rows)]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    few, many = peak_kilobytes(ROWS // 10), peak_kilobytes(ROWS)
    print(f"\npeak memory: {few / 1024:.0f} MB for {ROWS // 10} rows, {many / 1024:.0f} MB for {ROWS}")
    assert many <= 1.1 * few
