"""False alarms where authors write several texts on one topic: with the group role the promise holds for them too."""

import os

import numpy as np
import pyarrow as pa
import pytest

import textdrift
from textdrift.windows.simulating import Dose, sample_pair

REPEATS = 30 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 150
TEXTS = 5


def by_authors(rng, n, pool, first_author):
    """Draw authors, each with five texts that share a label, as texts of one person do."""
    labels = np.array(pool["label"].to_pylist())
    rows = []
    for _ in range(n // TEXTS):
        alike = np.flatnonzero(labels == labels[rng.integers(len(labels))])
        rows += rng.choice(alike, size=TEXTS, replace=False).tolist()
    authors = [f"author {first_author + i // TEXTS}" for i in range(len(rows))]
    drawn = pool.select(["text", "label"]).take(pa.array(rows))
    return drawn.append_column("author", pa.array(authors))


def share_of_alarms(group, n, m, repeats):
    rng = np.random.default_rng(21)
    pool = sample_pair(6000, 1, seed=22).reference
    alarms = 0
    for seed in range(repeats):
        reference, current = by_authors(rng, n, pool, 0), by_authors(rng, m, pool, 10_000)
        tests = {"lexical": {}, "columns": {}, "quality": {}}
        report = textdrift.compare(reference, current, label="label", group=group, tests=tests, seed=seed)
        alarms += report.verdict == "drift"
    return alarms / repeats


@pytest.mark.slow
@pytest.mark.parametrize(("n", "m"), [(1000, 200), (600, 600)])
def test_authors_with_many_texts_do_not_alarm(n, m):
    assert share_of_alarms("author", n, m, REPEATS) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / REPEATS)


@pytest.mark.slow
def test_without_the_role_they_do_alarm():
    assert share_of_alarms(None, 600, 600, 40) >= 0.12  # well beyond the 0.05 that is promised


def test_drift_of_many_authors_is_still_found():
    rng = np.random.default_rng(24)
    pair = sample_pair(3000, 3000, dose=Dose(labels=0.4), seed=25)
    reference, current = by_authors(rng, 1000, pair.reference, 0), by_authors(rng, 1000, pair.current, 10_000)
    report = textdrift.compare(reference, current, label="label", group="author", tests={"columns": {}})
    assert report.diagnosis.kinds == ("label",)
