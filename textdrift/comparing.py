"""compare(): two sets of texts in, one DriftReport out."""

from __future__ import annotations

import platform
import time as clock
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from textdrift.drift.running import named_rng, run_test
from textdrift.drift.window_pair import WindowPair
from textdrift.embeddings import Embeddings
from textdrift.embeddings.encoder import Encoder, resolve_encoder
from textdrift.embeddings.vector_cache import VectorCache
from textdrift.errors import EmbeddingsError, NotYetError, SettingsError
from textdrift.findings.deciding import decide, drifted_kinds, verdict_of
from textdrift.findings.diagnosing import diagnose, name_kinds
from textdrift.findings.localising import rank_segments
from textdrift.findings.planning import Plan, plan_tests
from textdrift.findings.summarising import summarise
from textdrift.reports.drift_report import DriftReport, RunRecord, WindowSummary
from textdrift.reports.wording import clipped, visible
from textdrift.windows.reading import read_window, time_span
from textdrift.windows.vectors import BESIDE
from textdrift.windows.window import Roles, Window

__all__ = ["compare"]

_LONGEST_PATH = 4096  # of the systems we run on
_LONGEST_NAME = 200
_LONGEST_SHOWN = 80

_VERSIONS_OF = (
    "textdrift",
    "numpy",
    "scipy",
    "scikit-learn",
    "pyarrow",
    "polars",
    "torch",
    "sentence-transformers",
    "alibi-detect",
)


def compare(
    reference: Any,
    current: Any,
    *,
    text: str | None = "text",
    label: str | None = None,
    prediction: str | None = None,
    probabilities: Mapping[str, str] | None = None,
    time: str | None = None,
    id: str | None = None,  # noqa: A002 - the role is called id, in every file a user has
    group: str | None = None,
    segments: Sequence[str] | None = (),
    features: Sequence[str] | None = (),
    encoder: str | Path | Mapping[str, Any] | Encoder | None = None,
    embeddings: Any = None,
    tests: Mapping[str, Mapping[str, Any] | None] | None = None,
    examples: int = 0,
    alpha: float = 0.05,
    seed: int = 0,
) -> DriftReport:
    """Compare two sets of texts and say whether, how and where they differ.

    Parameters
    ----------
    reference, current:
        A pandas, polars or pyarrow table, a ``datasets.Dataset``, a list of strings, a path or glob of parquet, csv or
        jsonl files, a URL that fsspec knows, or a mapping ``{"path": …}`` or ``{"sql": URL, "query": …}`` with optional
        ``start`` and ``end`` on the time column.
    text, label, prediction, time, id:
        The columns that play these parts; ``None`` where there is none.
    probabilities:
        Label to the column of its predicted probability; they sum to one in each row.
    segments:
        Columns to localise the drift by.
    encoder:
        A name, a path, a table of options, or an ``Encoder``; ``None`` is ``sentence-transformers/all-MiniLM-L6-v2``.
    tests:
        Families to run with their options, such as ``{"lexical": {"tokenizer": "tweet"}}``; ``None`` runs every family
        that the roles allow.
    examples:
        How many texts per finding the report may show.
    alpha:
        The probability of a false alarm of the whole report, all tests together.
    seed:
        The same inputs and seed give the same report, apart from the times in ``seconds``.
    embeddings:
        Vectors that you already have, instead of encoding: the name of a column of lists, or two arrays of shape (n, d)
        and (m, d) with one vector a row, or two ``Embeddings``. With arrays alone, ``reference`` and ``current`` are
        ``None``.
    group, features:
        Reserved; they do not exist yet and are refused.

    Returns
    -------
    DriftReport

    Raises
    ------
    WindowError
        When a window cannot be read or a column cannot play its part.
    SettingsError
        When an argument cannot be used; ``NotYetError`` for one that is reserved.
    EncoderError
        When there is no such encoder, or what is given is none, even where no test needs it.

    Examples
    --------
    >>> import textdrift
    >>> before = [f"the parcel number {i} came on time and all was well" for i in range(200)]
    >>> after = [f"the parcel number {i} was delayed and nobody answers" for i in range(200)]
    >>> report = textdrift.compare(before, after, tests={"lexical": {}})
    >>> report.verdict, report.diagnosis.kinds
    ('drift', ('lexical',))
    >>> [row["term"] for row in report.diagnosis.terms][:3]
    ['all', 'answers', 'came']
    """
    started = clock.perf_counter()
    _refuse_later(group=group, features=features)
    _check(alpha=alpha, seed=seed, examples=examples)
    given = _given_embeddings(embeddings, encoder=encoder)
    if given.vectors[0] is not None and reference is None and current is None and text == "text":
        text = None
    _check_columns(text=text, label=label, prediction=prediction, time=time, id=id)
    _check_tests(tests)
    roles = Roles(
        text=text, label=label, prediction=prediction, probabilities=_probabilities(probabilities), time=time, id=id,
        segments=_names("segments", segments), embeddings=given.column,
    )  # fmt: skip
    # A name is looked for when it is first used; a slip in it should not wait for that.
    chosen_encoder = None if encoder is None else resolve_encoder(encoder)
    plan = plan_tests(roles, tests, alpha)
    windows = (
        read_window(reference, roles, name=_name_of(reference, "reference"), vectors=given.vectors[0]),
        read_window(current, roles, name=_name_of(current, "current"), vectors=given.vectors[1]),
    )
    seconds = {"reading": clock.perf_counter() - started}
    pair = WindowPair(
        *windows,
        encoder=cache(lambda: resolve_encoder(None) if chosen_encoder is None else chosen_encoder),
        cache=cache(VectorCache),
        tokenizer=plan.tokenizer,
        seed=seed,
        given_space=given.space,
    )
    plan = plan_tests(roles, tests, alpha, n_documents=max(map(len, pair.every_document)))
    # One test of meaning is explained; the others would say the same of fewer documents.
    explaining = next((planned for planned in plan.tests if planned.entry.explain is not None), None)
    results = []
    for planned in plan.tests:
        begun = clock.perf_counter()
        explain_from = alpha if planned is explaining else None
        result = run_test(planned.entry, planned.test, pair, examples=examples, seed=seed, explain_from=explain_from)
        # A test whose p-value cannot be trusted shows its size and decides nothing.
        supporting = planned.entry.supporting or not (result.has_p_value or planned.entry.is_fact)
        results.append((result, supporting))
        key = planned.entry.name + (f".{planned.entry.kind}" if "kind" in planned.entry.fixed else "")
        seconds[key] = clock.perf_counter() - begun

    judged = decide(results, alpha=alpha, material_from=plan.material_from)
    findings, naming = name_kinds(judged, alpha=alpha)
    kinds = drifted_kinds(findings)
    begun = clock.perf_counter()
    segment_rows = rank_segments(pair, kinds, alpha=alpha, rng=named_rng(seed, "segments"))
    seconds["segments"] = clock.perf_counter() - begun
    diagnosis = diagnose(findings, naming, segments=segment_rows)
    verdict = verdict_of(kinds, findings)
    seconds["total"] = clock.perf_counter() - started
    return DriftReport(
        verdict=verdict,
        summary=summarise(verdict, kinds, diagnosis.ambiguous, findings),
        findings=findings,
        diagnosis=diagnosis,
        run=RunRecord(
            reference=_summary(windows[0], len(pair.documents[0])),
            current=_summary(windows[1], len(pair.documents[1])),
            settings=_settings(plan, roles, pair, alpha=alpha, examples=examples),
            versions=_versions(),
            seed=seed,
            seconds=seconds,
            notes=tuple(_notes(pair)),
        ),
    )


