import html as html_module
import json
import re
from pathlib import Path

import pytest

from textdrift.reports.as_html import as_html, as_html_fragment
from textdrift.reports.as_terminal import as_terminal
from textdrift.reports.cost import cost_of, money, verdict_line
from textdrift.reports.performance import performance_of

SAMPLES = Path(__file__).parent / "samples"
MODEL, COST, ASK = "How well the model does", "What it costs", "Labels to ask for"


def sample(name="concept"):
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))


def joined(text):
    return re.sub(r"\s+", " ", text)


def told(page, title):
    """The words of a section, tags gone."""
    page = page[page.index(f'<section aria-label="{title}"') :]
    seen = re.sub(r'<(caption|span) class="unseen">[^<]*', " ", page[: page.index("</section>")])
    bare = re.sub(r"<[^>]+>", " ", re.sub(r"</?(data|strong|bdi|span|q)\b[^>]*>", "", seen))
    return joined(html_module.unescape(bare))


def figure(value, low, high):
    return {"value": value, "low": low, "high": high}


def test_figures_are_told_before_now_and_changed_with_intervals():
    text = told(as_html(sample()), MODEL)
    assert "right predictions accuracy 86.9 % [84.5, 88.9] 74.5 % [71.0, 77.8] −12.4 points [−16.5, −8.3]" in text
    assert re.search(r"brier_score 0\.223 \[[\d., ]+\] 0\.395 \[[\d., ]+\] \+0\.172 \[\+0\.123, \+0\.223\]", text)
    assert "complaint 89.2 → 83.2 %" in text
    lines = joined(as_terminal(sample(), width=120))
    assert "right predictions 86.9 % 74.5 % −12.4 points [−16.5, −8.3]" in lines
    assert "right predictions" in as_terminal(sample(), width=60)
    assert "complaint 89.2 → 83.2 % 91.0 → 71.9 % 90.1 → 77.2 %" in lines


def test_the_change_of_accuracy_is_told_by_cause():
    text = told(as_html(sample()), MODEL)
    assert re.search(r"changed meaning, or a changed model .*?−13\.4 +\[−17\.5, −9\.2\]", text)
    assert "harder but familiar texts" in text
    assert "unfamiliar texts" in text
    lines = joined(as_terminal(sample(), width=120))
    assert "changed meaning, or a changed model −13.4 [−17.5, −9.2] █" in lines


def test_a_larger_part_has_a_longer_bar_to_its_side():
    page = as_html(sample())
    page = page[page.index("Why the accuracy changed") :]
    bars = re.findall(r'<rect class="(up|down)" x="([\d.]+)%" y="2" height="10" width="([\d.]+)%"', page)[:3]
    # What was lost is loud.
    assert [side for side, _, _ in bars] == ["down", "up", "down"]
    assert float(bars[1][2]) > 10 * float(bars[0][2])
    assert float(bars[1][1]) + float(bars[1][2]) == pytest.approx(50)


def test_a_change_that_could_not_be_split_says_why():
    report = sample()
    report["performance"]["split"] |= {"parts": [], "reason": "the windows hardly overlap", "change": None}
    assert "cannot be told: the windows hardly overlap" in told(as_html(report), MODEL)
    assert "the windows hardly overlap" in as_terminal(report)


def test_an_estimate_is_never_called_the_truth():
    text = told(as_html(sample()), MODEL)
    assert text.index("It cannot see concept drift") < text.index("estimated accuracy now")
    assert re.search(r"estimated accuracy now 86\.9 % \[83\.7, 89\.6\]", text)
    assert "estimated in another way 86.8 %" in text
    assert "Do not rely on it: the labels that there are refute it." in text
    assert "Only labels give the truth" in joined(as_terminal(sample(), width=120))


def test_an_estimate_without_calibration_is_only_confidence():
    report = sample()
    report["performance"]["estimated"] |= {
        "accuracy": figure(0.91, 0.0, 1.0), "flags": ["uncalibrated"], "second_accuracy": None,
    }  # fmt: skip
    text = told(as_html(report), MODEL)
    assert "The model’s own confidence" in text
    assert "mean confidence, no estimate 91.0 %" in text
    assert "too few labels to correct the probabilities" in text
    assert "Estimated without labels" not in text
    assert "mean confidence, no estimate: 91.0 %" in joined(as_terminal(report, width=120))


