"""Texts made from a template are found where near-copies end; campaigns that both windows know are no change."""

from __future__ import annotations

import os

import numpy as np
import pytest

import textdrift
from textdrift.drift.contract import DriftResult
from textdrift.drift.quality import Template
from textdrift.drift.quality.template import Skeletons
from textdrift.errors import SettingsError
from textdrift.findings.deciding import MATERIAL_FROM
from textdrift.windows.simulating import Dose, sample_pair

LEVEL = 0.05 / 84
REPEATS = 600 if os.environ.get("TEXTDRIFT_CALIBRATION") == "full" else 200
SYLLABLES = ("ka", "lo", "mi", "su", "te", "ve", "ru", "na", "per", "sti")


def slot(rng: np.random.Generator, fewest: int = 1, most: int = 1) -> str:
    words = ("".join(rng.choice(SYLLABLES, size=rng.integers(2, 4))) for _ in range(rng.integers(fewest, most + 1)))
    return " ".join(words)


def contact(rng: np.random.Generator) -> str:
    return (
        f"Hi {slot(rng)}, thanks for contacting us about {slot(rng, 2, 5)}. We will get back within {slot(rng)} hours"
    )


def campaign(rng: np.random.Generator) -> str:
    return f"Check out my new {slot(rng, 2, 2)} on {slot(rng)} and follow {slot(rng)} for more {slot(rng)}"


def ordinary(n: int, seed: int, dose: Dose | None = None) -> list[str]:
    return sample_pair(1, n, dose=dose or Dose(), seed=seed).current["text"].to_pylist()


def result_of(reference: list[str], current: list[str], test: str = "quality.template") -> DriftResult:
    report = textdrift.compare(reference, current, tests={"quality": {}})
    return next(f.result for f in report.findings if f.result.test == test)


@pytest.mark.parametrize("make", [contact, campaign])
def test_five_per_cent_of_a_template_are_found_named_and_measured(make):
    rng = np.random.default_rng(1)
    current = ordinary(950, 2) + [make(rng) for _ in range(50)]
    report = textdrift.compare(ordinary(1000, 1), current, tests={"quality": {}})
    assert [cause["cause"] for cause in report.diagnosis.causes] == ["template"]
    result = next(f.result for f in report.findings if f.result.test == "quality.template")
    effect = result.effects[0]
    assert result.p_value <= LEVEL
    assert effect.value == pytest.approx(0.05, abs=0.01)
    assert effect.low <= 0.05 <= effect.high
    assert effect.detectable < 0.05
    assert all(row >= 950 for row in result.table("templates")[0]["rows"])


def test_near_copies_are_repeated_and_no_template_as_well():
    current = ordinary(950, 4) + [f"Your order {i} has been shipped and comes today" for i in range(50)]
    report = textdrift.compare(ordinary(1000, 3), current, tests={"quality": {}})
    assert [cause["cause"] for cause in report.diagnosis.causes] == ["repeated"]


@pytest.mark.parametrize("dose", [Dose(), Dose(topic=0.3), Dose(labels=0.3), Dose(new_words=0.2)])
def test_other_topics_and_words_are_no_template(dose):
    result = result_of(ordinary(1000, 5), ordinary(1000, 6, dose))
    assert result.effects[0].value < MATERIAL_FROM["quality.template", "share_of_rows"]


def test_identical_windows_do_not_drift():
    rng = np.random.default_rng(2)
    held = Skeletons(np.where(rng.random(300) < 0.2, rng.integers(0, 5, 300), -1), np.arange(300))
    result = Template().compare(held, held, rng=rng)
    assert (result.p_value, result.effects[0].value, result.table("causes")) == (1.0, 0.0, ())


@pytest.mark.parametrize("sizes", [(0, 0), (0, 3), (3, 0), (1, 1)])
def test_a_window_of_few_or_no_documents_says_nothing(sizes):
    held = [Skeletons(np.full(size, -1), np.arange(size)) for size in sizes]
    result = Template().compare(*held, rng=np.random.default_rng(0))
    assert result.p_value == 1.0
    assert result.effects[0].detectable > 0.9


def test_no_permutations_are_refused():
    with pytest.raises(SettingsError, match="n_permutations=0"):
        Template(n_permutations=0)


def campaigns(n: int, first: int, share: float, size: float, rng: np.random.Generator) -> tuple[Skeletons, int]:
    """A window in which campaigns, each of its own template, make up a share of the documents."""
    skeleton, rows = np.full(n, -1), 0
    for number in range(first, first + rng.poisson(n * share / size)):
        length = min(5 + rng.poisson(size - 5), n - rows)
        skeleton[rows : rows + length] = number
        rows += length
        first = number + 1
    return Skeletons(skeleton, np.arange(n)), first


def p_values(n: int, m: int, repeats: int) -> np.ndarray:
    rng = np.random.default_rng(3)
    found = []
    for _ in range(repeats):
        reference, first = campaigns(n, 0, 0.1, 8.0, rng)
        current, _ = campaigns(m, first, 0.1, 8.0, rng)
        found.append(Template().compare(reference, current, rng=rng).p_value)
    return np.array(found)


def test_campaigns_of_one_stream_alarm_about_as_seldom_as_promised():
    found = p_values(1000, 600, 60)
    assert np.mean(found <= 0.05) <= 0.14
    assert np.mean(found <= LEVEL) <= 0.03


@pytest.mark.slow
@pytest.mark.parametrize(("n", "m"), [(1000, 1000), (2000, 500)])
def test_campaigns_of_one_stream_keep_the_level(n, m):
    found = p_values(n, m, REPEATS)
    assert np.mean(found <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / REPEATS)
    assert np.mean(found <= 0.01) <= 0.01 + 3 * np.sqrt(0.01 * 0.99 / REPEATS)


@pytest.mark.slow
def test_two_samples_of_one_source_are_never_called_a_template():
    found = [result_of(ordinary(600, 2 * seed), ordinary(400, 2 * seed + 1)).p_value for seed in range(20, 60)]
    assert np.mean(np.array(found) <= 0.05) <= 0.05
