"""What tests of live streams share: their begin, what a history holds, what a receiver heard, a process of its own."""

import datetime as dt
import json
import os
import subprocess
import sys

from textdrift.history import open_history

BEGIN = dt.datetime(2024, 5, 6, 10, tzinfo=dt.UTC)
"""When the rows of a stream begin; past on every clock."""

BUDGET = "budget: {false_alarms_per_year: 2, windows_per_year: 365}\n"


def states(server):
    messages = [json.loads(json.loads(request.body)["message"]) for request in server.requests]
    return [(message["state"], message["window"]) for message in messages]


def keys(server):
    return [json.loads(json.loads(request.body)["message"])["dedup_key"] for request in server.requests]


def alerts(server):
    return f"alerts: [{{url: 'json://{server.address}/drift', on: [firing, resolved, error], timeout: 5}}]\n"


def lines_of(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def runs(name="live", folder="."):
    with open_history(f"sqlite:///{folder}/drift.db") as history:
        return [(run.window, run.stage, history.report(run.id)) for run in history.runs(name)]


def judged(name="live", folder="."):
    """Return each run of the history: its window, stage, number of rows and the fingerprint of what they held."""
    return [
        (window, stage, report["current"]["rows"], report["fingerprints"]["current"])
        for window, stage, report in runs(name, folder)
    ]


def never():
    return False


def started(*arguments, folder, script=None, **options):
    """Start ``textdrift``, or a script, as a process of its own."""
    command = [sys.executable, *(["-c", script] if script else ["-m", "textdrift"]), *map(str, arguments)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )
