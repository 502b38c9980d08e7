"""The command line: verdicts become exit codes, errors become one line and 2, help is quick to load."""

import json
import os
import subprocess
import sys

import pytest

from textdrift.cli.app import main

HEAVY = ("torch", "pandas", "sklearn", "alibi_detect", "sentence_transformers", "numpy", "scipy", "pyarrow", "polars")


def heavy_modules(code):
    probe = f"{code}\nimport json, sys\nprint(json.dumps([m for m in {HEAVY!r} if m in sys.modules]), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False)
    return json.loads(done.stderr.strip().splitlines()[-1])


def test_importing_textdrift_loads_nothing_heavy():
    assert heavy_modules("import textdrift") == []


def test_help_loads_nothing_heavy():
    assert heavy_modules("from textdrift.cli.app import main; main(['--help']); main(['compare', '--help'])") == []


def test_help_names_every_command_and_the_exit_codes(capsys):
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in ("compare", "run", "demo", "Exit codes"))


def write(path, texts, **columns):
    rows = [dict(text=t, **{k: v[i] for k, v in columns.items()}) for i, t in enumerate(texts)]
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    return str(path)


def spelled(i):
    """Return a number in letters: texts that differ by a number alone are near-copies."""
    return str(i).translate(str.maketrans("0123456789", "abcdefghij"))


@pytest.fixture
def windows(tmp_path):
    before = [f"parcel {spelled(i)} came on time, all well" for i in range(150)]
    after = [f"parcel {spelled(i)} was lost, nobody answers me" for i in range(150)]
    return write(tmp_path / "before.jsonl", before), write(tmp_path / "after.jsonl", after)


def test_drift_exits_1_and_says_so_on_stdout(windows, capsys):
    assert main(["compare", *windows, "--tests", "lexical"]) == 1
    captured = capsys.readouterr()
    assert "drift" in captured.out.lower()
    assert "answers" in captured.out


def test_equal_windows_exit_0(tmp_path, capsys):
    many = write(tmp_path / "many.jsonl", [f"order {spelled(i)} came on time" for i in range(3000)])
    assert main(["compare", many, many, "--tests", "lexical"]) == 0


def test_too_few_rows_exit_3(tmp_path, capsys):
    few = write(tmp_path / "few.jsonl", [f"short text {i}" for i in range(8)])
    assert main(["compare", few, few, "--tests", "lexical"]) == 3


def test_json_goes_to_stdout_and_nothing_else(windows, capsys):
    main(["compare", *windows, "--tests", "lexical", "--format", "json"])
    assert json.loads(capsys.readouterr().out)["verdict"] == "drift"


@pytest.mark.parametrize(("name", "begins"), [("md", "## Drift"), ("junit", "<?xml"), ("html", "<!doctype html>")])
def test_one_format_goes_to_stdout_and_nothing_else(windows, capsys, name, begins):
    assert main(["compare", *windows, "--tests", "lexical", "--format", name]) == 1
    assert capsys.readouterr().out.startswith(begins)


def test_every_format_is_written_under_its_own_name(windows, tmp_path, capsys):
    main(["compare", *windows, "--tests", "lexical", "--output", str(tmp_path), "--format", "json,html,md,junit"])
    names = {"report.json", "report.html", "report.md", "report.junit.xml"}
    assert names <= {path.name for path in tmp_path.iterdir()}


