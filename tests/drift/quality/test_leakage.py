"""Leakage: texts of the reference in the current window, beyond what honest repeats bring."""

from __future__ import annotations

import os
from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest

from textdrift import compare
from textdrift.drift.contract import DriftTest
from textdrift.drift.quality.leakage import AuditedRows, Leakage, _permuted, _straddling_by_chance
from textdrift.drift.quality.share_change import rows_of_each_cluster
from textdrift.errors import SettingsError
from textdrift.windows.auditing import audit
from textdrift.windows.duplicates import distinct_documents
from textdrift.windows.window import Roles, Window

LEVEL = 0.05 / 80


def rows(texts, ids=None) -> AuditedRows:
    window = Window(pa.table({"text": pa.array(texts, pa.large_string())}), Roles(), "window")
    return AuditedRows(audit(window, distinct_documents(window)), ids)


def compared(reference, current, n_permutations=1999, seed=0):
    test = Leakage(level=LEVEL, n_permutations=n_permutations)
    return test.compare(rows(reference), rows(current), rng=np.random.default_rng(seed))


def popular(n: int, rng: np.random.Generator, share: float = 0.3) -> list[str]:
    """Rows of which some are short texts that recur."""
    weights = 1 / np.arange(1, 301)
    drawn = rng.choice(300, n, p=weights / weights.sum())
    return [
        f"thanks {k}" if short else f"text {rng.integers(1 << 60)}"
        for k, short in zip(drawn, rng.random(n) < share, strict=True)
    ]


def test_the_chance_to_straddle_is_that_of_counted_splits():
    splits = list(combinations(range(7), 3))
    for size in (2, 3, 5):
        counted = np.mean([0 < len(set(split) & set(range(size))) < size for split in splits])
        assert _straddling_by_chance(np.array([size]), 3, 4)[0] == pytest.approx(counted)


def test_the_p_value_is_that_of_every_split():
    texts = ["a", "a", "b", "b", "c", "c", "d", "e"]
    reference, current = ["a", "b", "c", "d"], ["a", "b", "c", "e"]
    counts = rows_of_each_cluster(rows(reference).audit, rows(current).audit)
    found = _permuted(counts[counts.sum(axis=1) > 1], 4, 4, 19_999, np.random.default_rng(0))
    every = [
        len({texts[i] for i in split} & {texts[i] for i in range(8) if i not in split})
        for split in combinations(range(8), 4)
    ]
    assert found.p_value == pytest.approx(np.mean(np.array(every) >= 3), abs=0.01)
    assert found.deviation == pytest.approx(np.std(every), abs=0.01)


def test_planted_leaks_are_found_and_measured_beside_honest_repeats():
    rng = np.random.default_rng(1)
    reference, current = popular(1000, rng), popular(900, rng)
    leaked = [text for text in reference if text.startswith("text")][:100]
    result = compared(reference, current + leaked)
    (cause,) = result.table("causes")
    assert isinstance(Leakage(), DriftTest)
    assert (cause["cause"], cause["direction"]) == ("leak", "up")
    assert result.p_value <= LEVEL
    effect = result.effects[0]
    assert cause["share_of_rows"] == effect.value
    assert effect.low <= 100 / result.n_documents[1] <= effect.high
    assert effect.detectable < 100 / result.n_documents[1]


def test_honest_repeats_are_no_leak_at_the_promised_level():
    rng = np.random.default_rng(2)
    p = []
    for _ in range(150):
        every = popular(900, rng)
        p.append(compared(every[:600], every[600:], n_permutations=199).p_value)
    assert np.mean(np.array(p) <= 0.05) <= 0.09


@pytest.mark.slow
def test_honest_repeats_are_no_leak_over_many_pairs():
    n_pairs = 150 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 600
    rng = np.random.default_rng(3)
    p = []
    for _ in range(n_pairs):
        every = popular(900, rng, share=float(rng.uniform(0.02, 0.6)))
        cut = int(rng.integers(200, 700))
        p.append(compared(every[:cut], every[cut:], n_permutations=199).p_value)
    assert np.mean(np.array(p) <= 0.05) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / n_pairs)


