"""A run is kept whole and once, and comes back as it was."""

import datetime as dt
import json
import math
import random

import judged_runs
import pytest

from textdrift.errors import HistoryError, SettingsError
from textdrift.history import NewRun, OutboxMessage, open_history

ODD = "caf\u00e9 \x00 \x1a0000 \ud800 \udfff \U0001f600 \u202e\n\t\x7f"


def test_a_run_comes_back_as_it_was_given(history):
    document = judged_runs.report(judged_runs.finding(), kinds=["lexical", "concept"])
    zone = dt.timezone(dt.timedelta(hours=-5))
    given = judged_runs.run(
        document=document,
        judged_at=judged_runs.NIGHT.astimezone(zone),
        alpha=0.0027,
        exit_code=1,
        stage="labelled",
        report_folder="reports/2026-01-01",
    )
    stored = history.record(given)
    assert stored == history.stored("inputs", "2026-01-01", "labelled") == history.run(stored.id)
    for name in ("job", "window", "stage", "date", "alpha", "exit_code", "report_folder"):
        assert getattr(stored, name) == getattr(given, name)
    assert (stored.verdict, stored.passed, stored.severity) == ("drift", False, "warning")
    assert (stored.kinds, stored.summary) == (("lexical", "concept"), "The words moved.")
    assert stored.judged_at == judged_runs.NIGHT
    assert stored.judged_at.tzinfo == dt.UTC
    assert history.stored("inputs", "2026-01-01") is None


def test_a_report_of_a_megabyte_and_of_any_characters_comes_back_exactly(history):
    rng = random.Random(0)
    noise = ["".join(chr(rng.randrange(0x20, 0x3000)) for _ in range(50)) for _ in range(20_000)]
    numbers = [math.inf, -math.inf, 5e-324, 0.1 + 0.2, 10**40, -0.0, True, None]
    document = judged_runs.report(judged_runs.finding(), notes=[ODD, *noise], numbers=numbers)
    document[ODD] = {ODD: [ODD]}
    assert len(json.dumps(document)) > 1_000_000
    stored = history.record(judged_runs.run(document=document))
    assert history.report(stored.id) == document
    assert list(history.report(stored.id)) == list(document)


def test_names_of_any_characters_come_back_and_are_told_apart(history):
    one = history.record(judged_runs.run(job=f"a{ODD}", window=f"w{ODD}", report_folder=ODD))
    two = history.record(judged_runs.run(job=f"a{ODD}", window=f"w{ODD.replace(chr(0), ' ')}"))
    assert one.id != two.id
    assert (one.job, one.window, one.report_folder) == (f"a{ODD}", f"w{ODD}", ODD)
    assert history.stored(f"a{ODD}", f"w{ODD}") == one
    assert history.jobs() == [f"a{ODD}"]
    history.record_failure(f"a{ODD}", None, judged_runs.NIGHT, ODD)
    assert history.failures(f"a{ODD}")[0].reason == ODD


def test_numbers_that_are_not_finite_are_null_in_the_series_and_kept_in_the_report(history):
    effect = {"name": "gap", "value": -math.inf, "low": math.nan, "high": math.inf, "material_from": None}
    document = judged_runs.report({**judged_runs.finding(p_value=math.nan), "statistic": math.inf, "effect": effect})
    stored = history.record(judged_runs.run(document=document, alpha=math.nan))
    (row,) = history.series("inputs")
    assert [row[name] for name in ("p_value", "statistic", "value", "low", "high", "material_from")] == [None] * 6
    kept = history.report(stored.id)["findings"][0]
    assert math.isnan(kept["p_value"])
    assert (kept["statistic"], kept["effect"]["value"]) == (math.inf, -math.inf)
    assert stored.alpha is None


def test_the_smallest_numbers_come_back_exactly(history):
    history.record(judged_runs.run(document=judged_runs.report(judged_runs.finding(p_value=5e-324, value=0.1 + 0.2))))
    (row,) = history.series("inputs")
    assert (row["p_value"], row["value"]) == (5e-324, 0.1 + 0.2)


def test_a_window_that_was_judged_is_left_as_it_is_with_all_that_came_with_it(history):
    first = history.record(judged_runs.run(), alert_state={"status": "ok"}, profile=b"first")
    other = judged_runs.run(document=judged_runs.report(kinds=["lexical"]), exit_code=1)
    message = OutboxMessage(sink="1 json localhost", dedup_key="key", state="firing", body={})
    again = history.record(other, alert_state={"status": "firing"}, messages=[message], profile=b"second")
    assert again == first
    assert history.runs("inputs") == [first]
    assert history.alert_state("inputs") == {"status": "ok"}
    assert history.pending(now=judged_runs.NIGHT) == []
    assert list(history.profiles("inputs")) == [("2026-01-01", b"first")]


