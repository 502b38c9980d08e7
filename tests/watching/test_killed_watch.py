"""A watch killed at any point, started again: the same windows, a row for each, one message a story, nothing lost."""

import json
import random
import signal
import subprocess
import time
from pathlib import Path

import live_streams
import pytest
from live_streams import judged, keys, lines_of, started, states

N_STREAMS = 4
KILLED_AT = {
    "before the checkpoint": ("textdrift.watching.resuming.Resuming.before", "before"),
    "after the checkpoint": ("textdrift.watching.resuming.Resuming.before", "after"),
    "before the row": ("textdrift.history.History.record", "before"),
    "after the row": ("textdrift.history.History.record", "after"),
    "before the message": ("textdrift.alerts.sinks.deliver", "before"),
    "before the acknowledgement": ("{source}.judged", "before"),
}
SOURCES = {"file": "textdrift.watching.lines.GrowingFile", "redis": "textdrift.watching.redis_stream.RedisStream"}

# Runs the program, and kills it before or after the n-th call of a function.
SCRIPT = """
import importlib, os, signal, sys
target, when, nth, *arguments = sys.argv[1:]
parts = target.split(".")
for cut in range(len(parts) - 1, 0, -1):
    try:
        holder = importlib.import_module(".".join(parts[:cut]))
        break
    except ImportError:
        continue
for part in parts[cut:-1]:
    holder = getattr(holder, part)
real, count = getattr(holder, parts[-1]), [0]
def killing(*given, **options):
    count[0] += 1
    if when == "before" and count[0] == int(nth):
        os.kill(os.getpid(), signal.SIGKILL)
    result = real(*given, **options)
    if when == "after" and count[0] == int(nth):
        os.kill(os.getpid(), signal.SIGKILL)
    return result
setattr(holder, parts[-1], killing)
if parts[-1] == "deliver":
    import textdrift.job.outbox as outbox
    outbox.deliver = killing
from textdrift.cli.app import main
raise SystemExit(main(arguments))
"""


def some_by_default(points, *by_default):
    """Return every point with both ways to cut windows; most run with the slow tests, a process or two each."""
    pairs = [(point, by) for point in points for by in ("rows", "seconds")]
    return [pytest.param(*pair, marks=[] if pair in by_default else pytest.mark.slow) for pair in pairs]


def cutting(source, by, name="texts"):
    place = f"source: '{source.url}', name: {name}, claim_after: 1" if hasattr(source, "url") else f"source: {source}"
    return f"{{{place}, rows: 100}}" if by == "rows" else f"{{{place}, seconds: 100, lateness: 5}}"


def finish(folder, n_windows, *, once):
    """Watch undisturbed until all windows are there, and stop it as an operator does."""
    if once:
        done = started("watch", "job.yaml", "--once", folder=folder)
        _, errors = done.communicate(timeout=300)
        assert done.returncode == 0, errors
        return
    process = started("watch", "job.yaml", folder=folder)
    end = time.monotonic() + 60
    while len(judged(folder=folder)) < n_windows and process.poll() is None and time.monotonic() < end:
        time.sleep(0.1)
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=10)
    assert process.returncode == 0, errors


def expected(rows, n=100):
    """Return the windows of an undisturbed watch, made by hand: their names and sizes."""
    return [(f"2024-05-06T10:{s // 60:02d}:{s % 60:02d}Z", n) for s in range(0, len(rows), n)]


@pytest.mark.parametrize(("point", "by"), some_by_default(KILLED_AT, ("after the row", "seconds")))
def test_a_watch_of_a_file_that_is_killed_is_as_one_that_was_not(job, rows, tmp_path, receiver, point, by):
    given = rows(300, drifts_at=100)
    job(cutting("in.jsonl", by), live_streams.alerts(receiver))
    Path("in.jsonl").write_text(lines_of(given), encoding="utf-8")
    target, when = KILLED_AT[point]
    nth = 1 if "message" in point else 2
    killed = started(
        target.format(source=SOURCES["file"]), when, nth, "watch", "job.yaml", "--once", folder=tmp_path, script=SCRIPT
    )
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    finish(tmp_path, 3, once=True)
    found = judged()
    assert [(window, n) for window, _, n, _ in found] == expected(given)
    assert len({fingerprint for *_, fingerprint in found}) == 3
    assert set(keys(receiver)) == {"live/2024-05-06T10:01:40Z/firing"}
    assert len(list(Path("reports").iterdir())) == 3


