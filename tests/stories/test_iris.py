"""The Iris story, told once on a fresh seed: what each chapter finds, and how often on ten."""

import os
import re

import numpy as np
import pytest

from textdrift.comparing import compare
from textdrift.stories import STORIES
from textdrift.stories.iris import ACCEPTED, FEW, WEEK, Titles
from textdrift.stories.iris_data import FEATURES, IRIS_ROLES, iris_meadow, measured_flowers

SEED = 20261127
N_SEEDS = 2 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 10


def told(folder, seed):
    return {chapter.title: chapter for chapter in STORIES["iris"].run(folder, seed, lambda _: None).chapters}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("iris") / "story"


@pytest.fixture(scope="module")
def chapters(folder):
    return told(folder, SEED)


@pytest.fixture(scope="module")
def meadow():
    return iris_meadow()


def verdict(chapter):
    return chapter.document["verdict"]


def kinds(chapter):
    return set(chapter.document["diagnosis"]["kinds"])


def moved(chapter):
    return {row["column"] for row in chapter.document["diagnosis"]["columns"]}


def change_of_accuracy(chapter):
    rows = chapter.document["performance"]["measured"]["rows"]
    return next(row["change"] for row in rows if row["metric"] == "accuracy")


def enough(chapter):
    return int(re.search(r"About (\d+) current rows would be enough", chapter.sentence)[1])


def test_every_chapter_is_told_in_order_and_its_files_lie_there(chapters):
    assert list(chapters) == [
        Titles.few, Titles.quiet, Titles.long, Titles.known, Titles.fallen, Titles.suffered, Titles.mended,
    ]  # fmt: skip
    assert all(path.exists() for chapter in chapters.values() for path in chapter.files)


def test_eight_flowers_are_too_few_and_the_size_that_would_do_is_told(chapters):
    assert verdict(chapters[Titles.few]) == "inconclusive"
    assert f"{FEW} current rows beside {ACCEPTED} of the reference are too few" in chapters[Titles.few].sentence
    assert FEW < enough(chapters[Titles.few]) < WEEK


def test_as_many_flowers_as_were_told_do(chapters, meadow):
    rng = np.random.default_rng([SEED, 1])
    windows = [measured_flowers(meadow, n, rng) for n in (ACCEPTED, enough(chapters[Titles.few]))]
    assert compare(*windows, **IRIS_ROLES).verdict != "inconclusive"


@pytest.mark.parametrize("title", [Titles.quiet, Titles.mended])
def test_a_week_that_is_measured_right_is_no_drift(chapters, title):
    assert verdict(chapters[title]) == "no_drift"


def test_a_caliper_that_reads_2_mm_too_long_is_drift_of_features_that_are_named(chapters):
    assert kinds(chapters[Titles.long]) == {"features"}
    assert moved(chapters[Titles.long]) >= {"sepal_width", "petal_width"}
    assert "its median went from" in chapters[Titles.long].sentence


def test_a_hundred_species_tell_the_errors_before_all_are_known(chapters, folder):
    low, high = map(int, re.search(r"\((\d+) to (\d+)\)\.$", chapters[Titles.long].sentence).groups())
    known = chapters[Titles.known].document["performance"]["measured"]["rows"]
    right = next(row["current"]["value"] for row in known if row["metric"] == "accuracy")
    assert low <= round(100 * (1 - right)) <= high


def test_2_mm_do_the_accuracy_no_harm_that_is_seen_and_5_mm_do(chapters):
    assert "performance" not in kinds(chapters[Titles.known])
    assert change_of_accuracy(chapters[Titles.known])["low"] < 0 < change_of_accuracy(chapters[Titles.known])["high"]
    assert {"features", "performance"} <= kinds(chapters[Titles.suffered])
    assert change_of_accuracy(chapters[Titles.suffered])["high"] < 0


def test_5_mm_move_every_feature_and_the_answers_before_a_species_is_known(chapters):
    assert kinds(chapters[Titles.fallen]) == {"features", "prediction"}
    assert moved(chapters[Titles.fallen]) == set(FEATURES)


def test_no_sentence_speaks_of_texts(chapters):
    for chapter in chapters.values():
        document = chapter.document
        said = [document["summary"], document["business_summary"], *(row["sentence"] for row in document["findings"])]
        assert not re.search(r"\b(texts|documents?)\b", " ".join(said))


def test_the_same_seed_tells_the_same_and_another_flowers_of_the_same_law(meadow):
    first, again, other = (
        measured_flowers(meadow, 2_000, np.random.default_rng(seed), too_long=0.2) for seed in (1, 1, 2)
    )
    assert first.equals(again)
    assert not first.equals(other)
    means = [np.mean(other[feature].to_numpy()) - 0.2 for feature in FEATURES]
    assert means == pytest.approx(meadow.means.mean(axis=0), abs=0.15)


@pytest.mark.slow
def test_on_fresh_seeds_the_findings_hold(tmp_path):
    stories = [told(tmp_path / str(seed), seed) for seed in range(N_SEEDS)]
    held = {
        "inconclusive": [verdict(story[Titles.few]) == "inconclusive" for story in stories],
        "quiet": [verdict(story[title]) == "no_drift" for story in stories for title in (Titles.quiet, Titles.mended)],
        "long": [kinds(story[Titles.long]) == {"features"} for story in stories],
        "named": [moved(story[Titles.long]) >= {"sepal_width", "petal_width"} for story in stories],
        "unharmed": ["performance" not in kinds(story[Titles.known]) for story in stories],
        "fallen": [kinds(story[Titles.fallen]) >= {"features", "prediction"} for story in stories],
        "harmed": ["performance" in kinds(story[Titles.suffered]) for story in stories],
    }
    least = {"inconclusive": N_SEEDS, "quiet": 2 * N_SEEDS - 2}
    assert {name: sum(rows) for name, rows in held.items() if sum(rows) < least.get(name, N_SEEDS - 1)} == {}
