"""From results to findings: multiplicity, the least effect worth a word, and when nothing can be said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from textdrift.drift.catalog import CATALOG
from textdrift.drift.contract import DriftResult, Effect
from textdrift.drift.doubt import doubt_in
from textdrift.errors import SettingsError, nearest_name
from textdrift.findings.finding import MINIMUM_DOCUMENTS, Finding, is_material, magnitude
from textdrift.findings.wording import sentence_of
from textdrift.stats.multiplicity import bonferroni, holm

__all__ = [
    "MATERIAL_FROM",
    "MINIMUM_DOCUMENTS",
    "decide",
    "drifted_kinds",
    "judges_of",
    "refuse_unknown_effects",
    "shift_of_meaning",
    "verdict_of",
]

MATERIAL_FROM: Mapping[tuple[str, str], float] = MappingProxyType(
    {
        ("lexical.vocabulary", "excess_new_terms"): 0.03,
        ("lexical.vocabulary", "excess_vanished_terms"): 0.03,
        ("lexical.token_frequency", "largest_share_change"): 0.02,
        ("lexical.token_frequency", "js_excess"): 0.005,
        ("lexical.segments", "share_change_in_segment"): 0.05,
        ("embedding.alibi_mmd", "std_shift"): 0.05,
        ("embedding.mmd", "std_shift"): 0.05,
        ("embedding.mean_embedding", "std_shift"): 0.05,
        ("embedding.mean_embedding", "spread_shift"): 0.06,
        ("embedding.segments", "std_shift_in_segment"): 0.10,
        ("embedding.alibi_lsdd", "std_shift"): 0.05,
        ("embedding.alibi_learned_kernel", "std_shift"): 0.05,
        ("embedding.alibi_classifier", "std_shift"): 0.05,
        ("embedding.alibi_spot_the_diff", "std_shift"): 0.05,
        ("embedding.encoder_canary", "encoder_changed"): 1.0,
        ("columns.categorical", "total_variation"): 0.05,
        ("columns.categorical.features", "total_variation"): 0.10,
        ("columns.numeric", "kolmogorov_smirnov"): 0.10,
        ("columns.joint", "correlation_change"): 0.15,
        ("columns.joint", "std_shift"): 0.10,
        ("columns.unseen", "excess_unseen"): 0.02,
        ("columns.accuracy", "accuracy_change"): 0.03,
        ("concept.label_given_text", "share_relabelled"): 0.03,
        ("concept.label_given_text", "net_relabelled"): 0.03,
        ("quality.missing", "share_of_rows"): 0.01,
        ("quality.missing_values", "share_of_rows"): 0.01,
        ("quality.copies", "share_of_rows"): 0.01,
        ("quality.length", "share_of_rows"): 0.01,
        ("quality.encoding", "share_of_rows"): 0.01,
        ("quality.markup", "share_of_rows"): 0.03,
        ("quality.casing", "share_of_rows"): 0.10,
        ("quality.placeholder", "share_of_rows"): 0.01,
        ("quality.language", "share_of_rows"): 0.01,
        ("quality.template", "share_of_rows"): 0.02,
        ("quality.schema", "share_of_rows"): 0.01,
        ("quality.late", "share_of_rows"): 0.01,
        ("quality.leakage", "share_of_rows"): 0.01,
        ("quality.giveaways", "share_of_rows"): 0.01,
        ("quality.loop", "share_of_rows"): 0.10,
    }
)
"""The least effect worth a word, by test and effect. Topics alone move markup, casing and templates: higher bars."""

_CONCLUSIVE_AT = 2.0
_FACTS = ("encoder_changed",)
_STEP_DOWN = ("features",)
"""Kinds whose tests speak of one thing each, a column, and are judged by Holm within the kind."""
_WEIGHTS = {(entry.name, entry.kind): entry.weight for entry in CATALOG if entry.decides}


def decide(
    results: Sequence[tuple[DriftResult, bool]],
    *,
    alpha: float,
    material_from: Mapping[tuple[str, str], float] = MappingProxyType({}),
) -> tuple[Finding, ...]:
    """Judge all results of one run together.

    The tests of one kind are combined by a weighted Bonferroni into one p-value; Holm runs over the kinds. A test's
    share is its weight in the catalogue, divided by those of all tests of its kind. Its adjusted p-value is its own,
    divided by its share, times the Holm factor of its kind. Columns of features are judged by Holm within their kind,
    which leaves the smallest p-value of the kind as it is. When nothing drifted, "some finding is at or under alpha"
    has a probability of at most alpha under any dependence between the tests: a kind's combined p-value is at or under
    a with probability sum P(p_i <= a share_i) <= a, and Holm (1979) takes any p-values. The same holds for the kinds
    that did not drift where others did.

    A result without a p-value is a fact: it is judged by its size alone. A test that decides in the catalogue and has
    no p-value in this run keeps its share, unspent: shares that hung on what the windows hold would break the promise.

    Parameters
    ----------
    results:
        Pairs of a result and whether it is supporting (explains, never decides).
    alpha:
        False alarms of the whole report.
    material_from:
        (family, effect name or ``*``) to a threshold that replaces the default.
    """
    refuse_unknown_effects(material_from)
    deciding = [result for result, supporting in results if _has_a_share(result, supporting=supporting)]
    kinds = list(dict.fromkeys(result.kind for result in deciding))
    members = {kind: [result for result in deciding if result.kind == kind] for kind in kinds}
    combined = np.array([bonferroni([r.p_value for r in of], [_weight(r) for r in of]) for of in members.values()])
    adjusted = holm(combined) if kinds else combined
    rank = np.argsort(np.argsort(combined, kind="stable"), kind="stable")
    factor = {kind: len(kinds) - int(rank[i]) for i, kind in enumerate(kinds)}
    floor = {kind: float(adjusted[i]) for i, kind in enumerate(kinds)}
    within = {
        id(result): p
        for kind, of_kind in members.items()
        for result, p in zip(of_kind, _adjusted_within(kind, of_kind), strict=True)
    }

    findings = []
    for result, supporting in results:
        effect, threshold = _main_effect(result, material_from)
        if supporting:
            findings.append(_finding(result, effect, threshold, supporting=True))
            continue
        if not result.has_p_value:
            findings.append(_finding(result, effect, threshold, drifted=is_material(effect, threshold)))
            continue
        p = min(1.0, max(floor[result.kind], within[id(result)] * factor[result.kind]))
        enough = min(result.n_documents) >= MINIMUM_DOCUMENTS
        drifted = enough and p <= alpha and is_material(effect, threshold)
        conclusive = drifted or (enough and _could_have_seen(result, material_from))
        findings.append(_finding(result, effect, threshold, p=p, drifted=drifted, conclusive=conclusive))
    return tuple(findings)


def _adjusted_within(kind: str, results: Sequence[DriftResult]) -> list[float]:
    """Return the p-values of the tests of one kind, adjusted for each other: by Holm, or a weighted Bonferroni."""
    if kind in _STEP_DOWN:
        return [float(p) for p in holm([result.p_value for result in results])]
    total = sum(map(_weight, results))
    return [result.p_value * (total / _weight(result)) for result in results]


def _weight(result: DriftResult) -> float:
    return _WEIGHTS.get((result.test, result.kind), 1.0)


def _has_a_share(result: DriftResult, *, supporting: bool) -> bool:
    """Whether a result takes part in the correction: it decides, or would if it had a p-value."""
    return not supporting if result.has_p_value else (result.test, result.kind) in _WEIGHTS


def _finding(
    result: DriftResult,
    effect: Effect,
    threshold: float | None,
    *,
    p: float | None = None,
    drifted: bool = False,
    conclusive: bool = True,
    supporting: bool = False,
) -> Finding:
    return Finding(
        result=result,
        supporting=supporting,
        adjusted_p_value=p,
        effect=effect,
        material_from=threshold,
        drifted=drifted,
        conclusive=conclusive,
        sentence=sentence_of(result, effect, drifted=drifted, conclusive=conclusive, supporting=supporting),
    )


def _main_effect(result: DriftResult, material_from: Mapping[tuple[str, str], float]) -> tuple[Effect, float | None]:
    """Return the effect that exceeds its threshold most, and the threshold; the first one where none does."""
    rated = [(effect, _threshold(result, effect, material_from)) for effect in result.effects]
    material = [
        (magnitude(effect) / threshold if threshold else np.inf, effect, threshold)
        for effect, threshold in rated
        if threshold is not None and is_material(effect, threshold)
    ]
    if not material:
        return rated[0]
    _, effect, threshold = max(material, key=lambda row: row[0])
    return effect, threshold


def _threshold(result: DriftResult, effect: Effect, material_from: Mapping[tuple[str, str], float]) -> float | None:
    family = result.test.partition(".")[0]
    of_kind = (f"{result.test}.{result.kind}", effect.name)
    default = MATERIAL_FROM.get(of_kind, MATERIAL_FROM.get((result.test, effect.name)))
    if default is None or not result.has_p_value:  # a fact stands whatever matters to whom
        return default
    return material_from.get((family, effect.name), material_from.get((family, "*"), default))


def _could_have_seen(result: DriftResult, material_from: Mapping[tuple[str, str], float]) -> bool:
    """Whether twice a material size of the main effect would have shown."""
    threshold = _threshold(result, result.effects[0], material_from)
    return threshold is None or result.effects[0].detectable <= _CONCLUSIVE_AT * threshold


def refuse_unknown_effects(material_from: Mapping[tuple[str, str], float]) -> None:
    """Raise where a size is set for an effect that no test of the family has."""
    known = {(test.partition(".")[0], name) for test, name in MATERIAL_FROM if name not in _FACTS}
    for family, name in material_from:
        names = sorted(n for f, n in known if f == family)
        if name != "*" and name not in names:
            raise SettingsError(f"tests: {family}.material_from has no effect {name!r}; {nearest_name(name, names)}")


def drifted_kinds(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return the kinds that drifted, strongest first: the effect in units of what matters."""
    strength: dict[str, float] = {}
    for finding in findings:
        if finding.drifted:
            strength[finding.kind] = max(strength.get(finding.kind, 0.0), finding.strength)
    return tuple(sorted(strength, key=lambda kind: (-strength[kind], kind)))


