"""What a page can do in a real browser: sort, filter, unfold, drill, tell of a mark; and be read without its script."""

import html as html_module
import json
import re
import shutil
import subprocess

import pytest
from hostile_texts import HOSTILE, PWNED
from whole_reports import hostile_report, large_report, sample, whole_report

from textdrift.reports.as_html import as_html, as_html_fragment
from textdrift.reports.visible_text import visible

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
    "--allow-file-access-from-files",  # a page of ours looks at the report inside a frame
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--virtual-time-budget=3000",
    "--enable-logging=stderr",
    "--dump-dom",
)

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine: the page is not shown")


def opened(folder, page, *flags):
    """Show a page in a fresh browser; return its elements at the end, what it logged and what it asked the network."""
    path, network = folder / "page.html", folder / "network.json"
    path.write_text(page, encoding="utf-8")
    command = [BROWSER, *FLAGS, *flags, f"--user-data-dir={folder / 'profile'}", f"--log-net-log={network}"]
    done = subprocess.run([*command, path.as_uri()], capture_output=True, text=True, timeout=120, check=True)
    return done.stdout, done.stderr, network.read_text("utf-8", errors="replace")


def done_in(folder, page, script, *flags, width=1100, sandbox=""):
    """Let a script of ours act on a page in a frame (``frame``, its document ``page``); return what it returns."""
    (folder / "framed.html").write_text(page, encoding="utf-8")
    outside = f"""<!doctype html><title>nothing</title>
    <iframe {sandbox} src="framed.html" style="width:{width}px;height:800px"></iframe>
    <script>onload = () => {{ const frame = document.querySelector("iframe").contentWindow, page = frame.document;
    const section = (title) => page.querySelector(`section[aria-label="${{title}}"]`);
    const seen = (table) => [...table.tBodies[0].rows].filter((row) => row.getClientRects().length);
    const words = (table) => seen(table).map((row) => row.cells[0].textContent.trim());
    document.title = JSON.stringify((() => {{ {script} }})()); }}</script>"""
    dom, log, network = opened(folder, outside, *flags)
    # That a frame without scripts runs none is said, too.
    assert not [line for line in log.splitlines() if "CONSOLE" in line and "Blocked script execution" not in line]
    assert "evil.example" not in network
    return json.loads(html_module.unescape(re.search(r"<title>(.*?)</title>", dom, flags=re.DOTALL)[1]))


def test_a_column_is_sorted_by_its_head_and_back(tmp_path):
    script = """const table = section("The words").querySelector("table");
        const before = words(table), head = table.tHead.rows[0].cells[2], button = head.querySelector("button");
        const numbers = () => seen(table).map((row) => Number(row.cells[2].querySelector("data").value));
        const told = [];
        for (let i = 0; i < 3; i++) { button.click(); told.push([head.getAttribute("aria-sort"), numbers()]); }
        const role = page.querySelector("main > [role=status]").textContent;
        return [before, told, words(table), role];"""
    before, told, after, role = done_in(tmp_path, as_html(whole_report()), script)
    (first, falling), (second, rising), (third, _) = told
    assert (first, second, third) == ("descending", "ascending", None)
    assert falling == sorted(falling, reverse=True)
    assert rising == sorted(rising)
    assert falling[0] > rising[0]  # rows that were folded are sorted too
    assert before == after
    assert role == "In the order of the report."


def test_words_are_sorted_as_words_and_the_rest_stays_last(tmp_path):
    script = """const parts = [...section("More about words").querySelectorAll("details.part")];
        const part = parts.find((fold) => fold.querySelector("h3").textContent === "Words that set the windows apart");
        part.open = true; const table = part.querySelector("table");
        table.parentNode.querySelector("button.more").click();
        table.tHead.rows[0].cells[0].querySelector("button").click();
        const all = words(table); const last = all.pop();
        return [all, [...all].sort((a, b) => a.localeCompare(b, undefined, { numeric: true })), last];"""
    shown, expected, last = done_in(tmp_path, as_html(whole_report()), script)
    assert shown == expected
    assert last.startswith("all other words")


