"""Redis Streams: every entry is judged once, whatever dies in between, and acknowledged once its window is stored."""

import itertools
import json
import threading
import time

import live_streams
import pytest
import redis_server
from live_streams import judged, states

from textdrift.errors import SettingsError, UnreadableSourceError
from textdrift.history import History
from textdrift.job_config import StreamConfig
from textdrift.watching import redis_stream, watch_job
from textdrift.watching.redis_stream import RedisStream

NAMES = (f"texts-{i}" for i in itertools.count())


@pytest.fixture
def name():
    return next(NAMES)


def add(client, name, rows):
    with client.pipeline() as pipeline:
        for row in rows:
            pipeline.xadd(name, {"json": json.dumps(row)})
        return pipeline.execute()


def stream(server, name, **more):
    options = "".join(f", {key}: {value}" for key, value in more.items())
    return f"{{source: '{server.url}', name: {name}{options}}}"


def watched(config, n, **options):
    """Watch until n windows are done, or none has come for some seconds."""
    found, told, last = [], [], [time.monotonic()]

    def stop():
        return len(found) >= n or time.monotonic() > last[0] + 4

    for one in watch_job(config, stop=stop, tell=told.append, **options):
        found.append(one)
        last[0] = time.monotonic()
    return found, told


def pending(client, name):
    return client.xpending(name, "textdrift")["pending"]


def test_entries_are_judged_and_acknowledged(redis, job, rows, name):
    client = redis.client()
    add(client, name, rows(120))
    found, told = watched(job(stream(redis, name, rows=50)), 2)
    assert [one.n_rows for one in found] == [50, 50]
    assert told in ([], ["told to stop: 20 rows of the open window were not judged; they come again"])
    assert pending(client, name) == 20  # of the open window


def test_nothing_is_acknowledged_before_its_window_is_stored(redis, job, rows, name, monkeypatch):
    client, at_record = redis.client(), []
    add(client, name, rows(100))
    real = History.record

    def record(self, *arguments, **options):
        at_record.append((pending(client, name), len(judged())))
        return real(self, *arguments, **options)

    monkeypatch.setattr(History, "record", record)
    watched(job(stream(redis, name, rows=50)), 2)
    assert at_record == [(100, 0), (50, 1)]


def test_the_open_window_comes_again_after_a_restart(redis, job, rows, name):
    client, given = redis.client(), rows(170)
    config = job(stream(redis, name, rows=50))
    add(client, name, given[:70])
    watched(config, 1)
    add(client, name, given[70:])
    watched(config, 2)
    whole = judged()
    assert [n for *_, n, _ in whole] == [50, 50, 50]
    assert [window for window, *_ in whole] == [f"2024-05-06T10:0{s // 60}:{s % 60:02d}Z" for s in (0, 50, 100)]


def test_by_seconds_the_arrival_counts_where_no_column_is_the_time(redis, job, rows, name):
    client = redis.client()
    config = job(stream(redis, name, seconds=2), columns="{text: text, id: id}")
    add(client, name, rows(60))
    found, _ = watched(config, 1)
    assert sum(one.n_rows for one in found) in range(1, 61)
    watched(config, 2)
    assert sum(n for *_, n, _ in judged()) == 60


def test_a_field_for_each_column_is_a_row_too(redis, job, rows, name):
    client = redis.client()
    for row in rows(50):
        client.xadd(name, row)
    found, _ = watched(job(stream(redis, name, rows=50)), 1)
    assert found[0].n_rows == 50


def test_entries_without_a_row_are_told_and_do_not_come_again(redis, job, rows, name):
    client = redis.client()
    for odd in ("no json", "[1]", "{}", b"\xff"):
        client.xadd(name, {"json": odd})
    add(client, name, [row | {"timestamp": "soon"} for row in rows(2)])
    add(client, name, rows(50))
    found, told = watched(job(stream(redis, name, rows=50)), 1)
    assert found[0].n_rows == 50
    assert told[0] == "4 entries hold no JSON object and were left out"
    assert "a row was left out" in told[1]
    assert pending(client, name) == 0


def test_entries_that_were_trimmed_before_they_were_judged_are_told(redis, job, rows, name):
    client = redis.client()
    config = job(stream(redis, name, rows=50))
    add(client, name, rows(20))
    assert watched(config, 1)[0] == []
    client.xtrim(name, maxlen=5, approximate=False)
    add(client, name, rows(65)[20:])
    found, told = watched(config, 1)
    assert found[0].n_rows == 50
    assert any("15 entries were trimmed from the stream before they were judged" in each for each in told)


def test_what_a_consumer_that_is_gone_has_left_is_taken_over(redis, job, rows, name):
    client = redis.client()
    add(client, name, rows(50))
    client.xgroup_create(name, "textdrift", id="0")
    client.xreadgroup("textdrift", "an older name", {name: ">"}, count=30)
    config = job(stream(redis, name, rows=50, claim_after=1))
    with pytest.raises(SettingsError, match="consumer 'an older name' reads Redis stream"):
        watched(config, 1)
    time.sleep(1.1)
    source = RedisStream(config.stream, consumer="live")
    source._check_alone = lambda: None  # a minute has passed
    found, told = watched(config, 1, source=source)
    assert sum(one.n_rows for one in found) == 50
    assert "30 entries that consumer 'an older name' left are taken over" in told