def _refuse_later(*, group: str | None, features: Any) -> None:
    if isinstance(features, Sequence) and not features:
        features = None
    for name, value in (("group", group), ("features", features)):
        if value is not None:
            raise NotYetError(f"{name}= does not exist yet; leave it out")


@dataclass(frozen=True, slots=True)
class _GivenEmbeddings:
    """Vectors that the user has: the column that holds them, or the arrays beside each window."""

    column: str | None = None
    vectors: tuple[Any, Any] = (None, None)
    space: str = "given"


def _given_embeddings(embeddings: Any, *, encoder: Any) -> _GivenEmbeddings:
    if embeddings is None:
        return _GivenEmbeddings()
    if encoder is not None:
        raise SettingsError("embeddings are given and an encoder too; drop one: given vectors are not encoded again")
    if isinstance(embeddings, str) and embeddings:
        return _GivenEmbeddings(column=embeddings)
    try:
        vectors = tuple(embeddings)
    except TypeError:
        vectors = ()
    if isinstance(embeddings, (str, Mapping)) or len(vectors) != 2:  # noqa: PLR2004 - a pair
        raise SettingsError(
            "embeddings needs the name of a column, or two arrays (reference, current) with one vector a row; got "
            f"{_shape_or_value(embeddings)}"
        )
    if any(isinstance(v, Embeddings) and v.groups is not None for v in vectors):
        raise SettingsError("embeddings hold groups; name the column of the groups with group= instead")
    encoders = [v.encoder for v in vectors if isinstance(v, Embeddings)]
    if len(set(encoders)) > 1:
        raise EmbeddingsError(
            f"points of two encoders cannot be compared: reference {encoders[0]!r}, current {encoders[1]!r}; encode "
            "both windows with one"
        )
    first, second = (v.points if isinstance(v, Embeddings) else v for v in vectors)
    return _GivenEmbeddings(BESIDE, (first, second), encoders[0] if encoders else "given")


