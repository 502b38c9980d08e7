import contextlib
import email
import json
import re
import socket
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
from urllib.parse import parse_qs

import pytest
from hostile_texts import HOSTILE
from listening import Listening
from whole_reports import hostile_report, whole_report

from textdrift.alerts import Event, check_sink, deliver, message_of, sink_name
from textdrift.alerts.message import KEYS
from textdrift.errors import DeliveryError, SettingsError

SECRET = "hunter2-opens-it"  # noqa: S105 - what must stand nowhere


def message(report=None, state="firing"):
    return message_of(
        Event(state, "2026-11-25", f"2026-11-25/{state}"), job="inputs", window="2026-11-25", run="inputs/2026-11-25",
        report=whole_report() if report is None else report, owner="nlp", runbook=None, link="reports/report.html",
    )  # fmt: skip


@pytest.fixture
def web():
    with Listening() as listening:
        yield listening


def refused_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def silent():
    """Accepts, and never reads nor answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_program_reads_the_message_back_as_json(web):
    deliver(f"json://{web.address}/drift", message(), timeout=10)
    (request,) = web.requests
    payload = json.loads(request.body)
    assert (request.method, request.path) == ("POST", "/drift")
    assert payload["title"] == "inputs: drift in window 2026-11-25 (critical)"
    read = json.loads(payload["message"])
    assert read == message()
    assert set(read) == set(KEYS)


@pytest.mark.parametrize("text", [HOSTILE[0], *[t for t in HOSTILE if "\\" in t or "\x00" in t or "\ud800" in t][:6]])
def test_a_hostile_word_comes_through_to_a_program_as_it_is_told(web, text):
    told = message(hostile_report(text))
    deliver(f"json://{web.address}/drift?format=html", told, timeout=10)
    assert json.loads(json.loads(web.requests[0].body)["message"]) == told


def test_other_sinks_get_a_text_for_people(web):
    deliver(f"form://{web.address}/in", message(), timeout=10)
    deliver(f"xml://{web.address}/in", message(), timeout=10)
    form = parse_qs(web.requests[0].body.decode())
    assert form["message"][0].splitlines()[1].startswith("Words that moved most: ")
    tree = ET.fromstring(web.requests[1].body)  # noqa: S314 - of our own test
    read = "".join(tree.itertext())
    assert "First step: Open five rows by hand." in read


def test_a_hostile_word_stays_a_text_in_xml_and_in_html(web):
    for text in ("<script>x</script>", "&lt;b&gt;", "]]><x/>", "<!channel> @everyone"):
        web.requests.clear()
        deliver(f"xml://{web.address}/in?format=html", message(hostile_report(text)), timeout=10)
        tree = ET.fromstring(web.requests[0].body)  # noqa: S314 - of our own test
        assert b"<script" not in web.requests[0].body
        assert "@everyone" not in "".join(tree.itertext())


CHATTED = "<!channel> <@U123> @everyone [x](https://evil.example) *bold* :skull:"


def test_a_hostile_word_stays_a_text_in_slack(web, monkeypatch):
    check_sink("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#drift")
    from apprise.plugins.slack import NotifySlack

    web.body = b"ok"
    monkeypatch.setattr(NotifySlack, "webhook_url", f"http://{web.address}/services")
    for more in ("", "?format=markdown"):
        web.requests.clear()
        url = f"slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#drift{more}"
        deliver(url, message(hostile_report(CHATTED)), timeout=10)
        sent = json.dumps(json.loads(web.requests[0].body), ensure_ascii=False)
        assert not re.search(r"<[!@#]|https://evil|@everyone|\*bold|:skull:", sent)
        assert "‹!channel›" in sent
        assert "icon_url" not in sent  # no picture from elsewhere, and nobody else's name
        assert "textdrift" in sent


def test_a_hostile_word_pings_nobody_in_discord(web, monkeypatch):
    check_sink("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js")
    from apprise.plugins.discord import NotifyDiscord

    monkeypatch.setattr(NotifyDiscord, "notify_url", f"http://{web.address}/webhooks")
    deliver("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", message(hostile_report(CHATTED)), timeout=10)
    sent = json.loads(web.requests[0].body)
    assert "allow_mentions" not in sent
    assert "@everyone" not in json.dumps(sent)


def test_both_messages_of_a_story_are_one_incident_of_pagerduty(monkeypatch):
    check_sink("json://localhost")
    from apprise.plugins.pagerduty import NotifyPagerDuty

    sent = []
    monkeypatch.setattr(
        "apprise.plugins.pagerduty.requests.post",
        lambda *_, data, **__: (
            sent.append(json.loads(data)) or type("Answer", (), {"status_code": 202, "content": b""})
        ),
    )
    assert NotifyPagerDuty.secure_protocol == "pagerduty"
    for state in ("firing", "resolved"):
        deliver("pagerduty://0123456789@abcdefghij/inputs/textdrift?action=map", message(state=state), timeout=10)
    assert [payload["event_action"] for payload in sent] == ["trigger", "resolve"]
    assert {payload["dedup_key"] for payload in sent} == {"inputs/2026-11-25"}


class Mailbox(threading.Thread):
    """The least of a mail server: takes one mail and keeps it."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.mail = b""

    def run(self):
        connection, _ = self.listener.accept()
        with connection, connection.makefile("rwb") as file:

            def say(line):
                file.write(line + b"\r\n")
                file.flush()

            say(b"220 mailbox")
            while line := file.readline():
                command = line[:4].upper()
                if command == b"DATA":
                    say(b"354 go on")
                    while (line := file.readline()) not in (b".\r\n", b""):
                        self.mail += line
                say(b"221 bye" if command == b"QUIT" else b"250 ok")
                if command == b"QUIT":
                    return


