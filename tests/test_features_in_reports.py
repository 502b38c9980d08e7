"""Features through the whole house: from the argument to the verdict, the diagnosis and every rendering."""

import os

import jsonschema
import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

import textdrift
from textdrift.errors import ColumnTypeError, SettingsError
from textdrift.reports.schema import report_schema
from textdrift.windows.source_types import without_types

FEATURES = ("amount", "age", "plan")
QUICK = {"columns": {"n_permutations": 299}}


def table(n, rng, **changes):
    columns = {
        "amount": rng.lognormal(3, 1, n),
        "age": rng.normal(40, 10, n),
        "plan": rng.choice(["free", "paid"], n),
        "city": rng.choice(["Rome", "Oslo", "Lima"], n),
    }
    for name, change in changes.items():
        columns[name] = change(columns)
    return pa.table(columns)


def compared(reference, current, **arguments):
    arguments = {"text": None, "features": FEATURES, "tests": QUICK} | arguments
    return textdrift.compare(reference, current, **arguments)


@pytest.fixture(scope="module")
def moved():
    rng = np.random.default_rng(0)
    dearer = lambda columns: np.where(columns["city"] == "Oslo", 4 * columns["amount"], 1.5 * columns["amount"])
    return compared(
        table(600, rng), table(500, rng, amount=dearer), segments=["city"], tests={"columns": {}, "quality": {}}
    )


def test_the_column_that_moved_is_named(moved):
    assert moved.verdict == "drift"
    assert moved.diagnosis.kinds == ("features",)
    (row,) = moved.diagnosis.columns
    assert (row["column"], row["type"], row["way"]) == ("amount", "numeric", "higher")
    assert row["effect"] > 0.2
    assert row["p_value"] < 0.001
    assert moved.summary.startswith("Drift in the features. Column 'amount' moved by ")


def test_there_is_one_finding_per_column_and_the_report_is_valid(moved):
    report = moved.to_dict()
    jsonschema.validate(report, report_schema())
    columns = [
        row["column"]
        for finding in report["findings"]
        for table_of in finding["evidence"]
        if table_of["name"] == "column"
        for row in table_of["rows"]
    ]
    assert columns == list(FEATURES)
    assert set(report["seconds"]) >= {"columns.numeric.amount", "columns.categorical.features.plan", "columns.joint"}


def test_the_segment_that_carries_it_is_named_with_its_column(moved):
    first = moved.diagnosis.segments[0]
    assert (first["column"], first["value"], first["kind"], first["feature"]) == ("city", "Oslo", "features", "amount")


def test_every_rendering_shows_the_columns(moved):
    page = moved.to_html()
    assert '<section aria-label="Columns"' in page
    assert page.count('class="histogram"') == 2
    assert "uncalibrated" in page
    assert "| <code>amount</code> | higher, its median went from" in moved.to_markdown()
    assert "higher, its median went" in moved.to_terminal()
    assert 'name="columns.numeric (amount)"' in moved.to_junit()
    frame = moved.to_frame("columns")
    assert frame["column"][0] == "amount"
    assert set(frame["column"]) == set(FEATURES)
    assert frame["drifted"].tolist() == [True, False, False]


def test_eight_rows_are_inconclusive_and_the_size_that_would_do_is_said():
    rng = np.random.default_rng(1)
    report = compared(table(150, rng), table(8, rng, amount=lambda columns: 9 * columns["amount"]))
    assert report.verdict == "inconclusive"
    assert report.diagnosis.columns == ()
    assert "8 current rows beside 150 of the reference are too few" in report.summary
    needed = int(report.summary.rpartition("About ")[2].split()[0].replace(",", ""))
    assert 50 < needed < 400


def test_windows_that_are_large_enough_say_no_drift():
    rng = np.random.default_rng(2)
    report = compared(table(500, rng), table(500, rng))
    assert report.verdict == "no_drift"
    assert "500 reference and 500 current rows" in report.summary


