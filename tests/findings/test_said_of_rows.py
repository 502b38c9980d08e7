"""Windows without a text are said to hold rows, and what comes from the data is left as it is."""

import pytest

from textdrift.findings.processes import OF_KINDS
from textdrift.findings.said_of_rows import has_text, process_of_rows, said_of_rows, values_of_rows


@pytest.mark.parametrize(
    ("said", "of_rows"),
    [
        ("The same texts carry the same labels.", "Alike rows carry the same labels."),
        ("Of the documents 3 hold it; 1 document is left.", "Of the rows 3 hold it; 1 row is left."),
        ("Texts labelled 'texts' read less like “documents”.", "Rows labelled 'texts' read less like “documents”."),
        ("the model's texts say 'it isn't a text'", "the model's rows say 'it isn't a text'"),
        ("Column 'memo' holds numbers in one window and text in the other.", None),
        ("share of distinct texts moved", "share of counted rows moved"),
    ],
)
def test_our_words_change_and_what_is_quoted_stays(said, of_rows):
    assert said_of_rows(said) == (of_rows or said)
    assert said_of_rows(said_of_rows(said)) == said_of_rows(said)


def test_only_sentences_of_a_report_change_and_no_key_does():
    values = {"documents": [{"text": "documents", "label": "texts"}], "reason": "no texts", "notes": ("a text",)}
    assert values_of_rows(values) == {
        "documents": [{"text": "documents", "label": "texts"}], "reason": "no rows", "notes": ["a row"],
    }  # fmt: skip


def test_a_process_is_said_of_rows():
    process = process_of_rows(OF_KINDS["concept"])
    assert process.title == "Alike rows now carry other labels"
    assert process.first.startswith("Look at the rows whose labels are least expected")


def test_vectors_stand_for_texts_and_a_report_without_roles_had_some():
    assert has_text({"roles": {"embeddings": "vector"}})
    assert has_text({"roles": "?"})
    assert not has_text({"roles": {"group": "author", "features": ["amount"]}})
