"""Runs of a job as they go into a history: small reports, with what the history reads of them."""

import datetime as dt

from textdrift.history import NewRun

NIGHT = dt.datetime(2026, 11, 26, 2, 30, 5, 123456, tzinfo=dt.UTC)
FIRST_DAY = dt.date(2026, 1, 1)


def finding(test="lexical.terms", kind="lexical", *, p_value=0.2, drifted=False, value=0.01, **more):
    effect = {"name": "share_change", "value": value, "low": value / 2, "high": value * 2, "material_from": 0.02}
    numbers = {"p_value": p_value, "adjusted_p_value": min(1.0, 2 * p_value), "statistic": 3.5}
    return {"test": test, "kind": kind, "drifted": drifted, **numbers, "effect": effect, "evidence": [], **more}


def segment(column="airline", value="Delta", **more):
    return {"column": column, "value": value, "kind": "lexical", "effect": 0.4, "p_value": 1e-4, **more}


def report(*findings, kinds=(), segments=(), **more):
    return {
        "schema": "textdrift.report/1",
        "verdict": "drift" if kinds else "no_drift",
        "passed": not kinds,
        "severity": "warning" if kinds else None,
        "summary": "The words moved." if kinds else "Nothing moved.",
        "diagnosis": {"kinds": list(kinds), "segments": list(segments)},
        "findings": list(findings),
        **more,
    }


def run(day=0, *, job="inputs", document=None, **more):
    """Return the run of a day; ``date=None`` and a window of its own make one of a job that is not dated."""
    date = FIRST_DAY + dt.timedelta(days=day)
    given = {
        "job": job,
        "window": date.isoformat(),
        "date": date,
        "judged_at": dt.datetime.combine(date, dt.time(2), dt.UTC) + dt.timedelta(days=1),
        "alpha": 2 / 365,
        "exit_code": 0,
        "report": report(finding(), segments=[segment()]) if document is None else document,
    }
    return NewRun(**{**given, **more})
