"""verify(): a report in, the same comparison made again, and every number that came out otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textdrift.compare_arguments import is_profile
from textdrift.comparing import compare
from textdrift.errors import SettingsError, nearest_name
from textdrift.profile_comparing import compare_profiles
from textdrift.reports.differences import changed_values
from textdrift.reports.digest import report_digest
from textdrift.reports.drift_report import DriftReport
from textdrift.reports.reading_reports import checked_report, read_report
from textdrift.reports.tolerant_parts import rows_of, table_of, text_of

__all__ = ["Verification", "verify"]

_ROLES = ("reference", "current")
_OF_PROFILES = ("alpha", "seed")
# What is told apart from the numbers, and what a window is called: it may have been moved.
_NOT_COMPARED = (
    "seconds", "digest", "versions", "fingerprints", "reference.name", "current.name", "settings.arguments.reference",
    "settings.arguments.current", "settings.not_kept",
)  # fmt: skip
# What a job adds to the comparison: its gate may pass what drifted, and its notes know earlier windows.
_OF_A_JOB = ("job", "budget", "gate", "passed", "business_summary", "notes")
_CANARY_TEST = "embedding.encoder_canary"
_CANARY_KEPT = ("The canary of the encoder was written to ", "No canary of the encoder was kept: ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What came of making a report again.

    Attributes
    ----------
    digest:
        ``same``, ``changed`` (the report was edited since it was written) or ``none`` (it holds no digest).
    fingerprints:
        Role to ``same``, ``changed`` (other data) or ``none`` (the report holds none).
    differences:
        Every value that came out otherwise, as {path, was, is}, with ``only`` (was or is) where it stands in one of
        the two reports alone; the times, names of windows and versions apart.
    versions:
        Versions that differ, as {path, was, is}: a reason for small differences, and none by themselves.
    """

    digest: str
    fingerprints: Mapping[str, str]
    differences: Sequence[Mapping[str, Any]]
    versions: Sequence[Mapping[str, Any]]

    @property
    def same(self) -> bool:
        """Whether the report is as it was written, of these data, and every number came out again."""
        return self.digest != "changed" and "changed" not in self.fingerprints.values() and not self.differences

    def described(self) -> dict[str, Any]:
        """Return plain values, as JSON holds them."""
        return {
            "same": self.same,
            "digest": self.digest,
            "fingerprints": dict(self.fingerprints),
            "differences": [dict(row) for row in self.differences],
            "versions": [dict(row) for row in self.versions],
        }


def verify(
    report: DriftReport | Mapping[str, Any] | str | Path, reference: Any = None, current: Any = None
) -> Verification:
    """Make the comparison of a report again, with its own settings and seed, and say what came out otherwise.

    Cost: that of the comparison; vectors are taken from the cache where they are still there. What the report names is
    read: the paths of its windows and the folder or name of its encoder. Of a report from somebody whom you do not
    trust, look at ``settings.arguments`` first.

    Parameters
    ----------
    report:
        A report, its dict, or the path of its JSON file.
    reference, current:
        The windows, as ``compare`` takes them; ``None`` for those that the report names. ``start`` and ``end`` of the
        report hold for a path given here too.

    Raises
    ------
    SettingsError
        When the report does not hold all that is needed to repeat it, or holds what ``compare`` refuses.
    WindowError
        When a report or a window cannot be read.

    Examples
    --------
    >>> import textdrift
    >>> windows = [[f"parcel {i}: {what}" for i in range(200)] for what in ("on time", "nobody answers")]
    >>> report = textdrift.compare(*windows, tests={"lexical": {}})
    >>> verify(report, *windows).same
    True
    >>> edited = {**report.to_dict(), "verdict": "no_drift"}
    >>> found = verify(edited, *windows)
    >>> found.digest, found.differences
    ('changed', [{'path': 'verdict', 'was': 'no_drift', 'is': 'drift'}])
    """
    document = _document(report)
    if (reference is None) != (current is None):
        raise SettingsError("give both windows, reference and current, or none for those that the report names")
    made = _made_again(document, reference, current).to_dict()
    again = json.loads(json.dumps(made))
    _forget_canary(document, again)
    digest = document.get("digest")
    return Verification(
        digest="none" if digest is None else "same" if digest == report_digest(document) else "changed",
        fingerprints={role: _compared(document, again, role) for role in _ROLES},
        differences=_renamed(
            changed_values(document, again, without=_NOT_COMPARED + (_OF_A_JOB if document.get("job") else ()))
        ),
        versions=_renamed(changed_values(document["versions"], again["versions"])),
    )


