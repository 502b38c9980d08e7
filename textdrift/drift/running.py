"""Running one test of the catalogue on two windows: its representations made, its answer in rows of the windows."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from textdrift.drift.catalog import CatalogEntry
from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.drift.doubt import doubted
from textdrift.drift.prepared import Prepared
from textdrift.drift.window_pair import WindowPair
from textdrift.windows.window import AbsentColumn

__all__ = ["named_rng", "run_test"]

_PLURALS = {"segment": "segments", "probability": "probabilities", "feature": "features"}


def run_test(
    entry: CatalogEntry, test: Any, pair: WindowPair, *, examples: int, seed: int, explain_from: float | None = None
) -> DriftResult:
    """Return what one test of the catalogue says about two windows.

    Documents are told by the rows of their windows.

    Parameters
    ----------
    entry, test:
        The entry of the catalogue and its test, set up.
    pair:
        The two windows.
    examples:
        How many texts of each window the evidence may show.
    seed:
        Of the whole run; each test has a stream of its own.
    explain_from:
        A result with at most this p-value is explained; ``None`` explains none.
    """
    lost = _absent(entry, pair)
    if lost is not None:
        none = np.zeros(0, dtype=np.int64)
        reason = f"the current window has no column '{lost.name}' ({lost.part}), which this test needs."
        return _untested(entry, Prepared(reference=None, current=None, documents=(none, none), reason=reason))
    prepared = entry.prepare(pair, test)
    if prepared.reference is None:
        return doubted(_untested(entry, prepared), prepared.doubt)
    rng = named_rng(seed, f"{entry.key.removesuffix(f'.{entry.kind}')}:{entry.kind}")
    result: DriftResult = test.compare(prepared.reference, prepared.current, rng=rng)
    evidence = (*result.evidence, *prepared.evidence)
    if entry.explain is not None and explain_from is not None and result.p_value <= explain_from:
        evidence += entry.explain(pair, prepared, test, named_rng(seed, f"{entry.name}:explained"))
    result = replace(
        result,
        evidence=tuple(_with_rows(table, pair, prepared, examples) for table in evidence),
        notes=(*prepared.notes, *result.notes),
    )
    return doubted(result, prepared.doubt)


def named_rng(seed: int, name: str) -> np.random.Generator:
    """Give each test its own stream, so that running fewer tests changes no other answer."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def _absent(entry: CatalogEntry, pair: WindowPair) -> AbsentColumn | None:
    """Return the column without which the test cannot run, and which the current window alone has not."""
    reference, current = pair.windows
    if entry.column:
        of_features = (column for column in current.absent if column.role == "feature")
        return next((column for column in of_features if column.name == entry.column), None)
    # Labels of the reference are kept, though there is nothing to compare them with.
    needed = [role for role in entry.roles if role == "label" or not reference.roles.has(role)]
    return next((column for column in current.absent if _PLURALS.get(column.role, column.role) in needed), None)


def _untested(entry: CatalogEntry, prepared: Prepared) -> DriftResult:
    """Say that a window holds no document that the test could compare: p = 1, and no effect could have been seen."""
    unknown = Effect(name="unknown", value=0.0, low=0.0, high=float("inf"), detectable=float("inf"))
    column = (Evidence(name="column", rows=({"column": entry.column, "type": None},)),) if entry.column else ()
    return DriftResult(
        test=entry.name,
        kind=entry.kind,
        statistic=0.0,
        p_value=1.0,
        effects=(unknown,),
        evidence=(*column, *prepared.evidence),
        n_documents=(0, 0) if entry.column else (len(prepared.documents[0]), len(prepared.documents[1])),
        notes=(*prepared.notes, prepared.reason or _nothing_to_compare(entry.family)),
    )


def _nothing_to_compare(family: str) -> str:
    if family == "concept":
        return "The windows share no label with enough texts."
    return "One of the windows holds no document to compare."


def _with_rows(evidence: Evidence, pair: WindowPair, prepared: Prepared, examples: int) -> Evidence:
    """Replace the numbers of compared documents by row numbers of the window, and show as many texts as allowed."""
    if evidence.name not in _TABLES_OF_DOCUMENTS:
        return evidence

    def row_of(window: str, document: int) -> tuple[int, int]:
        side = ("reference", "current").index(window)
        number = int(prepared.documents[side][document])
        return int(pair.documents[side].first_rows[number]), number

    translate = _TABLES_OF_DOCUMENTS[evidence.name]
    rows = [translate(row, row_of) for row in evidence.rows]
    if evidence.name == "documents" and examples and pair.windows[0].roles.text is not None:
        rows = _with_texts(rows, evidence, pair, row_of, examples)
    return Evidence(name=evidence.name, rows=tuple(rows))


_Lookup = Callable[[str, int], tuple[int, int]]


def _with_texts(
    rows: list[dict[str, Any]], evidence: Evidence, pair: WindowPair, row_of: _Lookup, examples: int
) -> list[dict[str, Any]]:
    shown = {"reference": 0, "current": 0}
    for row, given in zip(rows, evidence.rows, strict=True):
        window = row["window"]
        if shown[window] < examples:
            shown[window] += 1
            side = ("reference", "current").index(window)
            row["text"] = pair.documents[side].texts[row_of(window, given["document"])[1]].as_py()
    return rows


def _document(row: Mapping[str, Any], row_of: _Lookup) -> dict[str, Any]:
    rest = {key: value for key, value in row.items() if key not in ("window", "document", "score")}
    return {"window": row["window"], "row": row_of(row["window"], row["document"])[0], "score": row["score"], **rest}


def _place(row: Mapping[str, Any], row_of: _Lookup) -> dict[str, Any]:
    rest = {key: value for key, value in row.items() if key not in ("window", "document")}
    return {"window": row["window"], "row": row_of(row["window"], row["document"])[0], **rest}


def _cluster(row: Mapping[str, Any], row_of: _Lookup) -> dict[str, Any]:
    rest = {key: value for key, value in row.items() if key != "documents"}
    return {**rest, "rows": [row_of(row["window"], document)[0] for document in row["documents"]]}


_TABLES_OF_DOCUMENTS: Mapping[str, Callable[[Mapping[str, Any], _Lookup], dict[str, Any]]] = {
    "documents": _document,
    "map": _place,
    "clusters": _cluster,
    "stories": _cluster,
}