def test_a_filter_finds_rows_that_are_folded_and_says_how_many(tmp_path):
    script = """const part = section("The words"), table = part.querySelector("table");
        const input = part.querySelector("input[type=search]"), few = words(table).length;
        const type = (text) => { input.value = text; input.dispatchEvent(new frame.Event("input")); };
        type("WORD14"); const found = words(table), said = part.querySelector(".filter [role=status]").textContent;
        type("nothing holds this"); const none = words(table).length;
        input.dispatchEvent(new frame.KeyboardEvent("keydown", { key: "Escape" }));
        return [few, found, said, none, words(table).length, input.getAttribute("aria-label")];"""
    report = whole_report()
    term = report["diagnosis"]["terms"][0]
    report["diagnosis"]["terms"] = [{**term, "term": f"word{i}"} for i in range(150)]
    few, found, said, none, after, name = done_in(tmp_path, as_html(report), script)
    assert few == after == 20
    assert found == ["word14", *(f"word{i}" for i in range(140, 150))]
    assert said == "11 of 150 rows"
    assert none == 0
    assert name == "Filter: Words that changed, strongest first"


def test_folded_rows_are_unfolded_in_place(tmp_path):
    script = """const part = section("The words"), table = part.querySelector("table");
        const button = part.querySelector("button.more");
        const few = words(table).length; button.click(); const all = words(table).length;
        const state = button.getAttribute("aria-expanded"); button.click();
        return [few, all, state, words(table).length, part.querySelectorAll("details.more").length];"""
    few, all_rows, state, again, folds = done_in(tmp_path, as_html(whole_report()), script)
    n_words = len([t for t in sample("words")["diagnosis"]["terms"] if t["kind"] == "lexical" and "unit" not in t])
    assert (few, all_rows, again, folds) == (20, n_words, 20, 0)
    assert state == "true"


def test_a_word_shows_the_documents_that_hold_it(tmp_path):
    script = """const table = section("The words").querySelector("table");
        const button = [...table.querySelectorAll("button.word")].find((b) => b.textContent.trim() === "depot");
        button.focus(); const reached = page.activeElement === button; button.click();
        const row = button.closest("tr"), below = row.nextElementSibling;
        const told = [below.className, below.textContent, button.getAttribute("aria-expanded")];
        const wide = below.cells[0].getBoundingClientRect().width / row.getBoundingClientRect().width;
        table.tHead.rows[0].cells[1].querySelector("button").click();
        const follows = button.closest("tr").nextElementSibling === below;
        button.click();
        return [reached, told, wide, follows, below.isConnected];"""
    report = whole_report()
    reached, (name, text, state), wide, follows, stays = done_in(tmp_path, as_html(report), script)
    assert reached
    assert name == "below"
    assert state == "true"
    held = [d for d in report["diagnosis"]["documents"] if "depot" in d["words"]]
    assert held[0]["text"][:60] in text
    assert f"row {held[0]['row']}" in text
    assert wide > 0.95
    assert follows
    assert not stays


def test_the_map_tells_of_the_mark_that_is_pointed_at(tmp_path):
    script = """const map = page.querySelector("figure.map > svg"), told = page.querySelector(".told");
        const before = told.textContent, mark = map.querySelector(".now path"), box = mark.getBoundingClientRect();
        const point = (x, y) => map.dispatchEvent(new frame.PointerEvent("pointermove", { clientX: x, clientY: y }));
        point(box.left + box.width / 2, box.top + box.height / 2);
        const pointed = [told.textContent, map.querySelectorAll(".picked").length];
        map.dispatchEvent(new frame.PointerEvent("pointerleave"));
        map.focus(); const reached = page.activeElement === map, away = told.textContent, texts = new Set();
        const press = (key) => map.dispatchEvent(new frame.KeyboardEvent("keydown", { key }));
        for (let i = 0; i < 100; i++) { press("ArrowRight"); texts.add(told.textContent); }
        press("Home"); const home = told.textContent; press("ArrowLeft"); const end = told.textContent;
        press("End"); return [before, pointed, reached, away, [...texts], home, end, told.textContent];"""
    report = whole_report()
    before, (told, picked), reached, away, texts, home, end, last = done_in(tmp_path, as_html(report), script)
    assert re.fullmatch(r"current row \d+, topic \d+(: .*)?", told)
    assert picked == 1
    assert reached
    assert before == away
    assert len(texts) > 20
    document = report["diagnosis"]["documents"][0]
    assert any(f"current row {document['row']}, " in text and document["text"][:50] in text for text in texts)
    assert home != end == last


