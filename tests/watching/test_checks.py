"""What is said of a stream before it is watched: whether it is there, and which command reads it."""

from pathlib import Path

import redis_server

from textdrift.cli.app import main


def validated(capsys):
    code = main(["validate", "job.yaml"])
    return code, capsys.readouterr().out


def test_a_stream_that_is_there_is_told(job, redis, capsys):
    redis.client().xadd("there", {"json": "{}"})
    Path("in.jsonl").write_text("{}\n", encoding="utf-8")
    for source, told in (
        ("'-'", "JSON lines of standard input"),
        ("in.jsonl", "JSON lines of in.jsonl, 3 bytes so far"),
        (f"'{redis.url}', name: there", "Redis, 1 entries in 'there'"),
    ):
        job(f"{{source: {source}, rows: 100}}", "labels: {path: '-', join: id, label: label}\n")
        code, output = validated(capsys)
        assert told in output
        assert code == 0, output


def test_a_stream_that_is_not_there_is_a_fault(job, capsys):
    for source in ("none.jsonl", f"'redis://127.0.0.1:{redis_server.free_port()}', name: none"):
        job(f"{{source: {source}, rows: 100}}")
        code, output = validated(capsys)
        assert code != 0
        assert "fault  stream" in output


def test_run_names_the_command_for_streams(job, capsys):
    job("{source: '-', rows: 100}")
    assert main(["run", "job.yaml"]) == 2
    assert "run `textdrift watch` on it" in capsys.readouterr().err
