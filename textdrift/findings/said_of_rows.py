"""What is said of texts, said of rows: for windows that hold columns and no text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from textdrift.findings.process import Process

__all__ = ["has_text", "process_of_rows", "said_of_rows", "values_of_rows"]

_QUOTED = re.compile(r"((?<!\w)'.*?'(?!\w)|“.*?”|‘.*?’)", re.DOTALL)
"""What is quoted comes from the data, and is left as it is."""

# The longest first. Two rows are never the same, they are alike in their features.
_PHRASES: Final = (
    ("The same text now means another label", "Rows alike in their features now carry another label"),
    ("other facts about the texts", "the features"),
    ("the other columns", "the features"),
    ("other columns", "features"),
    ("what the texts mean to the labels", "what the features mean to the labels"),
    ("what the same text meant", "what alike rows meant"),
    ("Read the texts", "Look at the rows"),
    ("read those", "look at those"),
    ("distinct texts", "counted rows"),
    ("distinct documents", "counted rows"),
)
_WORDS: Final = (
    (re.compile(r"\b([Tt])he same (?:text|document)s?\b"), lambda found: f"{'A' if found[1] == 'T' else 'a'}like rows"),
    # "A column holds text" tells of a type, and stays.
    (re.compile(r"(\b[Aa]n?|\b[Tt]he|\b[Ee](?:ach|very)|\b[Oo]ne|\b1) text\b"), lambda found: f"{found[1]} row"),
    (re.compile(r"\b(?:texts|document(s?))\b"), lambda found: "row" if found[1] == "" else "rows"),
    (re.compile(r"\b(?:Texts|Document(s?))\b"), lambda found: "Row" if found[1] == "" else "Rows"),
)
_SENTENCES: Final = frozenset({"sentence", "reason", "meaning", "notes"})
"""Keys of a report under which sentences of ours stand."""


def said_of_rows(sentence: str) -> str:
    """Return a sentence of ours with "rows" where it says "texts" or "documents"; what it quotes is left as it is.

    >>> said_of_rows("Accuracy fell, mostly because of texts that the reference hardly holds.")
    'Accuracy fell, mostly because of rows that the reference hardly holds.'
    >>> said_of_rows("The same texts now carry 'free text'; 3 labelled documents.")
    "Alike rows now carry 'free text'; 3 labelled rows."
    >>> said_of_rows("A text turned; the column holds text; 1 document.")
    'A row turned; the column holds text; 1 row.'
    """
    return "".join(
        part if place % 2 else _in_rows(part)
        for place, part in enumerate(_QUOTED.split(sentence))  # what is quoted stands at odd places
    )


def _in_rows(words: str) -> str:
    for text, row in _PHRASES:
        words = words.replace(text, row)
    for pattern, row_of in _WORDS:
        words = pattern.sub(row_of, words)
    return words


def process_of_rows(process: Process) -> Process:
    """Return what a team does, said of rows."""
    return replace(
        process,
        title=said_of_rows(process.title),
        first=said_of_rows(process.first),
        steps=tuple(said_of_rows(step) for step in process.steps),
    )


def values_of_rows(values: Any) -> Any:
    """Return plain values of a report with the sentences in them said of rows.

    >>> values_of_rows({"reason": "only 3 texts", "label": "texts", "parts": [{"meaning": "harder texts"}]})
    {'reason': 'only 3 rows', 'label': 'texts', 'parts': [{'meaning': 'harder rows'}]}
    """
    if isinstance(values, Mapping):
        return {
            key: _sentences_of_rows(value) if key in _SENTENCES else values_of_rows(value)
            for key, value in values.items()
        }
    return [values_of_rows(value) for value in values] if isinstance(values, list | tuple) else values


def _sentences_of_rows(value: Any) -> Any:
    if isinstance(value, str):
        return said_of_rows(value)
    return [_sentences_of_rows(one) for one in value] if isinstance(value, list | tuple) else values_of_rows(value)


def has_text(settings: Mapping[str, Any]) -> bool:
    """Return whether the windows of a run held texts, or vectors of some, by the settings of its report.

    >>> has_text({"roles": {"text": None, "features": ["amount"]}}), has_text({})
    (False, True)
    """
    roles = settings.get("roles", MappingProxyType({"text": "text"}))
    return not isinstance(roles, Mapping) or bool(roles.get("text") or roles.get("embeddings"))