def _check(*, alpha: float, seed: int, examples: int) -> None:
    if isinstance(alpha, bool) or not isinstance(alpha, (int, float)) or not 0 < alpha < 1:
        raise SettingsError(f"alpha must lie between 0 and 1; got {alpha!r}")
    for name, value in (("seed", seed), ("examples", examples)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 0:
            raise SettingsError(f"{name} must be a whole number of at least 0; got {value!r}")


def _check_columns(**columns: object) -> None:
    for role, column in columns.items():
        if column is not None and (not isinstance(column, str) or not column):
            raise SettingsError(f"{role} needs the name of a column, or None for none; got {_shown(column)}")


def _check_tests(tests: object) -> None:
    if tests is None:
        return
    example = "such as {'lexical': {'tokenizer': 'tweet'}}"
    if not isinstance(tests, Mapping):
        raise SettingsError(f"tests needs a mapping of families to their options, {example}; got {_shown(tests)}")
    if not tests:
        raise SettingsError("nothing to test: tests names no family; leave it out to run all")
    for family, options in tests.items():
        if not isinstance(family, str):
            raise SettingsError(f"tests: a family is named by a string, {example}; got {_shown(family)}")
        if options is not None and not isinstance(options, Mapping):
            raise SettingsError(f"tests: {family!r} needs a mapping of options, {example}; got {_shown(options)}")
        for option in options or ():
            if not isinstance(option, str):
                raise SettingsError(f"tests: an option of {family!r} is named by a string; got {_shown(option)}")


def _probabilities(given: object) -> dict[str, str]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise SettingsError(f"probabilities needs a mapping of labels to columns; got {_shown(given)}")
    columns = {str(label): column for label, column in given.items()}
    if len(columns) < len(given):
        raise SettingsError(f"probabilities names a label twice; got {_shown(list(given))}")
    for label, column in columns.items():
        if not isinstance(column, str) or not column:
            raise SettingsError(f"probabilities: {label!r} needs the name of a column; got {_shown(column)}")
    return columns


def _names(argument: str, given: object) -> tuple[str, ...]:
    if given is None:
        return ()
    if isinstance(given, str):
        raise SettingsError(f"{argument} needs a list of column names; got the string {given!r}; write [{given!r}]")
    if not isinstance(given, Iterable):
        raise SettingsError(f"{argument} needs a list of column names; got {_shown(given)}")
    names = tuple(given)
    for name in names:
        if not isinstance(name, str) or not name:
            raise SettingsError(f"{argument} needs a list of column names; one of them is {_shown(name)}")
    return names


def _shape_or_value(value: object) -> str:
    shape = getattr(value, "shape", None)
    if shape is not None:
        return f"one array of shape {shape}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"a {type(value).__name__} of {len(value)}"
    return _shown(value)


def _shown(value: object) -> str:
    return clipped(repr(value), _LONGEST_SHOWN)


def _name_of(source: Any, otherwise: str) -> str:
    """Name a window after its path; what cannot be a path, or holds a password, is not shown."""
    if isinstance(source, Mapping) and "path" in source:
        source = source["path"]
    if not isinstance(source, (str, Path)):
        return otherwise
    path = str(source)
    if "@" in path or "\n" in path or len(path) > _LONGEST_PATH:
        return otherwise
    return clipped(visible(path), _LONGEST_NAME)


def _summary(window: Window, n_documents: int) -> WindowSummary:
    start, end = time_span(window)
    return WindowSummary(
        name=window.name,
        rows=window.n_rows,
        rows_used=int(window.usable.sum()),
        documents=n_documents,
        start=start,
        end=end,
    )


def _notes(pair: WindowPair) -> list[str]:
    notes = []
    for name, window, documents in zip(("reference", "current"), pair.windows, pair.documents, strict=True):
        used = int(window.usable.sum())
        if used < window.n_rows:
            notes.append(
                f"{window.n_rows - used} of {window.n_rows} {name} rows hold no text (null or blank): counted under "
                "quality, left out of the other tests."
            )
        if len(documents) < used:
            notes.append(f"{used - len(documents)} of {used} {name} rows are copies of another row and count once.")
        for role in ("label", "prediction"):
            column = getattr(window.roles, role)
            missing = window.column(column).null_count if column is not None else 0
            if missing:
                notes.append(f"{missing} of {window.n_rows} {name} rows have no {role}.")
    return notes


def _settings(plan: Plan, roles: Roles, pair: WindowPair, *, alpha: float, examples: int) -> dict[str, Any]:
    tests = {
        planned.entry.name + (f".{planned.entry.kind}" if "kind" in planned.entry.fixed else ""): {
            f.name: getattr(planned.test, f.name) for f in fields(planned.test)
        }
        for planned in plan.tests
    }
    tokenizer = (
        plan.tokenizer if isinstance(plan.tokenizer, str) else getattr(plan.tokenizer, "__qualname__", "callable")
    )
    return {
        "alpha": alpha,
        "examples": examples,
        "roles": {f.name: getattr(roles, f.name) for f in fields(roles) if getattr(roles, f.name)},
        "encoder": pair.space or None,
        "tokenizer": tokenizer,
        "tests": tests,
    }


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version()}
    for name in _VERSIONS_OF:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions
