"""From findings to a diagnosis: only what drifted speaks, every kind is heard, causes by size."""

from dataclasses import replace

import pytest

from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.findings.deciding import decide
from textdrift.findings.diagnosing import diagnose
from textdrift.findings.sight import Compared
from textdrift.findings.summarising import summarise


def result(test, kind, name, value, *, p=1e-6, detectable=0.01, n=1000, **tables):
    return DriftResult(
        test=test,
        kind=kind,
        statistic=1.0,
        p_value=p,
        effects=(Effect(name=name, value=value, low=value, high=value, detectable=detectable),),
        n_documents=(n, n),
        evidence=tuple(Evidence(name=table, rows=tuple(rows)) for table, rows in tables.items()),
    )


def word(term, p=1e-9):
    return {"term": term, "direction": "up", "reference_share": 0.0, "current_share": 0.1, "p_value": p}


def lexical(*terms, **changes):
    return result("lexical.token_frequency", "lexical", "largest_share_change", 0.1, terms=map(word, terms), **changes)


def concept(*terms):
    return result("concept.label_given_text", "concept", "share_relabelled", 0.1, terms=map(word, terms))


def quality(test, cause, share):
    row = {"cause": cause, "share_of_rows": share, "direction": "up", "sentence": f"{cause}."}
    return result(f"quality.{test}", "quality", "share_of_rows", share, causes=[row])


def diagnosed(*results):
    return diagnose(decide([(r, False) for r in results], alpha=0.05), None, segments=())


def test_words_of_two_kinds_are_woven_so_that_neither_hides_the_other():
    terms = diagnosed(lexical("a", "b", "c"), concept("x", "y")).terms
    assert [row["term"] for row in terms] == ["a", "x", "b", "y", "c"]
    assert [row["kind"] for row in terms[:2]] == ["lexical", "concept"]


def test_what_did_not_drift_names_no_word():
    assert diagnosed(lexical("a", p=0.9)).terms == ()


def test_the_cause_that_touches_most_rows_comes_first():
    causes = diagnosed(quality("casing", "recased", 0.4), quality("length", "truncated", 0.9)).causes
    assert [row["cause"] for row in causes] == ["truncated", "recased"]


def test_a_document_that_two_tests_name_stands_once_where_it_stands_highest():
    def semantic(test, **scores):
        rows = [{"window": "current", "row": int(name[1:]), "score": score} for name, score in scores.items()]
        return result(f"embedding.{test}", "semantic", "std_shift", 0.2, documents=rows)

    documents = diagnosed(semantic("alibi_mmd", r1=0.2, r2=0.1), semantic("mean_embedding", r2=0.3, r3=0.05)).documents
    assert [(row["row"], row["score"]) for row in documents] == [(2, 0.3), (1, 0.2), (3, 0.05)]


def test_the_summary_names_the_kinds_and_gives_the_strongest_sentences():
    findings = decide([(lexical("brewsync"), False), (quality("markup", "escaped", 0.5), False)], alpha=0.05)
    text = summarise("drift", ("quality", "lexical"), (), findings)
    assert text.startswith("Drift in the pipeline and the words.")
    assert "'brewsync'" in text
    assert "escaped." in text


def test_an_inconclusive_summary_says_how_many_documents_would_do():
    semantic = result("embedding.alibi_mmd", "semantic", "std_shift", 0.0, p=0.9, detectable=0.4, n=50)
    text = summarise("inconclusive", (), (), decide([(semantic, False)], alpha=0.05))
    # 0.4 must shrink to 0.1: sixteen times 50 documents
    assert "About 800 documents" in text


def test_with_nothing_detectable_the_summary_still_says_what_is_needed():
    semantic = result("embedding.alibi_mmd", "semantic", "std_shift", 0.0, p=0.9, detectable=float("inf"), n=2)
    assert "at the very least" in summarise("inconclusive", (), (), decide([(semantic, False)], alpha=0.05))


def test_probe_texts_are_no_documents_of_a_window():
    semantic = result("embedding.mean_embedding", "semantic", "std_shift", 0.0, p=0.9, detectable=0.01)
    fact = DriftResult(
        test="embedding.encoder_canary", kind="encoder", statistic=0.0, p_value=1.0, has_p_value=False,
        effects=(Effect(name="encoder_changed", value=0.0, low=0.0, high=0.0, detectable=0.0),), n_documents=(37, 37),
    )  # fmt: skip
    findings = decide([(semantic, False), (fact, False)], alpha=0.05)
    assert summarise("no_drift", (), (), findings).startswith("No drift: 1,000 reference and 1,000 current documents")


