import datetime as dt
import html
import json
import re

import judged_runs
import pytest
from hostile_texts import HOSTILE, PWNED

from textdrift.dashboard import dashboard_page
from textdrift.dashboard import page as dashboard_page_module
from textdrift.dashboard.links import Links, links_to_files
from textdrift.history import open_history
from textdrift.reports.visible_text import visible
from textdrift.reports.wording import kind_words

JOB = "sentiment-inputs"
NUMBERS = ("value", "low", "high", "p_value", "adjusted_p_value")


def data_of(page):
    return json.loads(re.search(r'<script type="application/json" id="year">(.*?)</script>', page, re.DOTALL)[1])


def test_every_number_of_the_series_stands_in_the_page(history):
    data = data_of(dashboard_page(history, JOB))
    told = {
        (lane["name"], lane["kind"], lane["stage"], data["windows"][at]): {name: lane[name][at] for name in NUMBERS}
        | {
            "material_from": lane["material_from"][at]
            if isinstance(lane["material_from"], list)
            else lane["material_from"],
            "drifted": at in lane["drifted"],
        }
        for lane in data["lanes"]
        for at in range(len(data["windows"]))
        if lane["there"][at] == "x"
    }
    series = history.series(JOB)
    assert len(told) == len(series) > 600
    for row in series:
        name = row["test"] + (f" of {row['column']}" if row["column"] else "")
        name += ", with labels" if row["stage"] == "labelled" else ""
        expected = {key: row[key] for key in (*NUMBERS, "material_from", "drifted")}
        assert told[name, kind_words(row["kind"]), row["stage"], row["window"]] == expected


def test_every_segment_stands_in_the_page(history):
    data = data_of(dashboard_page(history, JOB))
    told = {
        (segment["name"], segment["kind"], data["windows"][int(at)]): (effect, segment["p_value"][at])
        for segment in data["segments"]
        for at, effect in segment["effect"].items()
    }
    expected = {
        (f"{row['column']} = {row['value']}", kind_words(row["kind"]), row["window"]): (row["effect"], row["p_value"])
        for row in history.segments(JOB)
    }
    assert expected
    assert told == expected


def test_the_list_names_every_run_newest_first_with_its_outcome(history):
    page = dashboard_page(history, JOB)
    rows = re.findall(r'<tr data-run="(\d+)">(.*?)</tr>', page, re.DOTALL)
    runs = history.runs(JOB)
    assert [int(number) for number, _ in rows] == [run.id for run in reversed(runs)]
    for (_, cells), run in zip(rows, reversed(runs), strict=True):
        assert f"<bdi>{run.window}</bdi>" in cells
        assert f'<data value="{run.exit_code}">' in cells
        assert run.stage in cells


def test_an_alarm_is_a_diamond(history):
    page = dashboard_page(history, JOB)
    alarms = sum(row["drifted"] for row in history.series(JOB))
    assert alarms > 0
    assert page.count('<use class="alarm"') == alarms


def test_the_page_tells_how_the_job_is_doing(history):
    history.set_alert_state(
        JOB,
        {
            "status": "firing",
            "story": "2026-02-14",
            "acknowledged": {"by": "Ann", "at": "2026-02-15T08:00:00+00:00"},
            "snoozed_until": "2026-03-01T08:00:00+00:00",
        },
    )
    text = html.unescape(re.sub(r"<[^>]+>", "", dashboard_page(history, JOB)))
    assert "firing since 2026-02-14, acknowledged by Ann, snoozed until 2026-03-01 08:00 UTC" in text
    assert "there is no file data/2026-01-31.parquet" in text
    assert "2026-03-12 02:00 UTC" in text  # the last verdict: the night after the last day
    assert "The last run failed" not in text


def test_a_failure_after_the_last_verdict_comes_first(history):
    history.record_failure(JOB, "2026-03-12", dt.datetime(2026, 3, 13, 2, tzinfo=dt.UTC), "the disk is full")
    page = dashboard_page(history, JOB)
    assert "The last run failed" in page
    assert '<h1 class="verdict">The last run failed</h1>' in page
    assert page.index("the disk is full") < page.index("Over time")


