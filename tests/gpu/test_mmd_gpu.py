import time

import numpy as np
import pytest
import torch

from textdrift.drift.embedding.mmd import Mmd
from textdrift.embeddings import Embeddings

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device; this machine has none"),
]


def cloud(seed, n, shift=0.0, groups=None):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(n, 384)) / (1 + np.arange(384) / 40) + shift
    return Embeddings(points / np.linalg.norm(points, axis=1, keepdims=True), "test", groups=groups)


@pytest.mark.parametrize("shift", [0.0, 0.01, 0.5])
@pytest.mark.parametrize(("n", "m"), [(500, 500), (1500, 90)])
def test_cuda_and_cpu_give_the_same_p_value(n, m, shift):
    reference, current = cloud(0, n), cloud(1, m, shift)
    on_cpu, on_cuda = (
        Mmd(device=device).compare(reference, current, rng=np.random.default_rng(2)) for device in ("cpu", "cuda")
    )
    assert on_cuda.p_value == on_cpu.p_value
    # Both multiply in float32: they were seen 1.8e-7 apart at a statistic of 0.4, in float64 between the two.
    assert on_cuda.statistic == pytest.approx(on_cpu.statistic, rel=2e-6, abs=1e-7)


def test_cuda_and_cpu_give_the_same_p_value_for_groups():
    reference, current = cloud(3, 900, groups=np.arange(900) // 3), cloud(4, 600, groups=1000 + np.arange(600) // 2)
    on_cpu, on_cuda = (
        Mmd(device=device).compare(reference, current, rng=np.random.default_rng(2)) for device in ("cpu", "cuda")
    )
    assert on_cuda.p_value == on_cpu.p_value


def test_the_same_p_value_where_the_program_allows_tf32():
    reference, current = cloud(5, 800), cloud(6, 700)
    before = torch.get_float32_matmul_precision()
    fine = Mmd(device="cuda").compare(reference, current, rng=np.random.default_rng(2))
    torch.set_float32_matmul_precision("medium")
    try:
        coarse = Mmd(device="cuda").compare(reference, current, rng=np.random.default_rng(2))
    finally:
        torch.set_float32_matmul_precision(before)
    assert coarse.p_value == fine.p_value


def test_ten_thousand_documents_a_window_with_500_permutations():
    reference, current = cloud(7, 10_000), cloud(8, 10_000)
    test = Mmd(n_permutations=500, device="auto")
    test.compare(cloud(7, 50), cloud(8, 50), rng=np.random.default_rng(9))  # starts the device
    start = time.perf_counter()
    result = test.compare(reference, current, rng=np.random.default_rng(9))
    print(f"10,000 + 10,000 documents, 500 permutations: {time.perf_counter() - start:.2f} s")
    assert result.n_documents == (10_000, 10_000)
    assert "CUDA" in result.notes[0]
    assert 0.0 < result.p_value <= 1.0