def test_a_mail_comes_with_its_html_escaped():
    mailbox = Mailbox()
    mailbox.start()
    report = hostile_report("<img src=x onerror=alert(1)> [x](https://evil.example) @everyone")
    url = f"mailto://127.0.0.1:{mailbox.port}?mode=insecure&from=drift@example.org&to=ann@example.org"
    deliver(url, message(report), timeout=20)
    mailbox.join(10)
    mailbox.listener.close()
    mail = email.message_from_bytes(mailbox.mail, policy=email.policy.default)
    parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    assert parts
    for part in parts:
        assert "<img" not in part
        assert "https://evil" not in part
        assert "evil.example" in part


def test_a_receiver_is_told_how_bad_it_is(web):
    for state, expected in (
        ("firing", "failure"),
        ("warning", "failure"),
        ("resolved", "success"),
        ("error", "failure"),
    ):
        web.requests.clear()
        deliver(f"json://{web.address}/", message(state=state), timeout=10)
        assert json.loads(web.requests[0].body)["type"] == expected


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (500, "refused the message: 500 Internal Server Error"),
        (404, "refused the message: 404"),
        (599, "refused the message: 599"),
    ],
)
def test_a_sink_that_refuses_fails_the_delivery(status, told):
    with Listening(status=status) as web, pytest.raises(DeliveryError, match=told) as caught:
        deliver(f"json://u:{SECRET}@{web.address}/{SECRET}?+Key={SECRET}", message(), timeout=10)
    assert SECRET not in str(caught.value)
    assert web.address in str(caught.value)


def test_a_sink_that_answers_and_takes_nothing_fails_the_delivery(web, monkeypatch):
    check_sink("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#drift")
    from apprise.plugins.slack import NotifySlack

    web.body = b"invalid_token"
    monkeypatch.setattr(NotifySlack, "webhook_url", f"http://{web.address}/services")
    with pytest.raises(DeliveryError, match="slack answered, but did not take the message"):
        deliver("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#drift", message(), timeout=10)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_is_told(web, status):
    elsewhere = {"Location": f"http://{web.address}/{SECRET}"}
    with (
        Listening(status=status, headers=elsewhere) as first,
        pytest.raises(DeliveryError, match=rf"sends elsewhere \({status}") as caught,
    ):
        deliver(f"json://{first.address}/", message(), timeout=10)
    assert SECRET not in str(caught.value)
    assert not web.requests


def test_a_port_where_nobody_listens_is_told():
    with pytest.raises(DeliveryError, match="could not be reached"):
        deliver(f"json://127.0.0.1:{refused_port()}/", message(), timeout=10)


def test_a_sink_that_never_answers_is_left_in_time(silent):
    check_sink("json://localhost")  # Apprise is loaded once
    with Listening(hold=True) as web:
        for url in (f"json://127.0.0.1:{silent}/", f"form://{web.address}/"):
            began = time.monotonic()
            with pytest.raises(DeliveryError, match=r"did not answer within 0\.5 s"):
                deliver(url, message(), timeout=0.5)
            assert 0.4 <= time.monotonic() - began < 30  # left alone it holds for ever


def test_a_sink_that_drips_is_left_in_time():
    """Each byte comes in time and the whole never does: no timeout of a socket sees that."""
    check_sink("json://localhost")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        is_over = threading.Event()

        def drip():
            connection, _ = listener.accept()
            with connection, contextlib.suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\n")
                while not is_over.wait(0.1):
                    connection.sendall(b"X: y\r\n")

        threading.Thread(target=drip, daemon=True).start()
        began = time.monotonic()
        with pytest.raises(DeliveryError, match="did not answer within 1 s"):
            deliver(f"json://127.0.0.1:{listener.getsockname()[1]}/", message(), timeout=1)
        assert time.monotonic() - began < 30  # it drips for ever
        is_over.set()


