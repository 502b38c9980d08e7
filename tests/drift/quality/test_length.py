"""A cut leaves a pile at one length; another topic, or a limit that always was, does not."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from textdrift.drift.quality import Length
from textdrift.windows.auditing import Audit, audit
from textdrift.windows.duplicates import distinct_documents
from textdrift.windows.window import Roles, Window

LEVEL = 0.05 / 42
ASCII = "abcdefghij klmnop qrstu vwxyz "
ACCENTED = "abcdéfghij klmñop qrstü vwxyz "
CHINESE = "的一是不了人我在有他这中大来上个国到说们"


def audited(texts: list[str]) -> Audit:
    window = Window(pa.table({"text": pa.array(texts, pa.large_string())}), Roles(), "window")
    return audit(window, distinct_documents(window))


def texts_of_lengths(lengths: np.ndarray, rng: np.random.Generator, alphabet: str = ASCII) -> list[str]:
    letters = np.array(list(alphabet))
    return ["".join(rng.choice(letters, size=k)).replace(" ", "x", 1)[: int(k)] for k in lengths]


def posts(n: int, rng: np.random.Generator, mean: float = 90.0, alphabet: str = ASCII) -> list[str]:
    lengths = rng.normal(mean, 35, 3 * n).astype(int)
    return texts_of_lengths(lengths[(lengths >= 8) & (lengths <= 260)][:n], rng, alphabet)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def compared(reference, current):
    return Length().compare(audited(reference), audited(current), rng=np.random.default_rng(0))


def test_texts_cut_at_forty_characters_are_truncated(rng):
    result = compared(posts(800, rng), [t[:40] for t in posts(800, rng)])
    (cause,) = result.table("causes")
    assert result.p_value <= LEVEL
    assert cause["cause"] == "truncated"
    assert "end at 40 characters" in cause["sentence"]
    assert cause["share_of_rows"] == pytest.approx(0.92, abs=0.04)
    assert result.effects[0].low <= cause["share_of_rows"] <= result.effects[0].high


def test_texts_cut_and_then_trimmed_are_truncated(rng):
    result = compared(posts(800, rng), [t[:40].strip() for t in posts(800, rng)])
    assert result.p_value <= LEVEL
    assert result.effects[0].value > 0.7


@pytest.mark.parametrize("alphabet", [ASCII, ACCENTED, CHINESE])
def test_texts_cut_at_a_number_of_bytes_are_truncated(alphabet, rng):
    cut = [t.encode()[:100].decode(errors="ignore") for t in posts(800, rng, alphabet=alphabet)]
    result = compared(posts(800, rng, alphabet=alphabet), cut)
    assert result.p_value <= LEVEL
    assert result.effects[0].value > 0.3


def test_a_cut_of_a_third_of_the_texts_is_truncation(rng):
    cut = [t[:40] if hit else t for t, hit in zip(posts(800, rng), rng.random(800) < 0.3, strict=True)]
    result = compared(posts(800, rng), cut)
    assert result.p_value <= LEVEL
    assert result.effects[0].value == pytest.approx(0.27, abs=0.06)


@pytest.mark.parametrize("mean", [45.0, 70.0, 130.0])
def test_a_plain_change_of_length_is_evidence_and_no_truncation(mean, rng):
    result = compared(posts(1500, rng), posts(1500, rng, mean=mean))
    assert result.p_value > 0.05
    sizes = {row["measure"]: row for row in result.table("measures")}
    assert abs(sizes["median_characters"]["current"] - mean) < 10
    assert sizes["median_bytes"] == {**sizes["median_characters"], "measure": "median_bytes"}


@pytest.mark.parametrize("means", [(100.0, 100.0), (100.0, 112.0), (112.0, 100.0)])
@pytest.mark.parametrize("limit", [140, 110])
def test_a_limit_that_both_windows_have_is_no_truncation(limit, means, rng):
    reference, current = ([t[:limit] for t in posts(1500, rng, mean=mean)] for mean in means)
    assert compared(reference, current).p_value > 0.05


def test_a_limit_lifted_is_no_truncation(rng):
    assert compared([t[:80] for t in posts(800, rng)], posts(800, rng)).p_value > 0.05


def test_random_halves_are_practically_never_truncated():
    rng = np.random.default_rng(9)
    pool = np.array([t[:120] for t in posts(1200, rng)], dtype=object)
    p_values = []
    for _ in range(100):
        shuffled = pool[rng.permutation(1200)].tolist()
        p_values.append(compared(shuffled[:800], shuffled[800:]).p_value)
    assert np.mean(np.array(p_values) <= 0.05) <= 0.02


def test_the_detectable_cut_is_detected_at_the_stated_level():
    rng = np.random.default_rng(13)
    reference = posts(1000, rng)
    share = compared(reference, posts(1000, rng)).effects[0].detectable
    middle = int(np.median([len(t) for t in reference]))
    assert 0.01 < share < 0.5
    detected = 0
    for _ in range(20):
        current = posts(1000, rng)
        # Cutting a share s of all texts at the median touches those that are longer: cut twice that share of them.
        hit = rng.random(1000) < 2 * share
        detected += (
            compared(reference, [t[:middle] if h else t for t, h in zip(current, hit, strict=True)]).p_value <= 0.05
        )
    assert detected >= 14
