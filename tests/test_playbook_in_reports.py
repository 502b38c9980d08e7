"""compare() with a playbook: severity, plays and the business summary, from the argument to the report."""

import json

import pytest
from jsonschema import Draft202012Validator

import textdrift
from textdrift.cli.app import main
from textdrift.errors import SettingsError
from textdrift.job import run_job
from textdrift.job_config import read_job
from textdrift.profiles import profile_texts
from textdrift.reports.schema import report_schema
from textdrift.reports.visible_text import visible

OWNER = "nlp@example.org"
PAGE = "https://wiki.example.org/drift"
HOSTILE = '<b>Ada</b> \x1b[31m\u202e"$(x)"'


def spelled(i):
    """Return a number in letters: texts that differ by a number alone are near-copies."""
    return str(i).translate(str.maketrans("0123456789", "abcdefghij"))


BEFORE = [f"parcel {spelled(i)} came on time, all well" for i in range(150)]
AFTER = [f"parcel {spelled(i)} was lost, nobody answers me" for i in range(150)]


def compared(current=AFTER, **more):
    return textdrift.compare(BEFORE, current, tests={"lexical": {}}, **more)


@pytest.fixture(scope="module")
def report():
    return compared(
        playbook={"owner": OWNER, "runbook": PAGE, "lexical": {"decides": HOSTILE, "steps": ["Read them."]}}
    )


def test_the_report_holds_severity_plays_and_the_summary_as_the_schema_says(report):
    document = report.to_dict()
    Draft202012Validator(report_schema()).validate(document)
    assert document["severity"] == report.severity == "warning"
    assert {f["severity"] for f in document["findings"] if not f["drifted"]} <= {None}
    assert {f["severity"] for f in document["findings"] if f["drifted"]} == {"warning"}
    (play,) = document["playbook"]
    assert (play["kind"], play["cause"], play["action"], play["steps"]) == ("lexical", None, "label", ["Read them."])
    assert document["business_summary"] == report.business_summary
    assert document["settings"]["arguments"]["playbook"]["owner"] == OWNER


def test_the_address_of_an_owner_is_not_masked_and_the_runbook_is_whole(report):
    (play,) = report.to_dict()["playbook"]
    assert (play["owner"], play["runbook"]) == (OWNER, PAGE)


def test_hostile_settings_are_text_in_every_format(report):
    assert HOSTILE in json.loads(report.to_json())["playbook"][0]["decides"]
    page = report.to_html()
    assert "<b>Ada" not in page
    assert "\x1b" not in page
    terminal = report.to_terminal(width=120)
    assert visible(HOSTILE) in terminal
    assert not {"\x1b", "\u202e"} & set(terminal)


@pytest.mark.parametrize("change", [("severity", "grave"), ("playbook", []), ("business_summary", None)])
def test_a_wrong_value_is_refused_by_the_schema(report, change):
    validator = Draft202012Validator(report_schema())
    key, value = change
    assert not validator.is_valid({**report.to_dict(), key: value})
    older = report.to_dict()
    del older[key]
    assert validator.is_valid(older)


@pytest.mark.parametrize("key", ["title", "steps", "decides", "action", "owner", "runbook", "cause", "kind", "first"])
def test_a_play_without_one_of_its_keys_is_refused_by_the_schema(report, key):
    document = report.to_dict()
    del document["playbook"][0][key]
    assert not Draft202012Validator(report_schema()).is_valid(document)


def test_without_drift_there_is_no_severity_and_nothing_to_do():
    many = [f"order {spelled(i)} came on time" for i in range(3000)]
    quiet = textdrift.compare(many, many, tests={"lexical": {}}).to_dict()
    assert (quiet["verdict"], quiet["severity"], quiet["playbook"]) == ("no_drift", None, None)
    assert "Nothing needs to be done." in quiet["business_summary"]
    assert {f["severity"] for f in quiet["findings"]} == {None}
    Draft202012Validator(report_schema()).validate(quiet)


def test_a_playbook_that_cannot_be_used_is_refused_before_anything_is_read():
    with pytest.raises(SettingsError, match="did you mean 'owner'"):
        textdrift.compare("no-such-file.csv", "none.csv", playbook={"ownr": "nlp"})