def test_missing_values_are_counted_and_named():
    rng = np.random.default_rng(3)
    gaps = lambda columns: np.where(np.arange(len(columns["age"])) % 5 == 0, np.nan, columns["age"])
    report = compared(table(400, rng), table(400, rng, age=gaps), tests={"quality": {}})
    (cause,) = report.diagnosis.causes
    assert (cause["cause"], cause["column"], cause["direction"]) == ("missing", "age", "up")
    assert report.playbook[0].process.title == "Values of a column are missing"
    assert "values of a column are missing" in report.business_summary


def test_infinite_values_count_as_missing_and_a_note_says_so():
    rng = np.random.default_rng(4)
    broken = lambda columns: np.where(np.arange(len(columns["age"])) < 3, np.inf, columns["age"])
    report = compared(table(60, rng), table(60, rng, age=broken))
    finding = next(f for f in report.findings if f.result.table("column") and f.result.n_documents == (60, 57))
    assert "0 reference and 3 current values of 'age' are infinite, and count as missing." in finding.result.notes


def test_a_column_that_is_gone_is_a_fault_of_the_schema_and_is_not_tested():
    rng = np.random.default_rng(5)
    report = compared(table(60, rng), table(60, rng).drop_columns(["age"]), tests={"columns": {}, "quality": {}})
    assert report.diagnosis.causes[0]["sentence"] == "Column 'age' (a feature) is gone."
    untested = [f for f in report.findings if f.sentence.startswith("Not tested: the current window has no column")]
    assert [f.result.table("column")[0]["column"] for f in untested] == ["age"]


def test_numbers_that_became_text_are_a_fault_of_the_schema_and_no_crash():
    rng = np.random.default_rng(6)
    text = lambda columns: [f"{value:.0f} EUR" for value in columns["amount"]]
    report = compared(table(60, rng), table(60, rng, amount=text), tests={"columns": {}, "quality": {}})
    assert report.diagnosis.causes[0]["sentence"] == "Column 'amount' (a feature) holds text and held numbers."
    finding = next(f for f in report.findings if f.result.table("column")[:1] == ({"column": "amount", "type": None},))
    assert finding.sentence == (
        "Not tested: column 'amount' holds numbers in the reference and text in the current window."
    )  # fmt: skip


def csv_of(path, amounts, rng):
    cities = rng.choice(["Rome", "Oslo", "Lima"], len(amounts))
    path.write_text("amount,city\n" + "".join(f'"{a}",{c}\n' for a, c in zip(amounts, cities, strict=True)), "utf-8")
    return str(path)


def of_files(tmp_path, spell, *, factor, tests=QUICK):
    rng = np.random.default_rng(21)
    reference, current = (
        csv_of(tmp_path / f"{name}.csv", [spell(value) for value in by * rng.lognormal(3, 1, 300)], rng)
        for name, by in (("reference", 1.0), ("current", factor))
    )
    return compared(reference, current, features=["amount", "city"], tests=tests)


def test_decimal_commas_are_never_called_no_drift(tmp_path):
    report = of_files(tmp_path, lambda value: f"{value:.4f}".replace(".", ","), factor=5.0)
    assert report.verdict == "inconclusive"
    assert "column 'amount' spells numbers in a way that is not read, such as '" in report.summary
    assert "in row 0 (counted from 0) of the reference; write them as 1234.5" in report.summary
    jsonschema.validate(report.to_dict(), report_schema())


def test_a_cell_that_says_missing_hides_no_drift(tmp_path):
    spelled = iter(["NA"])
    report = of_files(tmp_path, lambda value: next(spelled, f"{value:.2f}"), factor=5.0)
    assert report.diagnosis.kinds == ("features",)
    finding = next(f for f in report.findings if f.result.table("quantiles"))
    (note,) = finding.result.notes
    assert note.startswith("1 reference and 0 current cells of 'amount' say that a value is missing: 'NA' in row 0 ")


