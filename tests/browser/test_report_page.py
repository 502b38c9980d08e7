"""The page in a real browser: it asks the network for nothing, runs nothing, and fits a phone."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from textdrift.reports.as_html import as_html, as_html_fragment

SAMPLES = Path(__file__).parents[1] / "reports" / "samples"
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
    "--allow-file-access-from-files",  # a page of ours measures the report inside a frame
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--virtual-time-budget=3000",
)

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine: the page is not shown")


def sample(name):
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))


class Visit:
    """A page opened once in a browser with a fresh profile."""

    def __init__(self, folder, page, *flags):
        path = folder / "page.html"
        path.write_text(page, encoding="utf-8")
        log = folder / "network.json"
        done = subprocess.run(
            [
                BROWSER,
                *FLAGS,
                *flags,
                f"--user-data-dir={folder / 'profile'}",
                f"--log-net-log={log}",
                "--dump-dom",
                path.as_uri(),
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        self.dom = done.stdout
        self.network = log.read_text("utf-8", errors="replace")

    @property
    def title(self):
        return html.unescape(re.search(r"<title>(.*?)</title>", self.dom, flags=re.DOTALL)[1])


def measured(folder, page, script, *flags, width=375):
    """Show a page in a frame of that width and return what a script finds out about it (as ``frame``)."""
    (folder / "framed.html").write_text(page, encoding="utf-8")
    outside = f"""<!doctype html><title>nothing</title>
    <iframe src="framed.html" style="width:{width}px;height:800px"></iframe>
    <script>onload = () => {{ const frame = document.querySelector("iframe").contentWindow;
    document.title = JSON.stringify((() => {{ {script} }})()); }}</script>"""
    return json.loads(Visit(folder, outside, *flags).title)


def test_a_hostile_page_would_be_noticed(tmp_path):
    visit = Visit(
        tmp_path, '<title>calm</title><img src="http://evil.example/x.png"><script>document.title="pwned"</script>'
    )
    assert visit.title == "pwned"
    assert "evil.example" in visit.network


@pytest.mark.parametrize("name", ["hostile", "drift", "meaning", "words", "concept"])
def test_the_page_asks_for_nothing_and_runs_nothing_else(tmp_path, name):
    page = as_html(sample(name))
    visit = Visit(tmp_path, page)
    assert visit.title == html.unescape(re.search(r"<title>(.*?)</title>", page)[1])
    assert "evil.example" not in visit.network
    assert not re.search(r"<(img|link|iframe)\b", visit.dom)
    assert len(re.findall(r"<script\b", visit.dom)) == 1


def test_a_hostile_fragment_inside_a_page_without_a_policy_runs_nothing(tmp_path):
    visit = Visit(tmp_path, f"<!doctype html><title>notebook</title>{as_html_fragment(sample('hostile'))}")
    assert visit.title == "notebook"
    assert "evil.example" not in visit.network


@pytest.mark.parametrize("name", ["drift", "hostile", "meaning", "words", "concept"])
@pytest.mark.parametrize("width", [320, 1200])
def test_the_page_never_scrolls_sideways(tmp_path, name, width):
    script = "return [frame.document.documentElement.scrollWidth, frame.innerWidth];"
    scroll_width, inner_width = measured(tmp_path, as_html(sample(name)), script, width=width)
    assert inner_width == width
    assert scroll_width <= inner_width


@pytest.mark.parametrize(("preferred", "background"), [(1, "rgb(252, 252, 251)"), (0, "rgb(22, 24, 26)")])
def test_the_page_follows_light_and_dark(tmp_path, preferred, background):
    script = "return frame.getComputedStyle(frame.document.body).backgroundColor;"
    flag = f"--blink-settings=preferredColorScheme={preferred}"
    assert measured(tmp_path, as_html(sample("drift")), script, flag) == background


def test_what_scrolls_and_what_unfolds_can_be_reached_by_keyboard(tmp_path):
    script = """frame.document.querySelectorAll("details").forEach(part => { part.open = true; });
        return [...frame.document.querySelectorAll("summary, .wide")].map(part => {
        part.focus(); return frame.document.activeElement === part; });"""
    reached = measured(tmp_path, as_html(sample("drift")), script)
    assert len(reached) > 5
    assert all(reached)


def test_the_map_of_texts_is_drawn_with_two_colors_and_nothing_outside(tmp_path):
    script = """const map = frame.document.querySelector("figure.map > svg"), box = map.getBoundingClientRect();
        const inside = [...map.querySelectorAll("path, text, line")].every(part => {
            const b = part.getBoundingClientRect();
            return b.left >= box.left - 1 && b.right <= box.right + 1 && b.top >= box.top - 1 &&
                b.bottom <= box.bottom + 1; });
        const dots = frame.getComputedStyle(map.querySelector(".before path")).stroke;
        const triangles = frame.getComputedStyle(map.querySelector(".now path")).fill;
        return [box.width, box.height, inside, dots, triangles];"""
    width, height, inside, dots, triangles = measured(tmp_path, as_html(sample("meaning")), script, width=1000)
    assert width > height > 200
    assert inside
    assert (dots, triangles) == ("rgb(86, 112, 144)", "rgb(192, 73, 43)")


def console_of(folder, page):
    """Return what a browser writes to its log while it shows a page."""
    path = folder / "page.html"
    path.write_text(page, encoding="utf-8")
    done = subprocess.run(
        [
            BROWSER,
            *FLAGS,
            f"--user-data-dir={folder / 'profile'}",
            "--enable-logging=stderr",
            "--dump-dom",
            path.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stderr


def test_a_message_in_the_console_would_be_noticed(tmp_path):
    assert "CONSOLE" in console_of(tmp_path, "<!doctype html><script>console.error('ouch')</script>")


def test_the_page_with_a_map_writes_nothing_to_the_console(tmp_path):
    assert "CONSOLE" not in console_of(tmp_path, as_html(sample("meaning")))


@pytest.mark.parametrize("name", ["words", "concept"])
@pytest.mark.parametrize("width", [390, 1200])
def test_bars_and_figures_stay_in_their_cells(tmp_path, name, width):
    script = """frame.document.querySelectorAll("details").forEach(part => { part.open = true; });
        const cells = [...frame.document.querySelectorAll(
            ".words td, .topics td, .blind td, .model td, .classes td, .asked td")];
        return [cells.length, cells.filter(cell => {
            const c = cell.getBoundingClientRect();
            return [...cell.querySelectorAll("rect, line, data")].some(part => {
                const p = part.getBoundingClientRect();
                return p.left < c.left - 1 || p.right > c.right + 1; }); }).map(cell => cell.textContent)];"""
    n_cells, outside = measured(tmp_path, as_html(sample(name)), script, width=width)
    assert n_cells > 50
    assert outside == []
