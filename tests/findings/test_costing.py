"""Money: exact on counted documents, never certain about what was not seen, and in words a person can use."""

import json

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import binomtest

from textdrift.errors import SettingsError, WindowError
from textdrift.findings.cost_table import CostTable, cost_table_from
from textdrift.findings.costing import judge_by_cost, price
from textdrift.performance.estimating import estimate_accuracy
from textdrift.performance.scored_rows import ScoredRows

NAMES = ("negative", "neutral", "positive")
MATRIX = {"negative": {"positive": 5.0, "neutral": 1.0}, "positive": {"negative": 0.5}}


def window(cells, *, unlabelled=0):
    """Make a window from the number of documents of each (label, prediction)."""
    pairs = [pair for pair, count in cells.items() for _ in range(count)] + [("none", "neutral")] * unlabelled
    position = {name: i for i, name in enumerate(NAMES)} | {"none": -1}
    n = len(pairs)
    return ScoredRows(
        label_names=NAMES,
        labels=np.array([position[label] for label, _ in pairs], dtype=int),
        predictions=np.array([position[prediction] for _, prediction in pairs], dtype=int),
        probabilities=None,
        documents=np.arange(n),
        rows=np.arange(n),
    )


BEFORE = {("negative", "negative"): 90, ("negative", "positive"): 10, ("positive", "positive"): 190,
          ("positive", "negative"): 10}  # fmt: skip
WORSE = {("negative", "negative"): 60, ("negative", "positive"): 40, ("positive", "positive"): 190,
         ("positive", "negative"): 10}  # fmt: skip


def two_classes(rng, n, *, moved=0.0):
    score = 2 * rng.normal(size=n) + moved
    labels = (rng.random(n) < expit(score)).astype(int)
    said = expit(2 * score)
    return ScoredRows(
        label_names=("bad", "good"),
        labels=labels,
        predictions=(said > 0.5).astype(int),
        probabilities=np.column_stack([1 - said, said]),
        documents=np.arange(n),
        rows=np.arange(n),
    )


def test_costs_are_those_of_the_counted_documents():
    cost = price(CostTable(matrix=MATRIX, volume=3000), window(BEFORE), window(WORSE), None)
    assert cost.measured.reference.mean == pytest.approx(3000 * (10 * 5 + 10 * 0.5) / 300)
    assert cost.measured.current.mean == pytest.approx(3000 * (40 * 5 + 10 * 0.5) / 300)
    assert cost.measured.change.mean == pytest.approx(3000 * 30 * 5 / 300)


def test_with_one_price_both_windows_have_clopper_and_pearsons_interval():
    cost = price(CostTable(matrix={"negative": {"positive": 5.0}}, volume=1000), window(BEFORE), window(WORSE), None)
    exact = [binomtest(seen, 300).proportion_ci(0.95, method="exact") for seen in (10, 40)]
    for side, ends in zip((cost.measured.reference, cost.measured.current), exact, strict=True):
        assert (side.low, side.high) == pytest.approx((5000 * ends.low, 5000 * ends.high))
    high = 0.1 + np.hypot(exact[1].high - 40 / 300, 10 / 300 - exact[0].low)
    assert cost.measured.change.high == pytest.approx(5000 * high)


def test_cells_sum_to_the_change_and_the_dearest_comes_first():
    cost = price(CostTable(matrix=MATRIX), window(BEFORE), window(WORSE), None)
    cells = cost.measured.cells
    assert sum(cell.change.mean for cell in cells) == pytest.approx(cost.measured.change.mean)
    assert (cells[0].label, cells[0].prediction) == ("negative", "positive")
    assert cells[0].change.low > 0
    assert all(cell.change.low < cell.change.high for cell in cells)


def test_the_volume_is_that_of_the_current_window_unless_given():
    cost = price(CostTable(matrix=MATRIX), window(BEFORE), window(WORSE, unlabelled=100), None)
    assert cost.table.volume == 400
    assert any("100 of 400 rows" in note for note in cost.notes)


def test_a_dear_mistake_that_was_never_seen_could_still_happen():
    clean = {("negative", "negative"): 150, ("positive", "positive"): 150}
    cost = price(CostTable(matrix={"negative": {"positive": 1000.0}}, volume=100), window(clean), window(clean), None)
    assert cost.measured.change.low < 0 < cost.measured.change.high
    assert cost.measured.change.high == pytest.approx(100 * 1000 * 0.0122, rel=0.02)


