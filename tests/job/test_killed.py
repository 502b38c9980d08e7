"""A run that is killed at any point: the next one ends as if it had not been, and encodes nothing twice.

Real processes run the command line and are killed by SIGKILL, some at random moments, some at the moments that matter.
"""

import datetime as dt
import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import postgresql
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from listening import Listening

from textdrift.history import open_history
from textdrift.windows.simulating import sample_pair

TESTS = Path(__file__).parents[1]
N_POINTS = 30
NAME, DATE = "nightly", "2026-11-13"
BATCH = 2
# One batch that is computed, and one that is on its way to the disk.
MOST_LOST = 2 * BATCH

NURSERY = """
    import contextlib, importlib, json, os, signal, sqlite3, sys, time
    from pathlib import Path

    from textdrift.cli import app
    from textdrift.embeddings import hashing_encoder
    from textdrift.embeddings.vector_cache import text_keys

    ARGUMENTS = ["run", "job.yaml", "--date", sys.argv[1]]
    encode = hashing_encoder.HashingEncoder.encode

    def counted(self, texts):
        with open("encoded", "a") as file:
            file.write("".join(json.dumps(text) + chr(10) for text in texts))
        until = time.process_time() + 0.002 * len(texts)
        while time.process_time() < until:
            pass
        return encode(self, texts)

    hashing_encoder.HashingEncoder.encode = counted

    def die_at(moment):
        # Dies before or after the n-th call of a function.
        place, name, n, when = moment
        module, _, owner = place.partition(":")
        holder = importlib.import_module(module)
        holder = getattr(holder, owner) if owner else holder
        asked, left = getattr(holder, name), [n]
        def wrapped(*given, **more):
            left[0] -= 1
            if left[0] == 0 and when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            answer = asked(*given, **more)
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return answer
        setattr(holder, name, wrapped)

    def started(folder, moment=None):
        child = os.fork()
        if child == 0:
            code = 99
            try:
                os.chdir(folder)
                os.environ["TEXTDRIFT_CACHE"] = folder + "/cache"
                said = os.open("said", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
                os.dup2(said, 1), os.dup2(said, 2)
                if moment:
                    die_at(moment)
                code = app.main(ARGUMENTS)
                if not os.path.exists("modules"):
                    Path("modules").write_text(json.dumps(sorted(sys.modules)))
            finally:
                with contextlib.suppress(Exception):
                    sys.stdout.flush(), sys.stderr.flush()
                os._exit(code)
        return child

    def ended(child):
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def seconds_of(child):
        # Of a processor, user and system: the same on a machine that is busy with something else.
        parts = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
        return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK"), parts[0] == "Z"

    def lived(child, seconds):
        # Return the processor's seconds of a child that has ended, or has had so many.
        while True:
            spent, is_done = seconds_of(child)
            if is_done or spent >= seconds:
                return spent
            time.sleep(0.001)

    def encoded(folder):
        file = Path(folder, "encoded")
        texts = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        file.unlink(missing_ok=True)
        return texts

    def committed(folder):
        # The files as the dead process left them: whoever opens a copy changes nothing.
        copy = Path(folder, "copy")
        copy.mkdir(exist_ok=True)
        for file in Path(folder, "cache").glob("vectors-*.sqlite*"):
            (copy / file.name).write_bytes(file.read_bytes())
        found = list(copy.glob("vectors-*.sqlite"))
        if not found:
            return set()
        with contextlib.closing(sqlite3.connect(found[0])) as connection:
            try:
                return {bytes(key) for key, in connection.execute("SELECT text FROM vectors")}
            except sqlite3.OperationalError:  # no table yet
                return set()

    def told(folder, killed, first, kept):
        again = ended(started(folder))
        second = encoded(folder)
        print(json.dumps({
            "folder": folder, "killed": killed, "rerun": again, "n_kept": len(kept),
            "n_first": len(first), "n_distinct": len(set(first) | set(second)),
            "n_twice": len(set(first) & set(second)), "n_repeats": len(second) - len(set(second)),
            "kept_encoded_again": len(set(text_keys(second)) & kept),
            "said": Path(folder, "said").read_text(),
        }), flush=True)

    undisturbed, *folders = json.loads(sys.argv[2])
    assert ended(started(undisturbed)) == 1, Path(undisturbed, "said").read_text()
    for name in json.loads(Path(undisturbed, "modules").read_text()):
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    told(undisturbed, 1, encoded(undisturbed), committed(undisturbed))
    child = started(folders[0])
    lasts = lived(child, 1e9)
    assert ended(child) == 1, Path(folders[0], "said").read_text()
    points = json.loads(sys.argv[3])
    for folder, point in zip(folders[1:], points, strict=True):
        if isinstance(point, float):
            child = started(folder)
            lived(child, point * lasts)
            os.kill(child, signal.SIGKILL)
        else:
            child = started(folder, point)
        killed = ended(child)
        told(folder, killed, encoded(folder), committed(folder))
"""