def test_without_scripts_all_of_it_can_be_read(tmp_path):
    script = """const table = section("The words").querySelector("table");
        const folds = [...page.querySelectorAll("details")]; folds.forEach((fold) => { fold.open = true; });
        const words = [...table.querySelectorAll("details.holders")];
        const word = words.find((d) => d.textContent.trim().startsWith("depot"));
        return [page.querySelectorAll("button, input").length, folds.length, word.textContent,
            page.querySelectorAll(".map title").length, page.documentElement.scrollWidth <= frame.innerWidth];"""
    page = as_html(whole_report())
    buttons, folds, held, titles, fits = done_in(
        tmp_path, page, script, width=360, sandbox='sandbox="allow-same-origin"'
    )
    assert buttons == 0
    assert folds > 10
    assert "my parcel" in held
    assert titles > 20
    assert fits


@pytest.mark.parametrize("preferred", [0, 1])
@pytest.mark.parametrize("width", [360, 390, 768, 1280, 1500])
def test_every_text_can_be_read_against_what_is_behind_it(tmp_path, width, preferred):
    script = """const parts = (color) => color.match(/[\\d.]+/g).map(Number);
        const light = (color) => { const [r, g, b] = parts(color).map((c) => c / 255).map((c) =>
            c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
        const behind = (part) => { for (; part; part = part.parentElement) {
            const color = frame.getComputedStyle(part).backgroundColor, [, , , alpha = 1] = parts(color);
            if (alpha === 1) return color; } return "rgb(255, 255, 255)"; };
        const poor = [], walker = page.createTreeWalker(page.querySelector("main"), NodeFilter.SHOW_TEXT);
        let n = 0;
        while (walker.nextNode()) { const part = walker.currentNode.parentElement;
            const said = walker.currentNode.textContent.trim();
            if (!said || part.closest("svg") || !part.getClientRects().length) continue;
            const [a, b] = [light(frame.getComputedStyle(part).color), light(behind(part))].sort((x, y) => y - x);
            n++; if ((a + 0.05) / (b + 0.05) < 4.5) poor.push(part.outerHTML.slice(0, 120)); }
        page.querySelectorAll("button.word").forEach((button) => button.click());
        page.querySelectorAll("details").forEach((fold) => { fold.open = true; });
        page.querySelectorAll("button.more").forEach((button) => button.click());
        // What scrolls inside a box of its own is wider than the page, and nothing else is; bars may end outside.
        const out = [...page.querySelectorAll("main *")].filter((part) => !part.closest(".wide, .unseen, svg"));
        const cut = out.filter((part) => part.getBoundingClientRect().right > frame.innerWidth + 1);
        return [n, poor, page.scrollingElement.scrollWidth, frame.innerWidth,
            cut.map((part) => part.outerHTML.slice(0, 120))];"""
    flag = f"--blink-settings=preferredColorScheme={preferred}"
    n, poor, wide, inner, cut = done_in(tmp_path, as_html(whole_report()), script, flag, width=width)
    assert n > 300
    assert poor == []
    assert wide <= inner == width  # with everything open, too
    assert cut == []


def test_landmarks_and_the_way_past_them(tmp_path):
    script = """const skip = page.querySelector(".skip"); skip.focus();
        const seen = skip.getBoundingClientRect().top >= 0; const there = page.querySelector(skip.getAttribute("href"));
        const links = [...page.querySelectorAll("nav a")];
        return [seen, there.getAttribute("aria-label"), page.querySelectorAll("main").length,
            links.length, links.every((a) => page.querySelector(a.getAttribute("href")))];"""
    seen, first, mains, links, lead = done_in(tmp_path, as_html(whole_report()), script)
    assert seen
    assert (first, mains) == ("What moved", 1)
    assert links > 10
    assert lead


def test_on_paper_all_is_open_and_the_documents_of_words_are_shown_and_then_it_is_as_before(tmp_path):
    script = """const count = () => ["tr.below", "details:not([open])", "details[open]"].map((kind) =>
            page.querySelectorAll(kind).length);
        page.querySelector("details.part").open = true; const before = count();
        frame.dispatchEvent(new frame.Event("beforeprint")); const printed = count();
        frame.dispatchEvent(new frame.Event("afterprint")); return [before, printed, count()];"""
    before, printed, after = done_in(tmp_path, as_html(whole_report()), script)
    assert before == after
    assert before[0] == 0
    assert before[1] > 10
    assert before[2] == 1
    assert printed[0] > 5
    assert printed[1:] == [0, before[1] + 1]


