import re

from textdrift.reports.page_contents import PLACE, with_contents


def page(*titles):
    return PLACE + "".join(f'<section aria-label="{title}"><h2>{title}</h2></section>' for title in titles)


def test_every_section_is_named_and_listed_in_order():
    html = with_contents(page("The words", "Labels", "The numbers"))
    assert re.findall(r'<a href="#(part-\d)">([^<]*)</a>', html) == [
        ("part-1", "The words"), ("part-2", "Labels"), ("part-3", "The numbers"),
    ]  # fmt: skip
    assert re.findall(r'aria-label="([^"]*)" id="(part-\d)"', html) == [
        ("The words", "part-1"), ("Labels", "part-2"), ("The numbers", "part-3"),
    ]  # fmt: skip


def test_a_short_page_needs_no_list():
    assert "<nav" not in with_contents(page("The words", "The numbers"))
    assert with_contents(PLACE) == ""


def test_a_long_list_is_cut_and_a_very_long_title_is_not_listed():
    html = with_contents(page("x" * 500, *(f"part of {i}" for i in range(500))))
    assert html.count("<a ") == html.count(' id="part-') - 1 < 50
    assert ">" + "x" * 500 + "</a>" not in html


def test_a_section_with_a_class_is_found_and_a_text_that_looks_like_one_is_not():
    html = page("a", "b", "c").replace("<section ", '<section class="numbers" ', 1)
    html += '&lt;section aria-label="d"&gt;'
    assert with_contents(html).count(' id="part-') == 3
