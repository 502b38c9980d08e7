"""What a run could see: one account of counts and of the smallest change, from findings and from a report alike."""

import pytest

from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.findings.business_summary import business_summary
from textdrift.findings.finding import Finding
from textdrift.findings.sight import compared, looks_in, looks_of, sights
from textdrift.findings.summarising import summarise
from textdrift.reports.report_values import finding_values, plain_values

INF = float("inf")


def finding(test, kind, *, detectable=0.01, material=0.05, n=(691, 692), notes=(), supporting=False, effect="share"):
    conclusive = supporting or detectable <= 2 * material
    shown = Effect(name=effect, value=0.0, low=0.0, high=0.1, detectable=detectable)
    result = DriftResult(
        test=test, kind=kind, statistic=0.0, p_value=1.0, effects=(shown,), n_documents=n, notes=notes,
        evidence=() if notes else (Evidence(name="sizes", rows=()),),
    )  # fmt: skip
    return Finding(
        result=result, supporting=supporting, adjusted_p_value=None if supporting else 1.0, effect=shown,
        material_from=material, drifted=False, conclusive=conclusive,
        sentence=f"Not tested: {notes[0]}" if notes else "Nothing moved.",
    )  # fmt: skip


QUIET = (
    finding("lexical.vocabulary", "lexical", detectable=0.04),
    finding("lexical.token_frequency", "lexical", detectable=0.2),
    finding("lexical.segments", "lexical", detectable=0.9),
    finding("embedding.mmd", "semantic", detectable=0.3),
    finding("embedding.mean_embedding", "semantic", detectable=0.06),
    finding("quality.missing", "quality", detectable=0.2, n=(850, 850)),
    finding("quality.language", "quality", detectable=0.3, n=(634, 638)),
    finding("embedding.domain_classifier", "semantic", detectable=INF, supporting=True),
)


def test_a_report_tells_the_same_as_its_findings():
    rows = [plain_values(finding_values(f, None)) for f in QUIET]
    assert looks_in(rows) == looks_of(QUIET)


def test_the_weakest_test_speaks_for_a_kind_but_of_meaning_the_best():
    seen = sights(looks_of(QUIET))
    assert {kind: sight.sure for kind, sight in seen.items()} == {"lexical": False, "semantic": True, "quality": False}
    assert [seen[kind].weakest.test for kind in seen] == [
        "lexical.token_frequency", "embedding.mean_embedding", "quality.language",
    ]  # fmt: skip


def test_segments_speak_only_where_nothing_else_of_the_kind_was_looked_at():
    assert sights(looks_of(QUIET[2:3]))["lexical"].weakest.test == "lexical.segments"


def test_a_size_is_told_before_that_something_was_not_tested():
    untested = finding("quality.late", "quality", detectable=INF, notes=("no window has times.",))
    sight = sights(looks_of([*QUIET, untested]))["quality"]
    assert (sight.sure, sight.weakest.test) == (False, "quality.language")
    assert sights(looks_of([untested]))["quality"].weakest.reason == "no window has times."


def test_the_most_that_a_test_saw_is_counted_with_the_rows_behind_it():
    whole = compared(looks_of(QUIET), rows=(850, 850), documents=(691, 692))
    assert whole.words == (
        "691 reference and 692 current documents (of 850 and 850 rows; copies of a text count once)"
    )  # fmt: skip
    only_rows = compared(looks_of(QUIET[5:6]), rows=(850, 850), documents=(691, 692))
    assert only_rows.words == "850 reference and 850 current rows"
    assert compared(()) is None


def test_summary_and_plain_words_tell_the_same_counts_and_sizes():
    whole = compared(looks_of(QUIET), rows=(850, 850), documents=(691, 692))
    summary = summarise("no_drift", (), (), QUIET, whole=whole)
    plain = business_summary("no_drift", QUIET, passed=True, severity=None, whole=whole)
    assert "691 reference and 692 current documents (of 850 and 850 rows" in summary
    assert "between 691 earlier and 692 recent texts (of 850 and 850 rows" in plain
    for size in ("20.0", "30.0"):
        assert f"less than {size} points may not show" in summary
        assert f"less than {size} in 100 may go unnoticed" in plain
    assert "634" not in plain


@pytest.mark.parametrize(("kind", "effect"), [("semantic", "std_shift"), ("lexical", "js_excess")])
def test_a_size_that_is_no_share_is_told_in_what_matters(kind, effect):
    blind = finding(f"{kind}.test", kind, detectable=0.15, effect=effect)
    plain = business_summary("no_drift", [blind], passed=True, severity=None)
    assert "less than 3.0 times what matters may go unnoticed" in plain


def test_faults_that_would_have_shown_are_not_doubted_with_those_that_would_not():
    seen, unseen = (
        finding(f"quality.{name}", "quality", detectable=detectable, effect="share_of_rows")
        for name, detectable in (("encoding", 0.02), ("giveaways", 0.16))
    )
    assert "every fault of the pipeline (where less than 16.0 points may not show)" in summarise(
        "no_drift", (), (), [seen, unseen]
    )
    plain = business_summary("no_drift", [seen, unseen], passed=True, severity=None)
    assert "every kind of damage to the data (less than 16.0 in 100 may go unnoticed)" in plain
    assert "to be sure of the pipeline" in summarise("no_drift", (), (), [unseen])
