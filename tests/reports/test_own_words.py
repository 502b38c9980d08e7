"""What pages say themselves follows the windows of the report; names, attributes and data do not."""

import pytest

from textdrift.reports.own_words import of_its_windows, own_words, says_rows, template_of_rows

ROWS = {"settings": {"roles": {"features": ["amount"]}}}


@of_its_windows
def heading(report):
    if "fail" in report:
        raise ValueError
    return own_words("texts before")


def test_a_heading_follows_the_report_that_is_written_and_the_next_one_does_not():
    assert heading(ROWS) == "rows before"
    assert heading({"settings": {}}) == heading({}) == "texts before"
    with pytest.raises(ValueError, match=r"^$"):
        heading(ROWS | {"fail": True})
    assert not says_rows()


@pytest.mark.parametrize(
    ("source", "of_rows"),
    [
        ('<table class="documents"><caption>Documents</caption>', '<table class="documents"><caption>Rows</caption>'),
        ('<text x="{{ 1 if a > b }}">{{ texts }}</text>', None),
        ("{% if texts > 1 %}two texts{% endif %}", "{% if texts > 1 %}two rows{% endif %}"),
        ('<section aria-label="The same text, another label">', '<section aria-label="Alike rows, another label">'),
        ("{# Texts of the report #}a &lt; b", None),
    ],
)  # fmt: skip
def test_of_a_template_only_what_is_read_changes(source, of_rows):
    assert template_of_rows(source) == (of_rows or source)
