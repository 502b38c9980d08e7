"""The segment that carries the drift comes first; segments that did not move, or are small, are not named."""

import numpy as np
import pyarrow as pa
import pytest

from textdrift.drift.window_pair import WindowPair
from textdrift.embeddings.hashing_encoder import HashingEncoder
from textdrift.findings.localising import MINIMUM_SEGMENT, rank_segments
from textdrift.windows.reading import read_window
from textdrift.windows.window import Roles

WORDS = ["tea", "cup", "desk", "lamp", "road", "tree", "bird", "rain", "coat", "shoe"]


def window(rng, n, *, broken_in=None, segments=("north", "south", "west")):
    texts, where, labels = [], [], []
    for i in range(n):
        segment = segments[i % len(segments)]
        words = [str(w) for w in rng.choice(WORDS, size=5)]
        if segment == broken_in and rng.random() < 0.5:
            words.append("frozen")
        texts.append(" ".join([*words, f"n{i}"]))
        where.append(segment)
        labels.append("bad" if rng.random() < (0.8 if segment == broken_in else 0.3) else "good")
    return pa.table({"text": texts, "region": where, "y": labels})


def pair(reference, current):
    roles = Roles(text="text", label="y", segments=("region",))
    windows = [read_window(t, roles, name=n) for t, n in ((reference, "reference"), (current, "current"))]
    return WindowPair(*windows, encoder=HashingEncoder, cache=lambda: None)


@pytest.mark.parametrize("kinds", [("lexical",), ("label",)])
def test_the_planted_segment_comes_first(kinds):
    rng = np.random.default_rng(0)
    rows = rank_segments(pair(window(rng, 900), window(rng, 900, broken_in="south")), kinds, alpha=0.05, rng=rng)
    assert (rows[0]["column"], rows[0]["value"], rows[0]["kind"]) == ("region", "south", kinds[0])
    assert {row["value"] for row in rows} == {"south"}


def test_no_kind_no_segment():
    rng = np.random.default_rng(1)
    assert rank_segments(pair(window(rng, 300), window(rng, 300, broken_in="west")), (), alpha=0.05, rng=rng) == ()


def test_on_null_data_segments_are_rarely_named():
    rng = np.random.default_rng(2)
    named = sum(
        bool(rank_segments(pair(window(rng, 180), window(rng, 180)), ("lexical", "label"), alpha=0.05, rng=rng))
        for _ in range(60)
    )
    assert named / 60 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 60)


def test_a_segment_too_small_is_not_looked_at():
    rng = np.random.default_rng(3)
    few = window(rng, 3 * (MINIMUM_SEGMENT - 1), broken_in="south")
    assert rank_segments(pair(window(rng, 900), few), ("lexical",), alpha=0.05, rng=rng) == ()