def test_an_encoder_that_sees_nothing_is_not_blamed_on_the_size_of_the_windows():
    blind = result("embedding.mean_embedding", "semantic", "std_shift", 0.0, p=1.0, detectable=float("inf"))
    text = summarise("inconclusive", (), (), decide([(blind, False)], alpha=0.05))
    assert "the vectors of all texts are the same" in text
    assert "too few" not in text


def test_groups_are_called_groups():
    few = result("embedding.mean_embedding", "semantic", "std_shift", 0.0, p=0.9, detectable=0.4, n=50)
    text = summarise("inconclusive", (), (), decide([(few, False)], alpha=0.05), counted="groups")
    assert "50 reference and 50 current groups are too few" in text
    assert "groups in each window" in text


@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        ((100, 10_000), "100 reference documents beside 10,000 current ones are too few"),
        ((10_000, 100), "100 current documents beside 10,000 of the reference are too few"),
    ],
)
def test_of_two_windows_of_unlike_sizes_the_small_one_is_too_small(sizes, told):
    few = result("embedding.mean_embedding", "semantic", "std_shift", 0.0, p=0.9, detectable=0.2)
    text = summarise("inconclusive", (), (), decide([(replace(few, n_documents=sizes), False)], alpha=0.05))
    assert told in text
    # Harmonic mean 198, four times as many are needed: 2 / (1 / 792 - 1 / 20,000) of the small one.
    assert f"About 420 {'reference' if sizes[0] == 100 else 'current'} documents would be enough." in text


def test_as_many_documents_are_named_as_the_blindest_kind_needs():
    near = result("columns.categorical", "label", "total_variation", 0.0, p=0.9, detectable=0.11, n=400)
    far = result("lexical.token_frequency", "lexical", "largest_share_change", 0.0, p=0.9, detectable=0.08, n=400)
    text = summarise("inconclusive", (), (), decide([(near, False), (far, False)], alpha=0.05))
    assert "About 1,600 documents in each window would be enough." in text


def test_one_group_is_not_called_by_the_number_of_its_rows():
    none = result("lexical.vocabulary", "lexical", "excess_new_terms", 0.0, p=1.0, detectable=float("inf"), n=1)
    rows = result("quality.copies", "quality", "share_of_rows", 0.0, p=0.9, detectable=0.01, n=400)
    text = summarise("inconclusive", (), (), decide([(none, False), (rows, False)], alpha=0.05), counted="groups")
    assert text.startswith("Inconclusive: 1 reference and 1 current groups are too few")


def test_both_sizes_of_an_inconclusive_summary_are_of_one_test():
    words = result("lexical.vocabulary", "lexical", "excess_new_terms", 0.0, p=0.9, detectable=0.4)
    columns = result("columns.numeric", "features", "kolmogorov_smirnov", 0.0, p=0.9, detectable=0.4)
    tests = [(replace(words, n_documents=(21, 29)), False), (replace(columns, n_documents=(24, 26)), False)]
    assert "21 reference and 29 current documents are" in summarise("inconclusive", (), (), decide(tests, alpha=0.05))


@pytest.mark.parametrize(
    ("rows", "kind", "is_told"), [(600, "features", True), (90, "features", False), (600, "semantic", False)]
)
def test_where_most_rows_are_copies_the_summary_says_how_each_can_count_in_the_features(rows, kind, is_told):
    test = {"features": "columns.numeric", "semantic": "embedding.mean_embedding"}[kind]
    few = result(test, kind, "kolmogorov_smirnov", 0.0, p=0.9, detectable=0.4, n=50)
    whole = Compared(sizes=(50, 50), counted="documents", rows=(rows, rows), has_copies=True)
    text = summarise("inconclusive", (), (), decide([(few, False)], alpha=0.05), whole=whole)
    assert f"50 current documents (of {rows} and {rows} rows; copies of a text count once) are too few" in text
    assert ("`unit: rows`" in text) == is_told


def test_columns_that_no_sentence_tells_of_are_named_in_the_opening():
    def moved(name, size):
        column = [{"column": name, "type": "numeric"}]
        return result("columns.numeric", "features", "kolmogorov_smirnov", size, column=column)

    tests = [lexical("app"), quality("encoding", "mojibake", 0.5), moved("price", 0.4), moved("age", 0.2)]
    findings = decide([(one, False) for one in [*tests, moved("city", 0.3)]], alpha=0.05)
    text = summarise("drift", ("lexical", "quality", "features"), (), findings)
    assert text.startswith("Drift in the words, the pipeline and the other columns ('price', 'city' and 1 more).")
    assert "(" not in summarise("drift", ("features",), (), findings).partition(".")[0]
