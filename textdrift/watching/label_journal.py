"""LabelJournal: labels on the disk until their windows are judged with them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from textdrift.reports.report_files import made_folder

__all__ = ["LabelJournal"]


class LabelJournal:
    """Pairs of an id and its label in a file of JSON lines, readable by its owner alone.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     journal = LabelJournal(Path(folder) / "late-labels.jsonl")
    ...     journal.add("7", "good")
    ...     list(journal.read()), journal.n_lines
    ([('7', 'good')], 1)
    """

    def __init__(self, path: Path) -> None:
        self._path, self.n_lines = path, 0

    def read(self) -> Iterator[tuple[str, str]]:
        """Yield the pairs of the file, oldest first; none where there is no file."""
        try:
            lines = self._path.read_text(encoding="utf-8").splitlines()
        except OSError:
            return
        self.n_lines = 0
        for line in lines:
            try:
                key, label = json.loads(line)
            except ValueError:  # half a line, of a watch that was killed; its label comes again
                continue
            self.n_lines += 1
            yield str(key), str(label)

    def add(self, key: str, label: str) -> None:
        """Write one pair behind the others."""
        made_folder(self._path.parent)
        new = not self._path.exists()
        with self._path.open("a", encoding="utf-8") as journal:
            if new:
                self._path.chmod(0o600)
            journal.write(json.dumps([key, label]) + "\n")
        self.n_lines += 1

    def replace(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Write the file anew; without a pair it goes."""
        kept = list(pairs)
        self.n_lines = len(kept)
        if not kept:
            self._path.unlink(missing_ok=True)
            return
        partial = self._path.with_suffix(".part")
        partial.write_text("".join(json.dumps(pair) + "\n" for pair in kept), encoding="utf-8")
        partial.chmod(0o600)
        partial.replace(self._path)
