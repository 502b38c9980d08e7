"""The application behind ``textdrift serve``: the dashboard, the report of each run, any two compared."""

from __future__ import annotations

import datetime as dt
import json
import re
import threading
from typing import TYPE_CHECKING, Any

from textdrift.dashboard.guarding import Access, Guard
from textdrift.dashboard.links import Links, job_address
from textdrift.dashboard.other_pages import differences_page, jobs_page, message_page
from textdrift.dashboard.page import dashboard_page
from textdrift.errors import HistoryError, MissingExtraError
from textdrift.history import History, StoredRun
from textdrift.reports.as_html import as_html

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

__all__ = ["dashboard_app"]

_LARGEST_NUMBER = 2**63 - 1
_KEPT_SECONDS = 60
_PAGES_KEPT = 8
_NOT_FOUND, _BAD_REQUEST, _BROKEN, _GONE = 404, 400, 500, 503
_POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]*)"')
_NUMBER = re.compile(r"[0-9]{1,19}", re.ASCII)
_LINKS = Links(
    report=lambda run: f"/runs/{run.id}",
    compare="/compare",
    jobs="/jobs",
    older=lambda run: job_address(run.job, before=run.id),
    newest=job_address,
)


class _NotThere(Exception):  # noqa: N818 - it ends in an answer, and never leaves this file
    """What was asked for is not there; the message is shown."""


def dashboard_app(history: History, job: str, access: Access) -> Guard:
    """Return an ASGI application that shows a history, and answers nothing but GET and HEAD.

    ``/`` is the dashboard of the job (``/?job=NAME`` of another, ``&before=ID`` of the windows before that of a run),
    ``/jobs`` the list, ``/runs/ID`` the report of a run, ``/runs/ID.json`` its JSON, ``/compare?first=ID&second=ID``
    what two of them say otherwise. Reports come from the history; no file is read.

    Parameters
    ----------
    history:
        Opened with ``read_only=True``.
    job:
        The job whose dashboard comes first.
    access:
        Who may read.

    Raises
    ------
    MissingExtraError
        When starlette is not installed.
    """
    try:
        from starlette.applications import Starlette
        from starlette.responses import Response
        from starlette.routing import Route
    except ImportError as error:
        raise MissingExtraError(
            "the server needs starlette, and it is not installed; run: pip install 'textdrift[serve]'"
        ) from error
    pages = _Pages(history, job)

    async def nothing(_: Request) -> Response:
        return Response(status_code=204)

    # Longer addresses first: the first that fits is taken.
    app = Starlette(
        routes=[
            Route("/", pages.dashboard),
            Route("/jobs", pages.jobs),
            Route("/runs/{run_id:int}.json", pages.document),
            Route("/runs/{run_id:int}", pages.report),
            Route("/compare", pages.compare),
            Route("/favicon.ico", nothing),
        ],
        exception_handlers={
            404: lambda _, __: _page(message_page("Not here", "There is no such page."), _NOT_FOUND),
            _NotThere: lambda _, error: _page(message_page("Not here", str(error)), _NOT_FOUND),
            HistoryError: lambda _, error: _page(message_page("The history cannot be read", str(error)), _GONE),
        },
    )
    return Guard(app, access)


class _Pages:
    """The answers; each runs in a thread of its own."""

    def __init__(self, history: History, job: str) -> None:
        self._history, self._job = history, job
        self._kept: dict[tuple[str, int | None], tuple[Any, str]] = {}
        self._lock = threading.Lock()

    def dashboard(self, request: Request) -> Response:
        job = request.query_params.get("job", self._job)
        if job != self._job and job not in self._history.jobs():
            raise _NotThere("The history knows no job of that name.")
        before = request.query_params.get("before")
        if before is None:
            return _page(self._dashboard(job, None))
        if not _NUMBER.fullmatch(before):
            return _page(message_page("A run is needed", "Name a run by its number, as in /?before=9"), _BAD_REQUEST)
        run = self._run(int(before))
        if run.job != job:
            raise _NotThere(f"Run {run.id} is none of that job.")
        return _page(self._dashboard(job, run))

    def _dashboard(self, job: str, before: StoredRun | None) -> str:
        """Return the page of a job; one that nothing has changed since is not made again for a minute."""
        now = dt.datetime.now(dt.UTC)
        state = (
            int(now.timestamp()) // _KEPT_SECONDS,
            self._history.last_success(job),
            self._history.failures(job, 1),
            self._history.alert_state(job),
        )
        # One at a time: several readers who come at once wait for one page.
        window, key = (None, (job, None)) if before is None else (before.window, (job, before.id))
        with self._lock:
            kept = self._kept.pop(key, None)
            if kept and kept[0] == state:
                page = kept[1]
            else:
                page = dashboard_page(self._history, job, before_window=window, links=_LINKS)
            self._kept[key] = state, page
            while len(self._kept) > _PAGES_KEPT:
                del self._kept[next(iter(self._kept))]
        return page

    def jobs(self, _: Request) -> Response:
        return _page(jobs_page(self._history))

    def report(self, request: Request) -> Response:
        run = self._run(request.path_params["run_id"])
        report = self._history.report(run.id)
        try:
            return _page(as_html(report))
        except Exception:  # noqa: BLE001 - a report of any age and shape may lie in the history; its JSON always shows
            told = f"This report cannot be drawn by this version; its JSON is at /runs/{run.id}.json"
            return _page(message_page("A report that cannot be drawn", told), _BROKEN)

    def document(self, request: Request) -> Response:
        from starlette.responses import Response

        run = self._run(request.path_params["run_id"])
        return Response(json.dumps(self._history.report(run.id), indent=2) + "\n", media_type="application/json")

    def compare(self, request: Request) -> Response:
        given = [request.query_params.get(name, "") for name in ("first", "second")]
        if not all(_NUMBER.fullmatch(number) for number in given):
            told = "Name two runs by their numbers, as in /compare?first=1&second=2"
            return _page(message_page("Two runs are needed", told), _BAD_REQUEST)
        first, second = (self._run(int(number)) for number in given)
        return _page(differences_page(self._history, first, second))

    def _run(self, run_id: int) -> StoredRun:
        if run_id <= _LARGEST_NUMBER:
            try:
                return self._history.run(run_id)
            except HistoryError:
                self._history.jobs()  # where the database itself is gone, this says so
        raise _NotThere(f"The history has no run {str(run_id)[:20]}; it may have been pruned.")


def _page(page: str, status: int = 200) -> Response:
    """Return a page; its own policy also stands in the header, where it can forbid frames."""
    from starlette.responses import HTMLResponse

    policy = _POLICY.search(page)
    header = f"{policy[1]}; frame-ancestors 'none'" if policy else "default-src 'none'; frame-ancestors 'none'"
    # A lone surrogate has no UTF-8; the pages write those out, so none is lost here.
    return HTMLResponse(page.encode("utf-8", "replace"), status, {"Content-Security-Policy": header})
