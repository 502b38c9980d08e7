import contextlib
import logging
import multiprocessing
import pickle
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textdrift.embeddings import VectorCache
from textdrift.embeddings.vector_cache import text_keys
from textdrift.errors import SettingsError

DIMENSION = 24


def vectors_of(n, seed=0):
    return np.random.default_rng(seed).normal(size=(n, DIMENSION)).astype(np.float16)


def keys_of(n, prefix="text"):
    return text_keys([f"{prefix} {i}" for i in range(n)])


def test_vectors_come_back_in_the_order_of_the_keys_and_only_where_known(tmp_path):
    cache, keys, vectors = VectorCache(tmp_path), keys_of(1203), vectors_of(1203)
    assert cache.put("a space", keys[::2], vectors[::2])
    known = VectorCache(tmp_path).get("a space", keys[::-1])
    assert known.found.tolist() == [i % 2 == 0 for i in range(1203)][::-1]
    np.testing.assert_array_equal(known.vectors, vectors[::2][::-1])
    assert known.vectors.dtype == np.float16


def test_another_space_knows_nothing(tmp_path):
    cache = VectorCache(tmp_path)
    cache.put("model/float32", keys_of(3), vectors_of(3))
    known = cache.get("model/bfloat16", keys_of(3))
    assert not known.found.any()
    assert known.vectors.shape[0] == 0


def test_writing_a_key_again_replaces_its_vector(tmp_path):
    cache = VectorCache(tmp_path)
    cache.put("a space", keys_of(3), vectors_of(3))
    cache.put("a space", keys_of(3), vectors_of(3, seed=1))
    np.testing.assert_array_equal(cache.get("a space", keys_of(3)).vectors, vectors_of(3, seed=1))


def test_a_batch_is_written_whole_or_not_at_all(tmp_path):
    cache = VectorCache(tmp_path)
    cache.put("a space", keys_of(1), vectors_of(1))
    with pytest.raises((sqlite3.ProgrammingError, sqlite3.InterfaceError)):
        cache.put("a space", [*keys_of(4), object()], vectors_of(5))
    assert cache.get("a space", keys_of(4)).found.sum() == 1


def test_vectors_that_are_not_finite_are_never_written(tmp_path):
    broken = vectors_of(2)
    broken[1, 3] = np.inf
    with pytest.raises(ValueError, match="finite"):
        VectorCache(tmp_path).put("a space", keys_of(2), broken)


def test_vectors_of_another_length_are_not_written(tmp_path, caplog):
    cache = VectorCache(tmp_path)
    cache.put("a space", keys_of(2), vectors_of(2))
    assert not cache.put("a space", keys_of(4), np.ones((4, 5)))
    assert "another length" in caplog.text
    assert cache.get("a space", keys_of(4)).found.tolist() == [True, True, False, False]


@pytest.mark.parametrize("damaged", [b"short", np.full(DIMENSION, np.nan, dtype="<f2").tobytes(), "text", None])
def test_a_damaged_vector_counts_as_absent(tmp_path, damaged):
    cache = VectorCache(tmp_path)
    cache.put("a space", keys_of(3), vectors_of(3))
    with contextlib.closing(sqlite3.connect(cache.path)) as connection, connection:
        if damaged is None:
            connection.execute("DELETE FROM vectors WHERE text = ?", (keys_of(3)[1],))
        else:
            connection.execute("UPDATE vectors SET vector = ? WHERE text = ?", (damaged, keys_of(3)[1]))
    known = cache.get("a space", keys_of(3))
    assert known.found.tolist() == [True, False, True]
    np.testing.assert_array_equal(known.vectors, vectors_of(3)[[0, 2]])


@given(st.lists(st.text(), unique=True, max_size=30))
def test_distinct_texts_have_distinct_keys_of_128_bits(texts):
    keys = text_keys(texts)
    assert len(set(keys)) == len(texts)
    assert all(len(key) == 16 for key in keys)
    assert keys == text_keys(texts)


def test_the_file_stays_under_its_limit_and_the_oldest_go_first(tmp_path):
    limit = 2_000_000
    cache = VectorCache(tmp_path, limit_bytes=limit)
    rng = np.random.default_rng(0)
    for batch in range(12):
        assert cache.put("a space", keys_of(400, f"batch {batch}"), rng.normal(size=(400, 384)))
        on_disk = sum(file.stat().st_size for file in tmp_path.iterdir())
        assert on_disk < 1.1 * limit
    kept = [int(cache.get("a space", keys_of(400, f"batch {batch}")).found.sum()) for batch in range(12)]
    assert kept[0] == 0
    assert kept[-1] == 400
    assert kept == sorted(kept)
    assert sum(kept) * 768 > 0.4 * limit