def _document(report: Any) -> dict[str, Any]:
    if isinstance(report, (str, Path)):
        return read_report(report)
    if isinstance(report, DriftReport):
        report = report.to_dict()
    if not isinstance(report, Mapping):
        raise SettingsError(f"give a report, its dict, or the path of its JSON file; got {type(report).__name__}")
    return checked_report(json.loads(json.dumps(report)), "the report")


def _made_again(document: Mapping[str, Any], reference: Any, current: Any) -> DriftReport:
    """Compare again with the arguments that the report holds."""
    arguments = document["settings"].get("arguments")
    if not isinstance(arguments, dict) or not arguments:
        raise SettingsError(
            "the report does not hold the arguments that it was made with (settings.arguments), so it cannot be made "
            "again; make it anew with this version of textdrift"
        )
    not_kept = table_of(document, "settings", "not_kept")
    sources = [
        _source(role, given, arguments.get(role), not_kept.get(role))
        for role, given in zip(_ROLES, (reference, current), strict=True)
    ]
    options = {name: value for name, value in arguments.items() if name not in _ROLES}
    lost = [name for name in not_kept if name not in _ROLES]
    if lost:
        what = ", ".join(f"{name} ({not_kept[name]})" for name in lost)
        raise SettingsError(
            f"the report cannot hold what it was made with, so it cannot be made again: {what}; call compare with it, "
            "and lay the two reports side by side with textdrift diff"
        )
    if any(map(is_profile, sources)):
        return _checked_call(compare_profiles, sources, options, _OF_PROFILES)
    return _checked_call(compare, sources, _without_canary(document, options), _names_of_compare())


def _checked_call(
    function: Callable[..., DriftReport], sources: Sequence[Any], options: Mapping[str, Any], known: Sequence[str]
) -> DriftReport:
    for name in options:
        if name not in known:
            raise SettingsError(
                f"settings.arguments of the report has {name!r}, which is none; {nearest_name(name, known)}"
            )
    return function(*sources, **options)


def _names_of_compare() -> list[str]:
    import inspect

    return [name for name in inspect.signature(compare).parameters if name not in _ROLES]


def _source(role: str, given: Any, kept: Any, not_kept: Any) -> Any:
    """Return the window to read: what was given, within the times of the report, or what the report names."""
    bounds = {key: kept[key] for key in ("start", "end") if kept.get(key)} if isinstance(kept, dict) else {}
    if given is not None:
        if not bounds or (isinstance(given, Mapping) and {"start", "end"} & set(given)):
            return given
        if isinstance(given, Mapping):
            return {**given, **bounds}
        if isinstance(given, (str, Path)):
            return {"path": given, **bounds}
        raise SettingsError(
            f"the {role} of the report was cut to {bounds}; give a path to be cut alike, or a mapping with the path"
        )
    if kept is None:
        was = f", which was {not_kept}" if isinstance(not_kept, str) else ""
        raise SettingsError(
            f"the report does not name its {role} window{was}; give both windows: textdrift verify REPORT.json "
            "REFERENCE CURRENT"
        )
    return kept


def _without_canary(document: Mapping[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments without a canary that was written only when the report was made: it was looked at later."""
    encoder = options.get("encoder")
    if not isinstance(encoder, dict) or encoder.get("canary") is None:
        return options
    if any(text_of(finding, "test") == _CANARY_TEST for finding in rows_of(document, "findings")):
        if not Path(str(encoder["canary"])).is_file():
            raise SettingsError(
                f"the report looked at the canary {str(encoder['canary'])!r}, and there is no such file any more; put "
                "it back, or work in the folder that its path counts from"
            )
        return options
    rest = {key: value for key, value in encoder.items() if key != "canary"}
    return {**options, "encoder": rest or None}


def _forget_canary(document: dict[str, Any], again: dict[str, Any]) -> None:
    """Take out what the first run alone could say: that it wrote the canary."""
    encoder = table_of(document, "settings", "arguments").get("encoder")
    if isinstance(encoder, dict) and "canary" in encoder:
        again["settings"]["arguments"]["encoder"] = encoder
        notes = document.get("notes")
        if isinstance(notes, list):
            told = [note for note in notes if not (isinstance(note, str) and note.startswith(_CANARY_KEPT))]
            again["notes"] += [note for note in notes if note not in told]


def _compared(document: Mapping[str, Any], again: Mapping[str, Any], role: str) -> str:
    was, now = (table_of(side, "fingerprints").get(role) for side in (document, again))
    return "none" if was is None else "same" if was == now else "changed"


def _renamed(changes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return changes as {path, was, is}; ``only`` says where a value stands alone."""
    sides = {"before": "was", "after": "is"}
    return [
        {
            "path": change["path"],
            "was": change["before"],
            "is": change["after"],
            **({"only": sides[change["only"]]} if "only" in change else {}),
        }
        for change in changes
    ]
