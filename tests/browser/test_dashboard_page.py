"""The dashboard in a real browser: it tells of a window, lays two side by side, asks for nothing, fits a phone."""

import html
import json
import re
import shutil
import subprocess

import judged_runs
import pytest
import year_of_runs
from hostile_texts import HOSTILE, PWNED

from textdrift.dashboard import dashboard_page
from textdrift.dashboard.links import links_to_files
from textdrift.history import open_history
from textdrift.reports import numerals, wording

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--allow-file-access-from-files",  # a page of ours looks at the dashboard inside a frame
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--virtual-time-budget=3000",
    "--enable-logging=stderr",
    "--dump-dom",
)
JOB = "sentiment-inputs"

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine: the page is not shown")


def opened(folder, page, *flags):
    """Show a page in a fresh browser; return its elements at the end, what it logged and what it asked the network."""
    path, network = folder / "page.html", folder / "network.json"
    path.write_text(page, encoding="utf-8")
    command = [BROWSER, *FLAGS, *flags, f"--user-data-dir={folder / 'profile'}", f"--log-net-log={network}"]
    done = subprocess.run([*command, path.as_uri()], capture_output=True, text=True, timeout=120, check=True)
    return done.stdout, done.stderr, network.read_text("utf-8", errors="replace")


def done_in(folder, page, script, *flags, width=1280, sandbox=""):
    """Let a script of ours act on a page in a frame (``frame``, its document ``page``); return what it returns."""
    (folder / "framed.html").write_text(page, encoding="utf-8")
    outside = f"""<!doctype html><title>nothing</title>
    <iframe {sandbox} src="framed.html" style="width:{width}px;height:900px;border:0"></iframe>
    <script>onload = () => {{ const frame = document.querySelector("iframe").contentWindow, page = frame.document;
    const chart = (name) => [...page.querySelectorAll(".chart")].find((c) => c.ariaLabel.startsWith(name));
    const data = JSON.parse(page.getElementById("year").textContent);
    const at = (window) => data.windows.indexOf(window);
    const over = (chart, window, name = "pointermove") => {{ const box = chart.getBoundingClientRect();
      const place = {{ clientX: box.left + box.width * data.places[at(window)] / 100, clientY: box.top + 9 }};
      chart.dispatchEvent(new frame[name === "click" ? "MouseEvent" : "PointerEvent"](name, place)); }};
    const press = (key) =>
      page.activeElement.dispatchEvent(new frame.KeyboardEvent("keydown", {{ key, bubbles: true }}));
    const tip = page.querySelector(".tip"), bar = page.querySelector(".picked-bar");
    document.title = JSON.stringify((() => {{ {script} }})()); }}</script>"""
    dom, log, network = opened(folder, outside, *flags)
    assert not [line for line in log.splitlines() if "CONSOLE" in line and "Blocked script execution" not in line]
    assert "evil.example" not in network
    return json.loads(html.unescape(re.search(r"<title>(.*?)</title>", dom, flags=re.DOTALL)[1]))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A year with a story: its page, and its numbers; the report of its last night lies beside it."""
    folder = tmp_path_factory.mktemp("year")
    (folder / "reports").mkdir()
    (folder / "reports" / "report.html").write_text("<title>the report</title>")
    with open_history(f"sqlite:///{folder}/drift.db") as history:
        year_of_runs.filled(history, year_of_runs.year())
        last = judged_runs.run(364, job=JOB, report_folder=str(folder / "reports"))
        history.record(last, replace=True)
        page = dashboard_page(history, JOB, links=links_to_files(folder / "page.html"))
        return page, history.series(JOB), history.segments(JOB)


def test_a_year_asks_for_nothing_and_logs_nothing(tmp_path, made):
    dom, log, network = opened(tmp_path, made[0])
    assert not [line for line in log.splitlines() if "CONSOLE" in line]
    assert not re.findall(r"""(?:src|href|url\()\s*=?["'(]?\s*(?:https?:|//)[^"']*""", made[0])
    assert str(tmp_path / "page.html") in network  # what the page had asked for would stand there
    assert 'role="slider"' in dom


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("preferred", [0, 1])
def test_it_never_scrolls_sideways_and_follows_light_and_dark(tmp_path, made, width, preferred):
    script = """const select = page.querySelectorAll("select")[1]; select.value = select.options[9].value;
        select.dispatchEvent(new frame.Event("change"));
        page.querySelectorAll("details").forEach((part) => { part.open = true; });
        over(chart("embedding.mmd"), "2026-12-31"); over(chart("embedding.mmd"), "2026-12-31", "click");
        const background = frame.getComputedStyle(page.body).backgroundColor;
        return [page.documentElement.scrollWidth, frame.innerWidth, background];"""
    flag = f"--blink-settings=preferredColorScheme={preferred}"
    scroll_width, inner_width, background = done_in(tmp_path, made[0], script, flag, width=width)
    assert inner_width == width
    assert scroll_width <= inner_width
    assert background == ("rgb(252, 252, 251)" if preferred else "rgb(22, 24, 26)")


def test_a_window_that_is_pointed_at_tells_its_numbers(tmp_path, made):
    script = """over(chart("lexical.terms"), "2026-10-10");
        const told = [tip.textContent, tip.hidden, page.querySelector(".cross").hidden];
        chart("lexical.terms").dispatchEvent(new frame.PointerEvent("pointerleave"));
        return [...told, tip.hidden];"""
    text, *hidden = done_in(tmp_path, made[0], script)
    row = next(row for row in made[1] if (row["test"], row["window"]) == ("lexical.terms", "2026-10-10"))
    assert hidden == [False, False, True]
    for expected in (
        "2026-10-10",
        f"{wording.effect_size(row['value'], row['effect'])} [{wording.bare_size(row['low'], row['effect'])}, ",
        ", alarm",
        f"p {numerals.exact_p_value(row['p_value'])}, adjusted {numerals.exact_p_value(row['adjusted_p_value'])}",
        "matters from 2.0 points",
    ):
        assert expected in text


def test_a_click_leads_to_the_report_and_to_the_numbers(tmp_path, made):
    script = """over(chart("lexical.terms"), "2026-12-31", "click");
        const link = bar.querySelector("a"), shown = [bar.hidden, bar.textContent, link.getAttribute("href")];
        over(chart("lexical.terms"), "2026-10-10", "click");
        bar.querySelector("button").click();
        const select = page.querySelector("select"), section = page.getElementById("side-by-side");
        return [...shown, select.selectedOptions[0].textContent, section.querySelector(".compared").textContent,
            Math.round(section.getBoundingClientRect().top), page.activeElement === select];"""
    hidden, text, link, chosen, card, top, focused = done_in(tmp_path, made[0], script)
    assert not hidden
    assert text.startswith("2026-12-31 No drift")
    assert link == "./reports/report.html"
    assert chosen == "2026-10-10: Drift"
    assert "critical" in card
    assert -5 < top < 60
    assert focused


def test_by_keyboard_every_chart_is_a_slider_over_the_windows(tmp_path, made):
    script = """const first = page.querySelector(".chart"); first.focus();
        const told = [page.activeElement === first, page.querySelectorAll('.chart[tabindex="0"]').length];
        for (let i = 0; i < 40; i++) if (!page.activeElement.ariaLabel.startsWith("lexical.terms")) press("ArrowDown");
        const lane = page.activeElement, value = () => lane.getAttribute("aria-valuetext").split(";")[0];
        const steps = [value()];
        for (const key of ["ArrowLeft", "PageUp", "ArrowRight", "PageDown", "Home", "ArrowLeft", "PageDown", "End"]) {
            press(key); steps.push(value()); }
        press("Home"); press("Enter"); const picked = bar.textContent; press("Escape");
        const stops = page.querySelectorAll('.chart[tabindex="0"]').length;
        return [...told, lane.getAttribute("role"), steps, picked, bar.hidden, stops];"""
    reached, stops, role, steps, picked, hidden, stops_after = done_in(tmp_path, made[0], script)
    alarms = [row["window"] for row in made[1] if row["test"] == "lexical.terms" and row["drifted"]]
    days = sorted({row["window"] for row in made[1]})
    after_last = days[days.index(alarms[-1]) + 1]
    assert reached
    assert (stops, stops_after, role) == (1, 1, "slider")
    assert steps == [
        "2026-12-31", "2026-12-30", alarms[-1], after_last, after_last, "2026-01-01", "2026-01-01", alarms[0],
        "2026-12-31",
    ]  # fmt: skip
    assert picked.startswith("2026-01-01 ")
    assert hidden


def test_two_windows_stand_side_by_side_with_the_numbers_of_the_history(tmp_path, made):
    script = """const selects = page.querySelectorAll("select");
        const choose = (select, words) => {
            select.value = [...select.options].find((o) => o.textContent.startsWith(words)).value;
            select.dispatchEvent(new frame.Event("change")); };
        choose(selects[0], "2026-05-21"); choose(selects[1], "2026-10-10");
        const rows = [...page.querySelectorAll(".numbers-of")[0].tBodies[0].rows];
        const numbers = (row) => [...row.querySelectorAll("data")].map((data) => Number(data.value));
        return [rows.map((row) => [row.cells[0].textContent, ...numbers(row)]),
            page.querySelectorAll(".numbers-of")[1].textContent, page.getElementById("side-by-side").textContent];"""
    rows, segments, text = done_in(tmp_path, made[0], script)
    first, second = (
        {(row["test"], row["kind"]): row for row in made[1] if (row["window"], row["stage"]) == (window, "inputs")}
        for window in ("2026-05-21", "2026-10-10")
    )
    expected = []
    for key in first:
        one, two = first[key], second[key]
        column = f" of {one['column']}" if one["column"] else ""
        name = f"{one['test']}{column} {wording.kind_words(one['kind'])}"
        sides = [one["value"], one["adjusted_p_value"], two["value"], two["adjusted_p_value"]]
        expected.append([name, one["material_from"], *sides, two["value"] - one["value"]])
    assert sorted(rows) == sorted(expected)
    assert "airline = Delta words" in segments
    assert "From the first to the second, came: words, meaning, predictions." in text


def test_the_page_writes_numbers_as_the_reports_do(tmp_path):
    values = [0.0, 1.0, 0.5, 0.1234, 0.0321, 0.00012, 0.000001234, 12.345, 123456.7, 0.00001234, 1e-9, 3.0, 0.1]
    values += [-value for value in values[1:]]
    effects = {"share_of_rows": 0, "largest_share_change": 1, "accuracy_change": 2, "std_shift": 3}
    with open_history(f"sqlite:///{tmp_path}/drift.db") as history:
        for day, value in enumerate(values):
            findings = [judged_runs.finding(name, p_value=min(1.0, abs(value) or 1.0)) for name in effects]
            for finding, effect in zip(findings, effects, strict=True):
                finding["effect"] |= {"name": effect, "value": value, "low": value, "high": value}
            history.record(judged_runs.run(day, document=judged_runs.report(*findings)))
        page, series = dashboard_page(history, "inputs"), history.series("inputs")
    script = """return Object.fromEntries(data.lanes.flatMap((lane) => data.windows.map((window) => {
        over(chart(lane.name), window); return [lane.name + window, tip.textContent]; })));"""
    told = done_in(tmp_path, page, script)
    for row in series:
        size = wording.effect_size(row["value"], row["effect"])
        bare = wording.bare_size(row["value"], row["effect"])
        text = told[row["test"] + row["window"]]
        assert f": {size} [{bare}, {bare}]" in text, row
        p = f"p {numerals.exact_p_value(row['p_value'])}, adjusted {numerals.exact_p_value(row['adjusted_p_value'])}"
        assert p in text, row


def test_the_list_is_filtered_and_a_name_in_it_shows_its_numbers(tmp_path, made):
    script = """const part = page.getElementById("windows"), table = part.querySelector("table");
        const seen = () => [...table.tBodies[0].rows].filter((row) => row.getClientRects().length);
        const few = seen().length, input = part.querySelector("input[type=search]");
        input.value = "2026-10-1"; input.dispatchEvent(new frame.Event("input"));
        const found = seen().map((row) => row.cells[0].textContent.trim());
        seen()[0].cells[0].querySelector("button").click();
        return [few, found, page.querySelector("select").selectedOptions[0].textContent];"""
    few, found, chosen = done_in(tmp_path, made[0], script)
    assert few == 25
    # A row is found by any of its cells: a window also by the day on which it was judged.
    assert sorted(set(found)) == [f"2026-10-{day:02}" for day in range(9, 20)]
    assert chosen.startswith(found[0])


def test_an_old_page_says_that_nothing_came_since(tmp_path):
    import datetime as dt

    with open_history(f"sqlite:///{tmp_path}/drift.db") as history:
        for age in (9, 8, 7, 6):
            judged_at = dt.datetime.now(dt.UTC) - dt.timedelta(days=age)
            history.record(judged_runs.run(10 - age, judged_at=judged_at))
        page = dashboard_page(history, "inputs")
    script = """const line = page.getElementById("silence"); return [line.hidden, line.textContent];"""
    hidden, text = done_in(tmp_path, page, script)
    assert not hidden
    assert text == "No verdict for 6 days, as of now; one came every day before. Look whether the job still runs."


def test_without_scripts_the_year_is_drawn_and_listed(tmp_path, made):
    page = made[0]
    static = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    dom, _, _ = opened(tmp_path, static)
    assert dom.count('class="line"') >= 8
    assert len(re.findall(r"<tr data-run=", dom)) > 400


def test_no_text_of_the_data_runs(tmp_path):
    with open_history(f"sqlite:///{tmp_path}/drift.db") as history:
        for day, text in enumerate(text for text in HOSTILE if 0 < len(text) <= 255):
            document = judged_runs.report(
                judged_runs.finding(text, text, drifted=True, column=text),
                kinds=[text],
                segments=[judged_runs.segment(text, text)],
            )
            document |= {"verdict": text, "summary": text, "severity": text}
            history.record(judged_runs.run(day, job="inputs", window=text, date=None, document=document))
        history.record_failure("inputs", PWNED, judged_runs.NIGHT, HOSTILE[0])
        page = dashboard_page(history, "inputs")
    script = """for (const chart of page.querySelectorAll(".chart")) for (const window of data.windows.slice(0, 3)) {
            over(chart, window); over(chart, window, "click"); bar.querySelector("button").click(); }
        const selects = page.querySelectorAll("select");
        [...selects[1].options].forEach((option, index) => { if (index % 9 === 0) { selects[1].value = option.value;
            selects[1].dispatchEvent(new frame.Event("change")); } });
        const bad = page.querySelectorAll("main script, main img, main iframe, main a[href^='javascript']");
        return [page.title, bad.length];"""
    title, found = done_in(tmp_path, page, script)
    assert PWNED not in title
    assert found == 0
    dom, log, network = opened(tmp_path, page)
    assert not [line for line in log.splitlines() if "CONSOLE" in line]
    assert "evil.example" not in network
    assert len(re.findall(r"<script\b", dom)) == 3
