"""What a user chose in ``tests``, read family by family: words, embeddings, features, and sizes that matter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf
from typing import Any, Final

from textdrift.drift.catalog import CATALOG
from textdrift.drift.embedding.alibi import alibi_is_there
from textdrift.errors import MissingExtraError, SettingsError, nearest_name
from textdrift.tokens.known_words import known_words
from textdrift.tokens.tokenization import Tokenization, unit_names
from textdrift.windows.window import Roles

__all__ = [
    "FAMILY_OPTIONS",
    "embedding_tests",
    "features_chosen",
    "material_sizes",
    "readers_chosen",
    "tokenization_chosen",
    "units_chosen",
]

_WORD_OPTIONS = ("tokenizer", "stemmer", "stop_words", "normalization")
FAMILY_OPTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "lexical": (*_WORD_OPTIONS, "units", "vocabulary"),
    "embedding": ("engine", "detectors"),
    "columns": ("categories", "unit"),
}
"""Options of a family that are of none of its tests alone."""

_ENGINES = ("auto", "alibi", "native")
_EVERY_DOCUMENT_SEEN = 2000  # documents of a window: up to here Alibi Detect can look at each of them
_FEATURE_UNITS = ("documents", "rows")
_MOST_FEATURES = 1000  # each is a test that takes its share of the level


def features_chosen(options: Mapping[str, Any], roles: Roles) -> tuple[tuple[str, ...], str]:
    """Return which features hold codes, and what counts once in their tests."""
    given, unit = options.get("categories"), options.get("unit")
    if len(roles.features) > _MOST_FEATURES:
        raise SettingsError(
            f"features names {len(roles.features):,} columns, and at most {_MOST_FEATURES:,} can be compared at once; "
            "name those that the model reads"
        )
    for name in ("categories", "unit"):
        if options.get(name) is not None and not roles.features:
            raise SettingsError(f"tests: columns.{name} speaks of features, and none was named; give features too")
    if unit is not None and (not isinstance(unit, str) or unit not in _FEATURE_UNITS):
        hint = nearest_name(str(unit), _FEATURE_UNITS)
        raise SettingsError(f"tests: columns.unit is one of {', '.join(_FEATURE_UNITS)}; got {unit!r}; {hint}")
    if isinstance(given, str):
        given = [name.strip() for name in given.split(",")]
    if given is not None and (isinstance(given, Mapping) or not isinstance(given, Iterable)):
        raise SettingsError(f"tests: columns.categories needs a list of features; got {given!r}")
    names = tuple(given or ())
    for name in names:
        if not isinstance(name, str) or name not in roles.features:
            hint = nearest_name(str(name), roles.features)
            raise SettingsError(f"tests: columns.categories names {name!r}, which is no feature; {hint}")
    return names, unit or "documents"


def embedding_tests(options: Mapping[str, Any], n_documents: int) -> frozenset[str]:
    """Return the names of the tests that look at embeddings.

    Alibi Detect's detector cannot look at every document of a large window, and ours can; a forced engine stays the
    one that was asked for.
    """
    engine = "auto" if options.get("engine") is None else options["engine"]
    if not isinstance(engine, str) or engine not in _ENGINES:
        hint = nearest_name(str(engine), _ENGINES)
        raise SettingsError(f"tests: embedding.engine is one of {', '.join(_ENGINES)}; got {engine!r}; {hint}")
    detectors = _detectors(options.get("detectors"))
    if (engine == "alibi" or detectors) and not alibi_is_there():
        raise MissingExtraError(
            f"tests: embedding.{'engine' if engine == 'alibi' else 'detectors'} asks for Alibi Detect, which is not "
            "installed; it has releases for Python 3.11 and 3.12: pip install 'alibi-detect>=0.13,<0.14', or use "
            "engine 'native'"
        )
    of_engine = {
        "alibi": {"embedding.alibi_mmd"},
        "native": {"embedding.mmd", "embedding.mean_embedding"},
        "auto": {"embedding.mean_embedding"},
    }[engine]
    if engine == "auto" and n_documents <= _EVERY_DOCUMENT_SEEN:
        of_engine |= {"embedding.alibi_mmd" if alibi_is_there() else "embedding.mmd"}
    return frozenset({*of_engine, *detectors, "embedding.segments", "embedding.domain_classifier"})


def tokenization_chosen(options: Mapping[str, Any]) -> Tokenization:
    """Return how texts become words; what is left out, or None, stays the default."""
    return Tokenization(**{name: options[name] for name in _WORD_OPTIONS if options.get(name) is not None})


def readers_chosen(options: Mapping[str, Any], roles: Roles, tests: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return who may not know a word: the encoder where one encodes, and the monitored model where its words are given.

    A vocabulary that cannot be read is refused here, before anything else is.
    """
    readers = []
    if roles.embeddings is None and (tests is None or "embedding" in tests):
        readers.append("encoder")
    if options.get("vocabulary") is not None:
        known_words(options["vocabulary"])
        readers.append("vocabulary")
    return tuple(readers)


def units_chosen(given: Any) -> tuple[str, ...]:
    """Return what is counted: words, and what else the user names."""
    if isinstance(given, str):
        given = [name.strip() for name in given.split(",")]
    names = tuple(given) if isinstance(given, Iterable) and not isinstance(given, Mapping) else given
    if names is None:
        return ("words",)
    if not isinstance(names, tuple) or not names:
        raise SettingsError(f"tests: lexical.units needs a list of units; got {given!r}; write [{given or 'words'}]")
    for name in names:
        if not isinstance(name, str) or name not in unit_names():
            hint = nearest_name(str(name), unit_names())
            raise SettingsError(f"tests: lexical.units has no {name!r}; {hint}")
    return tuple(dict.fromkeys(("words", *names)))


def _detectors(given: Any) -> tuple[str, ...]:
    """Return the names of the optional tests that the user asks for."""
    if given is None:
        return ()
    known = {e.name.partition(".")[2]: e.name for e in CATALOG if e.family == "embedding" and e.optional and e.decides}
    if isinstance(given, (str, Mapping)) or not isinstance(given, Iterable):
        raise SettingsError(f"tests: embedding.detectors needs a list of names; got {given!r}; write [{given!r}]")
    names = tuple(given)
    for name in names:
        if not isinstance(name, str) or name not in known:
            raise SettingsError(f"tests: embedding.detectors has no {name!r}; {nearest_name(name, known)}")
    return tuple(known[name] for name in names)


def material_sizes(family: str, given: Any) -> dict[tuple[str, str], float]:
    """Return (family, effect name or ``*``) to the size from which the user says that an effect matters."""
    if given is None:
        return {}
    table = given if isinstance(given, Mapping) else {"*": given}
    for name, value in table.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < inf:
            raise SettingsError(f"tests: {family}.material_from ({name}) needs a number of at least 0; got {value!r}")
    return {(family, str(name)): float(value) for name, value in table.items()}