def test_labels_that_could_not_be_used_leave_the_verdict_on_top(history):
    at = dt.datetime(2026, 3, 13, 2, tzinfo=dt.UTC)
    history.record_failure(JOB, "2026-03-02/labelled", at, "ids '7' have two different labels")
    page = dashboard_page(history, JOB)
    assert "The last run failed" not in page
    assert page.index("Labels could not be used") < page.index("two different labels") < page.index("Over time")


def test_a_lasting_drift_says_since_when(empty):
    for day, kinds in enumerate(((), ("lexical",), ("lexical",))):
        document = judged_runs.report(judged_runs.finding(drifted=bool(kinds)), kinds=kinds)
        empty.record(judged_runs.run(day, document=document))
    assert '<h1 class="verdict">Drift since 2026-01-02</h1>' in dashboard_page(empty, "inputs")


def test_a_job_that_never_ran_gets_a_page_without_script(empty):
    page = dashboard_page(empty, "nobody")
    assert "No window judged yet" in page
    assert "<script" not in page
    assert "script-src 'none'" in page


def test_findings_of_one_test_that_differ_by_unit_are_lanes_of_their_own(empty):
    findings = [judged_runs.finding(value=0.01), judged_runs.finding(value=0.03)]
    empty.record(judged_runs.run(0, document=judged_runs.report(*findings)))
    data = data_of(dashboard_page(empty, "inputs"))
    assert sorted((lane["name"], lane["value"]) for lane in data["lanes"]) == [
        ("lexical.terms", [0.01]),
        ("lexical.terms (2)", [0.03]),
    ]


@pytest.mark.parametrize("effect", [None, float("inf"), float("nan")])
def test_an_effect_without_a_number_is_a_dash(empty, effect):
    document = judged_runs.report(judged_runs.finding(value=0.01), judged_runs.finding("columns.x", "features"))
    document["findings"][1]["effect"] |= {"value": effect, "low": None, "high": effect, "material_from": None}
    empty.record(judged_runs.run(0, document=document))
    page = dashboard_page(empty, "inputs")
    assert "no size said to matter" in page
    assert not re.search(r'[dxy]="[^"]*(nan|inf)', page)


def test_texts_of_the_data_stay_texts(tmp_path):
    with open_history(f"sqlite:///{tmp_path}/drift.db") as history:
        texts = [text for text in HOSTILE if 0 < len(text) <= 255]
        for text in texts:
            segments = [
                judged_runs.segment(text, text),
                judged_runs.segment("topic", [text], within={"column": text, "value": text}),
            ]
            document = judged_runs.report(
                judged_runs.finding(text, text, drifted=True, column=text),
                kinds=[text],
                segments=segments,
                severity=text,
            )
            document |= {"verdict": text, "summary": text}
            document["findings"][0]["effect"]["name"] = text
            history.record(judged_runs.run(0, job="inputs", window=text, date=None, document=document))
        history.record_failure("inputs", texts[0], judged_runs.NIGHT, texts[0])
        history.set_alert_state("inputs", {"status": texts[0], "story": texts[1], "acknowledged": {"by": texts[2]}})
        page = dashboard_page(history, "inputs", links=Links(report=lambda run: f"/runs/{run.id}"))
    assert re.findall(r"<script[^>]*>", page) == ['<script type="application/json" id="year">', "<script>", "<script>"]
    assert not re.search(r"<(img|iframe|object|embed|form|base|link|animate)\b", page)
    assert f"document.title='{PWNED}'" not in re.sub(r"<script[^>]*json.*?</script>", "", page, flags=re.DOTALL)
    windows = data_of(page)["windows"]
    assert len(windows) == len(texts)
    assert {visible(text)[:70] for text in texts} == {window[:70] for window in map(visible, windows)}
    page.encode("utf-8")  # no lone surrogate


@pytest.mark.parametrize("job", ["<script>alert(1)</script>", "\u202egnp", "{{7*7}}", "\ud800"])
def test_a_hostile_job_name_is_a_title(empty, job):
    empty.record(judged_runs.run(0, job=job))
    page = dashboard_page(empty, job)
    shown = html.unescape(re.search(r"<title>(.*?)</title>", page, re.DOTALL)[1])
    assert shown == f"{visible(job)}: No drift"


