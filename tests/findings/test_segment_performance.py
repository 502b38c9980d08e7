"""Where accuracy fell most: values, predicted classes, topics and pairs of them."""

import numpy as np
import pyarrow as pa
import pytest

from textdrift.drift.window_pair import WindowPair
from textdrift.embeddings.hashing_encoder import HashingEncoder
from textdrift.findings.localising import judge_segments
from textdrift.findings.segment_performance import accuracy_of_segments
from textdrift.windows.reading import read_window
from textdrift.windows.window import Roles


def pair(rng, n=1200, *, broken=None):
    """A model that errs in a tenth; in `broken`, (region, topic), it errs in half of the current window."""
    windows = []
    for side in ("reference", "current"):
        topic = rng.integers(2, size=n)
        points = rng.normal(size=(n, 6)).astype(np.float32) * 0.3
        points[:, 0] += 4.0 * topic
        region = np.array(["no | rth", "so\x1futh", "west"])[rng.integers(3, size=n)]
        label = rng.integers(2, size=n)
        wrong = rng.random(n) < 0.1
        if broken is not None and side == "current":
            wrong |= (region == broken[0]) & (topic == broken[1]) & (rng.random(n) < 0.5)
        table = pa.table(
            {
                "text": [
                    f"{'luggage belt' if about else 'cabin crew'} {' '.join(f'{side}{w}' for w in row)}"
                    for about, row in zip(topic, rng.integers(10**6, size=(n, 4)), strict=True)
                ],
                "region": region.tolist(),
                "y": np.array(["bad", "good"])[label].tolist(),
                "said": np.array(["bad", "good"])[np.where(wrong, 1 - label, label)].tolist(),
                "vector": pa.FixedSizeListArray.from_arrays(pa.array(points.ravel()), 6),
            }
        )
        roles = Roles(text="text", label="y", prediction="said", segments=("region",), embeddings="vector")
        windows.append(read_window(table, roles, name=side))
    return WindowPair(*windows, encoder=HashingEncoder, cache=lambda: None)


def test_accuracy_of_a_pair_is_that_of_its_rows():
    both = pair(np.random.default_rng(0), 400)
    rows, missing = accuracy_of_segments(both, topics=False)
    assert missing == []
    pairs = [row for row in rows if "within" in row]
    assert len(pairs) == 3 * 2
    for row in pairs:
        for window, name in zip(both.windows, ("reference", "current"), strict=True):
            columns = [np.array(window.column(c).to_pylist()) for c in ("region", "said", "y")]
            inside = (columns[0] == row["value"]) & (columns[1] == row["within"]["value"])
            assert row[f"{name}_accuracy"] == pytest.approx((columns[1] == columns[2])[inside].mean())
            assert row[f"n_{name}"] == inside.sum()


def test_a_model_broken_in_one_topic_of_one_region_is_found_there():
    both = pair(np.random.default_rng(1), 1500, broken=("so\x1futh", 1))
    rows, _ = accuracy_of_segments(both, topics=True)
    # There are more topics than two: each of those about bags holds a part of the fall.
    of_topics = [row for row in rows if row.get("within", {}).get("column") == "topic"]
    worst = min(of_topics, key=lambda row: row["p_value"])
    assert worst["value"] == "so\x1futh"
    whole = next(row for row in rows if row["value"] == "so\x1futh" and "within" not in row)
    assert worst["change"] < whole["change"] < -0.1
    assert worst["change"] == pytest.approx(-0.45, abs=0.15)
    assert worst["low"] <= worst["change"] <= worst["high"] < 0


def test_the_fall_is_told_once_with_an_adjusted_p_value():
    both = pair(np.random.default_rng(2), 1500, broken=("west", 0))
    result = judge_segments(both, ("performance",), alpha=0.05, rng=np.random.default_rng(0))
    first = result.rows[0]
    assert (first["column"], first["value"], first["kind"]) == ("region", "west", "performance")
    own = next(
        row["p_value"]
        for row in accuracy_of_segments(both, topics=False)[0]
        if row["value"] == "west" and "within" not in row
    )
    assert first["p_value"] == pytest.approx(own * 2 * 5)