def test_profiles_have_plays_too():
    profiles = [
        profile_texts([[f"parcel for {name} {end}" for name in map(spelled, range(300))]], name=end)
        for end in ("on time", "lost at sea")
    ]
    document = textdrift.compare_profiles(*profiles).to_dict()
    assert document["verdict"] == "drift"
    assert [play["kind"] for play in document["playbook"]] == document["diagnosis"]["kinds"] == ["lexical"]


def job(tmp_path, playbook):
    for name, texts in (("before", BEFORE), ("after", AFTER)):
        rows = "\n".join(json.dumps({"text": text}) for text in texts)
        (tmp_path / f"{name}.jsonl").write_text(rows, encoding="utf-8")
    path = tmp_path / "job.yaml"
    path.write_text(
        f"name: nightly\nreference: {tmp_path}/before.jsonl\ncurrent: {tmp_path}/after.jsonl\n"
        f"tests: {{lexical: {{}}}}\nreport: {{folder: {tmp_path}/out, formats: [json]}}\nplaybook:\n{playbook}\n",
        encoding="utf-8",
    )
    return path


def test_a_job_file_may_hold_the_playbook(tmp_path):
    path = job(tmp_path, f"  owner: {OWNER}\n  runbook: {PAGE}\n  lexical: {{steps: [Read them.]}}\n  escaped:")
    (play,) = run_job(read_job(path)).report.to_dict()["playbook"]
    assert (play["owner"], play["runbook"], play["steps"]) == (OWNER, PAGE, ["Read them."])


@pytest.mark.parametrize(
    ("playbook", "message"),
    [
        ("  ownr: nlp", "playbook has no key 'ownr': did you mean 'owner'?"),
        ("  qualiti: {}", "did you mean 'quality'?"),
        ("  quality: {step: [a]}", "playbook.quality has no key 'step': did you mean 'steps'?"),
        ("  runbook: wiki", "playbook.runbook needs an address that begins with http:// or https://"),
        ("  - owner", "playbook: it must be a table"),
    ],
)
def test_a_fault_in_the_playbook_of_a_job_names_its_place(tmp_path, playbook, message):
    with pytest.raises(SettingsError) as caught:
        read_job(job(tmp_path, playbook))
    assert message in str(caught.value)


@pytest.fixture
def windows(tmp_path):
    job(tmp_path, "")
    return f"{tmp_path}/before.jsonl", f"{tmp_path}/after.jsonl"


def flags(*given):
    return [part for flag in given for part in ("--playbook", flag)]


def test_the_command_line_takes_the_playbook_as_flags(windows, capsys):
    given = flags(
        f"owner={OWNER}", "lexical.owner=words", f"runbook={PAGE}?a=b", "lexical.steps=Read.", "lexical.steps=Go."
    )
    assert main(["compare", *windows, "--tests", "lexical", "--format", "json", *given]) == 1
    (play,) = json.loads(capsys.readouterr().out)["playbook"]
    assert (play["owner"], play["runbook"], play["steps"]) == ("words", f"{PAGE}?a=b", ["Read.", "Go."])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["owner"], "--playbook needs NAME=VALUE"),
        (["ownr=a"], "did you mean 'owner'?"),
        (["qualty.owner=a"], "did you mean 'quality'?"),
        (["quality.ownr=a"], "did you mean 'owner'?"),
        (["quality=a"], "playbook.quality needs a table"),
        (["owner=a", "owner=b"], "'owner' stands twice"),
        (["quality.owner=a", "quality.owner=b"], "'quality.owner' stands twice"),
        (["owner=a", "owner.owner=b"], "'owner' is no kind of drift or cause"),
        (["runbook=ftp://a.example"], "begins with http:// or https://"),
        ([""], "--playbook is empty"),
    ],
)
def test_a_flag_that_cannot_be_used_is_one_line_and_exits_2(windows, capsys, given, message):
    assert main(["compare", *windows, "--tests", "lexical", *flags(*given)]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert not captured.out