def test_two_jobs_in_one_group_are_refused(redis, job, rows, name):
    client = redis.client()
    add(client, name, rows(10))
    client.xgroup_create(name, "textdrift", id="0")
    client.xreadgroup("textdrift", "another job", {name: ">"}, count=1)
    with pytest.raises(SettingsError, match=r"a `stream\.group` of its own"):
        watched(job(stream(redis, name, rows=50)), 1)


def test_a_wrong_address_is_a_clear_error(job, name):
    port = redis_server.free_port()
    config = job(f"{{source: 'redis://:hunter2@127.0.0.1:{port}/0', name: {name}, rows: 50}}")
    with pytest.raises(UnreadableSourceError, match="cannot be read") as caught:
        watched(config, 1)
    assert "hunter2" not in str(caught.value)


def test_what_is_no_stream_is_a_clear_error(redis, job, name):
    redis.client().set(name, "x")
    with pytest.raises(UnreadableSourceError, match="WRONGTYPE"):
        watched(job(stream(redis, name, rows=50)), 1)


def outage(server, how, *, seconds):
    def happen():
        server.stop(how)
        time.sleep(seconds)
        server.start()

    thread = threading.Thread(target=happen)
    thread.start()
    return thread


@pytest.fixture
def lasting(tmp_path_factory):
    """A server of the test's own, which writes down what it is given."""
    reason = redis_server.missing()
    if reason:
        pytest.skip(reason)
    with redis_server.RedisServer(keeping=True) as running:
        yield running


@pytest.mark.parametrize("how", [9, 15], ids=["killed", "stopped"])
def test_a_server_that_comes_back_goes_on_where_it_was(lasting, job, rows, name, how, monkeypatch):
    monkeypatch.setattr(redis_stream, "_LONGEST_PAUSE", 0.5)
    given, found, told, threads = rows(150), [], [], []
    add(lasting.client(), name, given[:75])
    end = time.monotonic() + 20
    for one in watch_job(
        job(stream(lasting, name, rows=50)),
        stop=lambda: len(found) == 3 or time.monotonic() > end,
        tell=told.append,
    ):
        found.append(one)
        if len(found) == 1:
            threads.append(outage(lasting, how, seconds=1))
            threads.append(
                threading.Thread(target=lambda: (threads[0].join(), add(lasting.client(), name, given[75:])))
            )
            threads[1].start()
    for thread in threads:
        thread.join()
    assert [one.n_rows for one in found] == [50, 50, 50]
    assert [sentence[:21] for sentence in told] == ["Redis does not answer", "Redis is back"]
    assert len({fingerprint for *_, fingerprint in judged()}) == 3
    assert pending(lasting.client(), name) == 0


def test_a_server_that_lost_everything_gets_its_group_again_and_nothing_is_judged_twice(redis, job, rows, name):
    client, given, found, told = redis.client(), rows(150), [], []
    first = add(client, name, given[:75])
    end = time.monotonic() + 15
    for one in watch_job(
        job(stream(redis, name, rows=50)), stop=lambda: len(found) == 3 or time.monotonic() > end, tell=told.append
    ):
        found.append(one)
        if len(found) == 1:
            client.delete(name)
            for mark, row in zip(first, given[:75], strict=True):  # an older copy of the stream, without its groups
                client.xadd(name, {"json": json.dumps(row)}, id=mark)
            add(client, name, given[75:])
    assert [one.n_rows for one in found] == [50, 50, 50]
    assert "Redis has lost the group 'textdrift', which is made anew where it stood" in told
    assert len({fingerprint for *_, fingerprint in judged()}) == 3


def test_a_silent_server_is_told_as_silence(lasting, job, rows, name, receiver):
    add(lasting.client(), name, rows(50))
    config = job(stream(lasting, name, rows=50, silent_after=1), live_streams.alerts(receiver))
    found, end = [], time.monotonic() + 4
    for one in watch_job(config, stop=lambda: time.monotonic() > end):
        found.append(one)
        lasting.stop(9)
    assert [one.n_rows for one in found] == [50]
    assert [state for state, _ in states(receiver)] == ["error"]


def test_the_server_holds_what_the_watch_has_no_room_for(redis, job, rows, name):
    client = redis.client()
    for _ in range(10):
        add(client, name, rows(400))
    watching = watch_job(job(stream(redis, name, rows=100)), stop=live_streams.never)
    next(watching)
    held = client.xpending(name, "textdrift")["pending"]
    watching.close()
    assert held <= 500  # one reading of the 4,000 entries


def test_names_of_a_group_do_not_hold_a_password():
    config = StreamConfig(source="redis://ann:hunter2@db.example:6380/2", name="texts", rows=5)
    assert RedisStream(config, consumer="a").name == "db.example:6380/2 texts textdrift"