MOMENTS = {
    "half of the page is written": ("textdrift.reports.report_files:Path", "replace", 2, "before"),
    "the report lies there and no row": ("textdrift.history:History", "record", 1, "before"),
    "the row is there and nobody was told": ("textdrift.history:History", "record", 1, "after"),
    "the sink has the message and nobody noted it": ("textdrift.job.outbox", "deliver", 1, "after"),
    "all is done but the last word": ("textdrift.job.remembering", "write_metrics", 1, "before"),
}


@pytest.fixture(scope="module")
def windows(tmp_path_factory):
    folder = tmp_path_factory.mktemp("windows")
    pq.write_table(sample_pair(150, 150, seed=1).reference, folder / "reference.parquet")
    table = sample_pair(120, 120, seed=2).reference
    texts = [f"{text} zonkel vrimp" if i % 2 else text for i, text in enumerate(table.column("text").to_pylist())]
    drifted = table.set_column(table.column_names.index("text"), "text", pa.array(texts, pa.large_string()))
    pq.write_table(drifted, folder / f"{DATE}.parquet")
    return folder


@pytest.fixture(scope="module")
def server():
    reason = postgresql.missing()
    if reason:
        pytest.skip(reason)
    with postgresql.PostgresqlServer() as running:
        yield running


@pytest.fixture
def history_url(request):
    """Return the URL of a new history of a folder, as the job file of that folder names it."""
    if request.param == "sqlite":
        return lambda folder: f"sqlite:///{folder}/drift.db"
    running = request.getfixturevalue("server")
    urls = {}
    return lambda folder: urls.setdefault(folder, running.new_database())


@pytest.fixture
def killed_at(windows, tmp_path, history_url):
    """Kill a run at each point and run it again; check all there is, and return what was seen of each."""

    def killed(points):
        folders = [tmp_path / name for name in ("undisturbed", "measured", *(f"{i}" for i in range(len(points))))]
        with Listening() as sink:
            for folder in folders:
                write_job(folder, windows, f"json://{sink.address}/{folder.name}", history_url(folder))
            process = subprocess.run(
                [sys.executable, "-c", textwrap.dedent(NURSERY), DATE, json.dumps(list(map(str, folders))),
                 json.dumps(points)],
                capture_output=True, text=True, check=False, cwd=tmp_path,
                env={**os.environ, "PYTHONPATH": str(TESTS.parent), "OMP_NUM_THREADS": "1"},
            )  # fmt: skip
            assert process.returncode == 0, process.stderr
            seen = {Path(one["folder"]).name: one for one in map(json.loads, process.stdout.splitlines())}
            keys = {}
            for request in sink.requests:
                message = json.loads(json.loads(request.body)["message"])
                keys.setdefault(request.path.strip("/"), []).append((message["state"], message["dedup_key"]))
        whole = ended(folders[0], history_url(folders[0]))
        for folder in [folders[0], *folders[2:]]:
            assert ended(folder, history_url(folder)) == whole, seen[folder.name]
            assert set(keys[folder.name]) == {("firing", f"{NAME}/{DATE}/firing")}, seen[folder.name]
            one = seen[folder.name]
            assert one["rerun"] == 1, one["said"]
            assert "Traceback" not in one["said"]
            assert one["kept_encoded_again"] == one["n_repeats"] == 0, one
            assert one["n_twice"] <= MOST_LOST, one
            assert one["n_distinct"] == seen["undisturbed"]["n_first"]
        return [seen[folder.name] for folder in folders[2:]]

    return killed


