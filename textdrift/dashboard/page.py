"""The dashboard of a job as one self-contained HTML page."""

from __future__ import annotations

import datetime as dt

from textdrift.dashboard.job_state import LABELS_FAILED
from textdrift.dashboard.lanes import HEIGHT, drawing
from textdrift.dashboard.links import NO_LINKS, Links
from textdrift.dashboard.page_data import embedded, lane_name, page_data, segment_name
from textdrift.dashboard.rendering import rendered
from textdrift.dashboard.strips import kind_strips, verdict_cells
from textdrift.dashboard.year import MOST_RUNS, Year, read_year
from textdrift.history import History

__all__ = ["dashboard_page"]

PAGE_BYTES = 2_000_000
_SEGMENTS_DRAWN = 16
_QUIET_LANES = 6
_ROWS_UNFOLDED = 25
_FEWEST_RUNS = 10
_MANY_WINDOWS = 150


def dashboard_page(
    history: History,
    job: str,
    *,
    since: dt.date | None = None,
    before_window: str | None = None,
    links: Links = NO_LINKS,
    now: dt.datetime | None = None,
) -> str:
    """Return the dashboard of a job as one HTML page of at most 2 MB that needs nothing else to be read.

    It shows how the job is doing, each test over time (effect, interval, the size that matters, alarms), the kinds of
    drift and the segments of each window, and all windows, the newest first. Its script tells of a window that is
    pointed at, by mouse, finger or keyboard, and lays any two runs side by side; all it knows is JSON inside the page.
    The page loads nothing. Where a history is too long for the limit, the oldest windows are left out, and it says so.

    Parameters
    ----------
    history:
        Where the runs are kept; opened with ``read_only=True`` it is not changed.
    job:
        The name of the job; one without runs gives a page that says so.
    since:
        The first day to show; all days without.
    before_window:
        Show windows before this one alone: further back, where a history is too long for one page.
    links:
        Where the page leads to, see ``links_to_files``.
    now:
        When the page is made; the time of the clock without.

    Raises
    ------
    HistoryError
        When the history cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> from textdrift.history import open_history
    >>> with tempfile.TemporaryDirectory() as folder, open_history(f"sqlite:///{folder}/drift.db") as history:
    ...     page = dashboard_page(history, "inputs")
    >>> page.startswith("<!doctype html>"), "No window judged yet" in page
    (True, True)
    """
    most = MOST_RUNS
    while True:
        year = read_year(history, job, since=since, before_window=before_window, most=most)
        page = _rendered(year, links, now or dt.datetime.now(dt.UTC))
        if len(page.encode()) <= PAGE_BYTES or most <= _FEWEST_RUNS:
            return page
        most = max(_FEWEST_RUNS, min(most, len(year.runs)) * 3 // 4)


def _rendered(year: Year, links: Links, now: dt.datetime) -> str:
    lanes = [(index, lane, lane_name(lane), drawing(lane, year.axis)) for index, lane in enumerate(year.lanes)]
    alarmed = [lane for lane in lanes if lane[1].alarms]
    quiet = lanes[len(alarmed) :]
    # A few quiet lanes are shown as they are; many would bury what moved.
    folded = quiet if alarmed and len(quiet) > _QUIET_LANES else []
    return rendered(
        "dashboard.html.jinja",
        scripts=("report.js", "dashboard.js") if year.runs else (),
        year=year,
        state=year.state,
        labels_failed=LABELS_FAILED,
        axis=year.axis,
        n_windows=len({run.window for run in year.runs}),
        many=len(year.axis.windows) > _MANY_WINDOWS,
        lanes=alarmed if folded else lanes,
        folded=folded,
        lane_height=HEIGHT,
        verdicts=verdict_cells(year.runs, year.axis),
        kinds=kind_strips(year.runs, year.axis),
        segments=[(index, strip, segment_name(strip)) for index, strip in enumerate(year.segments)][:_SEGMENTS_DRAWN],
        report_links={run.id: links.report(run) for run in year.runs},
        stages=len({run.stage for run in year.runs}) > 1,
        rows_unfolded=_ROWS_UNFOLDED,
        data=embedded(page_data(year, links)),
        links=links,
        now=now.astimezone(dt.UTC),
    )
