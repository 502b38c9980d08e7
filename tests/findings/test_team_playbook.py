"""The team's own playbook: read whole or refused with a remedy; hostile strings stay text."""

import re

import pytest
from hostile_texts import HOSTILE

from textdrift.errors import SettingsError
from textdrift.findings.team_playbook import TeamEntry, TeamPlaybook, team_playbook_from
from textdrift.reports.links import web_link

WHOLE = {
    "owner": "nlp",
    "runbook": "https://wiki.example.org/drift",
    "quality": {
        "owner": "ingest", "runbook": "http://wiki.example.org/ingest?case=1#top", "decides": "Ada", "first": "Look.",
        "steps": ["Call.", "Wait."],
    },
    "escaped": {"owner": "web"},
}  # fmt: skip


def test_what_is_read_is_what_was_written():
    read = team_playbook_from(WHOLE)
    assert (read.owner, read.runbook) == (WHOLE["owner"], WHOLE["runbook"])
    assert read.entries == {
        "quality": TeamEntry(**{**WHOLE["quality"], "steps": ("Call.", "Wait.")}), "escaped": TeamEntry(owner="web"),
    }  # fmt: skip
    assert team_playbook_from({}) == team_playbook_from(None) == TeamPlaybook()
    assert team_playbook_from({"quality": None}).entries == {"quality": TeamEntry()}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("nlp", "playbook needs a table"),
        ({"ownr": "nlp"}, "playbook has no key 'ownr': did you mean 'owner'?"),
        ({"qualty": {}}, "playbook has no key 'qualty': did you mean 'quality'?"),
        ({"mojibak": {}}, "did you mean 'mojibake'?"),
        ({"steps": ["Call."]}, "playbook has no key 'steps'"),
        ({1: {}}, "playbook has no key 1"),
        ({"quality": "ingest"}, "playbook.quality needs a table of owner, runbook"),
        ({"quality": {"runbok": "https://a.example"}}, "playbook.quality has no key 'runbok': did you mean 'runbook'?"),
        ({"quality": {"action": "accept"}}, "playbook.quality has no key 'action'"),
        ({"owner": 5}, "playbook.owner needs a text"),
        ({"owner": "  "}, "playbook.owner needs a text"),
        ({"owner": "x" * 201}, "playbook.owner needs a text of 1 to 200 characters"),
        ({"quality": {"decides": ["a"]}}, "playbook.quality.decides needs a text"),
        ({"quality": {"steps": "Call."}}, "playbook.quality.steps needs a list of 1 to 10 texts"),
        ({"quality": {"steps": []}}, "playbook.quality.steps needs a list"),
        ({"quality": {"steps": ["Call."] * 11}}, "playbook.quality.steps needs a list"),
        ({"quality": {"steps": ["Call.", None]}}, "playbook.quality.steps needs a text"),
        ({"runbook": "wiki.example.org"}, "playbook.runbook needs an address that begins with http:// or https://"),
        ({"runbook": "javascript:alert(1)"}, "begins with http:// or https://"),
        ({"runbook": "file:///etc/passwd"}, "begins with http:// or https://"),
        ({"runbook": "https://"}, "begins with http:// or https://"),
        ({"runbook": "https://a.example:port"}, "begins with http:// or https://"),
        ({"runbook": "https://wiki.example.org/a b"}, "write it as %20"),
        ({"runbook": 'https://wiki.example.org/"onclick'}, "write it as %20"),
        ({"escaped": {"runbook": "ftp://a.example"}}, "playbook.escaped.runbook needs an address"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_place(given, message):
    with pytest.raises(SettingsError, match=re.escape(message)):
        team_playbook_from(given)


def test_a_password_in_an_address_is_refused_and_not_repeated():
    with pytest.raises(SettingsError, match="name or password") as caught:
        team_playbook_from({"runbook": "https://ada:secret@wiki.example.org"})
    assert "secret" not in str(caught.value)


KEPT = [text for text in HOSTILE if text.strip() and len(text) <= 200 and not re.search("[\ud800-\udfff]", text)]


@pytest.mark.parametrize("text", KEPT, ids=ascii)
def test_hostile_strings_stay_what_they_are(text):
    read = team_playbook_from({"owner": text, "quality": {"decides": text, "steps": [text]}})
    assert (read.owner, read.entries["quality"].steps) == (text.strip(), (text.strip(),))


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_no_address_is_taken_that_a_page_would_not_link_to(text):
    for address in (text, f"https://wiki.example.org/{text}"):
        try:
            read = team_playbook_from({"runbook": address})
        except SettingsError:
            continue
        assert web_link(read.runbook) == read.runbook


def test_a_text_that_no_file_can_keep_is_refused():
    with pytest.raises(SettingsError, match=r"playbook\.owner holds a lone surrogate"):
        team_playbook_from({"owner": "team \ud83d"})
