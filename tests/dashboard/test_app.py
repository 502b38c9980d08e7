import asyncio
import json
import re

import httpx
import judged_runs
import pytest
from whole_reports import hostile_report, sample

from textdrift.dashboard.app import dashboard_app
from textdrift.dashboard.guarding import COOKIE, LOOPBACK_NAMES, Access
from textdrift.errors import HistoryError
from textdrift.history import open_history
from textdrift.reports.as_html import as_html

TOKEN = "a-token-that-nobody-guesses"  # noqa: S105 - of a test
OPEN = Access(token=None, names=LOOPBACK_NAMES)
HELD = Access(token=TOKEN, names=frozenset({"drift.example"}), addresses=True)
ADDRESSES = ("/", "/jobs", "/runs/1", "/runs/1.json", "/compare?first=1&second=2")


@pytest.fixture
def history(tmp_path):
    """Three whole reports, opened read-only."""
    url = f"sqlite:///{tmp_path}/drift.db"
    with open_history(url) as writing:
        for day, name in enumerate(("no_drift", "drift", "words")):
            writing.record(judged_runs.run(day, document=whole(name)))
        writing.record(judged_runs.run(0, job="<b>&other", document=whole("drift")))
    with open_history(url, read_only=True) as reading:
        yield reading


def whole(name):
    """Return a sample as reports are written today."""
    return sample(name) | {"passed": sample(name)["verdict"] != "drift"}


class Browser:
    """Asks an application without a network, and keeps its cookies."""

    def __init__(self, app, address, headers):
        self._given = {"transport": httpx.ASGITransport(app), "base_url": address, "headers": headers}
        self._cookies = httpx.Cookies()

    def request(self, method, address, **more):
        async def asked():
            async with httpx.AsyncClient(**self._given, cookies=self._cookies) as asking:
                answer = await asking.request(method, address, **more)
                self._cookies = asking.cookies
                return answer

        return asyncio.run(asked())

    def get(self, address, **more):
        return self.request("GET", address, **more)

    def head(self, address, **more):
        return self.request("HEAD", address, **more)


def client(history, access=OPEN, address="http://127.0.0.1:8765", headers=None):
    return Browser(dashboard_app(history, "inputs", access), address, headers)


def test_the_dashboard_links_to_each_run(history):
    page = client(history).get("/").text
    assert [f'href="/runs/{run.id}"' in page for run in history.runs("inputs")] == [True] * 3


def test_a_report_is_the_stored_one_drawn_as_a_report(history):
    answer = client(history).get("/runs/2")
    assert answer.status_code == 200
    assert answer.text == as_html(history.report(2))


def test_the_json_of_a_run_is_the_stored_report(history):
    answer = client(history).get("/runs/2.json")
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.text) == history.report(2)


def test_two_runs_are_compared_whole(history):
    answer = client(history).get("/compare?first=1&second=3")
    assert answer.status_code == 200
    for heading in ("Kinds of drift", "The tests", "The words"):
        assert f"<h2>{heading}</h2>" in answer.text
    terms = [term["term"] for term in sample("words")["diagnosis"]["terms"] if term["kind"] == "lexical"]
    assert f"<bdi>{terms[0]}</bdi>" in answer.text
    same = client(history).get("/compare?first=1&second=1").text
    assert "The two reports say the same" in same


def test_the_list_of_jobs_leads_to_each(history):
    page = client(history).get("/jobs").text
    assert "&lt;b&gt;&amp;other" in page
    address = re.search(r'href="(/\?job=%3C[^"]*)"', page)[1]
    assert "&lt;b&gt;&amp;other" in client(history).get(address).text


@pytest.mark.parametrize(
    "address",
    [
        "/runs/99",
        "/runs/99.json",
        "/runs/99999999999999999999999999",
        "/compare?first=1&second=99",
        "/?job=nobody",
        "/runs/1/../../etc/passwd",
        "/runs/..%2f..%2fetc%2fpasswd",
        "/runs/%2e%2e/%2e%2e/drift.db",
        "/drift.db",
        "/../drift.db",
        "/static/x",
        "/runs/-1",
        "/runs/1.html",
    ],
)
def test_what_is_not_there_is_not_there(history, address):
    answer = client(history).get(address)
    assert answer.status_code == 404
    assert "root:" not in answer.text