@pytest.mark.parametrize("content", [b"this is no database at all, only text " * 99, b"\0" * 5000])
def test_a_broken_file_is_put_aside_and_a_new_one_begun(tmp_path, caplog, content):
    cache = VectorCache(tmp_path)
    tmp_path.joinpath(cache.path.name).write_bytes(content)
    assert not cache.get("a space", keys_of(2)).found.any()
    assert "put aside" in caplog.text
    assert cache.path.with_suffix(".broken").read_bytes() == content
    assert cache.put("a space", keys_of(2), vectors_of(2))
    np.testing.assert_array_equal(cache.get("a space", keys_of(2)).vectors, vectors_of(2))


def test_a_file_broken_in_the_middle_never_gives_wrong_vectors(tmp_path, caplog):
    cache, keys, vectors = VectorCache(tmp_path), keys_of(3000), vectors_of(3000)
    cache.put("a space", keys, vectors)
    content = bytearray(cache.path.read_bytes())
    # Whole pages after the first, so that the header still says that all is well.
    content[16384:-16384] = b"\xa5" * (len(content) - 2 * 16384)
    cache.path.write_bytes(content)
    known = cache.get("a space", keys)
    assert known.vectors.tolist() == vectors[known.found].tolist()
    assert cache.put("a space", keys, vectors)
    assert cache.get("a space", keys).found.all()
    assert "put aside" in caplog.text


def test_a_database_of_another_version_is_put_aside(tmp_path, caplog):
    cache = VectorCache(tmp_path)
    with contextlib.closing(sqlite3.connect(cache.path)) as connection, connection:
        connection.execute("CREATE TABLE vectors (something REAL)")
        connection.execute("PRAGMA user_version = 99")
    assert cache.put("a space", keys_of(2), vectors_of(2))
    assert cache.get("a space", keys_of(2)).found.all()
    assert "version 99" in caplog.text


def test_a_folder_that_cannot_be_written_is_told_in_the_log_and_no_error(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    cache = VectorCache(tmp_path / "file" / "folder")
    assert not cache.put("a space", keys_of(2), vectors_of(2))
    assert not cache.get("a space", keys_of(2)).found.any()
    assert {record.name for record in caplog.records} == {"textdrift"}
    assert {record.levelno for record in caplog.records} == {logging.WARNING}
    assert "going on without it" in caplog.text


def test_a_file_locked_for_too_long_is_told_in_the_log_and_no_error(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr("textdrift.embeddings.vector_cache._SECONDS_TO_WAIT", 0.05)
    cache = VectorCache(tmp_path)
    cache.put("a space", keys_of(2), vectors_of(2))
    with contextlib.closing(sqlite3.connect(cache.path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        assert not cache.put("a space", keys_of(4), vectors_of(4))
        assert cache.get("a space", keys_of(2)).found.all(), "a writer does not keep readers out"
        connection.execute("ROLLBACK")
    assert "locked" in caplog.text
    assert cache.put("a space", keys_of(4), vectors_of(4))


def _write_in_a_process(folder, prefix, barrier):
    barrier.wait(timeout=60)
    cache = VectorCache(folder)
    for batch in range(5):
        if not cache.put("a space", keys_of(50, f"{prefix} {batch}"), vectors_of(50, seed=batch)):
            raise SystemExit(1)


def test_two_processes_may_begin_and_fill_one_file(tmp_path):
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    writers = [
        context.Process(target=_write_in_a_process, args=(tmp_path, prefix, barrier)) for prefix in ("one", "two")
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=90)
    assert [writer.exitcode for writer in writers] == [0, 0]
    for prefix in ("one", "two"):
        for batch in range(5):
            known = VectorCache(tmp_path).get("a space", keys_of(50, f"{prefix} {batch}"))
            np.testing.assert_array_equal(known.vectors, vectors_of(50, seed=batch))


def test_the_folder_follows_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("TEXTDRIFT_CACHE", str(tmp_path / "own"))
    assert VectorCache().path.parent == tmp_path / "own"
    monkeypatch.setenv("TEXTDRIFT_CACHE", "")
    assert VectorCache().path.parent == tmp_path / "xdg" / "textdrift"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/paths/are/ignored")
    assert VectorCache().path.parent == tmp_path / "home" / ".cache" / "textdrift"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert VectorCache().path.parent == tmp_path / "home" / ".cache" / "textdrift"


def test_a_user_without_a_home_hears_which_variable_to_set(monkeypatch):
    def nowhere():
        raise RuntimeError("could not determine home directory")

    monkeypatch.delenv("TEXTDRIFT_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", nowhere)
    with pytest.raises(SettingsError, match="set TEXTDRIFT_CACHE"):
        VectorCache()


def test_a_cache_without_room_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="limit_bytes"):
        VectorCache(tmp_path, limit_bytes=0)


def test_a_cache_survives_pickling(tmp_path):
    cache = VectorCache(tmp_path)
    cache.put("a space", keys_of(2), vectors_of(2))
    assert pickle.loads(pickle.dumps(cache)).get("a space", keys_of(2)).found.all()
