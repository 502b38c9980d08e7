import datetime as dt

import listening
import live_streams
import pyarrow.parquet as pq
import pytest
import redis_server

from textdrift.job_config import read_job
from textdrift.windows.simulating import sample_pair


@pytest.fixture(scope="session")
def reference(tmp_path_factory):
    path = tmp_path_factory.mktemp("stream") / "reference.parquet"
    pq.write_table(sample_pair(600, 1, seed=1).reference, path)
    return path


@pytest.fixture(scope="session")
def many_rows():
    return sample_pair(800, 1, seed=2).reference.to_pylist()


@pytest.fixture
def rows(many_rows):
    """Return the first n rows, one a second; from ``drifts_at`` every third brings words that nobody knows."""

    def made(n, *, drifts_at=None, begin=live_streams.BEGIN):
        found = []
        for i, row in enumerate(many_rows[:n]):
            text, at = row["text"], begin + dt.timedelta(seconds=i)
            if drifts_at is not None and i >= drifts_at and i % 3 == 0:
                text = f"{text} zonkel vrimp"
            found.append({"id": f"s{i}", "text": text, "timestamp": at.isoformat(), "label": row["label"]})
        return found

    return made


@pytest.fixture
def job(reference, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TEXTDRIFT_CACHE", str(tmp_path / "cache"))

    def made(stream, more="", columns="{text: text, id: id, time: timestamp}", tests="{lexical: {}}"):
        (tmp_path / "job.yaml").write_text(
            f"name: live\nreference: '{reference}'\ncolumns: {columns}\ntests: {tests}\n{live_streams.BUDGET}"
            f"history: sqlite:///drift.db\nreport: {{folder: reports, formats: [json]}}\nstream: {stream}\n{more}",
            encoding="utf-8",
        )
        return read_job(tmp_path / "job.yaml")

    return made


@pytest.fixture
def receiver():
    """Return a server that keeps messages; ``live_streams.states`` reads them."""
    with listening.Listening() as server:
        yield server


@pytest.fixture(scope="session")
def redis():
    """A Redis server that is ours alone."""
    reason = redis_server.missing()
    if reason:
        pytest.skip(reason)
    with redis_server.RedisServer() as running:
        yield running