def test_output_writes_html_and_json(windows, tmp_path, capsys):
    assert main(["compare", *windows, "--tests", "lexical", "--output", str(tmp_path / "out")]) == 1
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["report.html", "report.json"]
    assert "wrote" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--text", "txt"], "did you mean 'text'?"),
        (["--tests", "lexicl"], "did you mean 'lexical'?"),
        (["--tests", "lexical.tokeniser=tweet"], "did you mean 'tokenizer'?"),
        (["--tests", "concept"], "needs a text and a label"),
        (["--format", "jsn"], "did you mean 'json'?"),
        (["--group", "author"], "has no column 'author'"),
        (["--features", "x"], "has no column 'x'"),
        (["--embeddings", "x"], "has no column 'x'"),
        (["--cost", "nofile.yaml"], "there is no file 'nofile.yaml'"),
        (["--alpha", "2"], "alpha must lie between 0 and 1"),
        (["--seed", "-1"], "seed must be a whole number"),
        (["--examples", "-1"], "examples must be a whole number"),
        (["--probabilities", "negative"], "--probabilities needs NAME=VALUE"),
        (["--encoder", "no/such-model"], "no/such-model"),
        (["--tests", "embedding.engine=natve"], "did you mean 'native'?"),
        (["--tests", "lexical.n_permutations=-5"], "must be at least 1"),
        *((["--" + flag, ""], f"--{flag} is empty") for flag in ("output", "label", "segments", "encoder", "format")),
    ],
)
def test_an_error_is_one_line_that_helps_and_exits_2(windows, capsys, arguments, message):
    assert main(["compare", *windows, *arguments]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""
    assert "Traceback" not in captured.err


def test_a_missing_file_exits_2(windows, capsys):
    assert main(["compare", windows[0], "no-such-file.parquet"]) == 2
    assert "no-such-file.parquet" in capsys.readouterr().err


def test_a_typo_in_a_command_exits_2(capsys):
    assert main(["compre"]) == 2
    assert "compare" in capsys.readouterr().err


def test_a_crash_does_not_read_as_a_verdict(windows, capsys, monkeypatch):
    import textdrift

    def broken(*_args, **_kwargs):
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(textdrift, "compare", broken, raising=False)
    assert main(["compare", *windows]) == 2
    assert "fault of textdrift" in capsys.readouterr().err


def test_sql_windows_by_query(tmp_path, capsys):
    import sqlite3

    with sqlite3.connect(tmp_path / "texts.db") as connection:
        connection.execute("create table texts (day int, text varchar)")
        rows = [
            (day, f"message {spelled(i)} says {'fine' if day == 1 else 'broken'} things")
            for day in (1, 2)
            for i in range(120)
        ]
        connection.executemany("insert into texts values (?, ?)", rows)
    connection.close()
    url = f"sqlite:///{tmp_path / 'texts.db'}"
    arguments = ["compare", url, url, "--tests", "lexical"]
    queries = [
        "--reference-query",
        "select text from texts where day = 1",
        "--current-query",
        "select text from texts where day = 2",
    ]
    assert main([*arguments, *queries]) == 1
    assert "broken" in capsys.readouterr().out


def in_a_shell(redirections, *arguments, **environment):
    """Run the command line with what a shell does to its streams; return its exit code, stdout and stderr."""
    line = f'"$PYTHON" -m textdrift "$@" {redirections}'
    done = subprocess.run(
        ["bash", "-c", line, "bash", *arguments],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHON": sys.executable, **environment},
    )
    return done.returncode, done.stdout, done.stderr.decode()


@pytest.fixture(scope="module")
def same_and_other(tmp_path_factory):
    folder = tmp_path_factory.mktemp("streams")
    same = write(folder / "same.jsonl", [f"parcel {spelled(i)} came on time" for i in range(60)], label=["é…"] * 60)
    return same, write(
        folder / "other.jsonl", [f"ticket {spelled(i)} “lost” again" for i in range(60)], label=["ü"] * 60
    )


@pytest.mark.parametrize(
    "redirections",
    ["| true; exit ${PIPESTATUS[0]}", ">/dev/null 2>&-", ">/dev/null 2>/dev/full", ">&-", ">&- 2>&-"],
)
def test_streams_that_nobody_reads_do_not_change_the_exit_code(same_and_other, redirections):
    same, other = same_and_other
    for arguments, expected in (((same, other), 1), ((same, same), 3), ((same, "none.csv"), 2)):
        options = ("--tests", "columns", "--text", "", "--label", "label", "--format", "html")
        code, _, err = in_a_shell(redirections, "compare", *arguments, *options)
        assert code == expected
        assert "Traceback" not in err


def test_a_report_that_cannot_be_written_to_stdout_is_an_error(same_and_other):
    code, _, err = in_a_shell(">/dev/full", "compare", *same_and_other, "--tests", "lexical")
    assert code == 2
    assert err.count("\n") == 1


def test_help_into_a_pipe_that_closes_exits_0():
    assert in_a_shell("| true; exit ${PIPESTATUS[0]}", "--help")[0] == 0


@pytest.mark.parametrize(
    "environment",
    [{"PYTHONIOENCODING": "latin-1"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}],
)
def test_a_terminal_that_is_not_utf_8_gets_the_verdict_and_whole_json(same_and_other, environment):
    options = ("--tests", "columns", "--label", "label")
    code, out, _ = in_a_shell("", "compare", *same_and_other, *options, **environment)
    assert code == 1
    assert b"DRIFT" in out
    code, out, _ = in_a_shell("", "compare", *same_and_other, *options, "--format", "json", **environment)
    assert code == 1
    assert "é…" in json.loads(out.decode("utf-8"))["summary"]


def test_escapes_in_the_data_never_reach_the_terminal(tmp_path, capsys):
    evil = "\x1b]0;owned\x07\x9b31m"
    before = write(tmp_path / "before.jsonl", [f"text {i}" for i in range(60)], label=["a"] * 60)
    after = write(tmp_path / f"after{evil}.jsonl", [f"text {i}" for i in range(60)], label=[evil] * 60)
    options = ["--tests", "columns", "--label", "label"]
    assert main(["compare", before, after, *options, "--output", str(tmp_path / f"out{evil}")]) == 1
    assert main(["compare", before, after, *options]) == 1
    assert main(["compare", before, str(tmp_path / f"none{evil}.csv")]) == 2
    captured = capsys.readouterr()
    assert "\\x1b]0;owned" in captured.out
    assert not set("\x1b\x07\x9b") & set(captured.out + captured.err)


def test_no_folder_is_left_behind_for_a_report_that_was_not_made(windows, tmp_path, capsys):
    reference, current = windows[:2]
    for folder, is_there in (("new", False), ("old", True)):
        if is_there:
            (tmp_path / folder).mkdir()
        code = main(["compare", str(reference), str(current), "--text", "txet", "--output", str(tmp_path / folder)])
        assert (code, (tmp_path / folder).exists()) == (2, is_there)
    assert "txet" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("column", "told"), [("Review body", "--text 'Review body', or"), ("zz", "--text COLUMN, or --text ''")]
)
def test_texts_in_a_column_of_another_name_are_told_with_the_flag(tmp_path, capsys, column, told):
    path = tmp_path / "window.csv"
    path.write_text(f"id,{column}\n1,a text\n2,another\n", encoding="utf-8")
    assert main(["compare", str(path), str(path)]) == 2
    assert told in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_an_error_before_the_windows_are_read(tmp_path, capsys):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert main(["compare", "no-such-file.csv", "none.csv", "--output", str(tmp_path / "file" / "x")]) == 2
    assert "needs a folder" in capsys.readouterr().err


