import html as html_module
import re

import pytest
from whole_reports import sample, whole_report

from textdrift.reports.as_html import as_html, as_html_fragment
from textdrift.reports.wording import REMEDIES


def section(html, title):
    part = html[html.index(f'aria-label="{title}"') :]
    return part[: part.index("</section>")]


def told(html, title):
    bare = re.sub(r"<[^>]+>", " ", re.sub(r"</?(data|strong|bdi|span|q)\b[^>]*>", "", section(html, title)))
    return re.sub(r"\s+", " ", html_module.unescape(bare))


@pytest.mark.parametrize("render", [as_html, as_html_fragment])
def test_how_severe_it_is_and_what_it_means_stand_beside_the_verdict(render):
    html = render(whole_report())
    places = [
        html.index(part) for part in ('class="verdict"', '"severity critical"', '<p class="summary"', "What it means.")
    ]
    assert places == sorted(places)
    assert "Customers now write about a strike" in html
    assert ">drift, warning<" in html


def test_a_report_without_the_new_keys_is_a_page_all_the_same():
    html = as_html(sample("drift"))
    assert not re.search(r'class="(severity|business|playbook)', html)
    assert "change of that share" in told(html, "Likely causes")
    assert "Too small to judge" not in html
    assert "None" not in re.sub(r"<script>.*</script>", "", html, flags=re.DOTALL)


@pytest.mark.parametrize("key", ["severity", "business_summary", "playbook", "fingerprints", "performance", "cost"])
def test_a_key_that_is_null_leaves_nothing_behind(key):
    report = whole_report()
    report[key] = None
    html = as_html(report)
    assert not re.search(r">\s*None\s*<", html)
    assert ("What to do" in html) == (key != "playbook")


def test_how_much_of_the_change_goes_with_a_cause_is_a_bar_with_its_interval():
    html = as_html(whole_report())
    part = section(html, "Likely causes")
    assert '<rect class="now" width="93.0%"' in part
    assert '<line class="sure" x1="87.0%" x2="97.0%"' in part
    said = told(html, "Likely causes")
    assert "this much goes when its rows are repaired" in said
    assert "93 % [87, 97]" in said
    assert "of the current rows carry it 7.0 %" in said
    assert "change of that share +6.0 points" in said
    assert said.index("Escaped markup") < said.index("Repeated texts")
    assert "−2.0 points" in said


@pytest.mark.parametrize("remedy", [*REMEDIES, None, "something of a later version"])
def test_each_remedy_has_its_words(remedy):
    report = whole_report()
    report["diagnosis"]["causes"][0]["remedy"] = remedy
    assert f"this much goes{REMEDIES.get(remedy, '')}:" in told(as_html(report), "Likely causes")


def test_a_share_explained_without_its_parts_is_one_bar():
    report = whole_report()
    report["diagnosis"]["causes"][0]["explained"] = []
    part = section(as_html(report), "Likely causes")
    assert part.count('<rect class="now"') == 1
    assert "of the change explained" not in part  # the bar says it


def test_segments_say_within_which_they_stand_and_how_many_were_searched():
    said = told(as_html(whole_report()), "Where it is strongest")
    assert "region north within channel chat" in said
    assert "topic depot, strike, waits" in said
    assert "120 231 41.0 points 0.001" in said
    assert "184 slices were searched under 999 permutations" in said
    assert "Too small to judge" in said
    assert "region west 4 11 fewer than 30 texts" in said


def test_segments_are_folded_after_the_first_ones():
    report = whole_report()
    first = report["diagnosis"]["segments"][0]
    report["diagnosis"]["segments"] = [{**first, "value": f"value {i}"} for i in range(50)]
    part = section(as_html(report), "Where it is strongest")
    assert part.index("value 19") < part.index('<details class="more">') < part.index("value 20<")


def test_where_no_segment_stands_out_those_too_small_are_still_named():
    report = whole_report()
    report["diagnosis"]["segments"] = []
    said = told(as_html(report), "Where it is strongest")
    assert "No segment stands out." in said
    assert "region west" in said


@pytest.mark.parametrize("render", [as_html, as_html_fragment])
def test_the_playbook_says_what_to_do_and_links_only_to_the_web(render):
    html = render(whole_report())
    said = told(html, "What to do")
    assert said.index("Texts arrive escaped") < said.index("First: Open five rows by hand.")
    assert said.index("Ask the sender.") < said.index("Repair the rows.")
    assert "decides the owner of the feed" in said
    assert "owner team-ingest" in said
    links = re.findall(r"<a href=\"(http[^\"]*)\" rel=\"noreferrer noopener\">", html)
    assert links == ["https://wiki.example.org/drift?case=escaped"]
    assert "javascript:alert(1)" in said
    assert 'href="javascript' not in html


def test_a_word_opens_to_the_documents_that_hold_it():
    html = as_html(whole_report())
    part = section(html, "The words")
    fold = part[part.index('<details class="holders"><summary><bdi>depot</bdi>') :]
    fold = fold[: fold.index("</details>")]
    assert "row <data" in fold
    assert "my parcel" in fold
    assert '<details class="holders"' not in section(as_html(sample("drift")), "The words")


def test_a_mark_of_the_map_names_its_row_and_its_text():
    report = whole_report()
    row = report["diagnosis"]["documents"][0]["row"]
    titles = re.findall(r"<title>([^<]*)</title></path>", as_html(report))
    assert len(titles) == 28
    assert any(re.match(rf"current row {row}, topic \d+: my parcel", title) for title in titles)


def test_the_fingerprints_of_the_windows_stand_with_the_settings():
    said = told(as_html(whole_report()), "How it was made")
    assert "Fingerprints of the windows" in said
    assert "reference xxh3:0a1b" in said
    assert "Fingerprints" not in told(as_html(sample("drift")), "How it was made")