@pytest.mark.parametrize("query", ["", "first=1", "first=1&second=x", "first=1&second=-2", "first=1&second=1;2"])
def test_a_comparison_needs_two_numbers(history, query):
    assert client(history).get(f"/compare?{query}").status_code == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "LOOK"])
@pytest.mark.parametrize("address", ["/", "/runs/1", "/nowhere"])
def test_it_only_reads(history, method, address):
    answer = client(history).request(method, address)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("address", ADDRESSES)
def test_head_says_what_get_would(history, address):
    answer = client(history).head(address)
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) == len(client(history).get(address).content)


@pytest.mark.parametrize("address", [*ADDRESSES, "/nowhere", "/favicon.ico"])
@pytest.mark.parametrize("host", ["127.0.0.1", "evil.example"])
def test_every_answer_carries_the_headers_that_bind_a_browser(history, address, host):
    headers = client(history).get(address, headers={"host": host}).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8765", "[::1]:9", "LocalHost:1"])
def test_names_of_the_loopback_are_known(history, host):
    assert client(history).get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "10.0.0.1", "", "localhost@evil"]
)
def test_another_name_is_refused_since_it_may_be_rebound(history, host):
    answer = client(history).get("/", headers={"host": host})
    assert answer.status_code == 403
    assert "inputs" not in answer.text


def test_behind_a_token_addresses_and_given_names_are_known(history):
    held = client(history, HELD, headers={"authorization": f"Bearer {TOKEN}"})
    for host, status in (("drift.example", 200), ("10.1.2.3:80", 200), ("[fe80::1]", 200), ("evil.example", 403)):
        assert held.get("/", headers={"host": host}).status_code == status


@pytest.mark.parametrize("address", [*ADDRESSES, "/nowhere"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": f"Basic {TOKEN}"},
        {"authorization": f"Bearer {TOKEN[:-1]}"},
        {"authorization": "Bearer "},
        {"cookie": f"{COOKIE}={TOKEN}"},
        {"cookie": f"{COOKIE}="},
    ],
)
def test_without_the_token_nothing_is_told(history, address, headers):
    answer = client(history, HELD, "http://drift.example").get(address, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "inputs" not in answer.text


def test_a_bearer_may_read(history):
    headers = {"authorization": f"Bearer {TOKEN}"}
    assert client(history, HELD, "http://drift.example").get("/runs/1.json", headers=headers).status_code == 200


def test_a_token_in_the_address_becomes_a_cookie_and_leaves_the_address(history):
    browser = client(history, HELD, "http://drift.example")
    answer = browser.get(f"/compare?first=1&token={TOKEN}&second=2")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/compare?first=1&second=2"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert TOKEN not in answer.headers["set-cookie"]
    assert browser.get("/compare?first=1&second=2").status_code == 200


def test_over_tls_the_cookie_stays_there(history):
    answer = client(history, HELD, "https://drift.example").get(f"/?token={TOKEN}")
    assert "secure" in answer.headers["set-cookie"].lower()


def test_a_wrong_token_in_the_address_is_refused_even_with_a_cookie(history):
    browser = client(history, HELD, "http://drift.example")
    browser.get(f"/?token={TOKEN}")
    answer = browser.get("/?token=wrong")
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", ["//evil.example/", "/%5Cevil.example", "/\\evil.example", "///evil.example"])
def test_a_token_never_sends_a_browser_elsewhere(history, path):
    sent = []

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "scheme": "http", "root_path": "",
        "query_string": f"token={TOKEN}".encode(), "headers": [(b"host", b"drift.example")],
        "server": ("drift.example", 80),
    }  # fmt: skip
    asyncio.run(dashboard_app(history, "inputs", HELD)(scope, None, send))
    location = dict(sent[0]["headers"])[b"location"].decode()
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))