def write_job(folder, windows, sink, history):
    folder.mkdir()
    (folder / "job.yaml").write_text(
        f"name: {NAME}\nreference: '{windows}/reference.parquet'\ncurrent: '{windows}/{{{{ date }}}}.parquet'\n"
        f"columns: {{text: text, id: id}}\nencoder: {{model: hashing, batch_size: {BATCH}}}\n"
        f"tests: {{embedding: {{engine: native}}, lexical: {{}}}}\nhistory: '{history}'\n"
        "budget: {false_alarms_per_year: 2, windows_per_year: 365}\nreport: {folder: reports, formats: [json, html]}\n"
        f"alerts: [{{url: '{sink}', on: [firing, resolved, error], timeout: 10}}]\nmetrics: {{textfile: job.prom}}\n"
        "slow_drift: true\n",
        encoding="utf-8",
    )


def ended(folder, url):
    """Return all that a run leaves, apart from seconds and moments."""
    report, page = (folder / "reports" / DATE / name for name in ("report.json", "report.html"))
    document = json.loads(report.read_text(encoding="utf-8"))
    names = "|".join(map(re.escape, (*document["seconds"], "total")))
    timeless = re.sub(rf'(<bdi>(?:{names})</bdi></th><td>)<data value="[^"]*">[^<]*', r"\1", page.read_text("utf-8"))
    text = report.read_text(encoding="utf-8")
    begin, end = text.index('"seconds"'), text.index("}", text.index('"seconds"'))
    with open_history(url) as history:
        runs = history.runs(NAME)
        state = history.alert_state(NAME)
        kept = [history.report(run.id) for run in runs]
        slow = history.slow_drift(NAME), list(history.profiles(NAME))
        assert kept == [document]
        waiting = history.pending(NAME, now=dt.datetime.now(dt.UTC) + dt.timedelta(days=9))
        failures = history.failures(NAME)
    metrics = (folder / "job.prom").read_text(encoding="utf-8")
    return {
        "json": text[:begin] + text[end:],
        "html": timeless,
        "files": sorted(path.name for path in folder.rglob("report*") if path.is_file()),
        "left": sorted(path.name for path in folder.rglob("*.part")),
        "runs": [(run.window, run.stage, run.exit_code, run.verdict, run.kinds, run.report_folder) for run in runs],
        "alert": (state["status"], state["story"], state["open_story"], len(state["told"])),
        "slow": slow,
        "waiting": waiting,
        "failures": failures,
        "verdicts": [
            line for line in metrics.splitlines() if line.startswith(("textdrift_verdict", "textdrift_alert"))
        ],
    }


@pytest.mark.parametrize("history_url", ["sqlite"], indirect=True)
def test_killed_at_the_moments_that_matter_a_run_ends_as_an_undisturbed_one(killed_at):
    seen = killed_at(list(MOMENTS.values()))
    assert [one["killed"] for one in seen] == [-9] * len(MOMENTS)


@pytest.mark.parametrize("history_url", ["sqlite", "postgresql"], indirect=True)
def test_killed_at_random_points_a_run_ends_as_an_undisturbed_one(killed_at):
    seen = killed_at([0.2, 0.45, 0.7])
    assert any(one["killed"] == -9 for one in seen)


@pytest.mark.slow
@pytest.mark.parametrize("history_url", ["sqlite", "postgresql"], indirect=True)
def test_killed_at_many_random_points_a_run_ends_as_an_undisturbed_one(killed_at):
    seen = killed_at([(i + 0.5) / N_POINTS for i in range(N_POINTS)])
    assert sum(one["killed"] == -9 for one in seen) >= 2 * N_POINTS // 3
    # Some died among their texts, with vectors on the disk that nothing made again.
    assert sum(0 < one["n_kept"] < one["n_distinct"] for one in seen) >= N_POINTS // 15