@pytest.mark.parametrize("story", [(), ("iris",)])
def test_a_demo_with_a_seed_below_zero_is_refused_before_it_begins(capsys, tmp_path, story):
    assert main(["demo", *story, "--seed", "-1", "--output", str(tmp_path / "demo")]) == 2
    assert "greater than or equal to 0" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "demo").exists()


def test_a_demo_without_a_folder_is_refused(capsys):
    assert main(["demo", "--output", ""]) == 2
    assert "--output is empty" in capsys.readouterr().err


@pytest.mark.parametrize(
    "flags",
    [
        ["--tests", "lexical.units=[hashtags, emoji]"],
        ["--tests", "lexical.units=hashtags,emoji"],
        ["--tests", "lexical.units=hashtags", "--tests", "lexical.units=emoji"],
        ["--tests", 'lexical.units=["hashtags", "emoji"]'],
    ],
)
def test_lists_of_options_are_written_as_anybody_would(windows, capsys, flags):
    main(["compare", *windows, "--format", "json", *flags])
    report = json.loads(capsys.readouterr().out)
    units = [table["rows"][0]["unit"] for f in report["findings"] for table in f["evidence"] if table["name"] == "unit"]
    assert sorted(units) == ["emoji", "hashtags"]


def test_a_list_that_is_none_is_told(windows, capsys):
    assert main(["compare", *windows, "--tests", "lexical.units=[hashtags"]) == 2
    assert "is no list or table; write [a, b]" in capsys.readouterr().err