def test_a_program_ends_although_a_sink_still_hangs(silent):
    program = f"""
import sys, time
from textdrift.alerts import check_sink, deliver
from textdrift.errors import DeliveryError
check_sink("json://localhost")
import textdrift.alerts.sinks as sinks
sinks._hurry = lambda sink, message, timeout: setattr(sink, "socket_read_timeout", 600.0)
try:
    deliver("json://127.0.0.1:{silent}/{SECRET}", {{"job": "j", "state": "firing"}}, timeout=0.5)
except DeliveryError as error:
    print(error, flush=True)
print(time.monotonic())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    ended = time.monotonic()
    told, last = done.stdout.splitlines()
    assert told == f"json://127.0.0.1:{silent} did not answer within 0.5 s"
    assert ended - float(last) < 60  # the socket alone would hold it for ten minutes
    assert not done.stderr


def test_a_failed_delivery_prints_nothing(silent):
    program = f"""
from textdrift.alerts import deliver
from textdrift.errors import DeliveryError
login = "u:{SECRET}@127.0.0.1:{refused_port()}"
for url in (f"json://{{login}}/{SECRET}", "slack://{SECRET}/x", "slak://{SECRET}", "{SECRET}"):
    try:
        deliver(url, {{"job": "j", "state": "firing"}}, timeout=5)
    except DeliveryError as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert len(done.stdout.splitlines()) == 4
    assert SECRET not in done.stdout
    assert not done.stderr


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (f"slak://{SECRET}/x", "no sink 'slak://': did you mean 'slack'"),
        (f"jsn://{SECRET}", "no sink 'jsn://': did you mean 'json"),
        (f"qqqqqqqq://{SECRET}", "no sink 'qqqqqqqq://': Apprise's list of services names all"),
        (f"http://127.0.0.1/{SECRET}", "a webhook is written json://host:port/path"),
        (f"https://user:{SECRET}@127.0.0.1/", "a webhook is written jsons://host:port/path"),
        (f"slack://{SECRET}", "slack: the address lacks something that slack:// needs"),
        (f"json://:{SECRET}@", "json: the address lacks something that json:// needs"),
        ("", "needs an address with a scheme"),
        (f"hooks.slack.com/services/{SECRET}", "needs an address with a scheme"),
    ],
)
def test_an_address_that_cannot_be_used_is_told_without_its_secrets(url, told):
    for call, error in (
        (lambda: deliver(url, message(), timeout=5), DeliveryError),
        (lambda: check_sink(url), SettingsError),
    ):
        with pytest.raises(error) as caught:
            call()
        assert told in str(caught.value)
        shown = "".join(str(link) for link in (caught.value, caught.value.__cause__))
        assert SECRET not in shown


@pytest.mark.parametrize("timeout", [0, -1, float("inf"), float("nan"), None])
def test_a_sink_needs_a_timeout(timeout):
    with pytest.raises(DeliveryError, match="needs a timeout"):
        deliver("json://127.0.0.1/", message(), timeout=timeout)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("json://localhost:8099/drift", "json://localhost:8099"),
        (f"JSONS://ann:{SECRET}@Hooks.Example.org/{SECRET}?+X={SECRET}", "jsons://hooks.example.org"),
        (f"json://ann:{SECRET[:4]}/{SECRET[4:]}@host/", "json"),
        (f"json://ann:{SECRET[:4]}?{SECRET[4:]}@host/", "json"),
        (f"json://ann:{SECRET[:4]}#{SECRET[4:]}@host/", "json"),
        (f"json://ann:x@{SECRET}@host:80/", "json://host:80"),
        (f"json://ann:{SECRET}", "json"),
        ("json://[::1]:8099/", "json://[::1]:8099"),
        (f"slack://{SECRET}/T0/B0/#drift", "slack"),
        (f"pagerduty://{SECRET}@{SECRET}", "pagerduty"),
        (f"mailto://ann:{SECRET}@mail.example.org", "mailto://mail.example.org"),
        (f"https://hooks.slack.com/services/T0/B0/{SECRET}", "https://hooks.slack.com"),
        (f"{SECRET}", "a sink without a scheme"),
        (f"{SECRET} x://host", "a sink without a scheme"),
        ("", "a sink without a scheme"),
    ],
)
def test_a_name_of_a_sink_holds_no_secret(url, name):
    assert sink_name(url) == name
    assert SECRET not in name
