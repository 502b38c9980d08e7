"""Alibi Detect's MMD behind our contract: same statistic, a p-value that is one, level, power, clear errors."""

import warnings

import numpy as np
import pytest

from textdrift.drift.embedding import AlibiMmd
from textdrift.embeddings import Embeddings
from textdrift.errors import EmbeddingsError, SettingsError


def cloud(rng, n, d=16, shift=0.0):
    points = rng.normal(size=(n, d)).astype(np.float32)
    points[:, 0] += shift
    return Embeddings(points, encoder="test")


def unbiased_mmd(x, y):
    """The statistic by its definition, double loops and all, with Alibi Detect's bandwidth."""
    squared = lambda a, b: ((a[:, None] - b[None]) ** 2).sum(-1)
    n, m = len(x), len(y)
    distances = np.sort(squared(x, x).ravel())
    bandwidth = 0.5 * distances[n + (n * n - n) // 2 - 1]
    kernel = lambda a, b: np.exp(-squared(a, b) / (2 * bandwidth))
    kxx, kyy, kxy = kernel(x, x), kernel(y, y), kernel(x, y)
    return (kxx.sum() - n) / (n * (n - 1)) + (kyy.sum() - m) / (m * (m - 1)) - 2 * kxy.mean()


def test_the_statistic_is_the_unbiased_squared_mmd():
    rng = np.random.default_rng(0)
    reference, current = cloud(rng, 40), cloud(rng, 30, shift=0.7)
    result = AlibiMmd(n_permutations=19, device="cpu").compare(reference, current, rng=rng)
    expected = unbiased_mmd(reference.points.astype(float), current.points.astype(float))
    assert result.statistic == pytest.approx(expected, abs=1e-5)


def test_the_p_value_counts_the_observed_split_and_is_never_zero():
    rng = np.random.default_rng(1)
    result = AlibiMmd(n_permutations=19).compare(cloud(rng, 60), cloud(rng, 60, shift=5.0), rng=rng)
    assert result.p_value == pytest.approx(1 / 20)


def test_the_p_value_equals_alibi_detects_count_on_the_same_permutations():
    import torch

    rng = np.random.default_rng(2)
    reference, current = cloud(rng, 50), cloud(rng, 50, shift=0.3)
    seed = int(np.random.default_rng(9).integers(2**63 - 1))
    ours = AlibiMmd(n_permutations=50, device="cpu").compare(reference, current, rng=np.random.default_rng(9))
    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
        warnings.simplefilter("ignore")
        from alibi_detect.cd import MMDDrift

        detector = MMDDrift(reference.points, backend="pytorch", n_permutations=50, device="cpu")
        torch.manual_seed(seed)
        theirs = detector.predict(current.points)["data"]["p_val"]
    assert ours.p_value == pytest.approx((1 + round(theirs * 50)) / 51)


def test_the_same_seed_gives_the_same_answer_and_leaves_torchs_own_stream_alone():
    import torch

    reference, current = cloud(np.random.default_rng(3), 50), cloud(np.random.default_rng(4), 50, shift=0.2)
    torch.manual_seed(0)
    before = torch.rand(1).item()
    torch.manual_seed(0)
    results = [AlibiMmd(n_permutations=99).compare(reference, current, rng=np.random.default_rng(5)) for _ in range(2)]
    assert results[0] == results[1]
    assert torch.rand(1).item() == before


def test_level_on_equal_clouds():
    rng = np.random.default_rng(6)
    p = [AlibiMmd(n_permutations=99).compare(cloud(rng, 40), cloud(rng, 25), rng=rng).p_value for _ in range(120)]
    assert np.mean(np.array(p) <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 120)


def test_power_on_a_moved_mean():
    rng = np.random.default_rng(7)
    p = [
        AlibiMmd(n_permutations=99).compare(cloud(rng, 80), cloud(rng, 80, shift=1.0), rng=rng).p_value
        for _ in range(20)
    ]
    assert np.mean(np.array(p) <= 0.05) >= 0.9


def test_large_windows_are_sampled_and_the_report_is_told():
    rng = np.random.default_rng(8)
    result = AlibiMmd(n_permutations=19, max_documents=50).compare(cloud(rng, 120), cloud(rng, 60), rng=rng)
    assert result.n_documents == (50, 50)
    assert "random sample of 50 of 120 reference" in result.notes[0]


def test_the_most_moved_documents_come_first():
    rng = np.random.default_rng(9)
    current = cloud(rng, 60)
    points = current.points.copy()
    points[17, 0] += 40
    result = AlibiMmd(n_permutations=19).compare(cloud(rng, 60), Embeddings(points, "test"), rng=rng)
    first = result.table("documents")[0]
    assert (first["window"], first["document"]) == ("current", 17)


@pytest.mark.parametrize("n", [1, 2])
def test_very_small_windows_give_a_p_value_of_no_consequence(n):
    rng = np.random.default_rng(10)
    result = AlibiMmd(n_permutations=19).compare(cloud(rng, n), cloud(rng, 5), rng=rng)
    assert 0.05 <= result.p_value <= 1


def test_windows_in_one_place_do_not_drift_and_two_places_do():
    here, there = np.ones((30, 3)), np.zeros((30, 3))
    same = AlibiMmd(n_permutations=99).compare(
        Embeddings(here, "e"), Embeddings(here, "e"), rng=np.random.default_rng(0)
    )
    apart = AlibiMmd(n_permutations=99).compare(
        Embeddings(here, "e"), Embeddings(there, "e"), rng=np.random.default_rng(0)
    )
    assert same.p_value == 1.0
    assert apart.p_value == pytest.approx(0.01)


def test_points_of_two_encoders_are_refused():
    with pytest.raises(EmbeddingsError, match="two encoders"):
        AlibiMmd().compare(Embeddings(np.eye(3), "a"), Embeddings(np.eye(3), "b"), rng=np.random.default_rng(0))


def test_points_of_two_dimensions_are_refused():
    with pytest.raises(EmbeddingsError, match="3 and 4 dimensions"):
        AlibiMmd().compare(Embeddings(np.eye(3), "a"), Embeddings(np.eye(4), "a"), rng=np.random.default_rng(0))


@pytest.mark.parametrize("field", [{"n_permutations": 0}, {"max_documents": 1}, {"device": "tpu"}])
def test_bad_settings_are_refused(field):
    with pytest.raises(SettingsError):
        AlibiMmd(**field)


def test_of_each_group_one_document_is_asked():
    rng = np.random.default_rng(11)
    authors = np.repeat(np.arange(30), 4)
    reference, current = (Embeddings(rng.normal(size=(120, 4)), "e", groups=authors + 15 * side) for side in (0, 1))
    result = AlibiMmd(n_permutations=19).compare(reference, current, rng=rng)
    assert result.n_documents == (30, 30)
    assert "one random document stands for each group, 30 of 120 reference and 30 of 120 current" in result.notes[0]


def test_authors_who_write_alike_do_not_drift():
    rng = np.random.default_rng(12)

    def window():
        authors = np.repeat(np.arange(12), 6)
        style = rng.normal(size=(12, 4))[authors]
        return Embeddings(style + 0.1 * rng.normal(size=style.shape), "e", groups=authors)

    p = [AlibiMmd(n_permutations=59).compare(window(), window(), rng=rng).p_value for _ in range(60)]
    assert np.mean(np.array(p) <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 60)


def test_evidence_names_rows_of_the_window_and_not_of_the_sample():
    rng = np.random.default_rng(13)
    points = rng.normal(size=(400, 4))
    points[390:, 0] += 60
    result = AlibiMmd(n_permutations=19, max_documents=200).compare(
        cloud(rng, 100, d=4), Embeddings(points, "test"), rng=rng
    )
    current = [row["document"] for row in result.table("documents") if row["window"] == "current"]
    assert current
    assert min(current[:3]) >= 390


def test_a_device_that_is_not_there_is_told():
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a CUDA device")
    rng = np.random.default_rng(14)
    result = AlibiMmd(n_permutations=19, device="cuda").compare(cloud(rng, 20), cloud(rng, 20), rng=rng)
    assert any("finds no CUDA device" in note for note in result.notes)
