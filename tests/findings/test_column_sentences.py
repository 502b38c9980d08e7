"""How a column moved, in a word and in a sentence."""

from dataclasses import replace

import pytest

from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.findings.column_sentences import column_of, columns_sentence, direction_of, way_of
from textdrift.findings.deciding import decide, judges_of, verdict_of

SHOWN = Effect(name="kolmogorov_smirnov", value=0.3, low=0.2, high=0.4, detectable=0.1)


def result(name, *tables, p=1e-6, effect=SHOWN, test="columns.numeric", n=(400, 400)):
    column = (Evidence(name="column", rows=({"column": name, "type": "numeric"},)),) if name else ()
    return DriftResult(
        test=test, kind="features", statistic=1.0, p_value=p, effects=(effect,), n_documents=n,
        evidence=(*column, *tables),
    )  # fmt: skip


def quantiles(before, now):
    names = ("25 %", "median", "75 %")
    rows = [{"name": n, "reference": a, "current": b} for n, a, b in zip(names, before, now, strict=True)]
    return Evidence(name="quantiles", rows=tuple(rows))


@pytest.mark.parametrize(
    ("now", "way"),
    [
        ((2, 3, 4), "higher"),
        ((0, 1, 2), "lower"),
        ((0, 2, 4), "wider"),
        ((1.5, 2, 2.5), "narrower"),
        ((1, 2, 3), "another shape"),
    ],
)
def test_a_column_of_numbers_goes_one_way(now, way):
    moved = result("x", quantiles((1, 2, 3), now))
    assert way_of(moved) == way
    assert direction_of(moved).startswith(way)


def test_a_column_of_names_is_told_by_the_name_that_moved_most():
    rows = ({"value": "free", "reference_share": 0.2, "current_share": 0.5},)
    moved = result("plan", Evidence(name="categories", rows=rows))
    assert (way_of(moved), direction_of(moved)) == ("other shares", "most of all 'free' from 20 % to 50 %")


def test_the_strongest_column_speaks_and_the_others_are_named():
    sizes = {"a": 0.2, "b": 0.5, "c": 0.3}
    moved = quantiles((1, 2, 3), (2, 3, 4))
    sized = {name: replace(SHOWN, value=value) for name, value in sizes.items()}
    findings = decide([(result(name, moved, effect=effect), False) for name, effect in sized.items()], alpha=0.05)
    said = columns_sentence(findings)
    strongest = "Column 'b' moved by 50.0 points: higher, its median went from 2 to 3"
    assert said == f"{strongest}; 'c' (30.0 points) and 'a' (20.0 points) moved too."


def test_a_column_of_names_is_not_said_to_have_a_median():
    numbers = result("price", quantiles((1, 2, 3), (2, 3, 4)))
    shares = Evidence(name="categories", rows=({"value": "UK", "reference_share": 0.1, "current_share": 0.3},))
    moved = Effect(name="total_variation", value=0.2, low=0.1, high=0.3, detectable=0.05)
    names = result("country", shares, test="columns.categorical", effect=moved)
    said = columns_sentence(decide([(numbers, False), (names, False)], alpha=0.05))
    assert said.endswith("its median went from 2 to 3; 'country' (20.0 points) moved too.")


def test_of_many_columns_that_moved_the_rest_is_counted():
    findings = decide([(result(f"x{i}", quantiles((1, 2, 3), (2, 3, 4))), False) for i in range(6)], alpha=0.05)
    said = columns_sentence(findings)
    assert "; 'x1' (30.0 points), 'x2' (30.0 points), 'x3' (30.0 points) and 2 more moved too." in said


def test_columns_are_judged_by_holm_within_their_kind():
    p_values = (0.001, 0.012, 0.03, 0.5)
    findings = decide([(result(f"x{i}", p=p), False) for i, p in enumerate(p_values)], alpha=0.05)
    assert [finding.adjusted_p_value for finding in findings] == pytest.approx([0.004, 0.036, 0.06, 0.5])
    assert [finding.drifted for finding in findings] == [True, True, False, False]


def test_the_material_size_of_names_depends_on_the_kind():
    of_names = Effect(name="total_variation", value=0.07, low=0.0, high=0.1, detectable=0.05)
    (finding,) = decide([(result("plan", test="columns.categorical", effect=of_names), False)], alpha=0.05)
    assert (finding.material_from, finding.drifted) == (0.10, False)


def test_columns_decide_whether_a_silence_without_texts_can_be_trusted():
    blind = Effect(name="kolmogorov_smirnov", value=0.0, low=0.0, high=1.0, detectable=0.5)
    sharp = Effect(name="excess_unseen", value=0.0, low=0.0, high=1.0, detectable=0.001)
    none = [(result(None, p=1.0, effect=sharp, test="columns.unseen"), False)]
    findings = decide([(result("x", p=1.0, effect=blind), False), *none], alpha=0.05)
    assert [column_of(finding.result) for finding in judges_of(findings)] == ["x"]
    assert verdict_of((), findings) == "inconclusive"
    seen = decide([(result("x", p=1.0, effect=SHOWN), False), *none], alpha=0.05)
    assert verdict_of((), seen) == "no_drift"
