from whole_reports import whole_report

from textdrift.reports.holders import holders_of, texts_of


def document(row, *words, window="current", **more):
    return {"window": window, "row": row, "score": 1.0, "words": list(words), **more}


def report(*documents, evidence=()):
    findings = [{"evidence": [{"name": "documents", "rows": list(evidence)}]}]
    return {"diagnosis": {"documents": list(documents)}, "findings": findings}


def test_documents_of_a_word_come_in_the_order_of_the_report():
    held = holders_of(report(document(7, "late", "again"), document(3, "late"), evidence=[document(9, "late")]))
    assert [holder.row for holder in held["late"]] == [7, 3, 9]
    assert [holder.row for holder in held["again"]] == [7]


def test_a_document_named_twice_counts_once_and_keeps_its_text():
    held = holders_of(report(document(7, "late"), evidence=[document(7, "late", text="too late")]))
    assert [(holder.row, holder.text) for holder in held["late"]] == [(7, "too late")]


def test_the_same_row_of_the_other_window_is_another_document():
    held = holders_of(report(document(7, "late"), document(7, "late", window="reference")))
    assert [holder.window for holder in held["late"]] == ["current", "reference"]


def test_no_more_documents_of_a_word_than_asked_for():
    held = holders_of(report(*(document(row, "late") for row in range(30))), most=4)
    assert [holder.row for holder in held["late"]] == [0, 1, 2, 3]


def test_what_names_no_row_of_a_window_is_left_out():
    odd = [document("7", "late"), document(True, "late"), document(7, "late", window="other"), {"row": 1}]
    assert holders_of(report(*odd, {"window": "current", "row": 2, "words": "late"})) == {}
    assert texts_of(report({"window": "current", "row": 2, "text": None})) == {}


def test_every_word_that_is_held_is_a_word_of_that_document():
    whole = whole_report()
    named = [*whole["diagnosis"]["documents"]]
    for finding in whole["findings"]:
        named += next((e["rows"] for e in finding["evidence"] if e["name"] == "documents"), [])
    held = holders_of(whole)
    assert held
    for word, holders in held.items():
        for holder in holders:
            assert any(
                (d["window"], d["row"]) == (holder.window, holder.row) and word in d.get("words", ()) for d in named
            )
