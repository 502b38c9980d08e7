"""What changed between two reports: verdict, kinds, findings, words, segments, causes, and how they were made."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from textdrift.reports.tolerant_parts import Row, names_of, number_of, rows_of, table_of, text_of

__all__ = ["changed_values", "differences"]

_ABSENT = object()
# Tables of one row that tell two findings of one test apart.
_TOLD_APART_BY = ("unit", "reader")


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of a diagnosis: what tells its rows apart, and what each of them says."""

    name: str
    key: Callable[[Row], tuple[str, ...]]
    told: tuple[str, ...]


def differences(before: Row, after: Row) -> dict[str, Any]:
    """Return what the second of two reports says otherwise than the first.

    Nothing is computed anew, and a change is not judged: two reports of one stream differ by chance too.

    Parameters
    ----------
    before, after:
        The dicts of ``DriftReport.to_dict``, the earlier one first. What is damaged in them counts as not there.

    Returns
    -------
    dict
        ``same``; ``verdict``, ``severity``, ``passed`` and ``seed`` as ``{before, after}``; ``kinds`` {gained, lost,
        kept}; ``findings``, each with ``change`` (gained, lost, moved) and what it said before and after; ``terms``,
        ``segments`` and ``causes``, each {gained, lost, moved, n_same}, where a rank counts from 1 and only
        a row that others overtook, or that says another number, moved; ``windows``,
        ``settings`` and ``versions``, each a list of {path, before, after}. Keys of ``before`` and ``after`` that did
        not change are there too, so that a row can be read alone.

    Examples
    --------
    >>> one = {"verdict": "no_drift", "diagnosis": {"kinds": [], "terms": []}}
    >>> two = {"verdict": "drift", "diagnosis": {"kinds": ["lexical"], "terms": [{"term": "late", "kind": "lexical"}]}}
    >>> told = differences(one, two)
    >>> told["kinds"]["gained"], [row["name"] for row in told["terms"]["gained"]]
    (['lexical'], ['late'])
    """
    kinds_before, kinds_after = (names_of(table_of(report, "diagnosis"), "kinds") for report in (before, after))
    told: dict[str, Any] = {
        **{
            key: {"before": _scalar(before.get(key)), "after": _scalar(after.get(key))}
            for key in ("verdict", "severity", "passed", "seed")
        },
        "kinds": {
            "gained": [kind for kind in kinds_after if kind not in kinds_before],
            "lost": [kind for kind in kinds_before if kind not in kinds_after],
            "kept": [kind for kind in kinds_after if kind in kinds_before],
        },
        "findings": _findings(before, after),
        **{table.name: _moved_rows(table, before, after) for table in _TABLES},
        "windows": [
            *(change for role in ("reference", "current") for change in _changed(before, after, role)),
            *_changed(before, after, "fingerprints"),
        ],
        "settings": _changed(before, after, "settings"),
        "versions": _changed(before, after, "versions"),
    }
    return {"same": not changed_values(before, after, without=("seconds", "digest")), **told}


