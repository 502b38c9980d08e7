"""Which tests a run makes, and the share of alpha that each may spend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from numbers import Integral
from types import MappingProxyType
from typing import Any

import numpy as np

from textdrift.drift.catalog import CATALOG, FAMILIES, CatalogEntry
from textdrift.errors import SettingsError, nearest_name
from textdrift.findings.deciding import refuse_unknown_effects
from textdrift.findings.family_options import (
    FAMILY_OPTIONS,
    embedding_tests,
    features_chosen,
    material_sizes,
    readers_chosen,
    tokenization_chosen,
    units_chosen,
)
from textdrift.tokens.tokenization import Tokenization
from textdrift.windows.feature_columns import FeatureType
from textdrift.windows.window import Roles

__all__ = ["Plan", "PlannedTest", "plan_tests"]

_LEAST_LEVEL = 1e-5
_ROLE_IN_WORDS = {"vectors": "a text or embeddings", "features": "features", "points": "a text"}
_NO_TYPES: Mapping[str, FeatureType] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class PlannedTest:
    """One test ready to run."""

    entry: CatalogEntry
    test: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The tests of one run, and what the user asked of them.

    Attributes
    ----------
    tests:
        In the order of the catalogue.
    tokenization:
        How texts become words.
    vocabulary:
        The words that the monitored model knows, as the user gave them; ``None`` where he did not.
    material_from:
        (family, effect name or ``*``) to the size from which an effect matters, where the user overrides the default.
    feature_categories:
        Features whose numbers are codes.
    feature_unit:
        What counts once in tests of features: ``documents`` or ``rows``.
    """

    tests: tuple[PlannedTest, ...]
    tokenization: Tokenization
    vocabulary: Any
    material_from: Mapping[tuple[str, str], float]
    feature_categories: tuple[str, ...] = ()
    feature_unit: str = "documents"


def plan_tests(
    roles: Roles,
    tests: Mapping[str, Mapping[str, Any] | None] | None,
    alpha: float,
    *,
    n_documents: int = 0,
    with_canary: bool = False,
    feature_types: Mapping[str, FeatureType] = _NO_TYPES,
) -> Plan:
    """Choose the tests that the roles allow (or the families that ``tests`` names) and set their levels.

    ``n_documents`` of the larger window decides which engine looks at embeddings where the user leaves it open; a plan
    made before the windows are read finds the user's slips and is then made again. ``with_canary`` adds the look at the
    encoder itself. Each feature has a test of its own, for numbers or for names; until ``feature_types`` are known all
    pass for numbers.

    Each kind of drift is judged once, by Holm over the kinds, and the tests within a kind by a weighted Bonferroni; so
    a test is sure to be heard at alpha x share / kinds, where its share is its weight in the catalogue, divided by
    those of all tests of its kind that can run on these roles. That is the level at which its detectable effect is
    stated. Permutations are raised until it can be reached: B + 1 >= kinds / (share x alpha).
    """
    table = {family: dict(options or {}) for family, options in (tests or {}).items()}
    _refuse_unknown_families(table)
    of_embeddings = embedding_tests(table.get("embedding", {}), n_documents)
    if with_canary:
        of_embeddings |= {"embedding.encoder_canary"}
    of_words = table.get("lexical", {})
    chosen_parts = {"unit": units_chosen(of_words.get("units")), "reader": readers_chosen(of_words, roles, tests)}
    categories, unit = features_chosen(table.get("columns", {}), roles)
    entries = _chosen_entries(roles, None if tests is None else table, of_embeddings, chosen_parts)
    known_options = {family: {o for e in entries if e.family == family for o in e.options} for family in table}
    entries = [each for entry in entries for each in _of_each_column(entry, roles, feature_types)]
    kinds = {e.kind for e in entries if e.decides}
    n_kinds = len(kinds)
    if alpha / n_kinds < _LEAST_LEVEL:
        raise SettingsError(
            f"alpha={alpha} needs more than {n_kinds / alpha:,.0f} permutations of each test; the smallest alpha that "
            f"these tests can meet is {n_kinds * _LEAST_LEVEL:.1g}"
        )
    weights = {kind: sum(e.weight for e in entries if e.decides and e.kind == kind) for kind in kinds}

    planned, material = [], {}
    for family, options in table.items():
        known = {*FAMILY_OPTIONS.get(family, ()), *known_options[family], "material_from"}
        for option in options:
            if option not in known:
                hint = nearest_name(option, sorted(known))
                raise SettingsError(f"tests: {family!r} has no option {option!r}; {hint}")
        material.update(material_sizes(family, options.get("material_from")))
    refuse_unknown_effects(material)
    for entry in entries:
        options = table.get(entry.family, {})
        chosen = {**entry.presets, **{name: options[name] for name in entry.options if _is_set(entry, options, name)}}
        # What only explains spends nothing; its level is that of a test beside the others, for sizes that compare.
        level = alpha / (n_kinds * max(1.0, weights.get(entry.kind, 0.0) / entry.weight))
        test = _made(entry, {**entry.fixed, **chosen, "level": level})
        needed = ceil(1 / level)  # one more than B + 1 >= 1 / level asks, so that rounding cannot undo it
        if getattr(test, "n_permutations", needed) < needed:
            test = _made(entry, {**entry.fixed, **chosen, "level": level, "n_permutations": needed})
        planned.append(PlannedTest(entry, test))
    return Plan(
        tests=tuple(planned),
        tokenization=tokenization_chosen(of_words),
        vocabulary=of_words.get("vocabulary"),
        material_from=material,
        feature_categories=categories,
        feature_unit=unit,
    )


