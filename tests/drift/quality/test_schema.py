"""Schema: changed types, spellings, lists of labels, empty columns and rounded probabilities are facts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from textdrift import compare
from textdrift.drift.contract import DriftTest
from textdrift.drift.quality.role_columns import folded, role_columns
from textdrift.drift.quality.schema import Schema
from textdrift.errors import MissingColumnError, SettingsError
from textdrift.windows.reading import read_window
from textdrift.windows.window import Roles

N = 400


def columns(values: dict[str, object], **roles: object):
    table = pa.table({"text": [f"cup {i}" for i in range(len(next(iter(values.values()))))], **values})
    window = read_window(table, Roles(**roles), name="window")
    return role_columns(window, np.arange(window.n_rows))


def change(before: dict[str, object], after: dict[str, object], **roles: object):
    return Schema().compare(columns(before, **roles), columns(after, **roles), rng=np.random.default_rng(0))


def labels(*shares: tuple[str, int]) -> dict[str, object]:
    return {"label": [name for name, n in shares for _ in range(n)]}


@pytest.mark.parametrize(
    ("before", "after", "held"),
    [
        ([1, 0] * 200, ["1", "0"] * 200, "holds text and held numbers"),
        ([True, False] * 200, [1, 0] * 200, "holds numbers and held booleans"),
        (["1", "0"] * 200, [1, 0] * 200, "holds numbers and held text"),
    ],
)
def test_another_type_is_told_and_touches_every_row(before, after, held):
    result = change({"label": before}, {"label": after}, label="label")
    (cause,) = result.table("causes")
    assert cause["sentence"] == f"Column 'label' (the label) {held}."
    assert (cause["cause"], cause["share_of_rows"], result.effects[0].value) == ("schema", 1.0, 1.0)
    assert not result.has_p_value
    assert isinstance(Schema(), DriftTest)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([1, 0] * 200, [1.0, 0.0] * 199 + [None, 1.0]),  # a gap makes a column of ints one of floats
        ([1, 0] * 200, [0, 1] * 200),
        (["a", "b"] * 200, pa.array(["a", "b"] * 200).dictionary_encode()),
    ],
)
def test_a_gap_or_another_encoding_is_no_other_type(before, after):
    assert change({"label": before}, {"label": after}, label="label").table("causes") == ()


def test_a_csv_file_has_no_types_to_compare(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("text,label\n" + "".join(f"cup {i},{i % 2}\n" for i in range(N)), encoding="utf-8")
    spelled = read_window(str(path), Roles(label="label"), name="window")
    typed = read_window(
        pa.table({"text": [f"cup {i}" for i in range(N)], "label": [i % 2 for i in range(N)]}),
        Roles(label="label"),
        name="window",
    )
    assert spelled.source_types == {}
    assert typed.source_types["label"] == "numbers"
    sides = (role_columns(window, np.arange(N)) for window in (spelled, typed))
    assert Schema().compare(*sides, rng=np.random.default_rng(0)).effects[0].value == 0.0


def test_times_that_are_written_as_text_are_no_other_type():
    stamps = pa.array(range(N), pa.timestamp("s", "UTC"))
    written = [f"2024-01-01T00:{i // 60:02}:{i % 60:02}Z" for i in range(N)]
    assert change({"at": stamps}, {"at": written}, time="at").effects[0].value == 0.0
    bare = pa.array(range(N), pa.timestamp("s"))
    assert "without a zone" in change({"at": stamps}, {"at": bare}, time="at").table("causes")[0]["sentence"]


def test_another_spelling_of_one_name_is_told_with_both():
    before, after = (
        labels(("positive", 200), ("negative", 200)),
        labels(("positive", 80), ("Positive ", 120), ("negative", 200)),
    )
    (cause,) = change(before, after, label="label").table("causes")
    assert cause["sentence"] == "Column 'label' (the label) spells 'positive' as 'Positive ' in 30.0 % of the rows."
    assert cause["share_of_rows"] == 0.3


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Positive", "positive ", True),
        ("Ｐositive", "positive", True),  # a full-width letter
        ("not_sarcastic", "Not  sarcastic", True),
        ("-1", "1", False),
        ("+", "-", False),
        ("c", "c++", False),
    ],
)
def test_folding_takes_spellings_together_and_names_apart(one, other, same):
    assert (folded(one) == folded(other)) is same


def test_a_new_and_a_vanished_label_are_told_with_their_shares():
    result = change(
        labels(("good", 200), ("bad", 150), ("mixed", 50)),
        labels(("good", 240), ("bad", 120), ("unsure", 40)),
        label="label",
    )
    told = {row["direction"]: row for row in result.table("causes")}
    assert told["up"]["sentence"] == "Column 'label' (the label) holds 'unsure' in 10.0 % of the rows, a new value."
    assert told["down"]["sentence"] == "Column 'label' (the label) lacks 'mixed', which 12.5 % of the rows held."
    assert result.effects[0].value == 0.125


def test_a_rare_label_that_chance_put_into_one_window_is_no_fact():
    result = change(labels(("good", 390), ("mixed", 10)), labels(("good", 392), ("unsure", 8)), label="label")
    assert result.table("causes") == ()


def test_new_segments_are_no_schema_and_other_spellings_of_them_are():
    before, after = {"city": ["Rome", "Oslo"] * 200}, {"city": ["Rome", "Bonn"] * 200}
    assert change(before, after, segments=("city",)).table("causes") == ()
    assert change(before, {"city": ["ROME", "Oslo"] * 200}, segments=("city",)).effects[0].value == 0.5


def test_a_column_that_became_empty_is_told():
    before, after = {"prediction": ["a", "b"] * 200}, {"prediction": pa.nulls(N, pa.string())}
    assert change(before, after, prediction="prediction").table("causes")[0]["sentence"] == (
        "Column 'prediction' (the prediction) is empty and was not."
    )
    assert change({"label": ["a", "b"] * 200}, {"label": pa.nulls(N, pa.string())}, label="label").table("causes") == ()


def test_probabilities_that_became_decisions_are_told():
    p = np.random.default_rng(0).uniform(0, 1, N)
    roles = {"probabilities": {"a": "pa", "b": "pb"}}
    scores = {"pa": p, "pb": 1 - p}
    hard = {name: np.round(values) for name, values in scores.items()}
    assert change(scores, hard, **roles).table("causes")[0]["sentence"] == (
        "The probabilities are rounded to 0 and 1 and were not."
    )
    assert change(hard, scores, **roles).table("causes")[0]["direction"] == "down"
    assert change(scores, {name: v.astype(np.float32) for name, v in scores.items()}, **roles).table("causes") == ()


def test_identical_windows_and_random_halves_hold_no_fact():
    rng = np.random.default_rng(2)
    weights = 1 / np.arange(1, 31)
    for _ in range(200):
        drawn = [f"label {k}" for k in rng.choice(30, size=200, p=weights / weights.sum())]
        before, after = {"label": drawn[:100]}, {"label": drawn[100:]}
        assert change(before, after, label="label").table("causes") == ()
    assert change(before, before, label="label").effects[0].value == 0.0


def test_a_report_calls_it_quality_and_a_run_of_other_families_does_not_look():
    texts = [f"cup number {i}" for i in range(N)]
    tables = [pa.table({"text": texts, "label": values}) for values in ([0, 1] * 200, ["0", "1"] * 200)]
    report = compare(*tables, label="label", tests={"quality": {}})
    assert report.diagnosis.kinds == ("quality",)
    assert report.diagnosis.causes[0]["cause"] == "schema"
    lexical = compare(*tables, label="label", tests={"lexical": {}})
    assert {finding.kind for finding in lexical.findings} == {"lexical"}


def test_a_column_that_the_reference_lacks_stays_an_error():
    with pytest.raises(MissingColumnError, match="'label'"):
        compare(pa.table({"text": ["a"]}), pa.table({"text": ["a"], "label": ["x"]}), label="label")


@pytest.mark.parametrize("role", ["label", "prediction"])
def test_labels_that_are_all_new_are_one_change_and_may_be_the_old_ones_renamed(role):
    before = {role: ["good"] * 220 + ["bad"] * 180}
    (cause,) = change(before, {role: ["1"] * 210 + ["0"] * 190}, **{role: role}).table("causes")
    assert cause["sentence"] == (
        f"Column '{role}' (the {role}) names all of its values otherwise: it holds '1', '0' and held 'good', 'bad', "
        "perhaps the same renamed."
    )
    assert (cause["share_of_rows"], cause["direction"]) == (1.0, "up")
    some = change(before, {role: ["1"] * 210 + ["bad"] * 190}, **{role: role}).table("causes")
    assert len(some) == 2
    spelled = change(before, {role: ["Good"] * 210 + ["0"] * 190}, **{role: role}).table("causes")
    assert any("spells 'good' as 'Good'" in row["sentence"] for row in spelled)
    many = {role: [f"class {i}" for i in range(12)]}, {role: [f"class {i}" for i in range(12, 24)]}
    assert change(*many, **{role: role}).table("causes") == ()  # 12 rows of rare labels share none by chance


def test_rows_that_lost_their_probabilities_are_told_and_those_that_chance_takes_are_not():
    p = np.random.default_rng(1).uniform(0, 1, N)
    roles = {"probabilities": {"a": "pa", "b": "pb"}}

    def lacking(n_rows: int, offset: int = 0) -> dict[str, object]:
        column = p.copy()
        column[offset : offset + n_rows] = np.nan
        return {"pa": column, "pb": 1 - p}

    (cause,) = change(lacking(0), lacking(40), **roles).table("causes")
    assert cause["sentence"] == "The probabilities are null in 10.0 % of the rows and were in 0 %."
    assert (cause["share_of_rows"], cause["direction"]) == (pytest.approx(0.1), "up")
    (cause,) = change(lacking(200), lacking(100), **roles).table("causes")
    assert (cause["share_of_rows"], cause["direction"]) == (pytest.approx(0.25), "down")
    assert change(lacking(40), lacking(40, 100), **roles).table("causes") == ()
    assert change(lacking(0), lacking(15), **roles).table("causes") == ()  # 1 in 33,000 pairs of one source is so
    (cause,) = change(lacking(0), lacking(N), **roles).table("causes")
    assert cause["share_of_rows"] == 1.0


def test_a_level_that_is_no_probability_is_refused():
    with pytest.raises(SettingsError, match="level=0"):
        Schema(level=0)