def test_a_burst_in_one_window_is_no_leak():
    reference, current = [f"a {i}" for i in range(500)], [f"b {i}" for i in range(400)] + ["buy now"] * 100
    assert compared(reference, current).p_value == 1.0


def test_the_same_texts_in_both_windows_are_one_window():
    texts = [f"cup {i}" for i in range(200)]
    result = compared(texts, texts)
    assert (result.p_value, result.effects[0].value) == (1.0, 0.0)
    assert "one window" in result.notes[0]


def test_a_part_of_the_reference_is_said_to_be_one():
    texts = [f"cup {i}" for i in range(400)]
    sentence = compared(texts, texts[:150]).table("causes")[0]["sentence"]
    assert sentence.startswith("All 150 texts of the current window lie in the reference too")
    assert sentence.endswith("the window is a part of the reference.")


def test_copies_dropped_from_each_window_are_said_to_look_alike():
    reference, current = [f"cup {i}" for i in range(500)], [f"cup {i}" for i in range(450, 950)]
    assert "dropped from each" in compared(reference, current).table("causes")[0]["sentence"]


def test_copies_dropped_from_each_window_decide_nothing_where_near_copies_show_it():
    rng = np.random.default_rng(14)
    streams = [[f"cup number {i} of the day" for i in rng.zipf(1.3, 900) % 2000] for _ in range(2)]
    honest = compared(*streams)
    assert honest.has_p_value
    near = [
        [*dict.fromkeys(texts), *(f"tea {i % 12} is good{'!' * (i // 12)}" for i in range(36))] for texts in streams
    ]
    clusters = [np.r_[np.arange(len(t) - 36), 10_000 + np.arange(36) % 12] for t in near]
    audits = []
    known = {}
    for texts, of_text in zip(near, clusters, strict=True):
        numbers = [known.setdefault(t, len(known)) if c < 10_000 else c for t, c in zip(texts, of_text, strict=True)]
        window = Window(pa.table({"text": pa.array(texts, pa.large_string())}), Roles(), "window")
        audits.append(AuditedRows(audit(window, distinct_documents(window), np.array(numbers))))
    result = Leakage(level=LEVEL, n_permutations=999).compare(*audits, rng=rng)
    assert not result.has_p_value
    assert "copies were dropped" in result.notes[0]


def test_ids_of_the_reference_are_a_leak_though_the_texts_are_edited():
    rng = np.random.default_rng(4)
    ids = np.arange(1000), np.r_[np.arange(1000, 1970), np.arange(30)]
    reference, current = rows([f"a {i}" for i in range(1000)], ids[0]), rows([f"b {i}" for i in range(1000)], ids[1])
    result = Leakage(level=LEVEL, n_permutations=1999).compare(reference, current, rng=rng)
    assert result.p_value <= LEVEL
    assert result.effects[0].value == pytest.approx(0.03)
    assert result.table("causes")[0]["sentence"].startswith("30 ids of the current window (3.0 %)")
    threads = rng.integers(0, 100, 1000)
    alike = (
        rows([f"a {i}" for i in range(1000)], threads),
        rows([f"b {i}" for i in range(1000)], rng.permutation(threads)),
    )
    assert Leakage().compare(*alike, rng=rng).p_value > 0.05


@pytest.mark.parametrize("sizes", [(0, 0), (0, 3), (3, 0), (1, 1)])
def test_a_window_of_few_or_no_texts_says_nothing(sizes):
    reference, current = ([*(f"{name} {i}" for i in range(size)), None] for name, size in zip("ab", sizes, strict=True))
    result = compared(reference, current)
    assert result.p_value == 1.0
    assert result.effects[0].detectable > 0.9


def test_a_report_names_the_leak():
    reference = [f"order number {i} came on a sunny day" for i in range(0, 40_000, 100)]
    current = [f"parcel {i} was late for the party of the year" for i in range(0, 40_000, 110)] + reference[:40]
    report = compare(reference, current, tests={"quality": {}})
    assert "leak" in {cause["cause"] for cause in report.diagnosis.causes}


def test_settings_that_are_none_are_refused():
    with pytest.raises(SettingsError, match="level=0"):
        Leakage(level=0)
    with pytest.raises(SettingsError, match="n_permutations=0"):
        Leakage(n_permutations=0)