def _of_each_column(
    entry: CatalogEntry, roles: Roles, feature_types: Mapping[str, FeatureType]
) -> Iterator[CatalogEntry]:
    """Yield the entry, or one for each feature of its type; one feature alone cannot move together with another."""
    if entry.per_column is None:
        if entry.name != "columns.joint" or len(roles.features) > 1:
            yield entry
        return
    for name in roles.features:
        is_named = feature_types.get(name) == "categorical"
        if is_named == (entry.per_column == "categorical"):
            yield entry.for_column(name)


def _chosen_entries(
    roles: Roles,
    table: Mapping[str, Any] | None,
    of_embeddings: frozenset[str],
    chosen_parts: Mapping[str, tuple[str, ...]],
) -> list[CatalogEntry]:
    entries = [
        entry
        for entry in CATALOG
        # A canary that lies beside the reference asks for its look, whatever families are named.
        if (table is None or entry.family in table or (entry.is_fact and entry.optional))
        and _allowed(entry, roles)
        and (entry.family != "embedding" or entry.name in of_embeddings)
        and all(entry.fixed[part] in chosen for part, chosen in chosen_parts.items() if part in entry.fixed)
    ]
    for family in table or ():
        if not any(entry.family == family and entry.roles for entry in entries):
            raise SettingsError(f"tests: family {family!r} needs {_needed(family)}; no column was given for it")
    if not any(entry.decides for entry in entries):
        raise SettingsError("nothing to test: give a text column, features, a label or a prediction")
    return entries


def _is_set(entry: CatalogEntry, options: Mapping[str, Any], name: str) -> bool:
    """Whether the user set an option: None means "all" to a test that knows it, and to the others their default."""
    return name in options and (options[name] is not None or entry.default(name) is None)


def _made(entry: CatalogEntry, options: Mapping[str, Any]) -> Any:
    for name, value in options.items():
        if value is None:
            continue
        whole = isinstance(value, Integral) and not isinstance(value, bool)
        if isinstance(value, bool) or (name.startswith(("n_", "max_", "min_")) and not whole):
            raise SettingsError(f"tests: {entry.family}.{name} needs a whole number; got {value!r}")
        if whole and value < 1:
            raise SettingsError(f"tests: {entry.family}.{name} must be at least 1; got {value}")
    try:
        return entry.test(**{k: int(v) if isinstance(v, np.integer) else v for k, v in options.items()})
    except TypeError as error:
        raise SettingsError(f"tests: {entry.name} cannot be set up so: {error}") from error


def _refuse_unknown_families(table: Mapping[str, Any]) -> None:
    for family in table:
        if family not in FAMILIES:
            hint = nearest_name(family, FAMILIES)
            raise SettingsError(f"tests: no family {family!r}; {hint}")


def _allowed(entry: CatalogEntry, roles: Roles) -> bool:
    return all(map(roles.has, entry.roles)) and (not entry.any_of or any(map(roles.has, entry.any_of)))


def _needed(family: str) -> str:
    ways = dict.fromkeys(
        " and ".join(_ROLE_IN_WORDS.get(role, f"a {role}") for role in e.roles)
        for e in CATALOG
        if e.family == family and e.roles and "segments" not in e.roles
    )
    return ", or ".join(ways)
