"""Paths, globs, folders and URLs of files, as Arrow."""

from __future__ import annotations

import glob
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa

from textdrift.errors import (
    MissingColumnError,
    MissingExtraError,
    MissingSourceError,
    SettingsError,
    UnreadableSourceError,
)
from textdrift.windows.csv_files import read_csv
from textdrift.windows.file_bytes import arrow_buffer
from textdrift.windows.json_lines import read_jsonl
from textdrift.windows.missing_files import nearest_file
from textdrift.windows.parquet_files import read_parquet
from textdrift.windows.python_values import table_of
from textdrift.windows.source_types import without_types

__all__ = ["DataPaths", "is_data_file", "read_files"]

_FORMATS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
}
_COMPRESSIONS = {".gz": "gzip", ".bz2": "bz2", ".zst": "zstd"}
_KNOWN = f"{', '.join(_FORMATS)}, and with {', '.join(_COMPRESSIONS)} after all but parquet"
_WILD = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class DataPaths:
    """Several paths or URLs that hold the rows of one window, in this order."""

    paths: tuple[str | Path, ...]


@dataclass(frozen=True, slots=True)
class _DataFile:
    """One file of rows, here or behind a URL.

    Attributes
    ----------
    path:
        As its file system knows it.
    where:
        How errors call it; holds no password.
    protocol:
        What stands before ``://``.
    filesystem:
        An fsspec file system, or None for this machine.
    """

    path: str
    where: str
    protocol: str = "file"
    filesystem: Any = field(default=None, compare=False)

    @property
    def format(self) -> str | None:
        """One of the values of ``_FORMATS``; None where the extension says none of them."""
        suffixes = _suffixes(self.path)
        if self.compression is not None:
            inner = _FORMATS.get(suffixes[-2]) if len(suffixes) > 1 else None
            return None if inner == "parquet" else inner
        return _FORMATS.get(suffixes[-1]) if suffixes else None

    @property
    def compression(self) -> str | None:
        """The codec that the extension names, None for none."""
        suffixes = _suffixes(self.path)
        return _COMPRESSIONS.get(suffixes[-1]) if suffixes else None

    def open(self) -> pa.NativeFile:
        """Open the file; a local one is mapped into memory, not copied."""
        if self.filesystem is not None:
            return pa.PythonFile(self.filesystem.open(self.path, "rb"), mode="r")
        return pa.memory_map(self.path) if Path(self.path).stat().st_size else pa.BufferReader(b"")

    def read(self, columns: Sequence[str] | None) -> pa.Table:
        """Return the columns of the file."""
        try:
            with self.open() as handle:
                if self.format == "parquet":
                    return read_parquet(handle, self.where, columns)
                if self.compression is not None:
                    buffer = arrow_buffer(pa.CompressedInputStream(handle, self.compression).read())
                else:
                    buffer = handle.read_buffer()
                    if self.filesystem is not None:  # read by Python
                        buffer = arrow_buffer(buffer)
                if self.format == "jsonl":
                    return read_jsonl(buffer, self.where, columns)
                return read_csv(buffer, self.where, columns, delimiter="\t" if self.format == "tsv" else ",")
        except _remote_failures(self.protocol) as error:
            if isinstance(error, MissingSourceError):
                raise
            msg = f"{self.where} cannot be read: {error}"
            raise UnreadableSourceError(msg) from error


def _suffixes(path: str) -> list[str]:
    return [suffix.lower() for suffix in PurePosixPath(urlsplit(path).path if "://" in path else path).suffixes]


def is_data_file(text: str) -> bool:
    """Return whether a string is the name of a file that is there and has an extension that textdrift reads."""
    return _DataFile(text, text).format is not None and _is_there(Path(text))


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False  # a text may be longer than any file name


def read_files(source: str | Path | DataPaths, columns: Sequence[str] | None) -> pa.Table:
    """Return the columns of a file, of the files of a folder, of a glob pattern, or of several of these.

    Parameters
    ----------
    source:
        A path that counts from the working directory, or a URL that fsspec knows, or several.
    columns:
        Which to read; None for all, and then every file must have the same ones.
    """
    if isinstance(source, DataPaths):
        files = _readable([file for path in source.paths for file in _files_of(path)], where="the list of paths")
        twice = next((file.where for file, times in Counter(files).items() if times > 1), None)
        if twice is not None:
            msg = f"the list of paths names {twice} twice, and its rows would count twice; keep it once"
            raise SettingsError(msg)
    else:
        files = _files_of(source)
    table = _united([(file.where, file.read(columns)) for file in files])
    return without_types(table) if files[0].format in ("csv", "tsv") else table


def _files_of(source: str | Path) -> list[_DataFile]:
    if not str(source).strip():
        msg = f"the path is {str(source)!r}, and no file has that name; give the path of a file or a folder"
        raise SettingsError(msg)
    return _remote_files(source) if isinstance(source, str) and "://" in source else _local_files(str(source))


