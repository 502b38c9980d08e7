"""What stands first on the page, and what is said in fewer words there than in the report."""

import html as html_module
import itertools
import re
from importlib.resources import files

import pytest
from whole_reports import large_report, sample, whole_report

from textdrift.reports.as_html import Limits, as_html, as_html_fragment


def head_of(html):
    head = html[html.index("<header") : html.index("</header>")]
    return re.sub(r"\s+", " ", html_module.unescape(re.sub(r"<[^>]+>", "", head)))


@pytest.mark.parametrize("render", [as_html, as_html_fragment])
def test_the_verdict_the_sentence_and_what_to_do_first_come_before_all_tables(render):
    html = render(whole_report())
    places = [
        html.index(part)
        for part in (
            'class="verdict"', '"severity critical"', '<p class="summary"', '<p class="first"', '<p class="business"',
            "<table", "<section",
        )
    ]  # fmt: skip
    assert places == sorted(places)
    assert "First: Open five rows by hand. Decides: the owner of the feed (team-ingest)." in head_of(html)


@pytest.mark.parametrize(
    ("decides", "owner", "said"),
    [
        ("the lead", None, "rows by hand. Decides: the lead. "),
        (None, "team-a", "rows by hand. Owner: team-a. "),
        (None, None, "rows by hand. What it means."),
    ],
)
def test_who_decides_is_said_as_far_as_it_is_known(decides, owner, said):
    report = whole_report()
    report["playbook"][0] |= {"decides": decides, "owner": owner}
    assert said in head_of(as_html(report))


@pytest.mark.parametrize("playbook", [None, [], [{"title": "Later"}]])
def test_without_a_first_step_nothing_is_said_of_one(playbook):
    assert '<p class="first"' not in as_html(whole_report() | {"playbook": playbook})


def test_a_window_that_is_called_like_its_part_is_named_once():
    report = sample("drift")
    report["reference"]["name"], report["current"]["name"] = "reference", "week 9"
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>', as_html(report), flags=re.DOTALL)[:2]
    assert [re.findall(r">(reference|current|week 9)<", row) for row in rows] == [["reference"], ["current", "week 9"]]


def test_a_very_small_p_value_is_small_to_a_person_and_exact_to_a_machine():
    report = sample("words")
    term = next(t for t in report["diagnosis"]["terms"] if t["kind"] == "lexical")
    term["p_value"] = 1.5e-305
    report["findings"][0]["p_value"] = 1.6e-305
    html = as_html(report)
    assert '<data value="1.5e-305">&lt; 0.001</data>' in html
    assert '<data value="1.6e-305">1.6e-305</data>' in html  # among the numbers, where they are looked up


@pytest.mark.parametrize(
    ("change", "direction", "said"),
    [
        (0.019, "down", "1.9 points less"),
        (-0.019, "down", "−1.9 points"),
        (0.019, "up", "+1.9 points"),
    ],
)
def test_a_cause_that_became_rarer_never_has_a_plus(change, direction, said):
    report = whole_report()
    report["diagnosis"]["causes"][0] |= {"share_of_rows": change, "rows_touched": 0.001, "direction": direction}
    html = as_html(report)
    part = html[html.index("change of that share") :]
    told = re.sub(r"<[^>]+>", "", part[: part.index("</div>")])
    assert told == f"change of that share{said}"
    assert ("less often than before" if direction == "down" else "more often than before") in part


def colors(name=None):
    """The light and the dark value of a color of the page; of its background where no name is given."""
    style = (files("textdrift.reports") / "templates" / "report.css").read_text("utf-8")
    rule = rf"--{name}: " if name else "color: var\\(--ink\\);\n  background: "
    return re.search(rf"{rule}light-dark\((#\w+), (#\w+)\)", style).groups()


# What JupyterLab and nbconvert say of every element of an output, so that a page in a notebook must say otherwise.
SAID_BY_A_NOTEBOOK = {
    "dl": "width overflow margin padding",
    "dt": "float width margin padding font-weight",
    "dd": "float width margin padding",
    "table": "border border-collapse color font-size table-layout margin",
    "thead": "border vertical-align",
    "tr": "line-height text-align padding background border",
    "th": "line-height text-align padding vertical-align font-weight border max-width white-space",
    "td": "line-height text-align padding vertical-align border max-width white-space",
    "p": "margin text-align",
    "ol": "list-style margin padding",
    "code": "font-family font-size line-height color background padding border white-space",
    "h4": "margin font-weight line-height color",
    "a": "color text-decoration",
}


@pytest.mark.parametrize("element", SAID_BY_A_NOTEBOOK)
def test_what_a_notebook_says_of_an_element_is_said_otherwise(element):
    style = (files("textdrift.reports") / "templates" / "report.css").read_text("utf-8")
    rules = re.findall(r"^  ([^{}\n]*[^{}\n ]) \{ ([^{}]*) \}$", style, flags=re.MULTILINE)
    said = [told for selectors, told in rules if f"& {element}" in selectors.split(", ")]
    names = {declaration.split(":")[0].strip() for told in said for declaration in told.split(";")}
    assert set(SAID_BY_A_NOTEBOOK[element].split()) - names == set()


def contrast(color, behind):
    """The contrast ratio of two sRGB colors, by WCAG 2."""

    def luminance(code):
        channels = [int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(color), luminance(behind)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("name", ["ink", "quiet", "now", "before", "calm", "unsure"])
@pytest.mark.parametrize("behind", [None, "raised"])
@pytest.mark.parametrize("scheme", [0, 1])
def test_letters_can_be_read_on_the_page_and_on_what_is_raised(name, behind, scheme):
    assert contrast(colors(name)[scheme], colors(behind)[scheme]) >= 4.5


@pytest.mark.parametrize("name", ["before", "now", "faint"])
@pytest.mark.parametrize("scheme", [0, 1])
def test_bars_can_be_told_from_the_page(name, scheme):
    assert contrast(colors(name)[scheme], colors()[scheme]) >= 3.0


def test_the_sentences_on_top_of_a_cut_fragment_are_whole():
    report = large_report()
    report["summary"] = "The words changed. " * 20
    html = as_html_fragment(report)
    assert len(html.encode()) <= 200_000
    assert "the JSON report holds all of them" in html
    head = head_of(html)
    assert report["summary"].strip() in head
    assert report["business_summary"] in head
    for finding in (f for f in report["findings"] if f["drifted"] and not f.get("supporting")):
        assert html_module.escape(finding["sentence"], quote=False) in html.replace("&#39;", "'").replace("&#34;", '"')


def test_texts_are_cut_to_a_few_words_only_after_the_rows_are():
    limits, seen = Limits(rows=200, rows_unfolded=20, rows_in_full=200, characters=1200), []
    while limits.halved() != limits:
        limits = limits.halved()
        seen.append((limits.rows, limits.characters))
    assert seen[2:5] == [(25, 150), (12, 150), (6, 150)]
    assert seen[-1] == (1, 10)


@pytest.mark.parametrize(("render", "first"), [(as_html, 1), (as_html_fragment, 3)])
def test_headings_go_down_one_step_at_a_time_and_every_table_says_what_it_is(render, first):
    html = render(whole_report())
    levels = [int(level) for level in re.findall(r"<h([1-6])\b", html)]
    assert levels[0] == first
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert html.count("<table") == html.count("<caption") > 20
    assert not re.search(r"<th(?! scope=)[ >]", html)
    for drawing in re.findall(r"<svg[^>]*>(?:<title>)?", html):
        assert 'aria-hidden="true"' in drawing or ('role="img"' in drawing and drawing.endswith("<title>"))
