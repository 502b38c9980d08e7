"""What is told of a search: the slices to name, the largest of them, and what was searched."""

import numpy as np

from textdrift.drift.contract import Effect
from textdrift.drift.slice_mix import SliceMix
from textdrift.drift.slice_results import (
    largest_effect,
    notes_on_mixes,
    segments_table,
    smallest_to_show,
    untested,
)
from textdrift.drift.slice_search import SliceSearch
from textdrift.drift.slices import Slice, Slices


def part(column, value, start, stop):
    return Slice(column, value, (np.arange(start, stop), np.arange(start, stop)))


SLICES = [part("region", "n", 0, 100), part("region", "s", 100, 140), part("region", "w", 140, 1000)]
FOUND = SliceSearch(np.array([4.0, 5.0, 1.0]), np.array([0.01, 0.02, 0.6]), 999)
SIZES = {0: {"effect": 0.2, "low": 0.1, "high": 0.3, "term": "late"}, 1: {"effect": 0.4, "low": 0.2, "high": 0.6}}


def test_the_table_holds_what_moved_and_the_effect_is_the_largest_in_it():
    table = segments_table(SLICES, FOUND, SIZES)
    assert [row["value"] for row in table.rows] == ["s", "n"]
    assert table.rows[1] == {
        "column": "region", "value": "n", "effect": 0.2, "low": 0.1, "high": 0.3, "n_reference": 100,
        "n_current": 100, "statistic": 4.0, "p_value": 0.01, "term": "late",
    }  # fmt: skip
    effect = largest_effect("size", table, level=0.05, detectable=0.3, largest=1.0)
    assert (effect.value, effect.low, effect.high) == (0.4, 0.2, 0.6)
    strict = largest_effect("size", table, level=0.015, detectable=0.3, largest=1.0)
    assert strict.value == 0.2


def test_where_nothing_moved_the_effect_is_at_most_what_would_have_shown():
    table = segments_table(SLICES, SliceSearch(np.zeros(3), np.ones(3), 99), {})
    assert table.rows == ()
    effect = largest_effect("size", table, level=0.05, detectable=1.4, largest=1.0)
    assert (effect.value, effect.high, effect.detectable) == (0.0, 1.0, 1.4)


def test_drift_should_show_in_the_smallest_segment_with_a_twentieth_of_the_documents():
    assert smallest_to_show(SLICES, (1000, 1000)) == (100, 100)
    assert smallest_to_show(SLICES[1:2], (1000, 1000)) == (40, 40)


def test_a_column_that_could_not_be_held_fixed_is_said_once():
    mixes = [SliceMix(None, 9, ("week",)), SliceMix(None, 9, ("week",)), SliceMix(None, 9)]
    (note,) = notes_on_mixes(mixes)
    assert "'week'" in note


def test_nothing_to_search_is_no_drift():
    effect = Effect(name="size", value=0.0, low=0.0, high=1.0, detectable=np.inf)
    result = untested("a.test", "lexical", effect, Slices((), (), 0), (9, 8), "No segment")
    assert (result.p_value, result.n_documents, result.notes) == (1.0, (9, 8), ("No segment: p = 1.",))
    assert result.sizes["n_slices"] == 0
