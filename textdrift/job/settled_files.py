"""Whether the files of a window are still being written: half a night's rows must not be judged as the night."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from textdrift.errors import UnreadableSourceError

__all__ = ["settled"]

_SHOWN = 3


@contextmanager
def settled(*sources: Any) -> Iterator[None]:
    """Refuse what was found out in a ``with`` block where a file of a source changed meanwhile.

    Cost: one look at each local file before and after. Sources without a path, and those behind a URL, are not looked
    at.

    Raises
    ------
    UnreadableSourceError
        At the end of the block; whoever writes a file should give it its name when it is whole.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "night.csv"
    ...     _ = file.write_text("text")
    ...     with settled({"path": str(file)}):
    ...         read = file.read_text()
    >>> read
    'text'
    """
    before = _states(sources)
    yield
    after = _states(sources)
    changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    if changed:
        shown = ", ".join(map(repr, changed[:_SHOWN])) + (", …" if len(changed) > _SHOWN else "")
        raise UnreadableSourceError(
            f"{shown} changed while the window was judged, so it may be half written; run again when it is whole, and "
            "have its writer rename it into place"
        )


def _states(sources: tuple[Any, ...]) -> dict[str, tuple[int, int]]:
    states = {}
    for source in sources:
        for path in _files(source):
            try:
                about = path.stat()
            except OSError:
                continue
            states[str(path)] = (about.st_size, about.st_mtime_ns)
    return states


def _files(source: Any) -> Iterator[Path]:
    if isinstance(source, Mapping):
        source = source.get("path")
    if isinstance(source, (list, tuple)) and all(isinstance(part, (str, Path)) for part in source):
        for part in source:
            yield from _files(part)
    elif isinstance(source, (str, Path)) and "://" not in str(source):
        try:
            found = glob.glob(str(source), recursive=True) or [str(source)]  # noqa: PTH207 - takes absolute patterns too
            for name in map(Path, found):
                yield from (path for path in name.rglob("*") if path.is_file()) if name.is_dir() else [name]
        except (OSError, ValueError):  # no name of a file
            return
