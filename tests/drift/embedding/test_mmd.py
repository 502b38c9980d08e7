"""The exact kernel test behind the contract: level, power, groups, devices, evidence, what it refuses."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import numpy as np
import pytest
import torch

from textdrift.drift.embedding import mmd
from textdrift.drift.embedding.mmd import Mmd
from textdrift.embeddings import Embeddings
from textdrift.errors import EmbeddingsError, SettingsError
from textdrift.stats.kernels import TileSize

SMALL = os.environ.get("TEXTDRIFT_CALIBRATION") == "small"


def cloud(rng, n, d=16, shift=0.0, groups=None):
    points = rng.normal(size=(n, d)).astype(np.float32)
    points[:, 0] += shift
    return Embeddings(points, encoder="test", groups=groups)


def cloud_in_groups(rng, n, share, d=16, name=""):
    """A cloud of which ``share`` of the rows come in groups of five that write nearly the same."""
    n_groups = int(n * share) // 5
    centres = np.repeat(rng.normal(size=(n_groups, d)), 5, axis=0)
    points = np.concatenate([centres + 0.1 * rng.normal(size=centres.shape), rng.normal(size=(n - 5 * n_groups, d))])
    groups = [f"{name}{i // 5 if i < 5 * n_groups else i + n}" for i in range(n)]
    order = rng.permutation(n)
    return Embeddings(points[order], "test", groups=np.array(groups)[order])


def rejections(test, draw, rng, repetitions):
    return np.mean([test.compare(*draw(), rng=rng).p_value <= 0.05 for _ in range(repetitions)])


def most_at_level(repetitions, level=0.05):
    return level + 3 * np.sqrt(level * (1 - level) / repetitions)


@pytest.mark.parametrize(("n", "m"), [(40, 25), (60, 60), (100, 10)])
def test_identical_windows_do_not_drift(n, m):
    rng = np.random.default_rng(n)
    share = rejections(Mmd(n_permutations=59), lambda: (cloud(rng, n), cloud(rng, m)), rng, 200)
    assert 0.05 - 3 * np.sqrt(0.05 * 0.95 / 200) <= share <= most_at_level(200)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "m"), [(400, 40), (200, 200)])
def test_level_is_kept_with_a_fifth_of_the_rows_in_groups(n, m):
    rng = np.random.default_rng(n + m)
    repetitions = 100 if SMALL else 400
    draw = lambda: (cloud_in_groups(rng, n, 0.2, name="r"), cloud_in_groups(rng, m, 0.2, name="c"))
    assert rejections(Mmd(n_permutations=99), draw, rng, repetitions) <= most_at_level(repetitions)


@pytest.mark.slow
def test_without_groups_the_same_rows_raise_false_alarms():
    rng = np.random.default_rng(5)
    bare = lambda window: Embeddings(window.points, "test")
    draw = lambda: tuple(bare(cloud_in_groups(rng, 200, 0.5)) for _ in range(2))
    assert rejections(Mmd(n_permutations=99), draw, rng, 60) > 0.3


def test_a_moved_mean_is_found():
    rng = np.random.default_rng(7)
    draw = lambda: (cloud(rng, 80), cloud(rng, 80, shift=1.0))
    assert rejections(Mmd(n_permutations=99), draw, rng, 20) >= 0.9


def test_a_moved_mean_is_found_in_groups():
    rng = np.random.default_rng(8)

    def draw():
        before, after = cloud_in_groups(rng, 100, 0.2, name="r"), cloud_in_groups(rng, 80, 0.2, name="c")
        return before, Embeddings(after.points + np.float32(0.4), "test", groups=after.groups)

    assert rejections(Mmd(n_permutations=99), draw, rng, 20) >= 0.9


def test_the_p_value_counts_the_observed_split_and_is_never_zero():
    rng = np.random.default_rng(1)
    result = Mmd(n_permutations=19).compare(cloud(rng, 60), cloud(rng, 60, shift=5.0), rng=rng)
    assert result.p_value == pytest.approx(1 / 20)


def test_the_same_seed_gives_the_same_answer():
    reference, current = cloud(np.random.default_rng(3), 50), cloud(np.random.default_rng(4), 50, shift=0.2)
    results = [Mmd(n_permutations=99).compare(reference, current, rng=np.random.default_rng(5)) for _ in range(2)]
    assert results[0] == results[1]


@pytest.mark.parametrize("grouped", [False, True])
def test_numpy_and_torch_and_onednn_give_the_same_p_value(monkeypatch, grouped):
    rng = np.random.default_rng(6)
    reference, current = cloud(rng, 300, d=40), cloud(rng, 200, d=40, shift=0.35)
    if grouped:
        reference, current = cloud_in_groups(rng, 300, 0.2), cloud_in_groups(rng, 200, 0.2)
    small = (TileSize(64, 100),)
    results = []
    for moved, product in [
        (lambda points: points, mmd.plain_product),
        (torch.from_numpy, mmd.plain_product),
        (lambda points: points, mmd._onednn_product),
    ]:
        processor = mmd._Processor("CPU", moved, product, small)
        monkeypatch.setattr(mmd, "_processor", lambda asked, processor=processor: processor)
        results.append(Mmd().compare(reference, current, rng=np.random.default_rng(0)))
    assert len({result.p_value for result in results}) == 1
    assert 0.01 < results[0].p_value < 0.99
    assert np.ptp([result.statistic for result in results]) < 1e-7


@pytest.mark.parametrize(
    ("capability", "onednn", "product"),
    [
        ("AVX512", True, mmd._onednn_product),
        ("AVX512", False, mmd.plain_product),
        ("AVX2", True, mmd.plain_product),
    ],
)
def test_onednn_multiplies_only_where_it_is_faster(monkeypatch, capability, onednn, product):
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: onednn)
    assert mmd._processor("cpu").product is product


def test_there_are_as_many_workers_as_torch_has_threads_and_the_process_processors(monkeypatch):
    monkeypatch.setattr(mmd, "_onednn_is_faster", lambda: True)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1, 2}, raising=False)
    for n_threads, n_workers in [(1, 1), (2, 2), (64, 3)]:
        monkeypatch.setattr(torch, "get_num_threads", lambda n_threads=n_threads: n_threads)
        assert mmd._processor("cpu").n_workers == n_workers


def with_workers(monkeypatch, n_workers, product=mmd._onednn_product):
    processor = mmd._Processor("CPU", lambda points: points, product, (TileSize(64, 100),), n_workers)
    monkeypatch.setattr(mmd, "_processor", lambda asked: processor)


def test_any_number_of_workers_gives_the_same_result_to_the_last_bit(monkeypatch):
    rng = np.random.default_rng(6)
    reference, current = cloud(rng, 1300), cloud(rng, 200, shift=0.35)
    results = []
    for n_workers in (1, 2, 5):
        with_workers(monkeypatch, n_workers)
        results.append(Mmd(n_permutations=99).compare(reference, current, rng=np.random.default_rng(0)))
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize("broken", [False, True])
def test_workers_multiply_on_one_thread_and_leave_torch_its_threads(monkeypatch, broken):
    seen = {}

    def product(left, right):
        seen[threading.current_thread().name] = torch.get_num_threads()
        if broken:
            raise FloatingPointError
        return mmd._onednn_product(left, right)

    def threads_of_another_thread():
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(torch.get_num_threads).result()

    with_workers(monkeypatch, 2, product)
    rng = np.random.default_rng(6)
    reference, current = cloud(rng, 500), cloud(rng, 500)
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        with pytest.raises(FloatingPointError) if broken else nullcontext():
            Mmd(n_permutations=19).compare(reference, current, rng=rng)
        assert torch.get_num_threads() == 3
        assert threads_of_another_thread() == 3
    finally:
        torch.set_num_threads(before)
    assert set(seen.values()) == {1}
    assert all(name.startswith("mmd") for name in seen)


def test_a_program_that_allows_coarse_products_gets_fine_ones_here():
    rng = np.random.default_rng(6)
    reference, current = cloud(rng, 50), cloud(rng, 50)
    fine = Mmd().compare(reference, current, rng=np.random.default_rng(0))
    torch.set_float32_matmul_precision("medium")
    try:
        coarse = Mmd().compare(reference, current, rng=np.random.default_rng(0))
        assert torch.get_float32_matmul_precision() == "medium"
    finally:
        torch.set_float32_matmul_precision("highest")
    assert coarse == fine


def test_a_common_offset_and_a_common_scale_change_nothing():
    rng = np.random.default_rng(9)
    reference, current = cloud(rng, 80), cloud(rng, 70, shift=0.5)
    moved = [Embeddings(window.points.astype(float) * 1000 + 1000, "test") for window in (reference, current)]
    near = Mmd().compare(reference, current, rng=np.random.default_rng(0))
    far = Mmd().compare(*moved, rng=np.random.default_rng(0))
    assert far.p_value == near.p_value
    assert far.statistic == pytest.approx(near.statistic, rel=1e-4)


def test_the_parts_sum_to_the_statistic():
    rng = np.random.default_rng(10)
    reference, current = cloud_in_groups(rng, 90, 0.3, name="r"), cloud_in_groups(rng, 60, 0.3, name="c")
    current = Embeddings(current.points + np.float32(0.5), "test", groups=current.groups)
    parts = Mmd().parts(reference, current)
    result = Mmd(n_permutations=1).compare(reference, current, rng=rng)
    assert (len(parts.reference), len(parts.current)) == (90, 60)
    assert parts.total == pytest.approx(result.statistic, rel=1e-6)
    assert result.evidence == (parts.evidence(),)


def test_the_documents_of_a_new_topic_come_first():
    rng = np.random.default_rng(11)
    current = cloud(rng, 60)
    points = current.points.copy()
    points[10:20] = 0.3 * points[10:20] + 2.0
    parts = Mmd().parts(cloud(rng, 60), Embeddings(points, "test"))
    assert set(np.argsort(-parts.current)[:8]) <= set(range(10, 20))


def test_every_document_is_looked_at_unless_a_sample_is_asked_for():
    rng = np.random.default_rng(8)
    reference, current = cloud(rng, 120), cloud(rng, 60, shift=2.0)
    every = Mmd(n_permutations=19, device="cpu").compare(reference, current, rng=rng)
    assert every.n_documents == (120, 60)
    assert every.notes == ("Engine: textdrift Mmd, 19 permutations, every document, CPU.",)
    sample = Mmd(n_permutations=19, max_documents=50).compare(reference, current, rng=rng)
    assert sample.n_documents == (50, 50)
    assert "a random sample of 50 of 120 reference and 50 of 60 current documents" in sample.notes[0]
    assert max(row["document"] for row in sample.table("documents") if row["window"] == "reference") >= 50


def test_rows_of_a_group_count_once():
    rng = np.random.default_rng(12)
    reference, current = cloud(rng, 6, groups=list("aabbcd")), cloud(rng, 5, groups=list("eefff"))
    result = Mmd(n_permutations=19).compare(reference, current, rng=rng)
    assert result.n_documents == (4, 2)


@pytest.mark.parametrize("groups", [None, (list("aaaaa"), list("bcdef"))])
def test_a_window_of_one_independent_document_has_p_one_and_says_why(groups):
    rng = np.random.default_rng(10)
    n = 1 if groups is None else 5
    first, second = groups or (None, None)
    result = Mmd(n_permutations=19).compare(cloud(rng, n, groups=first), cloud(rng, 5, groups=second), rng=rng)
    assert (result.p_value, result.statistic) == (1.0, 0.0)
    assert "one independent document" in result.notes[1]


def test_windows_in_one_place_do_not_drift_and_two_places_do():
    here, there = Embeddings(np.full((30, 3), 0.1), "e"), Embeddings(np.zeros((30, 3)), "e")
    same = Mmd(n_permutations=99).compare(here, here, rng=np.random.default_rng(0))
    apart = Mmd(n_permutations=99).compare(here, there, rng=np.random.default_rng(0))
    assert same.p_value == 1.0
    assert apart.p_value == pytest.approx(0.01)


def test_many_copies_in_the_reference_leave_a_kernel_that_sees():
    rng = np.random.default_rng(0)
    reference = cloud(rng, 60)
    points = reference.points.copy()
    points[:55] = points[0]
    same = Mmd(n_permutations=99).compare(Embeddings(points, "test"), Embeddings(points[::2], "test"), rng=rng)
    apart = Mmd(n_permutations=99).compare(Embeddings(points, "test"), cloud(rng, 60), rng=rng)
    assert same.p_value > 0.1
    assert apart.p_value == pytest.approx(0.01)


@pytest.mark.parametrize(("n_workers", "product"), [(2, mmd._onednn_product), (0, mmd.plain_product)])
def test_points_of_very_different_lengths_give_an_answer_and_no_warning(monkeypatch, n_workers, product):
    with_workers(monkeypatch, n_workers, product)
    rng = np.random.default_rng(0)
    near, far = rng.normal(size=(18, 3)), 1e9 * rng.normal(size=(4, 3))
    spread = Embeddings(np.concatenate([near, far]), "e")
    assert 0 < Mmd().compare(spread, spread, rng=rng).p_value <= 1


def test_a_full_gpu_gets_smaller_tiles_and_then_a_clear_error(monkeypatch):
    tried = []

    def compute(size, product):
        tried.append(size)
        if len(tried) < at_last:
            raise torch.OutOfMemoryError
        return "done"

    processor = mmd._Processor("CUDA", torch.from_numpy, mmd.plain_product, mmd._TILES_ON_CUDA)
    at_last = 3
    assert mmd._with_smaller_tiles(compute, processor) == "done"
    assert tried == list(mmd._TILES_ON_CUDA)
    at_last = 99
    with pytest.raises(SettingsError, match=r"1024 x 2048.*device='cpu'"):
        mmd._with_smaller_tiles(compute, processor)


def test_cuda_without_a_device_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SettingsError, match="no CUDA device"):
        Mmd(device="cuda").compare(Embeddings(np.eye(3), "a"), Embeddings(np.eye(3), "a"), rng=np.random.default_rng(0))


def test_points_of_two_encoders_are_refused():
    with pytest.raises(EmbeddingsError, match="two encoders"):
        Mmd().compare(Embeddings(np.eye(3), "a"), Embeddings(np.eye(3), "b"), rng=np.random.default_rng(0))


@pytest.mark.parametrize("field", [{"n_permutations": 0}, {"max_documents": 1}, {"device": "tpu"}])
def test_bad_settings_are_refused(field):
    with pytest.raises(SettingsError):
        Mmd(**field)
