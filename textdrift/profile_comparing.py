"""compare_profiles(): two windows of which no text is left, one DriftReport out."""

from __future__ import annotations

import time as clock
from dataclasses import fields, replace
from math import ceil
from pathlib import Path
from typing import Any

from textdrift.compare_arguments import PROFILE_SUFFIX, check_numbers, is_profile
from textdrift.drift.contract import DriftResult, Evidence
from textdrift.drift.embedding import MeanEmbedding
from textdrift.drift.lexical.token_frequency import TokenFrequency
from textdrift.drift.lexical.vocabulary import Vocabulary
from textdrift.drift.lexical.word_shift import word_shift
from textdrift.drift.running import named_rng
from textdrift.errors import ProfileError, SettingsError
from textdrift.findings.deciding import decide, drifted_kinds, verdict_of
from textdrift.findings.diagnosing import diagnose, name_kinds
from textdrift.findings.playbook import playbook_for
from textdrift.findings.severity import report_severity
from textdrift.findings.summarising import summarise
from textdrift.kept_arguments import kept_arguments
from textdrift.profiles import Profile, check_comparable, load
from textdrift.reports.drift_report import DriftReport
from textdrift.reports.run_record import RunRecord, WindowSummary
from textdrift.run_record import installed_versions
from textdrift.tokens.aligning import aligned, in_equal_bins
from textdrift.tokens.token_counts import BinnedCounts
from textdrift.tokens.unnamed import shown_term

__all__ = ["compare_profiles"]


def compare_profiles(
    reference: Profile | str | Path, current: Profile | str | Path, *, alpha: float = 0.05, seed: int = 0
) -> DriftReport:
    """Compare two windows of which only profiles are left, and say whether, how and where they differ.

    What a profile holds is tested: words where it has counts, meaning where it has sums of embeddings. Bins are
    permuted, those of both windows brought to equal mean size first. A row is a row, and copies of a text count each,
    yet all in one bin, so they do not pass for independent. There are no documents, labels or columns in a profile, so
    nothing is said of them.

    Parameters
    ----------
    reference, current:
        Profiles of one tokenization and one encoder, or the paths of their files.
    alpha:
        The probability of a false alarm of the whole report, all tests together.
    seed:
        The same profiles and seed give the same report, apart from the times in ``seconds``.

    Raises
    ------
    ProfileError
        When a file is no profile, a window is empty, or the profiles were not made alike.
    SettingsError
        When the larger window has too few bins for the smaller; the message says how many are needed.

    Examples
    --------
    >>> from textdrift.profiles import profile_texts
    >>> names = [f"{a}{b}" for a in "bcdfghklmnprst" for b in "aeiou"]
    >>> monday = profile_texts([[f"parcel for {name} on time" for name in names]], name="monday")
    >>> tuesday = profile_texts([[f"parcel for {name} lost at sea" for name in names]], name="tuesday")
    >>> report = compare_profiles(monday, tuesday)
    >>> report.verdict, [row["term"] for row in report.diagnosis.terms]
    ('drift', ['at', 'lost', 'on', 'sea', 'time'])
    """
    started = clock.perf_counter()
    alpha = check_numbers(alpha=alpha, seed=seed, examples=0)
    profiles = [_profile(given, role) for role, given in (("reference", reference), ("current", current))]
    check_comparable(*profiles)
    for role, profile in zip(("reference", "current"), profiles, strict=True):
        if not profile.n_documents:
            raise ProfileError(f"the {role} profile {profile.name!r} holds no document; give one with texts")
    seconds = {"reading": clock.perf_counter() - started}
    results, settings = _tested(profiles[0], profiles[1], alpha=alpha, seed=seed, seconds=seconds)
    findings, naming = name_kinds(decide([(result, False) for result in results], alpha=alpha), alpha=alpha)
    kinds = drifted_kinds(findings)
    diagnosis = diagnose(findings, naming, segments=())
    verdict = verdict_of(kinds, findings)
    first = profiles[0]
    seconds["total"] = clock.perf_counter() - started
    return DriftReport(
        verdict=verdict,
        summary=summarise(verdict, kinds, diagnosis.ambiguous, findings),
        findings=findings,
        diagnosis=diagnosis,
        playbook=playbook_for(diagnosis, report_severity(findings), findings),
        run=RunRecord(
            reference=_summary(profiles[0], "reference"),
            current=_summary(profiles[1], "current"),
            settings={
                "alpha": alpha,
                "encoder": first.encoder or None,
                "tokenizer": first.tokenization.get("tokenizer"),
                "tokenization": dict(first.tokenization),
                "binned_by": first.units.by,
                "tests": settings,
                **kept_arguments(reference=reference, current=current, alpha=alpha, seed=seed),
            },
            versions=installed_versions(),
            seed=seed,
            seconds=seconds,
            notes=("Profiles were compared: copies of a text count each, and share a bin.",),
        ),
    )


