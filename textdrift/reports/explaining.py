"""What a report says of one word, segment, cause or kind, in plain sentences; nothing is computed anew."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Any

from textdrift.errors import SettingsError
from textdrift.reports.explained_columns import columns_of, sentences_of_column
from textdrift.reports.explained_kinds import sentences_of_cause, sentences_of_kind
from textdrift.reports.explained_places import columns_without_value, sentences_of_place, values_of
from textdrift.reports.explained_words import sentences_of_word, words_of
from textdrift.reports.own_words import of_its_windows
from textdrift.reports.sentence_parts import quoted
from textdrift.reports.tolerant_parts import Row, names_of, rows_of, table_of, text_of
from textdrift.reports.wording import CAUSES, KINDS

__all__ = ["explain", "explainable_names"]

_NEAREST = 3
_NAMES_SHOWN = 12
_LONGEST_NAME = 200
_NO_VALUE = frozenset({"", "none", "null", "nan"})


@of_its_windows
def explain(report: Row, name: str) -> list[dict[str, Any]]:
    """Return everything that a report says of a name, as ``{"as", "name", "sentences"}`` for each thing so called.

    A name may be that of a kind (``lexical``), a cause (``escaped``), a column of features, a word, a segment as
    ``column=value``, or a value alone; where it is several of them, all are told. Where nothing is so called in this
    spelling, another case of it is looked for.

    Parameters
    ----------
    report:
        The dict of ``DriftReport.to_dict``. What is damaged in it counts as not there.
    name:
        What to explain.

    Raises
    ------
    SettingsError
        When the report says nothing of it; the message offers the nearest names.

    Examples
    --------
    >>> segment = {"column": "airline", "value": "Delta", "kind": "lexical", "effect": 0.4, "p_value": 1e-4}
    >>> report = {"diagnosis": {"segments": [segment]}}
    >>> explain(report, "airline=Delta")[0]["sentences"]
    ["Where 'airline' is 'Delta' the words moved by 40.0 points; p < 0.001."]
    >>> explain(report, "airline=Dleta")
    Traceback (most recent call last):
    textdrift.errors.SettingsError: the report says nothing of 'airline=Dleta'; did you mean 'airline=Delta'?
    """
    known = explainable_names(report)
    for spelling in (name, name.strip(), *(other for other in known if other.casefold() == name.strip().casefold())):
        told = list(_told(report, spelling))
        if told:
            return told
    column, _, value = (part.strip() for part in name.rpartition("="))
    if value.casefold() in _NO_VALUE and column in columns_without_value(report):
        raise SettingsError(
            f"the report says nothing of {quoted(name)}: a row without a value of {quoted(column)} is no segment; "
            f"{_hint(f'{column}=', [each for each in known if each.startswith(f'{column}=')])}"
        )
    raise SettingsError(f"the report says nothing of {quoted(name)}; {_hint(name, known)}")


def explainable_names(report: Row) -> list[str]:
    """Return every name that ``explain`` knows in a report: kinds, causes, columns, values and words, as they rank.

    >>> explainable_names({"diagnosis": {"kinds": ["lexical"], "terms": [{"term": "late"}]}})
    ['lexical', 'late']
    """
    diagnosis = table_of(report, "diagnosis")
    names = [
        *names_of(diagnosis, "kinds"),
        *(text_of(finding, "kind") for finding in rows_of(report, "findings")),
        *(text_of(row, "cause") for row in rows_of(report, "diagnosis", "causes")),
        *columns_of(report),
        *(part for column, value in values_of(report) for part in (f"{column}={value}", value)),
        *words_of(report),
    ]
    return [name for name in dict.fromkeys(names) if name]


def _told(report: Row, name: str) -> Iterator[dict[str, Any]]:
    kinds = {*names_of(table_of(report, "diagnosis"), "kinds"), *KINDS}
    kinds |= {text_of(finding, "kind") for finding in rows_of(report, "findings")}
    causes = {text_of(row, "cause") for row in rows_of(report, "diagnosis", "causes")} | set(CAUSES)
    if not name:
        return
    looks: Iterable[tuple[str, list[str]]] = (
        ("kind", sentences_of_kind(report, name) if name in kinds else []),
        ("cause", sentences_of_cause(report, name) if name in causes else []),
        ("column", sentences_of_column(report, name)),
        ("segment", _of_segment(report, name)),
        ("word", sentences_of_word(report, name)),
    )
    for what, sentences in looks:
        if sentences:
            yield {"as": what, "name": name, "sentences": sentences}


def _of_segment(report: Row, name: str) -> list[str]:
    """Look for a value alone, and for ``column=value`` at every ``=``: names of columns may hold one too."""
    sentences = sentences_of_place(report, None, name)
    for place in (place for place, character in enumerate(name[:_LONGEST_NAME]) if character == "="):
        column, value = name[:place], name[place + 1 :]
        for pair in dict.fromkeys([(column, value), (column.strip(), value.strip())]):
            sentences += sentences_of_place(report, *pair)
    return list(dict.fromkeys(sentences))


def _hint(name: str, known: list[str]) -> str:
    """Offer the nearest names, else say what there is."""
    lowered: dict[str, str] = {}
    for each in known:
        lowered.setdefault(each.casefold()[:_LONGEST_NAME], each)
    near = difflib.get_close_matches(name.casefold()[:_LONGEST_NAME], list(lowered), n=_NEAREST)
    if near:
        return f"did you mean {' or '.join(quoted(lowered[each]) for each in near)}?"
    if not known:
        return "it names no kind, cause, column, segment or word at all"
    more = ", …" if len(known) > _NAMES_SHOWN else ""
    return f"it names {', '.join(map(quoted, known[:_NAMES_SHOWN]))}{more}"
