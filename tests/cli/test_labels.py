"""``textdrift labels``: a template out, answers in, a verdict as an exit code."""

import csv
import json

import numpy as np
import pytest

from textdrift import label_answers
from textdrift.cli.app import main
from textdrift.performance.labels_to_ask import plan_labels
from textdrift.windows.file_bytes import arrow_buffer

N = 2000
NAMES = ("bad", "=good")


@pytest.fixture
def report(tmp_path):
    """A report that asks for labels about judgements which the guess takes to be wrong for 5 of 100 documents."""
    guess = np.tile([0.95, 0.05], (N, 1))
    plan = plan_labels(
        guess, np.zeros(N, dtype=int), np.full(N, -1), n_ask=600, rng=np.random.default_rng(0), label_names=NAMES
    )
    described = plan.described()
    for row in described["rows"]:
        row["row"] = row["position"] + 7
    path = tmp_path / "report.json"
    path.write_text(json.dumps({"labels_to_ask": {"judge": "model", "reason": "", **described}}), encoding="utf-8")
    return path


def answered(report, tmp_path, share_wrong, n):
    rows = json.loads(report.read_text("utf-8"))["labels_to_ask"]["rows"][:n]
    wrong = np.random.default_rng(1).random(len(rows)) < share_wrong
    path = tmp_path / "answers.csv"
    lines = [f"{row['row']},{NAMES[1] if is_wrong else NAMES[0]}" for row, is_wrong in zip(rows, wrong, strict=True)]
    path.write_text("\n".join(["row,label", *lines]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("share_wrong", "n", "code", "told"),
    [
        (0.4, 150, 1, "settled after"),
        (0.05, 600, 0, "not changed by more than material"),
        (0.05, 10, 3, "open after 10 labels"),
    ],
)
def test_what_the_answers_settle_is_the_exit_code(report, tmp_path, capsys, share_wrong, n, code, told):
    assert main(["labels", str(report), str(answered(report, tmp_path, share_wrong, n))]) == code
    out = capsys.readouterr().out
    assert told in out
    assert "judgements that are wrong" in out
    assert "of the judgements are wrong" in out.splitlines()[0]


@pytest.mark.parametrize(("n", "said"), [(0, 0), (10, 0), (40, 1), (80, 1)])
def test_how_many_more_labels_it_takes_is_said_once_and_not_before_it_can_be_known(report, tmp_path, capsys, n, said):
    path = answered(report, tmp_path, 0.05, n)
    assert main(["labels", str(report), str(path), "--format", "json"]) == 3
    wanted = json.loads(capsys.readouterr().out)["n_more"]
    assert wanted > 1
    assert main(["labels", str(report), str(path)]) == 3
    out = capsys.readouterr().out
    numbers = [line for line in out.splitlines() if " more label" in line or "more are likely" in line]
    assert len(numbers) == said
    assert out.count(f"{float(f'{wanted:.2g}'):,.0f} more") == said
    assert ("it can be forecast" in out) is (said == 0)


@pytest.mark.parametrize(
    ("kinds", "share_wrong", "n", "told"),
    [
        (["label", "quality"], 0.05, 40, "drift in the shares of the labels and the pipeline, and that stands"),
        (["concept"], 0.05, 40, "that stands; what is open is how often the judgement is wrong"),
        (["concept"], 0.4, 150, "The report found the same"),
        (["concept"], 0.05, 600, "that stands; but over the whole window"),
    ],
)
def test_the_verdict_of_the_report_stands_beside_the_answers(report, tmp_path, capsys, kinds, share_wrong, n, told):
    document = json.loads(report.read_text("utf-8"))
    report.write_text(json.dumps({**document, "verdict": "drift", "diagnosis": {"kinds": kinds}}), encoding="utf-8")
    main(["labels", str(report), str(answered(report, tmp_path, share_wrong, n))])
    assert told in capsys.readouterr().out


def test_the_help_names_the_command_and_its_exit_codes(capsys):
    assert main(["--help"]) == 0
    assert "labels" in capsys.readouterr().out
    assert main(["labels", "--help"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert all(code in out for code in ("0 not changed", "1 changed"))


def test_json_holds_the_whole_estimate(report, tmp_path, capsys):
    assert main(["labels", str(report), str(answered(report, tmp_path, 0.4, 150)), "--format", "json"]) == 1
    estimate = json.loads(capsys.readouterr().out)
    assert estimate["settled"] == "changed"
    assert len(estimate["running"]["low"]) == 151


def test_the_level_and_the_material_change_are_taken(report, tmp_path, capsys):
    path = answered(report, tmp_path, 0.05, 600)
    assert main(["labels", str(report), str(path), "--material", "0.005", "--format", "json"]) == 3
    estimate = json.loads(capsys.readouterr().out)
    assert (estimate["level"], estimate["material"]) == (0.05, 0.005)
    assert main(["labels", str(report), str(path), "--level", "1.5"]) == 2


def test_the_template_holds_the_rows_in_order_and_can_be_filled_in(report, tmp_path, capsys):
    path = tmp_path / "to_fill.csv"
    assert main(["labels", str(report), "--template", str(path)]) == 0
    assert "600 rows" in capsys.readouterr().out
    with path.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    asked = json.loads(report.read_text("utf-8"))["labels_to_ask"]["rows"]
    assert [int(row["row"]) for row in rows] == [row["row"] for row in asked]
    assert {row["label"] for row in rows} == {""}
    assert {row["judged"] for row in rows} == {"bad"}
    assert "text" not in rows[0]
    # Nothing is answered yet: the file is read, and the question is open.
    assert main(["labels", str(report), str(path)]) == 3
    assert "Before any label is asked" in capsys.readouterr().out


def test_a_label_is_not_run_by_a_spreadsheet(report, tmp_path):
    document = json.loads(report.read_text("utf-8"))
    document["labels_to_ask"]["rows"][0]["judged"] = NAMES[1]
    report.write_text(json.dumps(document), encoding="utf-8")
    assert main(["labels", str(report), "--template", str(tmp_path / "to_fill.csv")]) == 0
    assert (tmp_path / "to_fill.csv").read_text("utf-8").splitlines()[1].split(",")[2] == "'=good"


def test_a_template_never_overwrites_answers(report, tmp_path, capsys):
    path = answered(report, tmp_path, 0.05, 10)
    before = path.read_text("utf-8")
    assert main(["labels", str(report), "--template", str(path)]) == 2
    assert "may hold answers" in capsys.readouterr().err
    assert path.read_text("utf-8") == before


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["REPORT"], "the answers are missing"),
        (["REPORT", "nowhere.csv"], "no file of answers"),
        (["nowhere.json", "ANSWERS"], "no report"),
        (["nowhere.json", "--template", "new.csv"], "no report"),
        (["REPORT", "ANSWERS", "--format", "html"], "--format can be json"),
        (["REPORT", "ANSWERS", "--template", "new.csv"], "not both"),
        (["REPORT", "--template", "no/such/folder.csv"], "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exits_2(report, tmp_path, capsys, arguments, told):
    answers = answered(report, tmp_path, 0.05, 10)
    places = {"REPORT": str(report), "ANSWERS": str(answers)}
    assert main(["labels", *(places.get(argument, argument) for argument in arguments)]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert len(error.splitlines()) == 1


def test_a_report_that_asked_for_no_labels_says_how_to_ask(tmp_path, capsys):
    path = tmp_path / "report.json"
    path.write_text('{"labels_to_ask": null}', encoding="utf-8")
    assert main(["labels", str(path), "--template", str(tmp_path / "a.csv")]) == 2
    assert "--labels-to-ask 100" in capsys.readouterr().err


def test_a_note_that_quotes_an_answer_cannot_act_on_the_terminal(report, tmp_path, capsys):
    path = answered(report, tmp_path, 0.05, 10)
    path.write_text(path.read_text("utf-8").replace(",bad", ", \x0bBAD", 1), encoding="utf-8")
    main(["labels", str(report), str(path)])
    assert "\x0b" not in "".join(capsys.readouterr())


def test_a_new_label_is_refused_until_it_is_named(report, tmp_path, capsys):
    path = answered(report, tmp_path, 0.05, 40)
    lines = path.read_text("utf-8").splitlines()
    lines[1:13] = [f"{line.split(',')[0]},sarcastic" for line in lines[1:13]]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert main(["labels", str(report), str(path)]) == 2
    assert "--new-label" in capsys.readouterr().err
    assert main(["labels", str(report), str(path), "--new-label", "sarcastic", "--new-label", "spam"]) in {1, 3}
    assert "12 answers are a label that the windows do not have: 'sarcastic'" in capsys.readouterr().out
    assert main(["labels", str(report), str(path), "--new-label", "Bad", "--new-label", "sarcastic"]) == 2
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_commas_semicolons_and_tabs_are_read_alike(report, tmp_path, capsys, delimiter):
    path = answered(report, tmp_path, 0.4, 150)
    assert main(["labels", str(report), str(path), "--format", "json"]) == 1
    wanted = capsys.readouterr().out
    rows = [line.split(",") for line in path.read_text("utf-8").splitlines()]
    other = tmp_path / "exported.csv"
    with other.open("w", encoding="utf-8-sig", newline="") as opened:
        # As a spreadsheet writes them: a mark of the encoding, another column, cells in quotes, an empty last line.
        writer = csv.writer(opened, delimiter=delimiter, quoting=csv.QUOTE_ALL)
        writer.writerow(["remark, if any; or none", *rows[0]])
        writer.writerows(["a, b; c", *row] for row in rows[1:])
        opened.write(delimiter * 2 + "\r\n")
    assert main(["labels", str(report), str(other), "--format", "json"]) == 1
    assert capsys.readouterr().out == wanted


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("row;lable\n1;bad\n", "no column 'label'; did you mean 'lable'"),
        ("line\tlabel\n1\tbad\n", "no column 'row'"),
        ("", "no column 'row'"),
        ("row;label\n;bad\n", "answers are given by row number"),
        ("row;label\n7;bad\n7;bad\n", "answers row 7 twice"),
        ("row;label\n7;bad;good\n", "line 2"),
    ],
)
def test_a_broken_file_of_answers_is_named(report, tmp_path, capsys, text, told):
    path = tmp_path / "answers.csv"
    path.write_text(text, encoding="utf-8")
    assert main(["labels", str(report), str(path)]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert len(error.splitlines()) == 1


def test_answers_are_read_from_memory_of_arrow(report, tmp_path, monkeypatch):
    copied = []
    monkeypatch.setattr(label_answers, "arrow_buffer", lambda read: copied.append(read) or arrow_buffer(read))
    assert main(["labels", str(report), str(answered(report, tmp_path, 0.05, 10))]) == 3
    assert len(copied) == 1
