"""A profile in one file: a zip of plain arrays and one page of JSON, without pickle and without texts."""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import os
import secrets
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.errors import MissingProfileError, ProfileError, UnreadableProfileError
from textdrift.profiles.members import members_of, profile_of
from textdrift.profiles.profile import Profile
from textdrift.profiles.withholding import names_withheld

__all__ = ["load", "save"]

_SCHEMA = "textdrift.profile/"
_VERSION = 1
_PAGE = "profile.json"
_ZIP = b"PK\x03\x04"
_LEVEL = 4  # most of the gain of the highest at a twentieth of its time
# What zipfile, its decompressors and NumPy raise on bytes that are not what they should be.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, OverflowError, RuntimeError,
    MemoryError, ValueError, LookupError, TypeError, AttributeError,
)  # fmt: skip


def save(profile: Profile, path: str | Path, *, named_from: int = 1) -> None:
    """Write a profile to a file, whole or not at all.

    The same profile always gives the same bytes. The file holds the terms that were counted and no text, unless a
    tokenizer of your own takes a whole text for one term; terms held by fewer than ``named_from`` documents it holds
    as a hash (see ``textdrift.profiles.withholding``). A million short texts take about 5 MB.

    Parameters
    ----------
    profile:
        The profile, which is left as it is.
    path:
        Where it goes; a file that is there is replaced.
    named_from:
        Documents that must hold a term for its name to be written; 1 names all.

    Raises
    ------
    ProfileError
        When what is given is no profile, or the file cannot be written.
    SettingsError
        When ``named_from`` is not a whole number from 1 on.

    Examples
    --------
    >>> import tempfile
    >>> from textdrift.profiles.profiling import profile_texts
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(profile_texts([["good film"]]), Path(folder) / "today.profile")
    ...     load(Path(folder) / "today.profile").counts.terms
    ('film', 'good')
    """
    if not isinstance(profile, Profile):
        raise ProfileError(
            f"only a profile can be saved; got {profile!r} ({type(profile).__name__}); make one with "
            f"textdrift.profile(…)"
        )
    target = _path(path)
    counts = None if profile.counts is None else names_withheld(profile.counts, named_from)
    settings, arrays = members_of(profile, counts)
    files = {f"{name}.npy": _as_npy(array) for name, array in arrays.items()}
    page = {
        "schema": f"{_SCHEMA}{_VERSION}",
        **settings,
        "members": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }
    text = json.dumps(page, indent=1, sort_keys=True, allow_nan=False)
    partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with partial.open("xb") as file:
            _write_zip(file, {_PAGE: text.encode(), **files})
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    except OSError as error:
        raise ProfileError(f"the profile could not be written to {target}: {error.strerror or error}") from error
    finally:
        partial.unlink(missing_ok=True)


def _path(given: Any) -> Path:
    """Return the path of a file, refused where no system could have one of that name."""
    if not isinstance(given, (str, os.PathLike)):
        raise ProfileError(
            f"the path of a profile is {given!r} ({type(given).__name__}); a path was needed, such as 'monday.profile'"
        )
    try:
        path = Path(given)
        usable = bool(path.name) and b"\0" not in os.fsencode(path)
    except (TypeError, UnicodeEncodeError):
        usable = False
    if not usable:
        raise ProfileError(f"{given!r} is no path of a file; give one, such as 'monday.profile'")
    return path


def _write_zip(file: Any, contents: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for name, content in contents.items():
            info = zipfile.ZipInfo(name)  # dated 1980: the time of writing is no part of a profile
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(info, content, compresslevel=_LEVEL)


def load(path: str | Path) -> Profile:
    """Read a profile; every byte that matters is checked, and nothing in the file is run.

    Raises
    ------
    MissingProfileError
        There is no such file.
    ProfileError
        What is given is no path of a file.
    UnreadableProfileError
        The file is no profile, is cut off or changed, or was written by a newer textdrift; the message says which.
    """
    source = _path(path)
    try:
        content = source.read_bytes()
    except FileNotFoundError as error:
        raise MissingProfileError(
            f"there is no profile {source}; make one: textdrift profile DATA --output NAME.profile"
        ) from error
    except OSError as error:
        raise UnreadableProfileError(f"{source} cannot be read: {error.strerror or error}") from error
    if not content.startswith(_ZIP):
        begins = f"it begins with {content[:8]!r}" if content else "it is empty"
        raise UnreadableProfileError(
            f"{source} is no textdrift profile: {begins}; name a file that was written by save"
        )
    files = _unzipped(content, source)
    page = _page(files.pop(_PAGE, None), source)
    _check_members(page["members"], files, source)
    try:
        arrays = {name.removesuffix(".npy"): _from_npy(file) for name, file in files.items()}
        return profile_of(page, arrays)
    except _BROKEN as error:
        raise UnreadableProfileError(f"{source} holds numbers that make no profile: {error}; write it anew") from error


def _unzipped(content: bytes, source: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except _BROKEN as error:
        raise UnreadableProfileError(
            f"{source} is cut off or damaged ({error}); copy it again from where it was written, or profile again"
        ) from error


def _page(content: bytes | None, source: Path) -> dict[str, Any]:
    """Return the page of JSON once it is known that this version can read it."""
    if content is None:
        raise UnreadableProfileError(f"{source} is a zip archive but no textdrift profile: it holds no {_PAGE}")
    try:
        page = json.loads(content)
        schema = page["schema"]
        if not schema.startswith(_SCHEMA):
            raise UnreadableProfileError(f"{source} is no textdrift profile: its schema is {schema!r}")
        version = int(schema.removeprefix(_SCHEMA))
        members = dict(page.get("members", {}))
    except _BROKEN as error:
        if isinstance(error, UnreadableProfileError):
            raise
        raise UnreadableProfileError(f"{source} is no textdrift profile: its {_PAGE} names no schema") from error
    if version > _VERSION:
        raise UnreadableProfileError(
            f"{source} was written by a newer textdrift: its schema is {schema}, and this version reads up to "
            f"{_SCHEMA}{_VERSION}; update textdrift, or write the profile with this version"
        )
    return {**page, "members": members}


def _check_members(hashes: Mapping[str, Any], files: Mapping[str, bytes], source: Path) -> None:
    missing, strange = sorted(set(hashes) - set(files)), sorted(set(files) - set(hashes))
    if missing or strange:
        found = [f"it lacks {', '.join(missing)}"] * bool(missing) + [f"{', '.join(strange)} is foreign"] * bool(
            strange
        )
        raise UnreadableProfileError(f"{source} does not hold the members it names: {'; '.join(found)}; write it anew")
    changed = [name for name, content in files.items() if hashlib.sha256(content).hexdigest() != hashes[name]]
    if changed:
        raise UnreadableProfileError(
            f"{source} was changed after it was written: {', '.join(sorted(changed))} has another hash; write it anew"
        )


def _as_npy(array: NDArray[Any]) -> bytes:
    file = io.BytesIO()
    array = np.ascontiguousarray(array)
    np.save(file, array.astype(array.dtype.newbyteorder("<"), copy=False), allow_pickle=False)
    return file.getvalue()


def _from_npy(content: bytes) -> NDArray[Any]:
    """Return an array of plain numbers; memory is that of the bytes, whatever their header says."""
    file = io.BytesIO(content)
    version = np.lib.format.read_magic(file)  # type: ignore[no-untyped-call]
    if version != (1, 0):
        raise ValueError(f"an array of format {version} where (1, 0) was needed")
    shape, _, dtype = np.lib.format.read_array_header_1_0(file)  # type: ignore[no-untyped-call]
    if dtype.kind not in "uif":
        raise ValueError(f"an array of {dtype} where plain numbers were needed")
    return np.frombuffer(content, dtype, offset=file.tell()).reshape(shape)