def _profile(given: Any, role: str) -> Profile:
    if isinstance(given, Profile):
        return given
    if not is_profile(given):
        shown = repr(str(given)) if isinstance(given, (str, Path)) else type(given).__name__
        raise SettingsError(
            f"the {role} must be a profile or the path of one, which ends in {PROFILE_SUFFIX}; got {shown}; make one "
            f"with textdrift.profile(…), or compare texts with textdrift.compare"
        )
    return load(given)


def _tested(
    reference: Profile, current: Profile, *, alpha: float, seed: int, seconds: dict[str, float]
) -> tuple[list[DriftResult], dict[str, Any]]:
    """Run every test that the profiles allow, each at the level that it is sure to be heard at."""
    n_kinds = (reference.counts is not None) + (reference.sums is not None)
    results, settings = [], {}
    n_units = reference.n_units, current.n_units

    def ready(test: type[Any], n_tests: int, **options: Any) -> Any:
        level = alpha / (n_kinds * n_tests)
        return test(level=level, n_permutations=max(test().n_permutations, ceil(1 / level)), **options)

    if reference.counts is not None and current.counts is not None:
        counts = in_equal_bins(*aligned(reference.counts, current.counts), n_units=n_units)
        unit = str(reference.tokenization.get("unit", "words"))
        # As in compare(): of what is no single word only the frequencies are tested.
        tests = [("lexical.token_frequency", ready(TokenFrequency, 2 if unit == "words" else 1, unit=unit))]
        if unit == "words":
            tests.insert(0, ("lexical.vocabulary", ready(Vocabulary, 2)))
        for name, test in tests:
            begun = clock.perf_counter()
            result = test.compare(*counts, rng=named_rng(seed, f"{name}:lexical"))
            results.append(_shown(_explained(result, counts, alpha)))
            settings[name] = {f.name: getattr(test, f.name) for f in fields(test)}
            seconds[name] = clock.perf_counter() - begun
    if reference.sums is not None and current.sums is not None:
        name, test = "embedding.mean_embedding", ready(MeanEmbedding, 1)
        begun = clock.perf_counter()
        rng = named_rng(seed, f"{name}:semantic")
        results.append(test.compare_sums(reference.sums, current.sums, rng=rng, n_independent=n_units))
        settings[name] = {"n_permutations": test.n_permutations, "level": test.level}
        seconds[name] = clock.perf_counter() - begun
    return results, settings


def _explained(result: DriftResult, counts: tuple[BinnedCounts, BinnedCounts], alpha: float) -> DriftResult:
    """Add the parts of the divergence, the one explanation that needs no document."""
    if result.test != "lexical.token_frequency" or result.p_value > alpha or result.table("unit"):
        return result
    return replace(result, evidence=(*result.evidence, word_shift(*counts, min_documents=5)))


def _shown(result: DriftResult) -> DriftResult:
    """Show terms of which only the hash was kept as what they are."""
    tables = [
        Evidence(
            name=table.name,
            rows=tuple({**row, "term": shown_term(row["term"])} if row.get("term") else row for row in table.rows),
        )
        for table in result.evidence
    ]
    return replace(result, evidence=tuple(tables))


def _summary(profile: Profile, role: str) -> WindowSummary:
    return WindowSummary(
        name=profile.name or role,
        rows=profile.n_rows,
        rows_used=profile.n_documents,
        documents=profile.n_units,
        start=None if profile.span is None else profile.span.start_at,
        end=None if profile.span is None else profile.span.end_at,
    )