def test_moved_label_shares_alone_cost_money_and_are_told_apart():
    doubled = {("negative", "negative"): 180, ("negative", "positive"): 20, ("positive", "positive"): 95,
               ("positive", "negative"): 5}  # fmt: skip
    measured = price(CostTable(matrix=MATRIX), window(BEFORE), window(doubled), None).measured
    assert measured.change.mean > 0
    assert measured.at_same_labels.mean == pytest.approx(0.0, abs=1e-9)
    assert measured.at_same_labels.low < 0 < measured.at_same_labels.high
    assert measured.described()["by_moved_labels"] == pytest.approx(measured.change.mean)


def test_a_costly_label_that_is_missing_now_leaves_the_split_open():
    gone = {("positive", "positive"): 300}
    cost = price(CostTable(matrix=MATRIX), window(BEFORE), window(gone), None)
    assert cost.measured.at_same_labels is None
    assert any("could not be told" in note for note in cost.notes)


def test_copies_of_a_document_cost_once():
    rows = window(WORSE)
    copies = np.repeat(np.arange(300), np.where(np.arange(300) < 90, 4, 1))
    once = price(CostTable(matrix=MATRIX, volume=100), window(BEFORE), rows, None)
    often = price(CostTable(matrix=MATRIX, volume=100), window(BEFORE), rows.where(copies), None)
    assert often.measured.change.mean == pytest.approx(once.measured.change.mean)
    assert often.measured.change.low == pytest.approx(once.measured.change.low)


def test_harm_is_said_with_its_interval_and_its_main_cause():
    table = CostTable(matrix=MATRIX, volume=200_000, currency="EUR")
    sentence = price(table, window(BEFORE), window(WORSE), None).sentence
    assert sentence == (
        "About EUR 55,000 to 150,000 more per window of 200,000 documents, 'negative' predicted as 'positive'."
    )


def test_no_harm_is_said_and_how_much_is_still_possible():
    table = CostTable(matrix=MATRIX, volume=200_000, currency="EUR")
    sentence = price(table, window(BEFORE), window(BEFORE), None).sentence
    assert sentence.startswith("Between EUR 3")
    assert sentence.endswith("more per window of 200,000 documents: the interval covers 0, harm is not shown.")
    limited = CostTable(matrix=MATRIX, volume=200_000, currency="EUR", fail_above=5000)
    said = price(limited, window(BEFORE), window(BEFORE), None).sentence
    assert "but more than EUR 5,000 more is not ruled out" in said


def test_savings_are_less():
    table = CostTable(matrix=MATRIX, volume=1000)
    assert " less per window" in price(table, window(WORSE), window(BEFORE), None).sentence


def test_a_gate_passes_fails_or_leaves_it_to_the_verdict():
    cost = price(CostTable(matrix=MATRIX, volume=1000), window(BEFORE), window(WORSE), None)
    change = cost.leading.change
    assert judge_by_cost(cost, change.high) is True
    assert judge_by_cost(cost, change.low) is None
    assert judge_by_cost(cost, change.low - 1) is False


def test_the_estimate_finds_what_labels_would_and_is_said_to_be_one():
    rng = np.random.default_rng(1)
    reference, current = two_classes(rng, 2000), two_classes(rng, 2000, moved=-1.5)
    bare = ScoredRows(
        label_names=current.label_names,
        labels=np.full(2000, -1),
        predictions=current.predictions,
        probabilities=current.probabilities,
        documents=current.documents,
        rows=current.rows,
    )
    table = CostTable(matrix={"bad": {"good": 5.0}, "good": {"bad": 1.0}}, volume=1000, currency="EUR")
    estimated = estimate_accuracy(reference, bare, std_shift=0.0, rng=rng)
    cost = price(table, reference, bare, estimated)
    measured = price(table, reference, current, None).measured
    assert cost.measured is None
    assert cost.leading.basis == "estimate"
    assert cost.leading.change.mean == pytest.approx(measured.change.mean, abs=30)
    assert cost.leading.change.high - cost.leading.change.low < measured.change.high - measured.change.low
    assert sum(cell.change.mean for cell in cost.leading.cells) == pytest.approx(cost.leading.change.mean)
    assert cost.sentence.startswith("Estimated without labels: ")
    assert any("cannot see concept drift" in note for note in cost.notes)
    doubtful = price(table, reference, bare, estimate_accuracy(reference, bare, std_shift=0.3, rng=rng))
    assert "Do not rely on it" in doubtful.sentence
    assert judge_by_cost(doubtful, 1e9) is None
    assert judge_by_cost(cost, 1e9) is True


def test_measured_leads_where_there_are_labels():
    rng = np.random.default_rng(2)
    reference, current = two_classes(rng, 400), two_classes(rng, 400)
    table = CostTable(matrix={"bad": {"good": 5.0}})
    cost = price(table, reference, current, estimate_accuracy(reference, current, std_shift=None, rng=rng))
    assert cost.leading is cost.measured
    assert cost.estimated is not None


