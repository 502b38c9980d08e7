"""A nightly job in a folder of its own, its windows, and the command line in this process."""

import datetime as dt
import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from listening import Listening

from textdrift.cli.app import main
from textdrift.windows.simulating import sample_pair

FIRST = dt.date(2026, 11, 10)
MISSING, DRIFTED, LAST = 2, (3, 4), 5


@pytest.fixture(scope="session")
def nightly_windows(tmp_path_factory):
    """A reference, and windows of six days: the third is missing, the fourth and the fifth have drifted."""
    folder = tmp_path_factory.mktemp("nightly")
    pq.write_table(sample_pair(300, 300, seed=1).reference, folder / "reference.parquet")
    for i in range(LAST + 1):
        if i == MISSING:
            continue
        table = sample_pair(200, 200, seed=20 + i).reference
        texts = [
            f"{text} zonkel vrimp" if i in DRIFTED and row % 4 == 0 else text
            for row, text in enumerate(table.column("text").to_pylist())
        ]
        table = table.set_column(table.column_names.index("text"), "text", pa.array(texts, pa.large_string()))
        pq.write_table(table, folder / f"{FIRST + dt.timedelta(days=i)}.parquet")
    return folder


class Nightly:
    """The job's folder, the sink that its alerts go to, and the command line."""

    def __init__(self, folder, sink, capsys):
        self.folder, self._sink, self._capsys = folder, sink, capsys

    def job(self, more="", *, current="{{ date }}.parquet", columns="text: text, id: id"):
        (self.folder / "job.yaml").write_text(
            f"name: nightly\nreference: reference.parquet\ncurrent: '{current}'\ncolumns: {{{columns}}}\n"
            "tests: {lexical: {}}\nbudget: {false_alarms_per_year: 2, windows_per_year: 365}\n"
            "history: sqlite:///drift.db\nreport: {folder: reports, formats: [json]}\n"
            f"alerts: [{{url: 'json://{self._sink.address}/', on: [firing, resolved, error], timeout: 5}}]\n{more}",
            encoding="utf-8",
        )

    def __call__(self, command, *arguments):
        """Run a command on the job; return its exit code, and the lines of stdout and of stderr."""
        self._capsys.readouterr()
        code = main([command, "job.yaml", *arguments])
        captured = self._capsys.readouterr()
        return code, captured.out.splitlines(), captured.err.splitlines()

    def told(self):
        """Return the state and the window of each message that was sent."""
        messages = [json.loads(json.loads(request.body)["message"]) for request in self._sink.requests]
        return [(message["state"], message["window"]) for message in messages]


@pytest.fixture
def nightly(nightly_windows, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TEXTDRIFT_CACHE", str(tmp_path / "cache"))
    for file in nightly_windows.iterdir():
        shutil.copy(file, tmp_path)
    with Listening() as sink:
        job = Nightly(tmp_path, sink, capsys)
        job.job()
        yield job