def test_cells_of_one_window_that_spell_no_number_are_named_by_the_schema(tmp_path):
    rng = np.random.default_rng(22)
    numbers = [f"{value:.1f}" for value in rng.lognormal(3, 1, 200)]
    words = [*numbers[:100], *["free"] * 70, *[""] * 30]
    report = compared(
        csv_of(tmp_path / "a.csv", numbers, rng), csv_of(tmp_path / "b.csv", words, rng),
        features=["amount", "city"], tests={"columns": {}, "quality": {}},
    )  # fmt: skip
    schema, missing = report.diagnosis.causes
    assert schema["sentence"] == (
        "Column 'amount' (a feature) holds text and held numbers: 'free' in row 100 (counted from 0) of the current "
        "window, and 70 of 170 values there spell no number."
    )
    assert missing["sentence"] == "Missing values of “amount” rose from 0 % to 15.0 % of all rows."


def test_codes_are_names_where_the_job_says_so():
    rng = np.random.default_rng(7)
    code = lambda columns: rng.integers(1, 4, len(columns["age"]))
    report = compared(
        table(60, rng, age=code),
        table(60, rng, age=code),
        tests={"columns": {"categories": ["age"], **QUICK["columns"]}},
    )
    kinds = {row["column"]: row["type"] for f in report.findings for row in f.result.table("column")}
    assert kinds == {"amount": "numeric", "age": "categorical", "plan": "categorical"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"categories": ["agee"]}, "which is no feature; did you mean 'age'"),
        ({"categories": 3}, "needs a list of features"),
        ({"unit": "row"}, "one of documents, rows; got 'row'; did you mean 'rows'"),
        ({"units": "rows"}, "'columns' has no option 'units'; did you mean 'unit'"),
        ({"statistic": "wasserstien"}, "did you mean 'wasserstein'"),
        ({"material_from": {"kolmogorov_smirnof": 0.2}}, "did you mean 'kolmogorov_smirnov'"),
    ],
)
def test_a_slip_in_the_options_names_the_nearest(options, message):
    rng = np.random.default_rng(8)
    with pytest.raises(SettingsError, match=message):
        compared(table(30, rng), table(30, rng), tests={"columns": options})


def test_options_of_features_need_features():
    rng = np.random.default_rng(8)
    with pytest.raises(SettingsError, match=r"columns\.unit speaks of features, and none was named"):
        compared(table(30, rng), table(30, rng), features=(), label="plan", tests={"columns": {"unit": "rows"}})


def test_numbers_that_are_no_codes_are_refused_as_categories():
    rng = np.random.default_rng(8)
    with pytest.raises(ColumnTypeError, match=r"looks continuous .*columns\.categories"):
        compared(table(30, rng), table(30, rng), tests={"columns": {"categories": ["amount"]}})


def test_a_larger_material_size_silences_a_column():
    rng = np.random.default_rng(9)
    twice = lambda columns: 2 * columns["amount"]
    before, now = table(300, rng), table(300, rng, amount=twice)
    sizes = {"kolmogorov_smirnov": 0.9, "std_shift": 9, "correlation_change": 1.5, "excess_unseen": 1}
    options = QUICK["columns"] | {"material_from": sizes}
    assert compared(before, now).diagnosis.kinds == ("features",)
    assert compared(before, now, tests={"columns": options}).diagnosis.kinds == ()


def with_texts(rng, n_texts, copies, **changes):
    rows = table(n_texts * copies, rng, **changes)
    texts = [f"memo {i % n_texts} of {' '.join(rng.choice(list('abcdefgh'), 12))}" for i in range(n_texts)] * copies
    return rows.append_column("text", pa.array(texts))


def test_copies_of_a_text_count_once_unless_rows_are_the_unit():
    rng = np.random.default_rng(10)
    before, now = with_texts(rng, 40, 3), with_texts(rng, 40, 3)
    once = compared(before, now, text="text")
    finding = next(f for f in once.findings if f.result.table("column"))
    assert sum(finding.result.n_documents) == 80
    assert any("say tests: {columns: {unit: rows}}" in note for note in finding.result.notes)
    each = compared(before, now, text="text", tests={"columns": {"unit": "rows", **QUICK["columns"]}})
    assert next(f for f in each.findings if f.result.table("column")).result.n_documents == (120, 120)


