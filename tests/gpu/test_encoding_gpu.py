import numpy as np
import pytest
import torch

from textdrift.embeddings import SentenceEncoder, encode_texts

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device; this machine has none"),
]

TEXTS = [
    f"the {colour} {thing} was {'very ' * i}late"
    for i in range(40)
    for colour in ("red", "blue")
    for thing in ("bus", "train")
]


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
def test_cuda_and_cpu_vectors_point_the_same_way(precision):
    on_cpu = encode_texts(TEXTS, SentenceEncoder(device="cpu"), cache=None)
    on_gpu = encode_texts(TEXTS, SentenceEncoder(device="cuda", precision=precision), cache=None)
    norms = np.linalg.norm(on_cpu.points, axis=1) * np.linalg.norm(on_gpu.points, axis=1)
    cosines = (on_cpu.points * on_gpu.points).sum(axis=1) / norms
    assert cosines.min() > 0.999
    assert on_cpu.encoder == on_gpu.encoder


def test_auto_takes_the_gpu_with_its_larger_batches():
    assert SentenceEncoder(device="auto").batch_size == 256


def test_two_runs_on_cuda_give_the_same_numbers():
    first = encode_texts(TEXTS, SentenceEncoder(device="cuda"), cache=None)
    second = encode_texts(TEXTS[::-1], SentenceEncoder(device="cuda"), cache=None)
    np.testing.assert_array_equal(first.points, second.points[::-1])
