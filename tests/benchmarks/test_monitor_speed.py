"""How long a model server is held up by its monitor; run with -m speed -s."""

import statistics
import threading
import time

import pyarrow.parquet as pq
import pytest

from textdrift import Monitor
from textdrift.job_config import JobConfig
from textdrift.windows.simulating import sample_pair

N = 20_000
MEDIAN_SECONDS, MEAN_SECONDS = 20e-6, 100e-6

pytestmark = pytest.mark.speed


@pytest.fixture
def monitor(tmp_path):
    pq.write_table(sample_pair(600, 1, seed=1).reference, tmp_path / "reference.parquet")
    config = JobConfig(
        name="speed",
        reference=str(tmp_path / "reference.parquet"),
        columns={"text": "text", "prediction": "prediction", "id": "id"},
        tests={"lexical": {}},
        history=f"sqlite:///{tmp_path}/drift.db",
        report={"folder": str(tmp_path / "reports"), "formats": ["json"]},
        stream={"rows": 500},
    )
    monitor = Monitor(config)
    yield monitor
    monitor._waiting.clear()
    monitor.close(30)


def calls(monitor, texts, seconds):
    for i in range(N):
        begun = time.perf_counter()
        monitor.update(texts[i % len(texts)], "positive", id=i)
        seconds.append(time.perf_counter() - begun)


@pytest.mark.parametrize("n_threads", [1, 8])
def test_an_update_takes_microseconds_while_windows_are_judged(monitor, n_threads):
    texts = sample_pair(400, 1, seed=2).reference.column("text").to_pylist()
    seconds = [[] for _ in range(n_threads)]
    threads = [threading.Thread(target=calls, args=(monitor, texts, each)) for each in seconds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    every = sorted(second for each in seconds for second in each)
    median, worst = statistics.median(every), every[int(0.999 * len(every))]
    print(
        f"{n_threads} threads: median {median * 1e6:.1f} µs, mean {statistics.fmean(every) * 1e6:.1f} µs, "
        f"99.9 % {worst * 1e6:.0f} µs"
    )
    assert median < MEDIAN_SECONDS
    assert statistics.fmean(every) < MEAN_SECONDS * n_threads