def _local_files(source: str) -> list[_DataFile]:
    path = Path(source).expanduser()
    if _is_there(path):
        if path.is_dir():
            return _of_folder(path)
        return _readable([_DataFile(str(path), repr(str(path)))], where=repr(str(path)))
    if _WILD.search(source):
        matches = [Path(match) for match in sorted(glob.glob(str(path), recursive=True))]  # noqa: PTH207 - Path.glob takes no absolute patterns
        files = [_DataFile(str(match), repr(str(match))) for match in matches if match.is_file()]
        if files:
            return _readable(files, where=f"the pattern {source!r}")
        folders = [file for match in matches for file in _of_folder(match)]
        if folders:
            return _readable(folders, where=f"the pattern {source!r}")
        msg = f"no file matches the pattern {source!r} (from {Path.cwd()}); check the pattern and the working directory"
        raise MissingSourceError(msg)
    hint = nearest_file(path) or "check the path, or give texts as a list"
    msg = f"there is no file or folder {source!r} (from {Path.cwd()}); {hint}"
    raise MissingSourceError(msg)


def _of_folder(folder: Path) -> list[_DataFile]:
    """Return the data files of a folder and of folders in it; hidden files and other extensions are no data files."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    visible = [path for path in paths if not _is_hidden(str(path.relative_to(folder)))]
    files = [_DataFile(str(path), repr(str(path))) for path in visible]
    return _readable([file for file in files if file.format is not None], where=f"the folder {str(folder)!r}")


def _is_hidden(relative: str) -> bool:
    return any(part.startswith((".", "_")) for part in PurePosixPath(relative).parts)


def _readable(files: list[_DataFile], where: str) -> list[_DataFile]:
    """Return the files where all are of one known format, so that no table is read twice in two formats."""
    if not files:
        msg = f"{where} holds no data file; it needs at least one of {_KNOWN}"
        raise MissingSourceError(msg)
    for file in files:
        if file.format is None:
            msg = f"{file.where} has an extension that textdrift cannot read; it reads {_KNOWN}"
            raise UnreadableSourceError(msg)
    formats = sorted({str(file.format) for file in files})
    if len(formats) > 1:
        msg = f"{where} holds several formats ({', '.join(formats)}); choose one, as in 'folder/*.{formats[0]}'"
        raise UnreadableSourceError(msg)
    return files


def _shown(url: str) -> str:
    """Return a URL without user, password and query: a signed URL is a password too."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return repr(f"{parts.scheme}://{host}{parts.path}")


def _remote_files(url: str) -> list[_DataFile]:
    import fsspec

    where, protocol = _shown(url), url.partition("://")[0]
    try:
        filesystem, path = fsspec.core.url_to_fs(url)
    except ImportError as error:
        extra = "pip install 'textdrift[s3]'" if protocol in ("s3", "s3a") else f"install what it needs: {error}"
        msg = f"reading {where} needs a package that is not installed ({error}); {extra}"
        raise MissingExtraError(msg) from error
    except ValueError as error:
        msg = f"{where}: {error}; known are {', '.join(sorted(fsspec.available_protocols()))}"
        raise SettingsError(msg) from error

    def data_file(found: str) -> _DataFile:
        return _DataFile(
            found, where if found == path else repr(f"{protocol}://{found.lstrip('/')}"), protocol, filesystem
        )

    try:
        # A web server knows neither folders nor patterns.
        if protocol in ("http", "https"):
            found = [path] if filesystem.exists(path) else []
        elif filesystem.isdir(path):
            inside = [data_file(name) for name in sorted(filesystem.find(path))]
            visible = [file for file in inside if not _is_hidden(file.path.removeprefix(path).lstrip("/"))]
            return _readable([file for file in visible if file.format is not None], where=f"the folder {where}")
        elif _WILD.search(path):
            found = sorted(name for name in filesystem.glob(path) if not filesystem.isdir(name))
        else:
            found = [path] if filesystem.exists(path) else []
    except _remote_failures(protocol) as error:
        msg = f"{where} cannot be reached: {error}"
        raise UnreadableSourceError(msg) from error
    if not found:
        msg = f"nothing is stored at {where}; check the address and what you may read there"
        raise MissingSourceError(msg)
    return _readable([data_file(name) for name in found], where=where)


def _remote_failures(protocol: str) -> tuple[type[Exception], ...]:
    """Return what a file system may raise for a server that does not answer or does not let us in."""
    if protocol in ("s3", "s3a"):
        from botocore.exceptions import BotoCoreError  # type: ignore[import-untyped]  # it ships no types

        return (OSError, BotoCoreError)
    if protocol in ("http", "https"):
        from aiohttp import ClientError

        return (OSError, ClientError)
    return (OSError,)


def _united(tables: list[tuple[str, pa.Table]]) -> pa.Table:
    """Return the rows of all tables under types that hold them all."""
    first_where, first = tables[0]
    plain = [(where, _without_dictionaries(table)) for where, table in tables] if len(tables) > 1 else tables
    united = plain[0][1].schema
    for where, table in plain[1:]:
        if set(table.column_names) != set(first.column_names):
            other = sorted(set(table.column_names) ^ set(first.column_names))
            msg = f"{where} and {first_where} do not have the same columns (only one has {', '.join(other)})"
            raise MissingColumnError(msg)
        try:
            united = pa.unify_schemas([united, table.schema], promote_options="permissive")
        except (pa.ArrowTypeError, pa.ArrowInvalid) as error:
            msg = f"{where} does not fit the files before it: {error}; write them with one schema"
            raise UnreadableSourceError(msg) from error
    return pa.concat_tables([table for _, table in plain], promote_options="permissive")


def _without_dictionaries(table: pa.Table) -> pa.Table:
    """Return the table with plain values, which unite with those of any other file."""
    columns = {name: table.column(name) for name in table.column_names}
    return table_of(
        {
            name: column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
            for name, column in columns.items()
        }
    )
