"""False alarms of the search for segments in vectors: topics, copies, authors, and a mix of segments that turns."""

import os

import numpy as np
import pyarrow as pa
import pytest

from textdrift.drift.embedding.segments import MeaningInSegments
from textdrift.drift.preparing_slices import sliced_vectors
from textdrift.drift.window_pair import WindowPair
from textdrift.embeddings.hashing_encoder import HashingEncoder
from textdrift.windows.reading import read_window
from textdrift.windows.window import Roles

REPEATS = 60 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 300
BOUND = 0.05 + 3 * np.sqrt(0.05 * 0.95 / REPEATS)
TEXTS = 4  # of an author, or of a burst of copies
SHARES = (0.4, 0.3, 0.2, 0.1)


def rows(rng, n, *, regions=SHARES, shift=0.0, moved=None):
    """Vectors in heaps; a region prefers heaps of its own, a plan follows the region, and heaps turn into topics."""
    region = rng.choice(4, size=n, p=regions)
    plan = np.where(rng.random(n) < 0.6, region % 2, rng.integers(2, size=n))
    heap = np.where(rng.random(n) < 0.5, region, rng.integers(6, size=n))
    points = rng.standard_t(6, size=(n, 12)) * 0.5
    points[np.arange(n), heap] += 2.0
    points[:, 11] += 0.5 * region
    if moved is not None:
        points[(region == moved) & (rng.random(n) < 0.5), 10] += shift
    return region, plan, points


def window(rng, n, side, *, copies=False, authors=False, **law):
    region, plan, points = rows(rng, n // TEXTS if copies or authors else n, **law)
    if copies or authors:
        region, plan, points = (np.repeat(of_one, TEXTS, axis=0) for of_one in (region, plan, points))
        points = points + (0.0 if copies else 0.3) * rng.normal(size=points.shape)
    number = np.arange(len(region))
    document = number // TEXTS if copies else number
    words = [f"{side}w{i}x{w}" for i in document for w in range(8)]
    texts = [" ".join(words[8 * i : 8 * i + 8]) + (f" {i}" if copies else "") for i in number]
    return pa.table(
        {
            "text": texts,
            "region": np.array(list("nswe"))[region].tolist(),
            "plan": np.array(["free", "paid"])[plan].tolist(),
            "author": [f"{side}{i // TEXTS if authors else i}" for i in number],
            "vector": pa.FixedSizeListArray.from_arrays(pa.array(points.astype(np.float32).ravel()), points.shape[1]),
        }
    )


def found(rng, n, m, *, group=None, seed=0, reference=None, current=None):
    roles = Roles(text="text", segments=("region", "plan"), embeddings="vector", group=group)
    tables = window(rng, n, "a", **(reference or {})), window(rng, m, "b", **(current or {}))
    windows = [read_window(table, roles, name="window") for table in tables]
    pair = WindowPair(*windows, encoder=HashingEncoder, cache=lambda: None, seed=seed)
    test = MeaningInSegments(n_permutations=99)
    prepared = sliced_vectors(pair, test)
    return test.compare(prepared.reference, prepared.current, rng=rng)


def share_of_alarms(*sizes, **law):
    alarms = [found(np.random.default_rng([31, i]), *sizes, seed=i, **law).p_value <= 0.05 for i in range(REPEATS)]
    return np.mean(alarms)


TURNED = {"regions": SHARES[::-1]}


@pytest.mark.slow
@pytest.mark.parametrize(("n", "m"), [(500, 500), (1500, 400)])
@pytest.mark.parametrize("current", [{}, TURNED], ids=["mix stays", "mix turns"])
def test_values_topics_and_pairs_alarm_together_in_five_percent(n, m, current):
    assert share_of_alarms(n, m, current=current) <= BOUND


@pytest.mark.slow
@pytest.mark.parametrize(("what", "group"), [("copies", None), ("authors", "author")])
def test_copies_and_the_texts_of_an_author_count_once(what, group):
    assert share_of_alarms(1200, 1200, group=group, reference={what: True}, current={what: True}) <= BOUND


def test_authors_alarm_without_the_role():
    law = {"authors": True}
    alarms = [
        found(np.random.default_rng([32, i]), 800, 800, reference=law, current=law).p_value <= 0.05 for i in range(6)
    ]
    assert np.mean(alarms) >= 0.5


def test_a_segment_that_moved_is_named_while_the_mix_turns_and_no_other():
    result = found(np.random.default_rng(33), 1500, 1500, current={**TURNED, "shift": 3.0, "moved": 1})
    assert {(row["column"], row["value"]) for row in result.table("segments")} == {("region", "s")}
