"""The reference policy: which earlier windows a window is compared with."""

import datetime as dt
import re

import pytest

from textdrift.errors import MissingSourceError, SettingsError
from textdrift.job.references import reference_source
from textdrift.job.windows import JobWindow
from textdrift.job_config import read_job

DAY = dt.date(2026, 11, 25)


@pytest.fixture
def job(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()

    def made(reference, current='"data/{{ date }}.csv"'):
        path = tmp_path / "job.yaml"
        path.write_text(f"name: nightly\nreference: {reference}\ncurrent: {current}\ntime: at\n", encoding="utf-8")
        config = read_job(path)
        return JobWindow(DAY.isoformat(), DAY, config.at(DAY))

    return made


def night(back):
    return f"data/{DAY - dt.timedelta(days=back)}.csv"


def write_nights(tmp_path, *backs):
    for back in backs:
        (tmp_path / night(back)).write_text("text\ngood\n", encoding="utf-8")


def test_a_fixed_reference_is_what_the_job_names(job):
    assert reference_source(job("{path: before.csv}")) == {"path": "before.csv"}
    assert reference_source(job('{path: "{{ date - days(7) }}.csv"}')) == {"path": "2026-11-18.csv"}


def test_trailing_takes_the_last_nights_that_are_there_oldest_first(job, tmp_path):
    write_nights(tmp_path, 1, 3, 9)
    assert reference_source(job("{policy: trailing, windows: 4}")) == {"path": [night(3), night(1)]}


def test_same_weekday_takes_the_same_day_of_the_last_weeks(job, tmp_path):
    write_nights(tmp_path, *range(1, 30))
    source = reference_source(job("{policy: same_weekday, windows: 3}"))
    assert source == {"path": [night(21), night(14), night(7)]}


def test_growing_takes_every_night_since_a_date_but_not_the_window_itself(job, tmp_path):
    write_nights(tmp_path, 0, 1, 2, 3)
    assert reference_source(job("{policy: growing, since: 2026-11-23}")) == {"path": [night(2), night(1)]}


def test_one_source_cut_by_times_gives_one_stretch(job):
    current = '{path: all.csv, start: "{{ date }}", end: "{{ date + days(1) }}"}'
    source = reference_source(job("{policy: trailing, windows: 7, path: https://a.example/all.csv, "
                                  'start: "{{ date }}", end: "{{ date + days(1) }}"}', current))  # fmt: skip
    assert source == {"path": "https://a.example/all.csv", "start": "2026-11-18", "end": "2026-11-25"}


def test_weekdays_of_one_source_leave_gaps_and_are_refused(job):
    reference = ('{policy: same_weekday, windows: 2, path: https://a.example/all.csv, '
                 'start: "{{ date }}", end: "{{ date + days(1) }}"}')  # fmt: skip
    with pytest.raises(SettingsError, match="leave gaps"):
        reference_source(job(reference))


def test_a_source_that_no_date_moves_is_refused(job):
    with pytest.raises(SettingsError, match="one and the same source"):
        reference_source(job("{policy: trailing, windows: 3, path: https://a.example/all.csv}"))


def test_no_earlier_window_at_all_says_what_to_do(job):
    with pytest.raises(MissingSourceError, match="none of the earlier windows of 2026-11-25; begin with a fixed"):
        reference_source(job("{policy: trailing, windows: 3}"))


def test_a_policy_without_a_date_says_what_it_needs(job):
    window = job("{policy: trailing, windows: 3}")
    with pytest.raises(SettingsError, match=re.escape("write {{ date }} into the path of `current`")):
        reference_source(JobWindow("current", None, window.config))