@pytest.mark.parametrize(
    ("point", "by"),
    some_by_default(
        ["after the checkpoint", "after the row", "before the acknowledgement"], ("before the acknowledgement", "rows")
    ),
)
def test_a_watch_of_redis_that_is_killed_is_as_one_that_was_not(job, rows, tmp_path, receiver, redis, point, by):
    given, name = rows(306, drifts_at=100), f"killed-{point.replace(' ', '-')}-{by}"
    client = redis.client()
    for row in given:
        client.xadd(name, {"json": json.dumps(row)})
    job(cutting(redis, by, name), live_streams.alerts(receiver))
    target, when = KILLED_AT[point]
    killed = started(
        target.format(source=SOURCES["redis"]), when, 2, "watch", "job.yaml", folder=tmp_path, script=SCRIPT
    )
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    finish(tmp_path, 3, once=False)
    found = judged()
    assert [(window, n) for window, _, n, _ in found] == expected(given[:300])
    assert len({fingerprint for *_, fingerprint in found}) == 3
    assert set(keys(receiver)) == {"live/2024-05-06T10:01:40Z/firing"}
    assert client.xpending(name, "textdrift")["pending"] == 6


@pytest.mark.slow
@pytest.mark.parametrize("by", ["rows", "seconds"])
@pytest.mark.parametrize("seed", range(N_STREAMS))
def test_a_watch_that_is_killed_again_and_again_at_random_judges_every_row_once(
    job, rows, tmp_path, receiver, seed, by
):
    chance = random.Random(seed)
    given = rows(800, drifts_at=400)
    job(cutting("in.jsonl", by), live_streams.alerts(receiver))
    written = 0
    for _ in range(6):
        written = min(800, written + chance.randrange(50, 200))
        Path("in.jsonl").write_text(lines_of(given[:written])[: None if written == 800 else -20], encoding="utf-8")
        process = started("watch", "job.yaml", folder=tmp_path)
        time.sleep(chance.uniform(0.5, 3.5))
        process.kill()
        process.communicate()
    Path("in.jsonl").write_text(lines_of(given), encoding="utf-8")
    finish(tmp_path, 8, once=True)
    found = judged()
    assert [(window, n) for window, _, n, _ in found] == expected(given)
    assert len({fingerprint for *_, fingerprint in found}) == 8
    assert set(keys(receiver)) == {"live/2024-05-06T10:06:40Z/firing"}


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("source", ["'-'", "in.jsonl"])
def test_an_idle_watch_that_is_told_to_end_ends_cleanly(job, rows, tmp_path, sign, source):
    job(f"{{source: {source}, rows: 100}}")
    Path("in.jsonl").write_text(lines_of(rows(120)), encoding="utf-8")
    process = started("watch", "job.yaml", folder=tmp_path, stdin=subprocess.PIPE)
    if source == "'-'":
        process.stdin.write(lines_of(rows(120)))
        process.stdin.flush()
    assert process.stdout.readline().startswith("2024-05-06T10:00:00Z")
    time.sleep(0.5)
    process.send_signal(sign)
    process.wait(timeout=60)  # one that goes on waiting for rows never ends
    errors = process.stderr.read()
    process.stdin.close()
    process.stdout.close()
    process.stderr.close()
    assert process.returncode == 0, errors
    fate = "are lost" if source == "'-'" else "come again"
    assert f"told to stop: 20 rows of the open window were not judged; they {fate}" in errors
    assert len(judged()) == 1


def test_the_rows_of_a_pipe_are_judged_to_the_last(job, rows, tmp_path):
    job("{source: '-', rows: 100}")
    process = started("watch", "job.yaml", folder=tmp_path, stdin=subprocess.PIPE)
    output, errors = process.communicate(lines_of(rows(150)) + '{"text": "half', timeout=60)
    assert process.returncode == 0, errors
    assert [line.split()[-1] for line in output.splitlines()] == ["rows=100", "rows=50"]
    assert (
        errors == "warning: 1 lines hold no JSON object and were left out, the first of them line 151 of those read\n"
    )


def test_nobody_is_told_twice_of_a_failure_that_a_kill_fell_into(job, rows, tmp_path, receiver):
    given = [{"id": row["id"], "timestamp": row["timestamp"]} for row in rows(100)]
    job(cutting("in.jsonl", "rows"), live_streams.alerts(receiver))
    Path("in.jsonl").write_text(lines_of(given), encoding="utf-8")
    started(
        f"{SOURCES['file']}.judged", "before", 1, "watch", "job.yaml", "--once", folder=tmp_path, script=SCRIPT
    ).communicate(timeout=60)
    finish(tmp_path, 0, once=True)
    assert states(receiver) == [("error", "2024-05-06T10:00:00Z")]
