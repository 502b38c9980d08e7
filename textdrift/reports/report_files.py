"""The files of a report: which formats there are, what their files are called, and a folder that takes them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import overload

from textdrift.errors import SettingsError, nearest_name

__all__ = ["FILE_NAMES", "FORMATS", "check_formats", "made_folder", "written", "written_together"]

FILE_NAMES: Mapping[str, str] = {
    "json": "report.json",
    "html": "report.html",
    "md": "report.md",
    "junit": "report.junit.xml",
    "sagemaker": "constraint_violations.json",
    "evidently": "report.evidently.json",
    "whylogs": "report.whylogs.json",
}
"""Each format, and the name of its file."""

FORMATS = tuple(FILE_NAMES)


def check_formats(formats: Sequence[str]) -> None:
    """Refuse a format that does not exist, naming those that do.

    Raises
    ------
    SettingsError
        For an unknown format.
    """
    for name in formats:
        if name not in FORMATS:
            raise SettingsError(f"no report format {name!r}; {nearest_name(name, FORMATS)}")


def made_folder(folder: str | Path) -> Path:
    """Return the folder of a report, made when missing.

    Raises
    ------
    SettingsError
        When it cannot be made or written to.
    """
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:  # a path with a zero byte is a ValueError
        raise _cannot_write(target, getattr(error, "strerror", None) or str(error)) from error
    if not os.access(target, os.W_OK | os.X_OK):
        raise _cannot_write(target, "Permission denied")
    return target


def _cannot_write(folder: Path, reason: str) -> SettingsError:
    return SettingsError(
        f"the report needs a folder it can write to, and {str(folder)!r} is none ({reason}); name another"
    )


@overload
def written(text: str, path: None) -> str: ...


@overload
def written(text: str, path: str | Path) -> Path: ...


@overload
def written(text: str, path: str | Path | None) -> str | Path: ...


def written(text: str, path: str | Path | None) -> str | Path:
    """Return the text; with a path, write it whole or not at all and return the path: nobody meets half a report.

    Raises
    ------
    SettingsError
        When the folder of the path is not there, or the file cannot be written: the message says why.
    """
    if path is None:
        return text
    target = Path(path)
    written_together({target: text})
    return target


def written_together(texts: Mapping[Path, str]) -> None:
    """Write all texts or none: each lies beside its place until all of them do.

    Raises
    ------
    SettingsError
        As ``written``.
    """
    partial = {target: target.with_name(target.name + ".part") for target in texts}
    for target in texts:
        if not target.parent.is_dir():
            raise SettingsError(
                f"{str(target)!r} cannot be written: there is no folder {str(target.parent)!r}; make it, or name "
                "another"
            )
        if os.path.isdir(target):  # noqa: PTH112 - Path.is_dir raises for a name that is too long
            raise SettingsError(f"{str(target)!r} cannot be written: it is a folder; name a file in it")
    target = next(iter(texts), Path())
    try:
        for target, text in texts.items():
            partial[target].write_text(text, encoding="utf-8", newline="\n")
        for target in texts:
            partial[target].replace(target)
    except (OSError, ValueError) as error:  # a path with a zero byte is a ValueError
        for path in partial.values():
            _remove(path)
        reason = getattr(error, "strerror", None) or str(error)
        raise SettingsError(
            f"{str(target)!r} cannot be written: {reason}; name another file, or have the folder opened for writing"
        ) from error


def _remove(partial: Path) -> None:
    """Remove a half of a file where there is one that can be."""
    with contextlib.suppress(OSError, ValueError):
        partial.unlink(missing_ok=True)
