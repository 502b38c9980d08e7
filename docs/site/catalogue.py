"""What the catalogue knows of a test, as the lines below its heading."""
# ruff: noqa: INP001 - read by docs/conf.py, no package

from __future__ import annotations

import re
from pathlib import Path

from textdrift.drift.catalog import CATALOG, CatalogEntry
from textdrift.findings.deciding import MATERIAL_FROM

__all__ = ["told_catalogue", "told_test"]

_STATISTICS = Path(__file__).parents[1] / "statistics.md"
_MEASURED = re.compile(r"^\| `([\w.]+)` \| ([.\d]+) \| (.+?) \| ([.\d]+) \|$", flags=re.MULTILINE)
_ROLES = {"vectors": "text or embeddings"}


def told_test(name: str) -> str:
    """Return a table of the facts of one test: its kind, what it needs, what it decides, its options.

    >>> print(told_test("quality.markup").splitlines()[2])
    | kind | `quality` |
    """
    entries = [entry for entry in CATALOG if entry.name == name]
    if not entries:
        raise KeyError(f"there is no test {name!r} in the catalogue")
    least = {
        f"`{effect}`{test.removeprefix(name).replace('.', ' of ')}": value
        for (test, effect), value in MATERIAL_FROM.items()
        if f"{test}.".startswith(f"{name}.")
    }
    rows = {
        "kind": ", ".join(f"`{kind}`" for kind in dict.fromkeys(entry.kind for entry in entries)),
        "needs": "; ".join(dict.fromkeys(_needs(entry) for entry in entries)),
        "runs": _runs(entries),
        "decides": _decides(entries[0]),
        "material from": ", ".join(f"{effect} {value:g}" for effect, value in least.items()),
        "options": ", ".join(f"`{option}: {_plain(entries[0], option)}`" for option in entries[0].options),
    }
    told = [f"| {key} | {value} |" for key, value in rows.items() if value]
    return "\n".join(["| | |", "|---|---|", *told, *_measured(name)])


def told_catalogue() -> str:
    """Return a table of all tests, each with a link to its section on the page of its family."""
    kinds: dict[str, list[CatalogEntry]] = {}
    for entry in CATALOG:
        kinds.setdefault(entry.name, []).append(entry)
    rows = ["| test | kind | needs | decides |", "|---|---|---|---|"]
    for name, entries in kinds.items():
        link = f"[`{name}`]({entries[0].family}.md#{name.replace('.', '')})"
        told = ", ".join(dict.fromkeys(entry.kind for entry in entries))
        needed = "; ".join(dict.fromkeys(_needs(entry) for entry in entries))
        rows.append(f"| {link} | {told} | {needed} | {_decides(entries[0])} |")
    return "\n".join(rows)


def _measured(name: str) -> list[str]:
    """Return the rows of level and power, as the table of docs/statistics.md has them."""
    rows = []
    for key, alarms, planted, found in _MEASURED.findall(_STATISTICS.read_text(encoding="utf-8")):
        if key == name or key.startswith(f"{name}."):
            of = key.removeprefix(name).replace(".", " ")
            rows += [f"| false alarms at .05{of} | {alarms} |", f"| found at .05{of} | {found}: {planted} |"]
    return rows


def _needs(entry: CatalogEntry) -> str:
    needed = " and ".join(_ROLES.get(role, role) for role in entry.roles)
    return needed or ("one of " + ", ".join(entry.any_of) if entry.any_of else "")


def _runs(entries: list[CatalogEntry]) -> str:
    if all(entry.optional for entry in entries):
        return "only where it is asked for"
    units = [str(entry.fixed["unit"]) for entry in entries if entry.optional and "unit" in entry.fixed]
    return f"always; of {', '.join(units)} where they are asked for" if units else "always, where its columns are there"


def _decides(entry: CatalogEntry) -> str:
    if entry.is_fact:
        return "a fact: no p-value, judged by its size"
    if entry.supporting:
        return "no, it explains"
    return "yes" if entry.weight == 1 else f"yes, with a weight of {entry.weight:g} within its kind"


def _plain(entry: CatalogEntry, option: str) -> str:
    value = entry.presets.get(option, entry.default(option))
    return "null" if value is None else str(value)
