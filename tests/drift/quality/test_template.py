"""Texts made from a template are found where near-copies end; campaigns that come and go by chance are no change."""

from __future__ import annotations

import itertools
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

LEVEL = 0.005 / 6.7
MATERIAL = MATERIAL_FROM["quality.template", "share_of_rows"]
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
    assert not result.has_p_value  # one template is one event
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
    assert result.effects[0].value < MATERIAL


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


def campaigns(n: int, first: int, expected: float, size: float, rng: np.random.Generator) -> tuple[Skeletons, int]:
    """A window with a Poisson number of campaigns, each of its own template."""
    skeleton, rows = np.full(n, -1), 0
    for number in range(first, first + rng.poisson(expected)):
        length = min(5 + rng.poisson(size - 5), n - rows)
        skeleton[rows : rows + length] = number
        rows += length
        first = number + 1
    return Skeletons(skeleton, np.arange(n)), first


def alarms(n: int, m: int, per_window: float, size: float, *, repeats: int, alpha: float = 0.05) -> tuple[float, float]:
    """How often campaigns of one stream are called a change, by a p-value and as a fact."""
    rng = np.random.default_rng(3)
    by_p_value, as_fact = 0, 0
    for _ in range(repeats):
        reference, first = campaigns(n, 0, per_window, size, rng)
        current, _ = campaigns(m, first, per_window * m / n, size, rng)
        result = Template(level=alpha).compare(reference, current, rng=rng)
        by_p_value += result.has_p_value and result.p_value <= alpha
        as_fact += not result.has_p_value
    return by_p_value / repeats, as_fact / repeats


@pytest.mark.parametrize("per_window", [0.7, 2.0, 12.0])
def test_campaigns_of_one_stream_alarm_no_more_often_than_promised_however_rare(per_window):
    by_p_value, as_fact = alarms(500, 500, per_window, 8.0, repeats=150)
    assert by_p_value <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 150)
    assert as_fact <= 0.02


@pytest.mark.slow
@pytest.mark.parametrize(("n", "m"), [(500, 500), (1000, 1000), (2000, 500)])
@pytest.mark.parametrize("size", [5.0, 8.0, 25.0])
@pytest.mark.parametrize("per_window", [0.5, 1.0, 3.0, 12.0])
def test_campaigns_of_one_stream_keep_the_level_of_the_p_value(n, m, size, per_window):
    by_p_value, as_fact = alarms(n, m, per_window, size, repeats=REPEATS)
    assert by_p_value <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / REPEATS)
    # What reaches the bar alone is told: nothing in two windows says how often such a campaign comes.
    assert as_fact <= (0.02 if size < 0.02 * m else 0.25 + 3 * np.sqrt(0.25 * 0.75 / REPEATS))


def test_the_p_value_of_campaigns_is_the_enumerated_one():
    # Campaigns of 9, 7 and 5 documents, the first two in the current window; unequal windows.
    reference, current = np.full(60, -1), np.full(90, -1)
    reference[:5], current[:9], current[9:16] = 0, 1, 2
    total, share = 21, 60 / 150
    far = abs(5 - share * total)
    exact = 0.0
    for inside in itertools.product([True, False], repeat=3):
        drawn = sum(size for size, here in zip((9, 7, 5), inside, strict=True) if here)
        chance = np.prod([share if here else 1 - share for here in inside])
        exact += chance * (abs(drawn - share * total) >= far - 1e-9)
    counts = np.array([[5, 0], [0, 9], [0, 7]])
    found = Template(n_permutations=20_000)._p_of_campaigns(counts, 60, 90, np.random.default_rng(0))
    assert found == pytest.approx(exact, abs=0.02)
    result = Template().compare(
        Skeletons(reference, np.arange(60)), Skeletons(current, np.arange(90)), rng=np.random.default_rng(0)
    )
    assert result.p_value >= exact - 0.06


@pytest.mark.parametrize("share", [0.04, 0.05, 0.10])
@pytest.mark.parametrize("n", [500, 1000])
def test_a_new_bot_is_told_by_its_size(share, n):
    rng = np.random.default_rng(4)
    found = []
    for _ in range(60):
        current = np.where(rng.random(n) < share, 0, -1)
        result = Template(level=LEVEL).compare(
            Skeletons(np.full(n, -1), np.arange(n)), Skeletons(current, np.arange(n)), rng=rng
        )
        found.append(not result.has_p_value and result.effects[0].value >= MATERIAL)
    assert np.mean(found) >= 0.8


def test_many_new_campaigns_are_found_by_the_p_value():
    rng = np.random.default_rng(5)
    current = np.full(1000, -1)
    current[:160] = np.repeat(np.arange(20), 8)
    result = Template(level=LEVEL, n_permutations=9999).compare(
        Skeletons(np.full(1000, -1), np.arange(1000)), Skeletons(current, np.arange(1000)), rng=rng
    )
    assert result.has_p_value
    assert result.p_value <= LEVEL
    assert result.effects[0].value == pytest.approx(0.16)


def test_a_campaign_that_ended_is_no_change():
    held, gone = np.full(500, -1), np.full(500, -1)
    held[:50] = 0
    result = Template().compare(
        Skeletons(held, np.arange(500)), Skeletons(gone, np.arange(500)), rng=np.random.default_rng(0)
    )
    assert result.has_p_value
    assert result.p_value > 0.4


@pytest.mark.slow
def test_two_samples_of_one_source_are_never_called_a_template():
    found = [result_of(ordinary(600, 2 * seed), ordinary(400, 2 * seed + 1)).p_value for seed in range(20, 60)]
    assert np.mean(np.array(found) <= 0.05) <= 0.05