def test_links_lead_to_the_files_that_are_there(tmp_path, monkeypatch, empty):
    monkeypatch.chdir(tmp_path)
    folders = {"2026-01-01": "reports/javascript:a b", "2026-01-02": "reports/gone", "2026-01-03": "reports/#3"}
    for name, file in (("reports/javascript:a b", "report.html"), ("reports/#3", "report.json")):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / file).write_text("")
    for day, folder in enumerate(folders.values()):
        empty.record(judged_runs.run(day, report_folder=folder))
    page = dashboard_page(empty, "inputs", links=links_to_files(tmp_path / "pages" / "drift.html"))
    assert [run["link"] for run in data_of(page)["runs"]] == [
        "./../reports/javascript%3Aa%20b/report.html",
        None,
        "./../reports/%233/report.json",
    ]
    assert page.count('<a href="./') == 2


def test_a_history_too_long_for_a_page_loses_its_oldest_windows(empty, monkeypatch):
    assert dashboard_page_module.PAGE_BYTES == 2_000_000
    monkeypatch.setattr(dashboard_page_module, "PAGE_BYTES", 150_000)
    for day in range(60):
        findings = [judged_runs.finding(f"lexical.test-{i}", value=0.01 + i * 1e-9) for i in range(12)]
        empty.record(judged_runs.run(day, document=judged_runs.report(*findings)))
    page = dashboard_page(empty, "inputs")
    assert len(page.encode()) <= 150_000
    windows = data_of(page)["windows"]
    assert 5 <= len(windows) < 60
    assert windows[-1] == "2026-03-01"
    assert "Older windows are left out" in page


def test_since_leaves_earlier_windows_out(history):
    windows = data_of(dashboard_page(history, JOB, since=dt.date(2026, 2, 20)))["windows"]
    assert windows[0] == "2026-02-20"


def test_a_history_without_runs_says_what_to_do(tmp_path):
    with open_history(f"sqlite:///{tmp_path}/drift.db") as history:
        page = dashboard_page(history, JOB)
        assert "This history knows no run of the job." in page
        for command in ("textdrift validate JOB", "textdrift run JOB", "textdrift backfill JOB"):
            assert command in page
        history.record_failure(JOB, "2026-01-01", judged_runs.NIGHT, "there is no file")
        assert "No run of this job has come to a verdict yet." in dashboard_page(history, JOB)
        history.record(judged_runs.run(0, job=JOB))
        assert "Nothing was judged in the days that were asked for" in dashboard_page(
            history, JOB, since=dt.date(2027, 1, 1)
        )


def test_every_look_of_a_strip_has_a_key_and_the_graver_is_the_higher(history):
    history.record_failure(JOB, "2026-02-01", judged_runs.NIGHT, "there is no file")
    history.record_failure(JOB, "2026-03-20", judged_runs.NIGHT, "there is no file")
    page = dashboard_page(history, JOB)
    looks = set(re.findall(r'<rect class="(\w+)" x=', page))
    assert {"no_drift", "drift", "failed"} <= looks
    assert looks <= set(re.findall(r'<span class="swatch (\w+)"></span>', page))
    heights = {look: int(height) for look, height in re.findall(r'<rect class="(\w+)" x=[^>]* height="(\d+)%"', page)}
    assert heights["no_drift"] < heights["drift"] == heights["failed"] == 100
    data = data_of(page)
    assert {data["windows"][int(at)] for at in data["failed"]} >= {"2026-02-01", "2026-03-20"}


def test_behind_a_long_column_the_value_of_a_segment_is_still_told(tmp_path):
    segment = judged_runs.segment("c" * 90, "v" * 90, within={"column": "fare", "value": "Basic"})
    with open_history(f"sqlite:///{tmp_path}/drift.db") as history:
        history.record(judged_runs.run(0, job=JOB, document=judged_runs.report(kinds=["lexical"], segments=[segment])))
        (told,) = data_of(dashboard_page(history, JOB))["segments"]
    assert re.fullmatch(r"c{30,}\S* = v{30,}\S* in fare = Basic", told["name"])
