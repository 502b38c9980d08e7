import base64
import hashlib
import itertools
import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest
from whole_reports import whole_report

from textdrift.reports.as_html import as_html, as_html_fragment

SAMPLES = Path(__file__).parent / "samples"
NAMES = sorted(path.stem for path in SAMPLES.glob("*.json"))
VOID = {"meta", "link", "img", "br", "wbr", "hr", "input", "line", "rect", "circle"}


def sample(name):
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))


class Page(HTMLParser):
    """What a browser would see: tags with attributes, numbers with what is shown for them, and all other text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.numbers, self.texts, self.open, self.unbalanced = [], [], [], [], []
        self.style, self.script = "", ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open[-1][0] != tag:
            self.unbalanced.append(tag)
        elif self.open:
            self.open.pop()

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        tag, attrs = self.open[-1] if self.open else ("", {})
        if tag == "style":
            self.style += data
        elif tag == "script":
            self.script += data
        elif tag == "data":
            self.numbers.append((attrs["value"], data))
        else:
            self.texts.append(data)

    def named(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def numbers_and_strings(value):
    """Everything that stands in a report: its numbers, and its texts (keys too)."""
    if isinstance(value, dict):
        parts = [numbers_and_strings(v) for v in [*value.keys(), *value.values()]]
    elif isinstance(value, list):
        parts = [numbers_and_strings(v) for v in value]
    elif isinstance(value, str):
        return set(), {value}
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        return {float(value)}, {str(value)}
    else:
        return set(), set()
    return set().union(*(p[0] for p in parts)), set().union(*(p[1] for p in parts))


def shown_right(value, shown, *, amount=False):
    """Whether what is shown is the value, or its percentage, rounded to the digits shown."""
    if shown.startswith("< "):
        return value < float(shown[2:])
    digits = re.search(r"-?[\d,]+(\.\d+)?(e-?\d+)?", shown.replace("−", "-"))[0].replace(",", "")
    number = float(digits)
    mantissa, _, exponent = digits.partition("e")
    half_unit = 0.5 * 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    if amount and "." not in digits and abs(number) >= 100:  # two digits of an amount of money count
        half_unit *= 10.0 ** (len(mantissa.lstrip("-")) - 2)
    scale = 100.0 if "%" in shown or "point" in shown else None
    return any(abs(number - value * factor) <= half_unit * 1.000001 for factor in ([scale] if scale else [1.0, 100.0]))


@pytest.mark.parametrize("render", [as_html, as_html_fragment])
@pytest.mark.parametrize("name", NAMES)
def test_every_number_on_the_page_is_in_the_report(render, name):
    report = sample(name)
    page = Page(render(report))
    numbers, strings = numbers_and_strings(report)
    assert len(page.numbers) > 20
    for value, shown in page.numbers:
        assert float(value) in numbers, f"{value} shown as {shown} is not in the report"
        assert shown_right(float(value), shown, amount="." in value), f"{shown} is not {value}"
    # Digits elsewhere come from texts of the report (names, sentences, times), never from the page itself.
    haystack = "\n".join(strings) + "\n".join(s.encode("unicode_escape").decode() for s in strings)
    for text in page.texts:
        for run in re.findall(r"\d+", text):
            assert run in haystack, f"{run} in {text!r} is not in the report"


def test_the_check_of_numbers_can_fail():
    assert shown_right(0.0321, "3.2 %")
    assert shown_right(1.2e-9, "1.2e-9")
    assert shown_right(1.2e-9, "< 0.001")
    assert not shown_right(0.0012, "< 0.001")
    assert not shown_right(0.0321, "3.3 %")
    assert not shown_right(0.0321, "0.03 %")
    assert shown_right(27933.3, "28,000", amount=True)
    assert not shown_right(27933.3, "27,000", amount=True)
    assert not shown_right(27933, "28,000")


@pytest.mark.parametrize("name", NAMES)
def test_the_page_loads_nothing_and_runs_only_its_own_script(name):
    html = as_html(sample(name))
    page = Page(html)
    used = {tag for tag, _ in page.tags}
    assert not used & {"link", "img", "iframe", "object", "embed", "base", "form", "video", "audio"}
    assert page.named("script") == [{}]
    for tag, attributes in page.tags:
        assert not set(attributes) & {"src", "srcset", "xlink:href", "action", "style", "background", "poster"}
        assert not [attribute for attribute in attributes if attribute.startswith("on")]
        assert "href" not in attributes or (tag == "a" and attributes["href"].startswith("#part-"))
    assert "url(" not in page.style
    assert "@import" not in page.style
    assert [meta.get("http-equiv") for meta in page.named("meta") if "http-equiv" in meta] == [
        "Content-Security-Policy"
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_fragment_runs_nothing_and_leads_nowhere(name):
    page = Page(as_html_fragment(sample(name)))
    assert not {tag for tag, _ in page.tags} & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "form",
        "a",
    }
    assert not [a for _, attributes in page.tags for a in attributes if a.startswith("on") or a in {"src", "href"}]


def test_the_policy_allows_exactly_the_style_and_the_script_of_the_page():
    page = Page(as_html(sample("drift")))
    policy = next(meta["content"] for meta in page.named("meta") if meta.get("http-equiv"))
    assert policy == (
        f"default-src 'none'; style-src '{hash_of(page.style)}'; script-src '{hash_of(page.script)}'; base-uri 'none'; "
        "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def test_the_script_asks_for_nothing_and_writes_no_markup():
    script = (files("textdrift.reports") / "templates" / "report.js").read_text("utf-8")
    assert Page(as_html(sample("hostile"))).script == script.rstrip("\n")  # whatever the report, the same bytes
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(|fetch\(|XMLHttp|WebSocket|import\(|"
        r"https?:|localStorage|cookie|location|setTimeout|sendBeacon|\.src\b|\.href\b",
        script,
    )


def hash_of(source):
    return f"sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}"


def test_hostile_texts_stay_texts():
    report = sample("hostile")
    html = as_html(report)
    page = Page(html)
    text = "".join(page.texts)
    assert '<script>document.title="pwned"</script>' in text
    assert "{{ 7 * 191 }}{% raw %}{# gone #}" in text
    assert "1337" not in html
    assert r"\x1b[31mred" in text
    assert r"\u202edrow\u202c" in text
    assert r"un\u200bsub\u200bscribe" in text
    assert r"\ud800lone" in text
    assert "תודה רבה" in text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", html)
    html.encode("utf-8")


@pytest.mark.parametrize("render", [as_html, as_html_fragment])
def test_the_longest_report_fits_its_limit(render):
    report = sample("drift")
    nasty = "\x00<'&" * 5000
    diagnosis = report["diagnosis"]
    diagnosis["terms"] = [{**diagnosis["terms"][0], "term": f"{i}{nasty}"} for i in range(3000)]
    diagnosis["documents"] = [{"window": "current", "row": i, "score": 1.0, "text": nasty} for i in range(500)]
    diagnosis["segments"] *= 500
    diagnosis["causes"] = [{**diagnosis["causes"][0], "sentence": nasty}] * 300
    rows = [{f"column {j}": nasty for j in range(30)}] * 100
    report["findings"] = [
        {**f, "evidence": [{"name": "rows", "rows": rows}], "sentence": nasty} for f in report["findings"]
    ] * 30
    report["settings"]["tests"] = {nasty + str(i): nasty for i in range(500)}
    report["notes"] = [nasty] * 200
    html = render(report)
    assert len(html.encode()) <= 500_000
    assert not Page(html).unbalanced
    assert "the JSON report holds all of them" in html


def test_two_hundred_words_are_all_on_the_page():
    report = sample("drift")
    term = report["diagnosis"]["terms"][0]
    report["diagnosis"]["terms"] = [{**term, "term": f"word{i}"} for i in range(200)]
    html = as_html(report)
    assert all(f">word{i}<" in html for i in range(200))
    assert html.index(">word19<") < html.index("The other words") < html.index(">word20<")
    assert len(html.encode()) <= 500_000


@pytest.mark.parametrize("name", NAMES)
def test_the_page_can_be_read_by_a_screen_reader(name):
    html = as_html(sample(name))
    page = Page(html)
    assert not page.unbalanced
    assert page.named("html") == [{"lang": "en"}]
    assert len(page.named("main")) == len(page.named("h1")) == 1
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert len(page.named("table")) == len(page.named("caption"))
    assert all("scope" in attributes for attributes in page.named("th"))
    # A drawing is either beside words that say the same, or an image with a name and a description.
    images = [attributes for attributes in page.named("svg") if attributes.get("aria-hidden") != "true"]
    assert all(attributes["role"] == "img" for attributes in images)
    assert len(images) == html.count("<desc>") == html.count("</title><desc>") == (name == "meaning")
    # What scrolls sideways can be reached by keyboard and says what it is.
    scrolling = [attributes for tag, attributes in page.tags if tag == "div" and attributes.get("class") == "wide"]
    assert all(a["tabindex"] == "0" and a["role"] == "region" and a["aria-label"] for a in scrolling)


@pytest.mark.parametrize(
    ("name", "words"), [("drift", "Drift"), ("no_drift", "No drift"), ("inconclusive", "Inconclusive")]
)
def test_the_verdict_and_the_summary_come_first(name, words):
    report = sample(name)
    html = as_html(report)
    verdict = html.index(f'class="verdict">{words}</h1>')
    summary = html.index('<p class="summary">')
    assert verdict < summary < html.index("<table") < html.index("<section")
    assert f"<title>{words}: " in html


def test_the_sections_come_in_reading_order():
    html = as_html(sample("drift"))
    headings = [re.sub(r"<[^>]+>", "", h).strip() for h in re.findall(r"<h2>(.*?)</h2>", html, flags=re.DOTALL)]
    assert headings == [
        "What moved",
        "The words",
        "More about words",
        "Labels label",
        "Predictions prediction",
        "Where it is strongest",
        "Likely causes",
        "Texts to look at",
        "The numbers",
        "How it was made",
    ]


def test_a_whole_report_reads_from_the_verdict_to_the_settings():
    html = as_html(whole_report())
    titles = re.findall(r'<section[^>]* aria-label="([^"]*)"', html)
    order = [
        "What moved", "The words", "More about words", "Where the meaning moved", "Labels", "How well the model does",
        "Where it is strongest", "Likely causes", "What it costs", "What to do", "Texts to look at", "The numbers",
        "How it was made",
    ]  # fmt: skip
    assert [title for title in titles if title in order] == order
    assert not Page(html).unbalanced
    # The list of contents names every section, in order, and leads to it.
    page = Page(html)
    links = [a["href"] for a in page.named("a") if a["href"].startswith("#part-") and "class" not in a]
    assert links == [f"#{section['id']}" for section in page.named("section")]
    assert len(set(links)) == len(titles)


def visible_text(html):
    return re.sub(r"\s+", " ", "".join(Page(html).texts))


def test_where_the_meaning_moved_is_drawn_and_told():
    html = as_html(sample("meaning"))
    headings = re.findall(r"<h2>(.*?)</h2>", html, flags=re.DOTALL)
    assert "Where the meaning moved <code>semantic</code>" in headings
    told = visible_text(html)
    assert "The average text moved along a few directions" in told
    assert "refund · bank · charged · twice" in told
    assert told.index("Topics that became") < told.index("refund") < told.index("no more than by chance")
    assert told.index("no more than by chance") < told.index("parcel")
    assert "<strong>grew</strong>" in html
    assert "<strong>shrank</strong>" in html
    dots, triangles = (re.search(rf'<g class="{kind}">(.*?)</g>', html)[1] for kind in ("dots before", "now"))
    assert dots.count("<path") == triangles.count("<path") == 14
    assert "<caption>map</caption>" not in html


def test_words_of_topics_are_looked_at_safely():
    html = as_html(sample("meaning"))
    assert "&lt;b&gt;app&lt;/b&gt;" in html
    assert r"login\u202egol" in html


def test_documents_further_along_the_shift_are_drawn_further_right():
    report = sample("meaning")
    report["findings"][1]["evidence"][2]["rows"] = [
        {"window": "current", "row": i, "x": x, "y": y, "cluster": 1}
        for i, (x, y) in enumerate([(-1, 0), (0, 1), (1, -1)])
    ]
    path = re.search(r'<g class="now">(.*?)</g>', as_html(report))[1]
    across, down = zip(*((int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)", path)), strict=True)
    assert across == (14, 320, 626)
    assert down[1] < down[0] < down[2]


def test_a_report_without_topics_has_no_map():
    report = sample("meaning")
    report["findings"][1]["evidence"] = []
    assert "<desc>" not in as_html(report)
    assert "Where the meaning moved" not in as_html(report)
    assert "Where the meaning moved" not in as_html(sample("drift"))


def test_a_table_of_the_same_name_from_another_test_is_shown_as_it_is():
    report = sample("meaning")
    report["findings"][1]["evidence"] = [
        {"name": "clusters", "rows": [{"size": 31}]},
        {"name": "map", "rows": [{"place": "elsewhere"}]},
    ]
    told = visible_text(as_html(report))
    assert "elsewhere" in told
    assert "Where the meaning moved" not in told


def test_a_quiet_report_does_not_say_that_the_meaning_moved():
    report = sample("meaning")
    report["findings"][1]["drifted"] = False
    for topic in report["findings"][1]["evidence"][0]["rows"]:
        topic["moved"] = False
    told = visible_text(as_html(report))
    assert "Where the meaning moved" not in told
    assert "No topic became more or less common than chance explains." in told


@pytest.mark.parametrize("render", [as_html, as_html_fragment])
def test_a_thousand_topics_with_long_words_fit(render):
    report = sample("meaning")
    clusters, _, points = report["findings"][1]["evidence"]
    clusters["rows"] = [{**clusters["rows"][0], "cluster": i + 1, "words": ["\x00<'&" * 5000] * 6} for i in range(1000)]
    points["rows"] = [{**points["rows"][0], "cluster": i + 1, "row": i} for i in range(20_000)]
    html = render(report)
    assert len(html.encode()) <= 500_000
    assert not Page(html).unbalanced
    assert "the JSON report holds all of them" in html


def test_an_ambiguous_report_says_what_cannot_be_told_apart():
    text = re.sub(r"\s+", " ", "".join(Page(as_html(sample("ambiguous"))).texts))
    assert "The data cannot tell labels label and label for the same text concept apart" in text


def test_a_text_is_shown_only_where_the_report_holds_one():
    report = sample("drift")
    for document in report["diagnosis"]["documents"]:
        document.pop("text", None)
    html = as_html(report)
    assert '<table class="documents">' not in html
    assert "shown only where examples are asked for" in html
    assert "Rebook me" not in html


def test_sizes_that_are_not_finite_are_dashes():
    report = sample("drift")
    for finding in report["findings"]:
        finding["statistic"] = None
        finding["effect"] |= {"low": None, "high": None}
    report["findings"][0]["effect"]["value"] = None
    html = as_html(report)
    assert "[–, –]" not in html  # an interval without ends says nothing
    assert "cannot be told" in html
    assert not re.search(r"\b(None|nan|inf)\b", html)


def test_a_larger_size_is_drawn_further_right_and_the_material_size_in_the_middle():
    report = sample("drift")
    effect = report["findings"][3]["effect"]
    drawn = []
    for value in (0.01, effect["material_from"], 0.2):
        report["findings"] = [
            {**report["findings"][3], "effect": {**effect, "low": value, "value": value, "high": value}}
        ]
        report["findings"] = [
            report["findings"][0],
            report["findings"][0],
            report["findings"][0],
            report["findings"][0],
        ]
        drawn.append(float(re.search(r'<circle cx="([\d.]+)%"', as_html(report))[1]))
    assert drawn[0] < 50.0 == drawn[1] < drawn[2] < 100.0


def test_a_fragment_can_be_shown_twice_inside_another_page():
    fragment = as_html_fragment(sample("drift"))
    page = Page(fragment + fragment)
    assert not [attributes for _, attributes in page.tags if "id" in attributes]
    assert not {tag for tag, _ in page.tags} & {"html", "head", "body", "title", "meta", "script", "main", "h1"}
    assert not page.unbalanced
    # Every rule reaches only what is inside the wrapper, or a page of our own.
    outside = re.sub(r"/\*.*?\*/", "", Page(fragment).style, flags=re.DOTALL)
    depth, selector, selectors = 0, "", []
    for character in outside:
        if character == "{":
            if depth == 0:
                selectors.append(selector.strip())
            depth, selector = depth + 1, ""
        elif character == "}":
            depth, selector = depth - 1, ""
        else:
            selector += character
    assert depth == 0
    assert all(".textdrift" in s or s.startswith("@media") for s in selectors), selectors


def test_the_same_report_gives_the_same_bytes():
    assert as_html(sample("drift")) == as_html(sample("drift"))


def test_colors_can_be_read_in_light_and_dark():
    style = Page(as_html(sample("drift"))).style
    pairs = dict(re.findall(r"--(\w+): light-dark\((#\w+, #\w+)\)", style))
    background = re.search(r"background: light-dark\((#\w+, #\w+)\)", style)[1].split(", ")
    for name in ("ink", "quiet", "now", "calm", "unsure", "before"):
        for color, behind in zip(pairs[name].split(", "), background, strict=True):
            assert contrast(color, behind) >= 4.5, f"{name} {color} on {behind}"


def test_what_was_before_has_one_color_on_the_whole_page():
    style = Page(as_html(sample("drift"))).style
    for drawn in ("rect.before", ".key::before", ".map .dots", ".map .mean.before"):
        rules = re.findall(rf"& [^{{}}]*{re.escape(drawn)}[^{{}}]*{{([^}}]*)}}", style)
        assert any("var(--before)" in rule for rule in rules), drawn
    assert re.search(r"rect\.down {([^}]*)}", style)[1].strip() == "fill: var(--faint);"
    assert len(set(re.findall(r"--(?:before|faint|now): (.*?);", style))) == 3


def test_a_warning_and_a_critical_finding_have_other_dots():
    report = json.loads(json.dumps(sample("drift")))
    drifted = [finding for finding in report["findings"] if finding["drifted"]]
    for finding in drifted:
        finding["severity"] = "critical"
    assert 'class="state critical"' in as_html(report)
    for finding in drifted:
        finding["severity"] = "warning"
    page = as_html(report)
    assert 'class="state warning"' in page
    assert 'class="state critical"' not in page
    assert ".warning { --state: var(--unsure); }" in Page(page).style


def contrast(color, behind):
    """The WCAG 2 contrast ratio of two sRGB colors."""

    def luminance(code):
        channels = [int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(color), luminance(behind)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