def test_raw_confidence_is_not_priced():
    rng = np.random.default_rng(3)
    reference, current = two_classes(rng, 400), two_classes(rng, 400)
    bare = ScoredRows(
        label_names=reference.label_names, labels=np.full(400, -1), predictions=reference.predictions,
        probabilities=reference.probabilities, documents=reference.documents, rows=reference.rows,
    )  # fmt: skip
    estimated = estimate_accuracy(bare, current, std_shift=None, rng=rng)
    assert price(CostTable(matrix={"bad": {"good": 5.0}}), bare, current, estimated) is None


def test_nothing_is_priced_where_nothing_is_known():
    assert price(CostTable(matrix=MATRIX), window(BEFORE), window({}, unlabelled=50), None) is None
    assert price(CostTable(matrix=MATRIX), window({}, unlabelled=50), window(BEFORE), None) is None


def test_windows_that_name_classes_differently_are_an_error():
    with pytest.raises(WindowError, match="differently"):
        price(CostTable(matrix=MATRIX), window(BEFORE), two_classes(np.random.default_rng(4), 50), None)


def test_the_description_is_plain_json():
    rng = np.random.default_rng(5)
    reference, current = two_classes(rng, 400), two_classes(rng, 400)
    cost = price(
        CostTable(matrix={"bad": {"good": 5.0}}, fail_above=10),
        reference,
        current,
        estimate_accuracy(reference, current, std_shift=None, rng=rng),
    )
    described = cost.described()
    assert json.loads(json.dumps(described, allow_nan=False)) == described
    assert set(described["measured"]["cells"][0]) == {"label", "prediction", "change", "low", "high"}


def test_a_job_files_table_is_read():
    table = cost_table_from({"currency": "EUR", "volume": 200000, "matrix": MATRIX, "fail_above": 5000})
    assert (table.currency, table.volume, table.fail_above) == ("EUR", 200_000.0, 5000.0)
    assert table.values(NAMES).tolist() == [[0.0, 1.0, 5.0], [0.0, 0.0, 0.0], [0.5, 0.0, 0.0]]
    assert cost_table_from({"matrix": {0: {1: 2}}}).matrix == {"0": {"1": 2.0}}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"matrix": MATRIX, "volum": 5}, "did you mean 'volume'"),
        ({"volume": 5}, "needs a matrix"),
        ({}, "needs a matrix"),
        (None, "needs a table"),
        ([1], "needs a table"),
        ({"matrix": {}}, "maps labels"),
        ({"matrix": 5}, "maps labels"),
        ({"matrix": {"a": 5.0}}, "'a' needs a mapping"),
        ({"matrix": {"a": {"b": 0.0}}}, "no cost other than 0"),
        ({"matrix": {"a": {"b": "5"}}}, "'a' predicted as 'b' must be a finite number"),
        ({"matrix": {"a": {"b": True}}}, "finite number"),
        ({"matrix": {"a": {"b": float("nan")}}}, "finite number"),
        ({"matrix": {"a": {"b": None}}}, "finite number"),
        ({"matrix": {True: {"b": 1}}}, "in quotes"),
        ({"matrix": {"a": {None: 1}}}, "in quotes"),
        ({"matrix": MATRIX, "volume": -1}, "above 0"),
        ({"matrix": MATRIX, "volume": 0}, "above 0"),
        ({"matrix": MATRIX, "volume": True}, "finite number"),
        ({"matrix": MATRIX, "volume": float("inf")}, "finite number"),
        ({"matrix": MATRIX, "currency": 5}, "short text"),
        ({"matrix": MATRIX, "fail_above": "5000"}, "finite number"),
    ],
)
def test_what_cannot_be_used_is_told(given, message):
    with pytest.raises(SettingsError, match=message):
        cost_table_from(given)


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ({"negativ": {"positive": 5.0}}, "label 'negativ', which neither window has: did you mean 'negative'"),
        ({"negative": {"positiv": 5.0}}, "prediction 'positiv', which neither window has: did you mean 'positive'"),
    ],
)
def test_an_unknown_label_names_the_nearest(matrix, message):
    with pytest.raises(SettingsError, match=message):
        price(CostTable(matrix=matrix), window(BEFORE), window(WORSE), None)


def test_a_class_that_nobody_priced_leaves_the_cost_untold():
    table = CostTable(matrix={"negative": {"positive": 5.0}}, volume=300)
    respelled = window({("negative", "neutral"): 100, ("positive", "neutral"): 200})
    assert price(table, window(BEFORE), respelled, None) is None
    few = window({("negative", "neutral"): 2, ("negative", "negative"): 98, ("positive", "positive"): 200})
    assert price(table, window(BEFORE), few, None) is not None