def test_a_window_judged_anew_keeps_its_number_and_nothing_of_the_judgement_before(history):
    first = history.record(judged_runs.run(), profile=b"first", slow_drift={"wealth": 1.5})
    history.record(judged_runs.run(1))
    document = judged_runs.report(judged_runs.finding("quality.length", "quality"), kinds=["quality"])
    second = history.record(judged_runs.run(document=document, exit_code=1, alpha=0.5), replace=True)
    assert (second.id, second.verdict, second.exit_code, second.alpha) == (first.id, "drift", 1, 0.5)
    assert history.report(second.id) == document
    assert [row["test"] for row in history.series("inputs") if row["window"] == second.window] == ["quality.length"]
    assert [row["window"] for row in history.segments("inputs")] == ["2026-01-02"]
    assert list(history.profiles("inputs")) == []
    assert history.slow_drift("inputs") is None
    assert len(history.runs("inputs")) == 2


def test_to_replace_what_is_not_there_is_to_record_it(history):
    stored = history.record(judged_runs.run(), replace=True)
    assert history.runs("inputs") == [stored]


def test_a_finding_and_a_segment_are_one_row_each(history):
    document = judged_runs.report(
        judged_runs.finding(p_value=0.01, drifted=True),
        judged_runs.finding("columns.numeric", "features", evidence=[{"column": "delay"}]),
        judged_runs.finding("quality.schema", "quality", evidence=[{"column": "text"}, {"column": "label"}]),
        segments=[
            judged_runs.segment(),
            judged_runs.segment("hour", 7, within={"column": "premium", "value": None}),
            judged_runs.segment("premium", value=None),
            judged_runs.segment("premium", ODD),
        ],
    )
    stored = history.record(judged_runs.run(document=document))
    series, segments = history.series("inputs"), history.segments("inputs")
    assert series[0] == {
        "run": stored.id,
        "window": "2026-01-01",
        "date": dt.date(2026, 1, 1),
        "stage": "inputs",
        "test": "lexical.terms",
        "kind": "lexical",
        "p_value": 0.01,
        "adjusted_p_value": 0.02,
        "statistic": 3.5,
        "effect": "share_change",
        "value": 0.01,
        "low": 0.005,
        "high": 0.02,
        "material_from": 0.02,
        "drifted": True,
        "column": None,
    }
    assert [row["column"] for row in series] == [None, "delay", None]
    assert [row["value"] for row in segments] == ["Delta", 7, None, ODD]
    assert [row["within"] for row in segments] == [None, {"column": "premium", "value": None}, None, None]
    assert set(segments[0]) == {
        *("run", "window", "date", "stage", "column", "value", "within", "kind", "effect", "p_value")
    }


def test_what_is_no_json_is_refused_and_nothing_is_kept(history):
    with pytest.raises(SettingsError, match="the report cannot be kept as JSON"):
        history.record(judged_runs.run(document=judged_runs.report(notes=[object()])))
    with pytest.raises(SettingsError, match="the alert state cannot be kept as JSON"):
        history.record(judged_runs.run(), alert_state={"at": judged_runs.NIGHT})
    assert history.jobs() == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"job": ""}, "the name of a job must be"),
        ({"window": "w" * 256}, "of 256 characters"),
        ({"stage": "labeled"}, "did you mean 'labelled'"),
        ({"judged_at": dt.datetime(2026, 1, 1)}, "with a time zone"),
        ({"date": judged_runs.NIGHT}, "datetime.date"),
        ({"report": {"verdict": "drift"}}, "lacks"),
    ],
)
def test_a_run_of_another_shape_is_refused(changed, said):
    with pytest.raises(SettingsError, match=said):
        judged_runs.run(**changed)


def test_names_as_long_as_allowed_are_kept(history):
    longest = {"job": "\U0001f600" * 255, "window": "\U0001f601" * 255}
    assert history.record(judged_runs.run(**longest)).window == longest["window"]


def test_a_number_that_is_not_there_is_told(history):
    for read in (history.run, history.report):
        with pytest.raises(HistoryError, match="no run 17"):
            read(17)


def test_what_is_kept_is_there_after_it_was_closed(url):
    with open_history(url) as first:
        stored = first.record(judged_runs.run(), profile=b"\x00\xff", slow_drift={"wealth": 1.5})
    with open_history(url) as second:
        assert second.runs("inputs") == [stored]
        assert second.slow_drift("inputs") == {"wealth": 1.5}
        assert list(second.profiles("inputs")) == [("2026-01-01", b"\x00\xff")]


def test_a_new_run_is_a_value():
    assert isinstance(judged_runs.run(), NewRun)
    assert judged_runs.run() == judged_runs.run()