def test_more_about_words_is_closed_and_opens_from_the_keyboard(tmp_path):
    script = """const parts = [...section("More about words").querySelectorAll("details.part")];
        return parts.map((part) => { const summary = part.querySelector("summary");
            const seen = () => part.getBoundingClientRect().height > 100, before = seen();
            summary.focus(); const reached = page.activeElement === summary;
            // A browser turns Enter and the space bar on a summary into a click.
            summary.click(); return [before, reached, seen()]; });"""
    told = done_in(tmp_path, as_html(whole_report()), script, width=390)
    assert len(told) > 4
    assert told == [[False, True, True]] * len(told)


@pytest.mark.parametrize("width", [360, 390, 768])
def test_every_link_of_the_contents_can_be_seen_without_scrolling_the_list(tmp_path, width):
    script = """const list = page.querySelector("nav.contents ul"), box = list.getBoundingClientRect();
        const links = [...list.querySelectorAll("a")].map((link) => link.getBoundingClientRect());
        return [list.scrollWidth <= list.clientWidth, box.left >= 0 && box.right <= frame.innerWidth, links.length,
            links.filter((link) => link.left < box.left - 1 || link.right > box.right + 1).length,
            Math.min(...links.map((link) => link.height))];"""
    fits, inside, n_links, cut, lowest = done_in(tmp_path, as_html(whole_report()), script, width=width)
    assert fits
    assert inside
    assert n_links > 10
    assert cut == 0
    assert lowest >= (24 if width < 640 else 16)  # high enough for a finger


def test_a_page_of_two_million_documents_is_small_and_works(tmp_path):
    page = as_html(large_report())
    assert len(page.encode()) <= 500_000
    script = """const table = section("Where it is strongest").querySelector("table");
        table.tHead.rows[0].cells[2].querySelector("button").click();
        return seen(table).map((row) => Number(row.cells[2].querySelector("data").value));"""
    numbers = done_in(tmp_path, page, script)
    assert len(numbers) >= 10
    assert numbers == sorted(numbers, reverse=True)


PARTS = 4


def corpus_report(part):
    """One report that holds a part of the hostile texts: as words, segments, documents, columns and notes."""
    report = hostile_report("calm")
    texts = [text[:200] for text in HOSTILE[part::PARTS]]
    diagnosis = report["diagnosis"]
    diagnosis["terms"] = [{**diagnosis["terms"][0], "term": text} for text in texts]
    diagnosis["segments"] = [{**diagnosis["segments"][0], "column": text, "value": text} for text in texts]
    diagnosis["documents"] = [
        {**diagnosis["documents"][0], "row": row, "text": text, "words": [text]} for row, text in enumerate(texts)
    ]
    report["playbook"] = [{**report["playbook"][0], "runbook": text, "owner": text} for text in texts]
    report["notes"] = texts
    report["findings"] = report["findings"][:1]
    report["findings"][0]["evidence"] = [{"name": "named", "rows": [{text: text} for text in texts[:20]]}]
    return report


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("render", [as_html, as_html_fragment])
def test_no_hostile_text_runs_or_asks_for_anything(tmp_path, render, part):
    report = corpus_report(part)
    page = render(report) if render is as_html else f"<!doctype html><title>calm</title>{render(report)}"
    dom, log, network = opened(tmp_path, page)
    title = re.search(r"<title>(.*?)</title>", dom, flags=re.DOTALL)[1]
    assert title == re.search(r"<title>(.*?)</title>", page, flags=re.DOTALL)[1]
    assert PWNED not in title
    assert not [line for line in log.splitlines() if "CONSOLE" in line]
    assert "evil.example" not in network
    assert len(re.findall(r"<script\b", dom)) == (render is as_html)
    assert not re.search(r"<(img|link|iframe|object|embed|form|base|meta http-equiv=.?refresh)\b", dom)
    assert not re.search(r'<a [^>]*href="(?!#part-|https?://)', dom)
    whole = html_module.unescape(re.sub(r"<[^>]+>", "", dom))
    missing = [text for text in HOSTILE[part::PARTS] if visible(text)[:40].split("\n")[0].strip() not in whole]
    assert missing == []