def test_a_report_that_cannot_be_drawn_says_where_its_json_is(tmp_path):
    url = f"sqlite:///{tmp_path}/drift.db"
    with open_history(url) as history:
        history.record(judged_runs.run(0))  # a report without windows
        answer = client(history).get("/runs/1")
        assert answer.status_code == 500
        assert "/runs/1.json" in answer.text
        assert client(history).get("/runs/1.json").status_code == 200
        assert client(history).get("/compare?first=1&second=1").status_code == 200


def test_hostile_reports_are_compared_as_texts(tmp_path):
    with open_history(f"sqlite:///{tmp_path}/drift.db") as history:
        history.record(judged_runs.run(0, document=whole("no_drift")))
        for day, text in enumerate(("<script>alert(1)</script>", "{{7*7}}\ud800", '"><img src=x onerror=alert(1)>'), 1):
            history.record(
                judged_runs.run(day, window=text, date=None, document={**hostile_report(text), "passed": False})
            )
        for second in (2, 3, 4):
            answer = client(history).get(f"/compare?first=1&second={second}")
            assert answer.status_code == 200
            assert answer.text.count("<script") == 1
            assert "<img" not in answer.text
            assert client(history).get(f"/runs/{second}").status_code == 200


def test_a_history_that_is_gone_is_told(history, monkeypatch):
    def fail(*_, **__):
        raise HistoryError("the server does not answer; check that it runs")

    app = client(history)
    for name in ("jobs", "run", "runs", "last_success"):
        monkeypatch.setattr(type(history), name, fail)
    for address in ("/", "/jobs", "/runs/1", "/runs/1.json"):
        answer = app.get(address)
        assert answer.status_code == 503
        assert "the server does not answer" in answer.text


def test_a_page_is_kept_until_something_changes(tmp_path, monkeypatch):
    made = []
    import textdrift.dashboard.app as module

    original = module.dashboard_page
    monkeypatch.setattr(module, "dashboard_page", lambda *given, **named: made.append(1) or original(*given, **named))
    monkeypatch.setattr(module, "_KEPT_SECONDS", 10**9)
    with open_history(f"sqlite:///{tmp_path}/drift.db") as history:
        history.record(judged_runs.run(0))
        browser = client(history)
        assert browser.get("/").text == browser.get("/").text
        assert len(made) == 1
        history.record(judged_runs.run(1))
        assert "2026-01-02" in browser.get("/").text
        assert len(made) == 2


def test_many_readers_at_once_all_get_their_page(history):
    app = dashboard_app(history, "inputs", OPEN)

    async def asked():
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as asking:
            return await asyncio.gather(*(asking.get(ADDRESSES[number % 5]) for number in range(30)))

    answers = asyncio.run(asked())
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers[::5]}) == 1


def test_an_access_never_shows_its_token():
    assert TOKEN not in repr(HELD)


def test_older_windows_are_a_page_further_back(tmp_path, monkeypatch):
    import textdrift.dashboard.page as module

    monkeypatch.setattr(module, "MOST_RUNS", 3)
    with open_history(f"sqlite:///{tmp_path}/drift.db") as history:
        numbers = [history.record(judged_runs.run(day)).id for day in range(7)]
        other = history.record(judged_runs.run(0, job="another")).id
        browser = client(history)
        newest = browser.get("/").text
        older = re.search(r'href="(/\?job=inputs&amp;before=\d+)">Older windows', newest)[1].replace("&amp;", "&")
        assert older == f"/?job=inputs&before={numbers[4]}"
        page = browser.get(older).text
        assert [f'data-run="{number}"' in page for number in numbers] == [False, True, True, True, False, False, False]
        assert '<a href="/?job=inputs">the newest</a>' in page
        assert "Older windows" not in browser.get(f"/?job=inputs&before={numbers[2]}").text
        for before, status in ((other, 404), ("x", 400), ("-1", 400), ("9" * 19, 404), ("9" * 30, 400)):
            assert browser.get(f"/?job=inputs&before={before}").status_code == status
