"""What the catalogue promises: weights that belong to a test, and rare faults that cost common ones little."""

from __future__ import annotations

from textdrift.drift.catalog import CATALOG


def test_entries_of_one_name_and_kind_have_one_weight():
    weights: dict[tuple[str, str], set[float]] = {}
    for entry in CATALOG:
        weights.setdefault((entry.name, entry.kind), set()).add(entry.weight)
    assert all(len(held) == 1 and min(held) > 0 for held in weights.values())


def test_all_rare_faults_together_weigh_less_than_one_common_fault():
    of_quality = [entry for entry in CATALOG if entry.kind == "quality" and entry.decides]
    rare = [entry.weight for entry in of_quality if entry.weight < 1]
    assert len(rare) == 7
    assert sum(rare) < 1
    assert len(of_quality) - len(rare) == 7  # of the texts six, and the missing values of features


def test_only_quality_is_weighted():
    assert {entry.weight for entry in CATALOG if entry.kind != "quality"} == {1.0}


def test_a_fact_decides_nothing_by_chance():
    assert all(not entry.decides for entry in CATALOG if entry.is_fact)
    assert [entry.name for entry in CATALOG if entry.states_facts] == ["quality.template"]
