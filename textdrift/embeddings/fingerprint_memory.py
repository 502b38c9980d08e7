"""FingerprintMemory: the fingerprints of models seen before, so that a run on cached texts loads none."""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FingerprintMemory"]

_VERSION = 1
_FILE = f"fingerprints-{_VERSION}.json"
_MOST_KEPT = 256
_FINGERPRINT = re.compile(r"[0-9a-f]{8,128}")


@dataclass(frozen=True, slots=True)
class FingerprintMemory:
    """Fingerprints by the identity of a model's files, in one JSON file beside the vectors.

    Like the cache it is never a reason to fail: what cannot be read is forgotten, what cannot be written is not kept.

    Parameters
    ----------
    folder:
        The folder of the vector cache.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     memory = FingerprintMemory(Path(folder))
    ...     memory.keep("files of a model", "00ff00ff")
    ...     memory.recall("files of a model"), memory.recall("other files")
    ('00ff00ff', None)
    """

    folder: Path

    @property
    def path(self) -> Path:
        """The JSON file."""
        return self.folder / _FILE

    def recall(self, identity: str) -> str | None:
        """Return the fingerprint of these files, or ``None`` where it is not known."""
        return self._read().get(identity)

    def keep(self, identity: str, fingerprint: str) -> None:
        """Write one fingerprint, in place of one that proved wrong.

        Two processes that write at once may lose one, which is then found again.
        """
        known = self._read()
        if known.pop(identity, None) == fingerprint:
            return
        self._write({**known, identity: fingerprint})

    def _read(self) -> dict[str, str]:
        try:
            kept = json.loads(self.path.read_bytes())
            pairs = kept["fingerprints"].items() if kept["version"] == _VERSION else ()
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return {}
        return {key: value for key, value in pairs if isinstance(value, str) and _FINGERPRINT.fullmatch(value)}

    def _write(self, fingerprints: dict[str, str]) -> None:
        newest = dict(list(fingerprints.items())[-_MOST_KEPT:])
        content = json.dumps({"version": _VERSION, "fingerprints": newest}, indent=1)
        with contextlib.suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Whole or not at all: another process may read at any time.
            descriptor, name = tempfile.mkstemp(dir=self.folder, prefix=_FILE)
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    file.write(content)
                Path(name).replace(self.path)
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise
