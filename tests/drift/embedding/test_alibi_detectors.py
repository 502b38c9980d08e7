"""Alibi Detect's other detectors behind our contract: valid p-values, power, repeatable, silent, hard to break."""

import subprocess
import sys
import warnings

import numpy as np
import pytest

from textdrift.drift.embedding.alibi_detectors import (
    ALIBI_DETECTORS,
    AlibiClassifier,
    AlibiLearnedKernel,
    AlibiLsdd,
    AlibiSpotTheDiff,
)
from textdrift.embeddings import Embeddings
from textdrift.errors import EmbeddingsError, MissingExtraError, SettingsError

ALL = list(ALIBI_DETECTORS.values())


def quick(detector, **settings):
    """Few permutations where it permutes at all."""
    if "n_permutations" in detector.__dataclass_fields__:
        settings = {"n_permutations": 39} | settings
    return detector(device="cpu", **settings)


def cloud(rng, n, d=16, shift=0.0, scale=1.0):
    points = rng.normal(size=(n, d))
    points[:, 0] += shift
    return Embeddings(points * scale, encoder="test")


@pytest.mark.parametrize("detector", ALL)
def test_a_moved_cloud_is_found_and_its_size_is_told(detector):
    rng = np.random.default_rng(0)
    result = quick(detector).compare(cloud(rng, 200), cloud(rng, 200, shift=2.5), rng=rng)
    assert result.p_value <= 0.05
    assert result.has_p_value
    assert result.kind == "semantic"
    assert result.statistic > 0
    (effect,) = result.effects
    assert effect.name == "std_shift"
    assert effect.value == pytest.approx(2.5 / 4, abs=0.15)
    assert effect.low < effect.value < effect.high
    assert any("200 reference and 200 current documents, CPU" in note for note in result.notes)
    assert result.test.partition(".")[2] in ALIBI_DETECTORS
    assert ALIBI_DETECTORS[result.test.partition(".")[2]] is detector


@pytest.mark.parametrize("detector", ALL)
def test_the_scale_of_the_encoder_does_not_matter(detector):
    rng = np.random.default_rng(1)
    small = quick(detector).compare(cloud(rng, 150, scale=1e-3), cloud(rng, 150, shift=3, scale=1e-3), rng=rng)
    large = quick(detector).compare(cloud(rng, 150, scale=1e3), cloud(rng, 150, shift=3, scale=1e3), rng=rng)
    assert small.p_value <= 0.05
    assert large.p_value <= 0.05


@pytest.mark.parametrize("detector", ALL)
def test_level_on_equal_clouds_of_unequal_size(detector):
    rng = np.random.default_rng(2)
    p = [quick(detector).compare(cloud(rng, 30), cloud(rng, 60), rng=rng).p_value for _ in range(80)]
    assert np.mean(np.array(p) <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 80)


@pytest.mark.parametrize("detector", ALL)
def test_the_same_state_gives_the_same_answer_and_the_global_streams_stay_where_they_were(detector):
    import torch

    reference, current = cloud(np.random.default_rng(3), 60), cloud(np.random.default_rng(4), 60, shift=0.5)
    before = torch.random.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002 - the stream that is watched
    first, second = (quick(detector).compare(reference, current, rng=np.random.default_rng(5)) for _ in range(2))
    assert first == second
    assert torch.equal(torch.random.get_rng_state(), before[0])
    assert (np.random.get_state()[1] == before[1]).all()  # noqa: NPY002 - the stream that is watched


@pytest.mark.parametrize("detector", ALL)
def test_nothing_is_printed_and_inputs_stay_as_they_were(detector, capfd):
    rng = np.random.default_rng(6)
    reference, current = cloud(rng, 50), cloud(rng, 50)
    kept = reference.points.copy(), current.points.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        quick(detector).compare(reference, current, rng=rng)
    assert capfd.readouterr() == ("", "")
    assert (reference.points == kept[0]).all()
    assert (current.points == kept[1]).all()


@pytest.mark.parametrize("detector", ALL)
@pytest.mark.parametrize(("n", "m"), [(1, 1), (3, 200), (200, 9)])
def test_too_few_documents_say_nothing(detector, n, m):
    rng = np.random.default_rng(7)
    result = quick(detector).compare(cloud(rng, n), cloud(rng, m, shift=9.0), rng=rng)
    assert result.p_value == 1.0
    assert any(f"it got {n} and {m}: p is 1" in note for note in result.notes)


@pytest.mark.parametrize("detector", ALL)
def test_the_fewest_documents_that_are_enough_give_a_p_value(detector):
    rng = np.random.default_rng(8)
    result = quick(detector).compare(cloud(rng, 20), cloud(rng, 20), rng=rng)
    assert 0 < result.p_value <= 1
    assert not any("p is 1" in note for note in result.notes)


@pytest.mark.parametrize("detector", ALL)
def test_one_point_for_all_documents_is_no_drift(detector):
    here = Embeddings(np.ones((40, 3)), "e")
    result = quick(detector).compare(here, here, rng=np.random.default_rng(0))
    assert result.p_value == 1.0
    assert any("coincide" in note for note in result.notes)


@pytest.mark.parametrize("detector", ALL)
def test_a_reference_in_one_place_never_raises_a_foreign_error(detector):
    rng = np.random.default_rng(9)
    here, around = Embeddings(np.ones((40, 3)), "e"), Embeddings(rng.normal(size=(40, 3)), "e")
    for reference, current in ((here, around), (around, here)):
        assert 0 < quick(detector).compare(reference, current, rng=rng).p_value <= 1


@pytest.mark.parametrize("detector", ALL)
def test_few_distinct_points_hold_the_level(detector):
    rng = np.random.default_rng(10)
    corners = np.eye(3)
    p = [
        quick(detector)
        .compare(
            Embeddings(corners[rng.integers(0, 3, 60)], "e"), Embeddings(corners[rng.integers(0, 3, 60)], "e"), rng=rng
        )
        .p_value
        for _ in range(40)
    ]
    assert np.mean(np.array(p) <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 40)


@pytest.mark.parametrize("detector", ALL)
def test_one_dimension_is_enough(detector):
    rng = np.random.default_rng(11)
    result = quick(detector).compare(cloud(rng, 100, d=1), cloud(rng, 100, d=1, shift=4), rng=rng)
    assert result.p_value <= 0.05


@pytest.mark.parametrize("detector", ALL)
def test_windows_are_sampled_by_group_and_evidence_names_their_rows(detector):
    rng = np.random.default_rng(12)
    reference = Embeddings(rng.normal(size=(300, 4)), "e", groups=np.repeat(np.arange(100), 3))
    current = Embeddings(rng.normal(size=(300, 4)) + 2, "e", groups=np.repeat(np.arange(100), 3))
    result = quick(detector, max_documents=60).compare(reference, current, rng=rng)
    assert result.n_documents == (60, 60)
    assert "one random document stands for each group, 60 of 300 reference" in result.notes[0]
    rows = [row["document"] for row in result.table("documents") if row["window"] == "current"]
    assert len({row // 3 for row in rows}) == len(rows)
    assert max(rows) > 60


def test_permutation_p_values_count_the_observed_split():
    rng = np.random.default_rng(13)
    for detector in (AlibiLsdd, AlibiLearnedKernel):
        result = quick(detector).compare(cloud(rng, 120), cloud(rng, 120, shift=4), rng=rng)
        assert result.p_value == pytest.approx(1 / 40)


@pytest.mark.parametrize("detector", [AlibiClassifier, AlibiSpotTheDiff])
def test_a_split_that_holds_nobody_out_says_nothing(detector):
    rng = np.random.default_rng(24)
    results = [
        detector(device="cpu", train_share=0.8, epochs=1).compare(cloud(rng, 20, d=1), cloud(rng, 400, d=1), rng=rng)
        for _ in range(3)
    ]
    assert all(0 < result.p_value <= 1 for result in results)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("alibi_detect.cd.base.ks_2samp", lambda *_data, **_settings: (np.nan, np.nan))
        result = quick(detector).compare(cloud(rng, 30), cloud(rng, 30), rng=rng)
    assert result.p_value == 1.0
    assert any("was held out" in note for note in result.notes)


def test_lsdd_is_alibi_detects_own_number():
    import torch

    rng = np.random.default_rng(14)
    reference, current = cloud(rng, 80), cloud(rng, 70, shift=0.5)
    ours = quick(AlibiLsdd).compare(reference, current, rng=np.random.default_rng(15))
    seed = int(np.random.default_rng(15).integers(2**63 - 1))
    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
        warnings.simplefilter("ignore")
        from alibi_detect.cd import LSDDDrift

        torch.manual_seed(seed)
        detector = LSDDDrift(reference.points, backend="pytorch", n_permutations=39, device="cpu")
        theirs = detector.predict(current.points)["data"]
    assert ours.statistic == pytest.approx(theirs["distance"], rel=1e-5)
    assert ours.p_value == pytest.approx((1 + round(theirs["p_val"] * 39)) / 40)


def test_lsdd_in_chunks_gives_the_answer_of_one_piece(monkeypatch):
    from textdrift.drift.embedding import alibi_lsdd

    rng = np.random.default_rng(16)
    reference, current = cloud(rng, 80), cloud(rng, 70, shift=0.4)
    whole = quick(AlibiLsdd).compare(reference, current, rng=np.random.default_rng(17))
    monkeypatch.setattr(alibi_lsdd, "_CHUNK_CELLS", 7 * 150 * 4)
    pieces = quick(AlibiLsdd).compare(reference, current, rng=np.random.default_rng(17))
    assert pieces.p_value == whole.p_value
    assert pieces.statistic == pytest.approx(whole.statistic, rel=1e-5)


def test_lsdd_leaves_out_dimensions_in_which_the_reference_stands_still():
    rng = np.random.default_rng(18)
    still = np.zeros((60, 1))
    reference = Embeddings(np.hstack([rng.normal(size=(60, 3)), still]), "e")
    current = Embeddings(np.hstack([rng.normal(size=(60, 3)), still + 1]), "e")
    result = quick(AlibiLsdd).compare(reference, current, rng=rng)
    assert any("1 of 4 dimensions" in note for note in result.notes)


def test_the_learned_kernel_is_tested_as_it_was_trained(monkeypatch):
    import torch
    from alibi_detect.cd.pytorch.learned_kernel import LearnedKernelDriftTorch

    kernels = {}
    train = LearnedKernelDriftTorch.trainer

    def watched(j_hat, *arguments, **settings):
        before = j_hat.kernel.proj.weight.detach().clone()
        train(j_hat, *arguments, **settings)
        kernels["moved"] = not torch.equal(before, j_hat.kernel.proj.weight)
        kernels["trained"] = j_hat.kernel

    def matrix(x, y, kernel, **_settings):
        kernels["tested"] = kernel
        with torch.no_grad():
            return kernel(torch.from_numpy(x), torch.from_numpy(y))

    monkeypatch.setattr(LearnedKernelDriftTorch, "trainer", staticmethod(watched))
    monkeypatch.setattr("alibi_detect.cd.pytorch.learned_kernel.batch_compute_kernel_matrix", matrix)
    rng = np.random.default_rng(19)
    quick(AlibiLearnedKernel).compare(cloud(rng, 60), cloud(rng, 60), rng=rng)
    assert kernels["moved"]
    assert kernels["tested"] is kernels["trained"]


def test_spot_the_diff_shows_the_documents_of_the_place_it_found():
    rng = np.random.default_rng(20)
    points = rng.normal(size=(300, 8))
    points[200:] += 3
    result = AlibiSpotTheDiff(device="cpu").compare(cloud(rng, 300, d=8), Embeddings(points, "test"), rng=rng)
    rows = [row["document"] for row in result.table("documents") if row["window"] == "current"]
    assert np.mean(np.array(rows) >= 200) >= 0.9
    scores = [row["score"] for row in result.table("documents")]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("detector", ALL)
def test_strangers_are_refused(detector):
    with pytest.raises(EmbeddingsError, match="two encoders"):
        quick(detector).compare(Embeddings(np.eye(3), "a"), Embeddings(np.eye(3), "b"), rng=np.random.default_rng(0))


@pytest.mark.parametrize(
    ("detector", "settings", "words"),
    [
        (AlibiLsdd, {"n_permutations": 0}, "n_permutations must be at least 1; got 0"),
        (AlibiLearnedKernel, {"n_components": 0}, "n_components must be at least 1"),
        (AlibiLearnedKernel, {"train_share": 0.95}, r"train_share must lie between 0\.2 and 0\.8; got 0\.95"),
        (AlibiClassifier, {"epochs": 0}, "epochs must be at least 1"),
        (AlibiClassifier, {"max_documents": 1}, "max_documents must be at least 2"),
        (AlibiSpotTheDiff, {"device": "tpu"}, "device must be 'auto', 'cpu' or 'cuda'"),
    ],
)
def test_bad_settings_are_refused(detector, settings, words):
    with pytest.raises(SettingsError, match=words):
        detector(**settings)


@pytest.mark.parametrize("detector", ALL)
def test_without_alibi_detect_the_error_says_what_to_install(detector, monkeypatch):
    monkeypatch.setitem(sys.modules, "alibi_detect.cd", None)
    rng = np.random.default_rng(21)
    with pytest.raises(MissingExtraError, match="pip install 'alibi-detect"):
        quick(detector).compare(cloud(rng, 40), cloud(rng, 40), rng=rng)


def test_asking_whether_alibi_is_there_imports_nothing_heavy():
    code = (
        "import sys; from textdrift.drift.embedding.alibi import alibi_is_there; alibi_is_there(); "
        "import textdrift.drift.embedding.alibi_detectors; "
        "print(sorted({'torch', 'sklearn', 'alibi_detect', 'pandas'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


@pytest.mark.gpu
@pytest.mark.parametrize("detector", ALL)
def test_cuda_finds_what_the_cpu_finds_and_repeats_itself(detector):
    rng = np.random.default_rng(22)
    reference, current = cloud(rng, 300), cloud(rng, 300, shift=2.5)
    first, second = (
        detector(device="cuda").compare(reference, current, rng=np.random.default_rng(23)) for _ in range(2)
    )
    assert first == second
    assert first.p_value <= 0.05
    assert any("CUDA" in note for note in first.notes)