def test_segments_are_told_whichever_way_their_numbers_are_given():
    text = told(as_html(sample()), MODEL)
    assert re.search(r"region islands 134 → 94 texts, p 0\.0066 88\.1 % \[.*?\] 70\.2 % \[.*?\] −17\.9 points", text)
    assert "region = islands 88.1 % 70.2 % −17.9 points 0.0066" in joined(as_terminal(sample(), width=120))
    report = sample()
    report["performance"]["by_segment"] = [
        {"column": "shop", "value": "<i>north</i>", "reference": 0.9, "current": 0.8, "change": -0.1, "low": -0.2,
         "high": 0.0, "p_value": 0.04},
        {"column": "shop", "value": "empty", "reference": None, "current": None},
        {"size": 3},
    ]  # fmt: skip
    report["performance"]["segments_not_judged"] = [
        {"column": "shop", "value": None, "reason": "no document has a label"}
    ]
    text = told(as_html(report), MODEL)
    assert re.search(r"shop <i>north</i> p 0\.04 90\.0 % 80\.0 % −10\.0 points \[−20\.0, 0\]", text)
    assert "no document has a label" in text
    assert "empty" not in text


def test_predicted_classes_have_the_name_of_their_column_as_among_the_segments_that_moved():
    report = sample()
    row = {"value": "up", "reference": 0.9, "current": 0.8}
    report["performance"]["by_segment"] = [{"column": "prediction", **row}, {"column": "predicted", **row}]
    report["settings"]["roles"] = {"prediction": "answer", "segments": ["region"]}
    assert [figures.name for figures in performance_of(report).segments] == ["answer", "predicted"]
    report["settings"]["roles"] = {"prediction": "answer", "segments": ["prediction"]}
    assert [figures.name for figures in performance_of(report).segments] == ["prediction", "answer"]


def test_a_figure_that_is_not_known_is_a_dash_with_its_reason():
    report = sample()
    row = next(r for r in report["performance"]["measured"]["rows"] if r["metric"] == "macro_f1")
    nothing = figure(None, None, None)
    row |= {"reference": nothing, "current": nothing, "change": nothing, "reason": "no label is in both windows"}
    assert "macro_f1 no label is in both windows – – –" in told(as_html(report), MODEL)
    assert "no label is in both windows" in as_terminal(report, width=120)


@pytest.mark.parametrize("part", ["measured", "estimated", "split", "by_segment"])
def test_a_part_that_is_missing_leaves_nothing_empty(part):
    report = sample()
    report["performance"][part] = [] if part == "by_segment" else None
    text = told(as_html(report), MODEL)
    heading = {
        "measured": "right predictions",
        "estimated": "Estimated without labels",
        "split": "Why the accuracy changed",
        "by_segment": "Accuracy by segment",
    }[part]
    assert heading not in text
    as_terminal(report)


def test_a_report_without_a_model_has_none_of_the_sections():
    for report in (sample("drift"), sample() | {"performance": None, "cost": None, "labels_to_ask": None}):
        page, text = as_html(report), as_terminal(report)
        assert not [title for title in (MODEL, COST, ASK) if title in page or title in text]
    report = sample()
    report["performance"] = {"measured": None, "estimated": None, "split": None, "by_segment": []}
    assert performance_of(report) is None


def test_drift_that_cost_lets_pass_is_not_said_to_fail():
    report = sample()
    assert report["passed"]
    assert as_terminal(report).startswith("DRIFT, PASSED BY COST  ")
    assert 'class="verdict">Drift, passed by cost</h1>' in as_html(report)
    assert "<title>Drift, passed by cost: " in as_html(report)


@pytest.mark.parametrize(
    ("verdict", "passed", "line"),
    [
        ("drift", False, "Drift"),
        ("drift", True, "Drift, passed by cost"),
        ("no_drift", True, "No drift"),
        ("no_drift", False, "No drift, failed by cost"),
        ("inconclusive", False, "Inconclusive, failed by cost"),
        ("drift", None, "Drift"),
    ],
)
def test_the_verdict_says_how_the_gate_ended_where_cost_decided_otherwise(verdict, passed, line):
    assert verdict_line({"verdict": verdict, "passed": passed}) == line


def test_the_cost_is_told_with_its_interval_and_its_mistakes():
    text = told(as_html(sample()), COST)
    assert sample()["cost"]["sentence"] in text
    assert re.search(r"change EUR<i> +99,000 +\[74,000, 130,000\]", text)
    assert re.search(r"complaint predicted praise 92,000 +\[68,000, 120,000\]", text)
    assert "by moved shares of the labels" in text
    assert "complaint praise 92,000 [68,000, 120,000]" in joined(as_terminal(sample(), width=120))


@pytest.mark.parametrize(
    ("limit", "passed", "sentence"),
    [
        (400_000, True, "The whole interval is at or under the limit, so the run passes, whatever drifted."),
        (50_000, False, "The whole interval is above the limit, so the run fails."),
        (
            100_000,
            False,
            "The limit lies inside the interval, so the cost decides nothing: the run fails by its verdict.",
        ),
        (None, False, ""),
    ],
)
def test_what_the_limit_decided_is_said(limit, passed, sentence):
    report = sample() | {"passed": passed}
    report["cost"]["fail_above"] = limit
    assert cost_of(report).decision == sentence
    assert sentence in joined(as_terminal(report, width=120))
    assert sentence in told(as_html(report), COST)
    assert ("The limit is" in told(as_html(report), COST)) == (limit is not None)


