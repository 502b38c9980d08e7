"""compare(): two sets of texts in, one DriftReport out."""

from __future__ import annotations

import time as clock
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from textdrift.compare_arguments import (
    check_columns,
    check_numbers,
    check_tests,
    checked_probabilities,
    column_names,
    given_embeddings,
    name_of_source,
    refuse_profiles,
    refuse_without_roles,
    without_canary,
)
from textdrift.drift.running import named_rng, run_test
from textdrift.drift.window_pair import WindowPair
from textdrift.embeddings import Canary
from textdrift.embeddings.encoder import Encoder, resolve_encoder
from textdrift.embeddings.vector_cache import VectorCache
from textdrift.errors import EncoderError
from textdrift.findings.cost_table import CostTable
from textdrift.findings.costing import cost_table_from, price
from textdrift.findings.deciding import decide, drifted_kinds, shift_of_meaning, verdict_of
from textdrift.findings.diagnosing import diagnose, name_kinds
from textdrift.findings.finding import Finding
from textdrift.findings.localising import judge_segments
from textdrift.findings.planning import plan_tests
from textdrift.findings.playbook import playbook_for, team_playbook_from
from textdrift.findings.priced_change import Cost
from textdrift.findings.said_of_rows import has_text, said_of_rows
from textdrift.findings.segment_shares import segment_shares
from textdrift.findings.severity import report_severity
from textdrift.findings.sight import counted_by
from textdrift.findings.summarising import summarise
from textdrift.findings.suspecting import suspected_documents
from textdrift.findings.triaging import triage
from textdrift.kept_arguments import kept_arguments
from textdrift.performance.asking import AskedLabels, ask_for_labels
from textdrift.performance.assessing import Performance, assess_performance
from textdrift.performance.scoring import scored_rows
from textdrift.reports.drift_report import DriftReport
from textdrift.reports.run_record import RunRecord, compared_of
from textdrift.reports.visible_text import visible
from textdrift.run_notes import notes_of_segments, run_notes
from textdrift.run_record import installed_versions, run_settings, window_summary
from textdrift.windows.reading_both import read_both
from textdrift.windows.window import Roles

__all__ = ["compare"]