def shift_of_meaning(findings: Iterable[Finding]) -> float | None:
    """Return how many standard deviations the texts moved, by the largest test of meaning; ``None`` where none ran."""
    shifts = [e.value for f in findings if f.kind == "semantic" for e in f.result.effects if e.name == "std_shift"]
    return max(shifts, default=None)


def verdict_of(kinds: Sequence[str], findings: Sequence[Finding]) -> str:
    """Return ``drift``, ``inconclusive`` or ``no_drift``.

    Without drift it is the semantic finding that says whether the windows were large enough to trust the silence; in a
    run without texts those of features; and in a run without either, every kind must have a test that could have seen.
    A column that could not be read as what it is leaves the verdict open in every run.
    """
    if kinds:
        return "drift"
    judges = judges_of(findings)
    blind = {f.kind for f in judges} - {f.kind for f in judges if f.conclusive}
    return "inconclusive" if blind or any(map(_was_not_read, judges)) else "no_drift"


def judges_of(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that say whether a silence can be trusted, see `verdict_of`.

    Of features they are those of single columns: that no value is unseen says little of the values that are known.
    """
    deciding = [f for f in findings if not f.supporting and f.result.has_p_value]  # a fact is never blind
    of_meaning = [f for f in deciding if f.kind == "semantic"]
    of_columns = [f for f in deciding if f.kind == "features" and f.result.table("column")]
    if of_meaning or any(f.kind == "lexical" for f in deciding):
        return [*(of_meaning or deciding), *(f for f in of_columns if of_meaning and _was_not_read(f))]
    return of_columns or deciding


def _was_not_read(finding: Finding) -> bool:
    """Whether a column holds what could not be read, such as decimal commas."""
    doubt = doubt_in(finding.result)
    return not finding.conclusive and doubt is not None and doubt.leaves_open
