"""What a cause explains, in a sentence in which each share says of what it is one."""

from textdrift.findings.cause_sentences import sentence_of_cause, unjudged_kinds
from textdrift.findings.fault_rows import FaultRows


def sentence(cause, direction, touched, said):
    row = {"cause": cause, "direction": direction, "sentence": said, "explained": [{"kind": "lexical", "share": 0.7}]}
    return sentence_of_cause(row, FaultRows(cause, touched, None, "left out"), None, measured=True)


def test_the_rows_of_another_language_are_told_apart_from_the_documents_whose_language_is_clear():
    said = "Texts in another language than en rose from 0 % to 17.0 % of documents whose language is clear (mostly de)."
    assert sentence("language", "up", (0.0, 0.09), said) == (
        f"{said} 70 % of the drift of the words lies in the 9.0 % of all rows, clear or not, that are in other "
        "languages."
    )
    gone = sentence("language", "down", (0.09, 0.0), said)
    assert "lies in the 9.0 % of all rows of the reference, clear or not, that are in other languages." in gone
    assert "of the drift of the words lies in the 9.0 % of rows that hold a filler" in sentence(
        "placeholder", "up", (0.0, 0.09), said
    )


def test_kinds_that_rest_on_renamed_labels_are_not_judged():
    said = "Column 'answer' (the label) names all of its values otherwise: it holds '1' and held 'good'."
    assert unjudged_kinds([{"cause": "schema", "sentence": said}]) == {"label", "concept", "performance"}
