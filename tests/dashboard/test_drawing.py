import datetime as dt
import itertools

import judged_runs
import pytest

from textdrift.dashboard.lanes import HEIGHT, drawing, lanes_of
from textdrift.dashboard.strips import kind_strips, segment_strips, verdict_cells
from textdrift.dashboard.time_axis import time_axis
from textdrift.dashboard.year import read_year


def kept(history, *documents, days=None, **more):
    for day, document in zip(days or range(len(documents)), documents, strict=False):
        history.record(judged_runs.run(day, document=document, **more))
    return read_year(history, "inputs")


def reports(*values, **more):
    return [judged_runs.report(judged_runs.finding(value=value, **more)) for value in values]


def test_nights_stand_by_their_dates_and_a_missing_one_is_a_gap(empty):
    axis = kept(empty, *reports(0.01, 0.01, 0.01, 0.01), days=(0, 1, 2, 5)).axis
    first, second, third, last = axis.places
    assert second - first == pytest.approx(third - second, abs=0.02)
    assert last - third == pytest.approx(3 * (second - first), abs=0.05)
    assert [axis.follows(index) for index in range(4)] == [False, True, True, False]


def test_windows_without_dates_stand_evenly(empty):
    for number in range(4):
        empty.record(judged_runs.run(0, window=f"xxh3:{number}", date=None))
    places = read_year(empty, "inputs").axis.places
    steps = [later - earlier for earlier, later in itertools.pairwise(places)]
    assert steps == pytest.approx([steps[0]] * 3, abs=0.02)


def test_a_fingerprint_is_told_by_its_day(empty):
    for day in range(3):
        document = judged_runs.report(kinds=["lexical"])
        empty.record(judged_runs.run(day, window=f"xxh3:{day}", date=None, document=document))
    year = read_year(empty, "inputs")
    assert year.axis.ticks[0].name == "2026-01-02"
    assert year.state.headline == "Drift since 2026-01-02"


def test_one_window_stands_in_the_middle(empty):
    assert kept(empty, *reports(0.01)).axis.places == [50.0]


@pytest.mark.parametrize("n_days", [1, 2, 7, 40, 60, 365, 800, 4000])
def test_names_below_the_axis_are_few_and_stand_apart(empty, n_days):
    runs = [judged_runs.run(day) for day in (0, n_days)]
    for run in runs:
        empty.record(run)
    axis = time_axis(empty.runs("inputs"))
    assert 1 <= len(axis.ticks) <= 16
    phone = [tick.place for tick in axis.ticks if not tick.minor]
    assert all(later - earlier >= 13 for earlier, later in itertools.pairwise(phone))


def test_cells_of_neighbours_touch_and_never_overlap(empty):
    axis = kept(empty, *reports(*[0.01] * 10), days=(0, 1, 2, 5, 6, 7, 8, 20, 21, 60)).axis
    edges = [axis.edges(index) for index in range(10)]
    for index in range(1, 10):
        if axis.follows(index):
            assert edges[index][0] == pytest.approx(edges[index - 1][1])
        else:
            assert edges[index][0] > edges[index - 1][1]


def test_the_threshold_is_the_middle_and_larger_effects_stand_higher(empty):
    year = kept(empty, *reports(0.0, 0.02, 0.2, drifted=True))
    drawn = drawing(year.lanes[0], year.axis)
    heights = [height for _, height in drawn.alarms]
    assert drawn.threshold == HEIGHT / 2
    assert heights[1] == pytest.approx(HEIGHT / 2)
    assert heights[0] > heights[1] > heights[2] > 0


def test_a_loss_is_drawn_by_its_size_and_its_interval_holds_it(empty):
    document = judged_runs.report(judged_runs.finding())
    document["findings"][0]["effect"] |= {"value": -0.04, "low": -0.06, "high": -0.03}
    year = kept(empty, document)
    drawn = drawing(year.lanes[0], year.axis)
    (_, height), corners = drawn.dots[0], [float(part.split(" ")[1]) for part in drawn.band[1:-1].split("L")]
    assert min(corners) < height < max(corners)
    assert height < HEIGHT / 2


def test_a_line_breaks_where_windows_are_missing(empty):
    year = kept(empty, *reports(*[0.01] * 6), days=(0, 1, 2, 8, 9, 10))
    assert drawing(year.lanes[0], year.axis).line.count("M") == 2


def test_an_open_interval_reaches_the_edge(empty):
    document = judged_runs.report(judged_runs.finding())
    document["findings"][0]["effect"] |= {"low": 0.005, "high": None}
    year = kept(empty, document)
    corners = [float(part.split(" ")[1]) for part in drawing(year.lanes[0], year.axis).band[1:-1].split("L")]
    assert min(corners) == pytest.approx(5.0)


def test_a_lane_without_a_threshold_spans_its_values(empty):
    documents = reports(-3.0, 5.0, drifted=True)
    for document in documents:
        document["findings"][0]["effect"] |= {"material_from": None, "low": None, "high": None}
    year = kept(empty, *documents)
    drawn = drawing(year.lanes[0], year.axis)
    assert drawn.threshold is None
    assert [height for _, height in drawn.alarms] == [HEIGHT - 5, 5]


