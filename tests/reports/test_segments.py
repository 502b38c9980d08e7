"""What moved alike in all segments is one line, the others stay rows, and the size of each segment is told."""

from textdrift.reports.as_html import as_html
from textdrift.reports.as_markdown import as_markdown
from textdrift.reports.as_terminal import as_terminal
from textdrift.reports.segments import segments_of

WINDOW = {"rows": 850, "rows_used": 850, "documents": 850, "start": None, "end": None, "name": "week 1"}
VALUES = ("AT", "CH", "DE", "FR", "UK")


def moved(value, effect=0.3, *, column="country", **more):
    ends = {"low": effect - 0.1, "high": effect + 0.1}
    row = {"column": column, "value": value, "kind": "features", "effect": effect, "p_value": 0.001, **ends}
    return row | {"feature": "price", "n_reference": 150, "n_current": 150} | more


def share(value, before=0.2, now=0.2, column="country"):
    sizes = {"n_reference": round(1000 * before), "n_current": round(1000 * now)}
    return {"column": column, "value": value, "reference_share": before, "current_share": now} | sizes


ALIKE = [share(value) for value in VALUES]


def report(*segments, shares=ALIKE, features=(), **more):
    found = {"kinds": ["features"], "ambiguous": [], "causes": [], "terms": [], "documents": [], "too_small": []}
    return {
        "schema": "textdrift.report/1", "verdict": "drift", "passed": False, "severity": None, "summary": "Drift.",
        "reference": WINDOW, "current": WINDOW, "findings": [],
        "diagnosis": found | {"segments": list(segments), "segment_shares": list(shares)} | more,
        "settings": {"roles": {"segments": ["country"], "features": list(features)}},
        "versions": {}, "seed": 0, "seconds": {"total": 1.0}, "notes": [],
    }  # fmt: skip


def test_what_moved_alike_in_every_segment_is_told_in_one_line_on_every_page():
    whole = report(*(moved(value, 0.25 + 0.01 * i) for i, value in enumerate(VALUES)))
    shown = segments_of(whole)
    assert shown.rows == []
    assert [each.sentence for each in shown.alike] == [
        "Other columns (price): about the same in all 5 segments of country, 25.0 to 29.0 points"
    ]
    page = as_html(whole)
    assert page.count("most of all") == 0
    assert "all 5 segments of" in page
    for render in (as_terminal, as_markdown):
        assert "about the same in all 5 segments of country" in render(whole)


def test_nearly_all_is_told_as_such_and_a_segment_apart_stays_a_row():
    apart = moved("app", 0.5, column="channel")
    shown = segments_of(report(*map(moved, VALUES[:4]), apart))
    assert [each.how_many for each in shown.alike] == ["4 of the 5"]
    assert shown.rows == [apart]


def test_segments_that_moved_by_different_sizes_stay_rows():
    rows = [moved(value, 0.2 + 0.15 * i) for i, value in enumerate(VALUES)]
    shown = segments_of(report(*rows))
    assert (shown.rows, shown.alike) == (rows, [])


def test_few_of_many_segments_stay_rows_and_so_do_pairs_of_segments():
    few = [moved(value) for value in VALUES[:3]]
    pairs = [moved(value, within={"column": "plan", "value": "free"}) for value in VALUES]
    assert segments_of(report(*few, *pairs)).rows == [*few, *pairs]


def test_a_value_too_small_to_be_judged_is_not_missed():
    small = [{"column": "country", "value": value, "reason": "few"} for value in VALUES[3:]]
    shown = segments_of(report(*map(moved, VALUES[:3]), too_small=small))
    assert [each.how_many for each in shown.alike] == ["all 3"]


def test_an_old_report_without_shares_keeps_its_rows():
    rows = list(map(moved, VALUES))
    shown = segments_of(report(*rows, shares=()))
    assert (shown.rows, shown.shares, shown.untested) == (rows, [], [])


def test_a_segment_that_doubled_is_seen_and_said_not_to_be_tested():
    page = as_html(report(shares=[share("UK", 0.15, 0.3), share("DE", 0.85, 0.7)]))
    assert "How large each segment is" in page
    assert '<data value="0.3">30.0 %</data>' in page
    assert "Shares of segments are told, not tested: that a segment of" in page


def test_shares_of_a_column_that_is_a_feature_too_are_not_called_untested():
    whole = report(shares=[share("UK", 0.15, 0.3), share("DE", 0.85, 0.7)], features=["country"])
    assert segments_of(whole).untested == []
    assert "told, not tested" not in as_html(whole)
