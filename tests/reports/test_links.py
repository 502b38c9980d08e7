import pytest
from hostile_texts import HOSTILE

from textdrift.reports.links import web_link


@pytest.mark.parametrize(
    "address",
    [
        "https://wiki.example.org/runbook#step-1",
        "http://localhost:8080/a?b=c&d=%20e",
        "https://[2001:db8::1]/x",
        "HTTPS://EXAMPLE.ORG",
    ],
)
def test_addresses_of_the_web_are_links(address):
    assert web_link(address) == address


@pytest.mark.parametrize(
    "address",
    [
        None, 7, "", "https://", "https:///x", "ftp://example.org", "mailto:a@example.org", "wiki.example.org",
        "//example.org/x", "https://example.org/a b", 'https://example.org/"onclick=', "https://example.org/<b>",
        "https://bank.example@evil.example/", "https://example.org:port/", "https://[::1", "https://exämple.org/",
        "https://example.org/\n", "https://example.org/'", "https://example.org/" + "a" * 3000,
    ],
)  # fmt: skip
def test_other_addresses_stay_texts(address):
    assert web_link(address) is None


def test_no_hostile_text_is_a_link():
    assert [text for text in HOSTILE if web_link(text)] == []