def test_lanes_with_the_latest_alarm_come_first(empty):
    names = {"a": (True, False), "b": (False, False), "c": (False, True)}
    documents = [
        judged_runs.report(*(judged_runs.finding(name, drifted=days[day]) for name, days in names.items()))
        for day in range(2)
    ]
    assert [lane.test for lane in kept(empty, *documents).lanes] == ["c", "a", "b"]


def test_the_two_stages_of_a_window_are_one_column_and_two_lanes(empty):
    for stage in ("inputs", "labelled"):
        empty.record(judged_runs.run(0, stage=stage, document=judged_runs.report(judged_runs.finding())))
    year = read_year(empty, "inputs")
    assert len(year.axis.windows) == 1
    assert {lane.stage for lane in year.lanes} == {"inputs", "labelled"}
    assert lanes_of([], year.axis) == []


def test_the_graver_verdict_of_two_stages_is_drawn(empty):
    empty.record(judged_runs.run(0, document=judged_runs.report(kinds=["lexical"])))
    empty.record(judged_runs.run(0, stage="labelled", document=judged_runs.report()))
    year = read_year(empty, "inputs")
    assert [cell.look for cell in verdict_cells(year.runs, year.axis)] == ["drift"]
    assert {kind: [cell.look for cell in cells] for kind, cells in kind_strips(year.runs, year.axis).items()} == {
        "lexical": ["warning"]
    }


def test_windows_that_look_alike_are_one_cell(empty):
    year = kept(empty, *([judged_runs.report()] * 60 + [judged_runs.report(kinds=["lexical"])] * 40))
    cells = verdict_cells(year.runs, year.axis)
    assert [cell.look for cell in cells] == ["no_drift", "drift"]
    assert cells[0].left + cells[0].width == pytest.approx(cells[1].left, abs=0.01)


def test_segments_are_darker_the_larger_their_effect_by_kind(empty):
    found = [
        [judged_runs.segment(effect=0.1), judged_runs.segment(kind="semantic", effect=9.0)],
        [judged_runs.segment(effect=0.5)],
    ]
    year = kept(empty, *(judged_runs.report(kinds=["lexical"], segments=segments) for segments in found))
    looks = {
        strip.kind: [cell.look for cell in strip.cells] for strip in segment_strips(history_rows(empty), year.axis)
    }
    assert looks == {"lexical": ["level-1", "level-5"], "semantic": ["level-5"]}


def history_rows(history):
    return history.segments("inputs")


def test_at_most_so_many_runs_are_read(empty):
    for day in range(6):
        empty.record(judged_runs.run(day))
    year = read_year(empty, "inputs", most=4)
    assert year.left_out
    assert [run.date for run in year.runs] == [dt.date(2026, 1, day) for day in (3, 4, 5, 6)]
    assert len(year.lanes[0].rows) == 4


def failed(history, day, at=None):
    night = judged_runs.FIRST_DAY + dt.timedelta(days=day)
    history.record_failure("inputs", night.isoformat(), at or judged_runs.NIGHT, "there is no file")


def test_a_night_that_failed_stands_among_the_others(empty):
    for day in (1, 5, 6, 6):
        failed(empty, day)
    failed(empty, 0)  # judged by a later try
    year = kept(empty, *reports(0.01, 0.01, 0.01), days=(0, 2, 3))
    names = [f"2026-01-0{day + 1}" for day in (0, 1, 2, 3, 5, 6)]
    assert list(year.axis.windows) == names
    assert year.failed == {names[1]: "there is no file", names[4]: "there is no file", names[5]: "there is no file"}
    looks = [cell.look for cell in verdict_cells(year.runs, year.axis)]
    assert looks == ["no_drift", "failed", "no_drift", "failed"]
    assert all(row is None for row in (year.lanes[0].rows[1], *year.lanes[0].rows[4:]))


def test_failures_that_have_no_place_on_the_axis_are_left_to_their_list(empty):
    empty.record_failure("inputs", None, judged_runs.NIGHT, "no such job")
    empty.record_failure("inputs", "current", judged_runs.NIGHT, "no such file")
    failed(empty, 0)  # before the first window that is shown
    year = kept(empty, *reports(0.01, 0.01), days=(3, 4))
    assert (len(year.axis.windows), year.failed, len(year.state.failures)) == (2, {}, 3)


def test_further_back_stand_the_windows_before_one(empty):
    kept(empty, *reports(*[0.01] * 6))
    failed(empty, 5)
    failed(empty, 9)
    year = read_year(empty, "inputs", before_window="2026-01-05", most=3)
    assert list(year.axis.windows) == ["2026-01-02", "2026-01-03", "2026-01-04"]
    assert (year.left_out, year.ends_before, len(year.lanes[0].rows)) == (True, "2026-01-05", 3)


def test_of_a_day_with_many_windows_only_those_shown_are_read(empty, monkeypatch):
    for number in range(30):
        empty.record(judged_runs.run(0, window=f"xxh3:{number}", date=None))
    asked = []
    original = type(empty).series
    monkeypatch.setattr(type(empty), "series", lambda *a, **k: asked.append(original(*a, **k)) or asked[-1])
    assert len(read_year(empty, "inputs", most=4).runs) == 4
    assert len(asked[0]) == 4