def test_a_group_counts_once():
    rng = np.random.default_rng(11)
    of_group = lambda columns: [f"user {i // 3}" for i in range(len(columns["age"]))]
    report = compared(table(120, rng, user=of_group), table(120, rng, user=of_group), group="user")
    finding = next(f for f in report.findings if f.result.table("column"))
    assert sum(finding.result.n_documents) == 40  # the same forty groups in both windows


def judged(n, rng, *, crossed=False):
    points = rng.normal(size=(n, 3))
    label = np.where(points[:, 0] + 0.3 * rng.normal(size=n) > 0, "up", "down")
    if crossed:
        label = np.where(points[:, 2] > 0, np.where(label == "up", "down", "up"), label)
    sure = stats.norm.cdf(2 * points[:, 0])
    return pa.table({
        "a": points[:, 0], "b": points[:, 1], "c": points[:, 2], "label": label,
        "said": np.where(points[:, 0] > 0, "up", "down"), "p_up": sure, "p_down": 1 - sure,
    })  # fmt: skip


def test_concept_accuracy_its_split_and_labels_to_ask_do_without_texts():
    rng = np.random.default_rng(12)
    before, now = judged(400, rng), judged(400, rng, crossed=True)
    unlabelled = np.arange(400) >= 300
    label = pa.array(np.where(unlabelled, None, now["label"].to_numpy()))
    now = now.set_column(now.column_names.index("label"), "label", label)
    report = textdrift.compare(
        before, now, text=None, features=["a", "b", "c"], label="label", prediction="said",
        probabilities={"up": "p_up", "down": "p_down"}, labels_to_ask=5, tests={"concept": {}, "columns": {}},
    )  # fmt: skip
    assert "concept" in report.diagnosis.kinds
    assert report.performance.measured is not None
    assert report.performance.estimated is not None
    parts = {part.name: part for part in report.performance.split.parts}
    assert parts["changed_meaning"].high < -10
    asked = report.to_dict()["labels_to_ask"]
    assert len(asked["rows"]) == 5
    assert all(row["row"] >= 300 for row in asked["rows"])
    assert any(note.startswith("There is no text: rows are alike") for note in report.run.notes)
    jsonschema.validate(report.to_dict(), report_schema())


def test_the_same_rows_and_seed_give_the_same_report():
    rng = np.random.default_rng(13)
    before, now = table(80, rng), table(80, rng)
    first, second = (compared(before, now).to_dict() for _ in range(2))
    assert {**first, "seconds": None} == {**second, "seconds": None}


@pytest.mark.slow
def test_windows_of_one_source_hardly_ever_drift():
    rng = np.random.default_rng(14)
    n = 200 if os.environ.get("TEXTDRIFT_CALIBRATION") == "full" else 40
    alarms = sum(
        compared(table(200, rng), table(150, rng), tests={"columns": {}, "quality": {}}).verdict == "drift"
        for _ in range(n)
    )
    assert alarms <= stats.binom.ppf(0.999, n, 0.05)


@pytest.mark.slow
def test_files_of_one_source_hardly_ever_drift_whatever_their_cells_say():
    rng = np.random.default_rng(15)
    n, alarms = (200 if os.environ.get("TEXTDRIFT_CALIBRATION") == "full" else 30), 0

    def window(size):
        cells = [f"{value:.2f}" for value in rng.lognormal(3, 1, size)]
        odd = rng.choice(["NA", "-", "free", "1,234.5", ""], size)
        amount = np.where(rng.random(size) < 0.15, odd, cells)
        return without_types(pa.table({"amount": amount, "city": rng.choice(["Rome", "Oslo"], size)}))

    for _ in range(n):
        report = compared(
            window(150), window(100), features=["amount", "city"], tests={"columns": QUICK["columns"], "quality": {}}
        )
        alarms += report.verdict == "drift"
    assert alarms <= stats.binom.ppf(0.999, n, 0.05)