_UNPRICED = (
    "The cost could not be told, and a limit on it was not judged: it needs rows with label and prediction in both "
    "windows, of classes that the reference or the matrix knows, or probabilities that the labels of the reference can "
    "bring to scale."
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
    cost: Mapping[str, Any] | None = None,
    playbook: Mapping[str, Any] | None = None,
    labels_to_ask: int = 0,
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
    group:
        The column of the author, session or thread: rows of one group are not independent. Tests of meaning move the
        rows of a group together, all other tests look at one document of each group. A row without a group is one of
        its own.
    probabilities:
        Label to the column of its predicted probability; they sum to one in each row.
    segments:
        Columns to localise the drift by.
    features:
        Other columns to compare: of numbers, or of names (text and bools). Missing values are counted, see
        ``quality.missing_values``. Numbers that are codes are named by ``tests={"columns": {"categories": [...]}}``.
    encoder:
        A name, a path, a table of options, or an ``Encoder``; ``None`` is ``sentence-transformers/all-MiniLM-L6-v2``.
    tests:
        Families to run with their options, such as ``{"lexical": {"tokenizer": "tweet"}}``; ``None`` runs every family
        that the roles allow.
    cost:
        What a wrong prediction costs, ``{"matrix": {label: {prediction: cost}}, "volume": documents a window,
        "currency": "EUR", "fail_above": 5000}``; a negative cost is a gain, all but the matrix may be left out. The
        report then says what the change costs a window, and with ``fail_above`` the cost decides whether it passed.
    playbook:
        Who does what when something drifts: ``{"owner": "team-nlp", "runbook": "https://…"}`` for all, and by kind of
        drift or cause ``{"quality": {"owner": …, "runbook": …, "decides": …, "first": …, "steps": […]}}``. What is left
        out is told by the playbook that comes with textdrift.
    labels_to_ask:
        How many documents of the current window the report may name to be labelled next, those that tell most first.
        ``textdrift.estimate_from_labels`` reads the answers.
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

    Returns
    -------
    DriftReport

    Raises
    ------
    WindowError
        When a window cannot be read or a column cannot play its part.
    SettingsError
        When an argument cannot be used.
    EncoderError
        When there is no such encoder, or what is given is none, even where no test needs it.

    Examples
    --------
    >>> import textdrift
    >>> before = [f"parcel {i}: on time" for i in range(200)]
    >>> after = [f"parcel {i}: nobody answers" for i in range(200)]
    >>> report = textdrift.compare(before, after, tests={"lexical": {}})
    >>> report.verdict, report.diagnosis.kinds
    ('drift', ('lexical',))
    >>> [row["term"] for row in report.diagnosis.terms][:3]
    ['answers', 'nobody', 'on']
    """
    started = clock.perf_counter()
    refuse_profiles(reference, current)
    alpha = check_numbers(alpha=alpha, seed=seed, examples=examples, labels_to_ask=labels_to_ask)
    kept = kept_arguments(
        reference=reference, current=current, text=text, label=label, prediction=prediction,
        probabilities=probabilities, time=time, id=id, group=group, segments=segments, features=features,
        encoder=encoder, embeddings=embeddings, tests=tests, cost=cost, playbook=playbook, labels_to_ask=labels_to_ask,
        examples=examples, alpha=alpha, seed=seed,
    )  # fmt: skip
    cost_table, team = None if cost is None else cost_table_from(cost), team_playbook_from(playbook)
    given = given_embeddings(embeddings, encoder=encoder)
    if given.vectors[0] is not None and reference is None and current is None and text == "text":
        text = None
    check_columns(text=text, label=label, prediction=prediction, time=time, id=id, group=group)
    check_tests(tests)
    roles = Roles(
        text=text, label=label, prediction=prediction, probabilities=checked_probabilities(probabilities), time=time,
        id=id, group=group, segments=column_names("segments", segments), embeddings=given.column,
        features=column_names("features", features),
    )  # fmt: skip
    # A name is looked for when it is first used; a slip in it should not wait for that.
    encoder, canary_file = without_canary(encoder)
    chosen_encoder = None if encoder is None else resolve_encoder(encoder)
    canary = Canary.load(canary_file) if canary_file is not None and canary_file.exists() else None
    refuse_without_roles(roles, cost=cost, labels_to_ask=labels_to_ask)
    plan = plan_tests(roles, tests, alpha, with_canary=canary is not None)
    windows = read_both(
        reference, current, roles, vectors=given.vectors,
        names=(name_of_source(reference, "reference"), name_of_source(current, "current")),
    )  # fmt: skip
    seconds = {"reading": clock.perf_counter() - started}
    pair = WindowPair(
        *windows,
        encoder=cache(lambda: resolve_encoder(None) if chosen_encoder is None else chosen_encoder),
        cache=cache(VectorCache),
        tokenization=plan.tokenization,
        known_words=plan.vocabulary,
        seed=seed,
        given_space=given.space,
        canary=canary,
        feature_categories=plan.feature_categories,
        feature_unit=plan.feature_unit,
    )
    n_documents = max(map(len, pair.every_document))
    plan = plan_tests(
        roles, tests, alpha,
        n_documents=n_documents, with_canary=canary is not None, feature_types=pair.feature_types,
    )  # fmt: skip
    # One test of each family is explained; the others would say the same of fewer documents.
    explaining = {planned.entry.family: planned for planned in reversed(plan.tests) if planned.entry.explain}
    results = []
    for planned in plan.tests:
        begun = clock.perf_counter()
        explain_from = alpha if planned is explaining.get(planned.entry.family) else None
        result = run_test(planned.entry, planned.test, pair, examples=examples, seed=seed, explain_from=explain_from)
        # A test whose p-value cannot be trusted shows its size and decides nothing.
        supporting = planned.entry.supporting or not (result.has_p_value or planned.entry.can_state_facts)
        results.append((result, supporting))
        seconds[planned.entry.key] = clock.perf_counter() - begun

    judged = decide(results, alpha=alpha, material_from=plan.material_from)
    findings, naming = name_kinds(judged, alpha=alpha)
    kinds = drifted_kinds(findings)
    begun = clock.perf_counter()
    segments_judged = judge_segments(
        pair, kinds, alpha=alpha, rng=named_rng(seed, "segments"), results=[result for result, _ in results]
    )
    seconds["segments"] = clock.perf_counter() - begun
    begun = clock.perf_counter()
    triaged = triage(pair, findings, rng=named_rng(seed, "triage"))
    if triaged.causes:
        seconds["triage"] = clock.perf_counter() - begun
    diagnosis = diagnose(
        findings,
        naming,
        segments=segments_judged.rows,
        too_small=segments_judged.too_small,
        search=segments_judged.search,
        causes=triaged.causes,
        explained_together=triaged.together,
        terms_of_faults=triaged.terms,
        segment_shares=segment_shares(windows),
    )
    performance, priced, asked = _assessed(
        pair, findings, cost_table, labels_to_ask, segments=segments_judged.rows, seed=seed, seconds=seconds
    )
    verdict = verdict_of(kinds, findings)
    notes = [
        *run_notes(pair, families={planned.entry.family for planned in plan.tests}),
        *notes_of_segments(segments_judged.not_judged),
        *triaged.notes,
    ]
    notes += [_UNPRICED] if cost_table is not None and priced is None else []
    if canary_file is not None and canary is None:
        notes.append(_kept_canary(pair.encoder, canary_file))
    seconds["total"] = clock.perf_counter() - started
    run = RunRecord(
        reference=window_summary(windows[0], len(pair.documents[0])),
        current=window_summary(windows[1], len(pair.documents[1])),
        settings=run_settings(plan, roles, pair, alpha=alpha, examples=examples) | kept,
        versions=installed_versions(),
        seed=seed,
        seconds=seconds,
        notes=tuple(notes),
    )
    severity = report_severity(findings, cost=priced, causes=diagnosis.causes)
    return _in_its_words(
        DriftReport(
            verdict=verdict,
            # It goes where nothing makes it harmless: to logs, mails and chats.
            summary=visible(
                summarise(
                    verdict,
                    kinds,
                    diagnosis.ambiguous,
                    findings,
                    counted=counted_by(
                        has_text=windows[0].roles.has("vectors"), has_groups=windows[0].roles.has("group")
                    ),
                    whole=compared_of(run, findings),
                    performance=performance,
                    cost=priced,
                )
            ),
            findings=findings,
            diagnosis=diagnosis,
            performance=performance,
            cost=priced,
            labels_to_ask=asked,
            playbook=playbook_for(
                diagnosis, severity, findings, cost=priced, settings=team, of_rows=not has_text(run.settings)
            ),
            run=run,
        )
    )


def _in_its_words(report: DriftReport) -> DriftReport:
    """Return a report with what it says of texts said of rows, where its windows hold no text."""
    if has_text(report.run.settings):
        return report
    findings = tuple(replace(finding, sentence=said_of_rows(finding.sentence)) for finding in report.findings)
    return replace(report, summary=said_of_rows(report.summary), findings=findings)


def _assessed(
    pair: WindowPair,
    findings: Sequence[Finding],
    cost_table: CostTable | None,
    labels_to_ask: int,
    *,
    segments: Sequence[Mapping[str, Any]],
    seed: int,
    seconds: dict[str, float],
) -> tuple[Performance | None, Cost | None, AskedLabels | None]:
    """Say how the monitored model does, what that costs, and which labels to ask for, as far as the roles allow."""
    begun = clock.perf_counter()
    performance = assess_performance(pair, std_shift=shift_of_meaning(findings), rng=named_rng(seed, "performance"))
    priced, asked = None, None
    if cost_table is not None and performance is not None:
        priced = price(cost_table, *performance.rows, performance.estimated)
    if performance is not None:
        seconds["performance"] = clock.perf_counter() - begun
    if labels_to_ask:
        begun = clock.perf_counter()
        rows = performance.rows if performance is not None else scored_rows(pair)
        suspected = suspected_documents(pair, findings, segments)
        rng = named_rng(seed, "labels_to_ask")
        asked = ask_for_labels(pair, rows, n_ask=labels_to_ask, rng=rng, suspected=suspected)
        seconds["labels_to_ask"] = clock.perf_counter() - begun
    return performance, priced, asked


def _kept_canary(encoder: Encoder, file: Path) -> str:
    """Write the first canary, and say whether it could be written: a report is not lost for it."""
    try:
        Canary.of(encoder).save(file)
    except EncoderError as error:
        return f"No canary of the encoder was kept: {error}."
    return f"The canary of the encoder was written to {file.name}; later runs compare with it."
