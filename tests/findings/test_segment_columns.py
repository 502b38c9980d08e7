"""Labels that moved inside a segment, or only in a pair of segments, are found there."""

import numpy as np
import pyarrow as pa
import pytest

from textdrift.drift.window_pair import WindowPair
from textdrift.embeddings.hashing_encoder import HashingEncoder
from textdrift.findings.localising import judge_segments
from textdrift.findings.segment_columns import categories_of_segments
from textdrift.findings.segment_slices import sliced_codes, slices_among
from textdrift.windows.reading import read_window
from textdrift.windows.window import Roles

SHARES = {"north": 0.3, "south": 0.5, "west": 0.8}


def pair(rng, n=900, *, moved=None, region=(1 / 3, 1 / 3, 1 / 3)):
    """Labels that follow the region; `moved` maps (region, plan) to the share of labels that turn bad."""
    windows = []
    for side in ("reference", "current"):
        where = rng.choice(list(SHARES), size=n, p=region if side == "current" else None)
        plan = np.array(["free", "paid"])[rng.integers(2, size=n)]
        bad = rng.random(n) < np.array([SHARES[value] for value in where])
        for (of_region, of_plan), share in (moved or {}).items() if side == "current" else ():
            bad |= (where == of_region) & (plan == of_plan) & (rng.random(n) < share)
        texts = [" ".join(f"{side}{word}" for word in row) for row in rng.integers(10**6, size=(n, 5))]
        table = {
            "text": texts,
            "region": where.tolist(),
            "plan": plan.tolist(),
            "y": np.where(bad, "bad", "good").tolist(),
        }
        roles = Roles(text="text", label="y", segments=("region", "plan"))
        windows.append(read_window(pa.table(table), roles, name=side))
    return WindowPair(*windows, encoder=HashingEncoder, cache=lambda: None)


def found(both, *, seed=0):
    slices = slices_among(both, sliced_codes(both, topics=False, classes=False))
    return categories_of_segments(
        both, slices, "label", level=0.05, n_permutations=999, rng=np.random.default_rng(seed)
    )[0]


def test_labels_that_moved_in_a_pair_only_are_named_there():
    rows = found(pair(np.random.default_rng(0), 1500, moved={("north", "paid"): 0.7}))
    first = rows[0]
    assert (first["value"], first["within"]) == ("north", {"column": "plan", "value": "paid"})
    assert first["effect"] == pytest.approx(0.49, abs=0.08)
    assert first["low"] <= first["effect"] <= first["high"]
    # What the parts show is that of the pair, thinned out.
    assert all(row.get("within") or row["value"] not in ("north", "paid") for row in rows)


def test_a_new_mix_of_regions_moves_no_label_inside_them_nor_inside_plans():
    both = pair(np.random.default_rng(1), 1500, region=(0.1, 0.1, 0.8))
    assert found(both) == []


def test_labels_that_moved_while_the_mix_turned_have_the_size_of_alike_documents():
    moved = {(region, "paid"): 0.3 for region in SHARES}
    rows = found(pair(np.random.default_rng(6), 2500, moved=moved, region=(0.15, 0.25, 0.6)))
    # In each region labels moved too, those of its paid part; of the plans only one did.
    (row,) = [row for row in rows if row["column"] == "plan"]
    assert row["value"] == "paid"
    # Three tenths of the good labels, which were 0.7, 0.5 and 0.2 of those of the regions.
    assert 0.3 * 0.2 < row["effect"] < 0.3 * 0.5
    assert row["low"] < row["effect"] < row["high"]


def test_null_labels_are_named_in_five_percent():
    rng = np.random.default_rng(2)
    named = [bool(found(pair(rng, 250), seed=seed)) for seed in range(120)]
    assert np.mean(named) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 120)


def test_the_search_is_told():
    both = pair(np.random.default_rng(3), moved={("north", "paid"): 0.7, ("north", "free"): 0.7})
    result = judge_segments(both, ("label",), alpha=0.05, rng=np.random.default_rng(0))
    assert result.rows[0]["value"] == "north"
    assert "within" not in result.rows[0]
    assert result.search["n_slices"] == 3 + 2 + 6
    assert result.search["n_permutations"] == 1999
    assert "Westfall and Young" in result.search["method"]
