"""Drift inside segments that no test of all texts sees, from the rows to the report."""

import os

import numpy as np
import pyarrow as pa
import pytest

import textdrift

REPEATS = 40 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 200
FEW = 12


def window(rng, n, *, side, moved=None, segments=("north", "south", "west"), copies=0.0):
    region = np.array(segments, dtype=object)[rng.integers(len(segments), size=n)]
    points = rng.normal(size=(n, 8)).astype(np.float32)
    for value, shift in (moved or {}).items():
        points[region == value, 0] += shift
    region[:FEW] = "tiny"
    taken = np.sort(np.concatenate([np.arange(n), rng.choice(n, size=int(copies * n))]))
    table = pa.table(
        {
            "text": [" ".join(f"{side}{word}" for word in row) for row in rng.integers(10**6, size=(n, 4))],
            "region": pa.array(region.tolist(), pa.large_string()),
            "plan": np.where(rng.random(n) < 0.7, region == "north", rng.random(n) < 0.5).astype(str).tolist(),
            "who": [f"{side}{i // 2}" for i in range(n)],
            "vector": pa.FixedSizeListArray.from_arrays(pa.array(points.ravel()), 8),
        }
    )
    return table.take(pa.array(taken))


def compared(*tables, seed=0, **options):
    return textdrift.compare(
        *tables, segments=["region", "plan"], embeddings="vector", seed=seed,
        tests={"embedding": {"engine": "native"}}, **options,
    )  # fmt: skip


def test_segments_that_move_against_each_other_are_drift_though_the_whole_stays():
    rng = np.random.default_rng(0)
    before, after = {"north": 0.5, "south": -0.5}, {"north": -0.5, "south": 0.5}
    report = compared(window(rng, 1000, side="a", moved=before), window(rng, 1000, side="b", moved=after))
    findings = {finding.result.test: finding for finding in report.findings}
    assert findings["embedding.segments"].drifted
    assert not any(finding.drifted for name, finding in findings.items() if name != "embedding.segments")
    assert report.diagnosis.kinds == ("semantic",)
    assert {row["value"] for row in report.diagnosis.segments[:2]} == {"north", "south"}
    assert "region 'north'" in findings["embedding.segments"].sentence


def test_a_segment_too_small_is_said_to_be_too_small():
    rng = np.random.default_rng(1)
    document = compared(window(rng, 500, side="a"), window(rng, 500, side="b")).to_dict()
    (small,) = document["diagnosis"]["too_small"]
    assert (small["column"], small["value"], small["n_reference"], small["n_current"]) == ("region", "tiny", FEW, FEW)
    assert "30 are needed in each window" in small["reason"]
    assert document["diagnosis"]["search"]["n_slices"] > 5
    assert document["diagnosis"]["segments"] == []


def test_without_segment_columns_nothing_is_searched():
    report = textdrift.compare(["a b c"] * 5, ["a b d"] * 5, tests={"lexical": {}})
    assert report.to_dict()["diagnosis"]["search"] is None
    assert all(finding.result.test != "lexical.segments" for finding in report.findings)


@pytest.mark.slow
@pytest.mark.parametrize("group", [None, "who"])
def test_reports_of_null_windows_with_copies_alarm_in_five_percent(group):
    rng = np.random.default_rng(2)
    alarms = []
    for seed in range(REPEATS):
        tables = (window(rng, n, side=side, copies=0.3) for n, side in ((300, "a"), (220, "b")))
        report = compared(*tables, seed=seed, group=group)
        inside = next(f.result for f in report.findings if f.result.test == "embedding.segments")
        alarms.append([inside.p_value <= 0.05, report.verdict == "drift"])
    assert (np.mean(alarms, axis=0) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / REPEATS)).all()
