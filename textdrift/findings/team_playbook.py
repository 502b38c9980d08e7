"""TeamPlaybook: who owns the answer to a drift, where it is written down, and the steps of a team instead of ours."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import urlsplit

from textdrift.errors import SettingsError, nearest_name
from textdrift.findings.fault_processes import OF_CAUSES
from textdrift.findings.phrases import clipped
from textdrift.findings.processes import OF_KINDS

__all__ = ["TeamEntry", "TeamPlaybook", "team_playbook_from"]

_EXAMPLE = "{owner: team, runbook: 'https://…', quality: {owner: ingest, steps: [Call the sender.]}}"
_OF_ALL = ("owner", "runbook")
_OF_ONE = ("owner", "runbook", "decides", "first", "steps")
_LONGEST = {"owner": 200, "decides": 200, "first": 500, "runbook": 500}
_LONGEST_STEP, _MOST_STEPS = 500, 10
_LONGEST_SHOWN = 60
_OF_ADDRESSES = frozenset(string.ascii_letters + string.digits + "-._~:/?#[]@!$&()*+,;=%")


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamEntry:
    """What a team says of one kind or cause; what is ``None`` or empty is ours, or that of the whole playbook."""

    owner: str | None = None
    runbook: str | None = None
    decides: str | None = None
    first: str | None = None
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamPlaybook:
    """The playbook of a team.

    Attributes
    ----------
    owner:
        Who owns the answer, where an entry names no other.
    runbook:
        The address of the team's own page, likewise.
    entries:
        By kind of drift or cause.
    """

    owner: str | None = None
    runbook: str | None = None
    entries: Mapping[str, TeamEntry] = field(default_factory=lambda: MappingProxyType({}))


def team_playbook_from(mapping: object) -> TeamPlaybook:
    """Read the playbook of a team, as an argument or a job file holds it.

    Parameters
    ----------
    mapping:
        ``owner`` and ``runbook`` for all, and by the name of a kind (``quality``) or cause (``escaped``) a table of
        ``owner``, ``runbook``, ``decides``, ``first`` and ``steps``; all may be left out, and ``None`` is the same as
        an empty table.

    Raises
    ------
    SettingsError
        For an unknown key (the nearest is offered), a runbook that is no address of the web, or a value that is no
        text.

    Examples
    --------
    >>> team_playbook_from({"owner": "nlp", "quality": {"owner": "ingest"}}).entries["quality"].owner
    'ingest'
    >>> team_playbook_from({"ownr": "nlp"})
    Traceback (most recent call last):
    textdrift.errors.SettingsError: playbook has no key 'ownr': did you mean 'owner'?
    """
    if mapping is None:
        return TeamPlaybook()
    if not isinstance(mapping, Mapping):
        raise SettingsError(f"playbook needs a table, as in {_EXAMPLE}; got {_shown(mapping)}")
    known = dict.fromkeys((*_OF_ALL, *OF_KINDS, *OF_CAUSES))
    for key in mapping:
        if key not in known:
            raise SettingsError(f"playbook has no key {key!r}: {nearest_name(key, known)}")
    return TeamPlaybook(
        owner=_text(mapping.get("owner"), "playbook.owner", _LONGEST["owner"]),
        runbook=_address(mapping.get("runbook"), "playbook.runbook"),
        entries={name: _entry(mapping[name], name) for name in known if name in mapping and name not in _OF_ALL},
    )


def _entry(given: object, name: str) -> TeamEntry:
    where = f"playbook.{name}"
    if given is None:  # a key of a job file that is left empty
        return TeamEntry()
    if not isinstance(given, Mapping):
        raise SettingsError(f"{where} needs a table of {', '.join(_OF_ONE)}; got {_shown(given)}")
    for key in given:
        if key not in _OF_ONE:
            raise SettingsError(f"{where} has no key {key!r}: {nearest_name(key, _OF_ONE)}")
    texts = {key: _text(given.get(key), f"{where}.{key}", _LONGEST[key]) for key in ("owner", "decides", "first")}
    return TeamEntry(
        runbook=_address(given.get("runbook"), f"{where}.runbook"), steps=_steps(given.get("steps"), where), **texts
    )


def _text(given: object, where: str, longest: int) -> str | None:
    if given is None:
        return None
    if not isinstance(given, str) or not given.strip() or len(given) > longest:
        raise SettingsError(f"{where} needs a text of 1 to {longest} characters; got {_shown(given)}")
    if any("\ud800" <= sign <= "\udfff" for sign in given):
        raise SettingsError(
            f"{where} holds a lone surrogate, which no file can keep; got {_shown(given)}: write it anew"
        )
    return given.strip()


def _steps(given: object, where: str) -> tuple[str, ...]:
    if given is None:
        return ()
    if not isinstance(given, (list, tuple)) or not 0 < len(given) <= _MOST_STEPS:
        raise SettingsError(f"{where}.steps needs a list of 1 to {_MOST_STEPS} texts; got {_shown(given)}")
    return tuple(str(_text(step if step is not None else "", f"{where}.steps", _LONGEST_STEP)) for step in given)


def _address(given: object, where: str) -> str | None:
    """Take an address that a page may link to; a name or password in it would stand in every report."""
    address = _text(given, where, _LONGEST["runbook"])
    if address is None:
        return None
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port  # a port that is none is a ValueError
    except ValueError:
        host = None
    if host is None or parts.scheme not in {"http", "https"}:
        raise SettingsError(f"{where} needs an address that begins with http:// or https://; got {_shown(given)}")
    if "@" in parts.netloc:
        raise SettingsError(f"{where} holds a name or password, which every reader of a report would see; leave it out")
    if not _OF_ADDRESSES.issuperset(address):
        raise SettingsError(
            f"{where} holds a blank, a quote or a letter that no address may hold; write it as %20 and so on; got "
            f"{_shown(given)}"
        )
    return address


def _shown(value: object) -> str:
    return clipped(repr(value), _LONGEST_SHOWN)