def changed_values(before: Any, after: Any, *, without: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return every value that differs between two documents, as {path, before, after}.

    What stands in one of the two alone has ``None`` on the other side, and ``only`` says in which it stands.

    Parameters
    ----------
    before, after:
        What JSON holds.
    without:
        Places that are not looked at, such as ``seconds`` or ``reference.name``, with all that is below them.

    Examples
    --------
    >>> changed_values({"a": {"b": [1, 2]}, "c": 3}, {"a": {"b": [1, 5]}})
    [{'path': 'a.b[1]', 'before': 2, 'after': 5}, {'path': 'c', 'before': 3, 'after': None, 'only': 'before'}]
    """
    return list(_walked(before, after, "", frozenset(without)))


def _walked(before: Any, after: Any, path: str, without: frozenset[str]) -> Iterator[dict[str, Any]]:
    if path in without:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys([*before, *after]):
            yield from _walked(
                before.get(key, _ABSENT), after.get(key, _ABSENT), f"{path}.{key}" if path else str(key), without
            )
    elif isinstance(before, list) and isinstance(after, list):
        for place in range(max(len(before), len(after))):
            was, now = (values[place] if place < len(values) else _ABSENT for values in (before, after))
            yield from _walked(was, now, f"{path}[{place}]", without)
    elif before is _ABSENT:
        yield {"path": path, "before": None, "after": after, "only": "after"}
    elif after is _ABSENT:
        yield {"path": path, "before": before, "after": None, "only": "before"}
    elif before != after or isinstance(before, bool) != isinstance(after, bool):
        yield {"path": path, "before": before, "after": after}


def _changed(before: Row, after: Row, key: str) -> list[dict[str, Any]]:
    pair = ({key: value} if (value := report.get(key)) is not None else {} for report in (before, after))
    return changed_values(*pair)


def _scalar(value: Any) -> Any:
    return value if value is None or isinstance(value, (str, bool, int, float)) else None


def _findings(before: Row, after: Row) -> list[dict[str, Any]]:
    """Return the findings that are new, gone, or say another number, in the order of the later report."""
    first, second = (_by_key(rows_of(report, "findings"), _finding_key) for report in (before, after))
    rows = []
    for key in dict.fromkeys([*second, *first]):
        was, now = (None if key not in side else _finding(side[key]) for side in (first, second))
        if was != now:
            change = "gained" if was is None else "lost" if now is None else "moved"
            rows.append({"test": key[0], "kind": key[1], "of": key[2], "change": change, "before": was, "after": now})
    return rows


def _finding_key(finding: Row) -> tuple[str, ...]:
    """Tell findings apart: one test may look at several units or columns."""
    first_rows = {text_of(each, "name"): rows_of(each, "rows")[:1] for each in rows_of(finding, "evidence")}
    of = ", ".join(text_of(row, name) for name in _TOLD_APART_BY for row in first_rows.get(name, ()))
    return text_of(finding, "test"), text_of(finding, "kind"), of


def _finding(finding: Row) -> dict[str, Any]:
    effect = table_of(finding, "effect")
    return {
        "drifted": finding.get("drifted") is True,
        "severity": text_of(finding, "severity") or None,
        "effect": text_of(effect, "name"),
        **{name: number_of(effect, name) for name in ("value", "low", "high")},
        **{name: number_of(finding, name) for name in ("p_value", "adjusted_p_value")},
    }


def _moved_rows(table: _Table, before: Row, after: Row) -> dict[str, Any]:
    first, second = (_by_key(rows_of(report, "diagnosis", table.name), table.key) for report in (before, after))
    ranks = [{key: rank for rank, key in enumerate(side, start=1)} for side in (first, second)]

    def told(side: Mapping[tuple[str, ...], Row], rank: Mapping[tuple[str, ...], int], key: tuple[str, ...]) -> Any:
        return {"rank": rank[key], **{name: _scalar(side[key].get(name)) for name in table.told}}

    both = [key for key in second if key in first]
    in_order = _longest_rising([ranks[0][key] for key in both])
    moved = [
        (key, told(first, ranks[0], key), told(second, ranks[1], key), place in in_order)
        for place, key in enumerate(both)
    ]

    def same(was: Mapping[str, Any], now: Mapping[str, Any], stays: bool) -> bool:
        return stays and {**was, "rank": 0} == {**now, "rank": 0}

    return {
        "gained": [{**_named(key), "after": told(second, ranks[1], key)} for key in second if key not in first],
        "lost": [{**_named(key), "before": told(first, ranks[0], key)} for key in first if key not in second],
        "moved": [
            {**_named(key), "before": was, "after": now} for key, was, now, stays in moved if not same(was, now, stays)
        ],
        "n_same": sum(same(was, now, stays) for _, was, now, stays in moved),
    }


def _longest_rising(ranks: Sequence[int]) -> set[int]:
    """Return the places of the longest part of a sequence that rises: what stands elsewhere was overtaken.

    A row that comes in at the front changes every rank behind it, and moves none of them.

    >>> sorted(_longest_rising([2, 3, 1, 4]))
    [0, 1, 3]
    """
    ends: list[int] = []  # the rank that ends the best sequence of each length, and where it stands
    places: list[int] = []
    previous: list[int] = []
    for place, rank in enumerate(ranks):
        length = bisect_left(ends, rank)
        ends[length : length + 1], places[length : length + 1] = [rank], [place]
        previous.append(places[length - 1] if length else -1)
    kept, place = set(), places[-1] if places else -1
    while place >= 0:
        kept.add(place)
        place = previous[place]
    return kept


def _named(key: tuple[str, ...]) -> dict[str, str]:
    name, kind, *unit = key
    return {"name": name, "kind": kind, **({"unit": unit[0]} if unit else {})}


def _by_key(rows: Sequence[Row], key: Callable[[Row], tuple[str, ...]]) -> dict[tuple[str, ...], Row]:
    """Return the rows by what tells them apart; of two that are told apart by nothing, the first counts."""
    found: dict[tuple[str, ...], Row] = {}
    for row in rows:
        found.setdefault(key(row), row)
    return found


def _segment_name(row: Row) -> str:
    within = table_of(row, "within")
    pair = f" in {_said(within.get('column'))} = {_said(within.get('value'))}" if within else ""
    return f"{_said(row.get('column'))} = {_said(row.get('value'))}{pair}"


def _said(value: Any) -> str:
    return "–" if value is None else str(value)


_TABLES = (
    _Table(
        "terms",
        lambda row: (_said(row.get("term")), text_of(row, "kind"), text_of(row, "unit", "words")),
        ("direction", "reference_share", "current_share", "p_value"),
    ),
    _Table("segments", lambda row: (_segment_name(row), text_of(row, "kind")), ("effect", "p_value")),
    _Table(
        "causes",
        lambda row: (_said(row.get("cause")), text_of(row, "kind")),
        ("direction", "share_of_rows", "rows_touched", "share_explained"),
    ),
)