def test_an_estimate_in_doubt_decides_nothing():
    report = sample()
    report["cost"] |= {"measured": None, "basis": "estimate", "change": report["cost"]["estimated"]["change"]}
    assert report["performance"]["estimated"]["flags"] == ["contradicted"]
    assert cost_of(report).decision.startswith("The estimate is in doubt, so the cost decides nothing")


def test_amounts_have_two_digits_that_count_and_their_sign_in_front():
    assert [money(v) for v in (0.0, 12.34, -1204.0, 987654.0)] == ["0", "12", "−1,200", "990,000"]


def test_labels_to_ask_are_told_in_order_and_how_to_send_the_answers():
    text = told(as_html(sample()), ASK)
    rows = [row["row"] for row in sample()["labels_to_ask"]["rows"]]
    places = [text.index(f" {row} ", 200) for row in rows[:3]]
    assert places == sorted(places)
    assert "textdrift labels REPORT.json ANSWERS.csv" in text
    assert "drawn at random so that the estimate is fair" in text
    lines = as_terminal(sample(), width=100)
    assert "textdrift labels REPORT.json ANSWERS.csv" in lines
    assert re.search(rf"{rows[0]} +praise +drawn at random", lines)
    assert "and 13 more in the JSON report" in lines


def test_labels_against_the_reference_have_another_head():
    report = sample()
    report["labels_to_ask"]["judge"] = "reference labels"
    assert "before it meant" in told(as_html(report), ASK)
    assert "contradicts what the same text meant" in joined(as_terminal(report))


def test_where_no_labels_can_be_asked_the_reason_is_said():
    report = sample()
    report["labels_to_ask"] = {"judge": "model", "reason": "4 documents have a label; 20 are needed", "rows": []}
    assert "4 documents have a label" in told(as_html(report), ASK)
    assert "textdrift labels" not in as_html(report)
    assert "4 documents have a label" in as_terminal(report)
    report["labels_to_ask"] = {"judge": "model", "reason": "", "rows": []}
    assert ASK not in as_html(report)


NASTY = "<script>alert(5)</script>\u202e\x1b[31m{{ 7 * 191 }}"


@pytest.mark.parametrize("render", [as_html, as_html_fragment, as_terminal])
def test_hostile_labels_and_currencies_stay_texts(render):
    report = sample()
    performance = report["performance"]
    performance["measured"]["rows"][-1]["label"] = NASTY
    performance["measured"]["label_names"][0] = NASTY
    performance["measured"]["notes"].append(NASTY)
    performance["measured"]["rows"][0]["metric"] = NASTY
    performance["split"]["parts"][0]["name"] = NASTY
    performance["estimated"]["flags"].append(NASTY)
    performance["estimated"]["by_class"][0]["label"] = NASTY
    report["cost"] |= {"currency": NASTY, "sentence": NASTY, "notes": [NASTY]}
    report["cost"]["measured"]["cells"][0] |= {"label": NASTY, "prediction": NASTY}
    report["labels_to_ask"]["rows"][0] |= {"judged": NASTY, "reason": NASTY}
    report["labels_to_ask"]["notes"].append(NASTY)
    shown = render(report)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", shown)
    assert "1337" not in shown
    assert r"\u202e" in shown
    if render is not as_terminal:
        assert "<script>alert" not in shown


@pytest.mark.parametrize("render", [as_html, as_html_fragment])
def test_thousands_of_labels_segments_and_rows_to_ask_fit(render):
    report = sample()
    nasty = "\x00<'&" * 2000
    measured = report["performance"]["measured"]
    measured["rows"] += [{**measured["rows"][-1], "label": f"{i}{nasty}"} for i in range(1000)]
    names = measured["label_names"] = [f"{i}{nasty}" for i in range(60)]
    table = [[0.5] * len(names)] * len(names)
    measured["confusion"] = {"reference": table, "current": table}
    report["performance"]["by_segment"] = [
        {**report["performance"]["by_segment"][0], "value": f"{i}{nasty}"} for i in range(1000)
    ]
    report["cost"]["measured"]["cells"] = [{**report["cost"]["measured"]["cells"][0], "label": nasty}] * 1000
    report["labels_to_ask"]["rows"] = [{**report["labels_to_ask"]["rows"][0], "judged": nasty}] * 3000
    assert len(render(report).encode()) <= 500_000
    assert len(as_terminal(report).splitlines()) < 250
