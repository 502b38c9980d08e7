"""Every error that textdrift raises on purpose.

::

    TextdriftError
    ├── WindowError (ValueError)             a window cannot be used as asked
    │   ├── MissingSourceError (FileNotFoundError)   no such file, folder, glob or table
    │   ├── UnreadableSourceError            the bytes are there but are not what their name says
    │   ├── EmptyWindowError                 no rows, or no row with a text
    │   ├── MissingColumnError               no such column; the nearest name is offered
    │   └── ColumnTypeError                  a column holds something its role cannot be
    ├── EncoderError (ValueError)            no such encoder, or it cannot be loaded
    ├── EmbeddingsError (ValueError)         vectors of different encoders, shapes, or not finite
    ├── TokenizerError (ValueError)          no such tokenizer, or it does not return tokens
    ├── ProfileError (ValueError)            profiles that cannot be made, merged or compared
    │   ├── MissingProfileError (FileNotFoundError)   no such profile file
    │   └── UnreadableProfileError           the file is no profile, is damaged, or is of a newer textdrift
    ├── SettingsError (ValueError)           an argument, flag or job-file key that cannot be used
    │   └── NotYetError                      a name that is reserved and does not exist yet
    ├── HistoryError (RuntimeError)          the history cannot be opened, read or written, or is held by another run
    ├── DeliveryError (RuntimeError)         a message could not be handed to its sink in time
    ├── DriftAssertionError (AssertionError)   a test asked for windows without drift, and they are not
    └── MissingExtraError (ImportError)      an optional dependency is not installed

Each is also the builtin error that a reader of the signature would expect, so ``except ValueError`` works.
A message says what came, what was needed, and what to do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

__all__ = [
    "ColumnTypeError",
    "DeliveryError",
    "DriftAssertionError",
    "EmbeddingsError",
    "EmptyWindowError",
    "EncoderError",
    "HistoryError",
    "MissingColumnError",
    "MissingExtraError",
    "MissingProfileError",
    "MissingSourceError",
    "NotYetError",
    "ProfileError",
    "SettingsError",
    "TextdriftError",
    "TokenizerError",
    "UnreadableProfileError",
    "UnreadableSourceError",
    "WindowError",
    "nearest_name",
]


class TextdriftError(Exception):
    """The root of every error that textdrift raises on purpose."""


class WindowError(TextdriftError, ValueError):
    """A window cannot be used as asked."""


class MissingSourceError(WindowError, FileNotFoundError):
    """The file, folder, glob pattern or table that should hold a window does not exist."""

    def __str__(self) -> str:
        """Return the message alone (``OSError`` would print an errno)."""
        return str(self.args[0]) if self.args else ""


class UnreadableSourceError(WindowError):
    """The source exists but its bytes are not what its name says (a broken line, wrong bytes)."""


class EmptyWindowError(WindowError):
    """The window has no rows, or none of its rows holds a text."""


class MissingColumnError(WindowError, KeyError):
    """The window has no column of that name.

    Attributes
    ----------
    missing, available:
        The columns that a source was asked for and lacks, and those that it has; empty where another thing is missing.
    """

    missing: tuple[str, ...] = ()
    available: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the message without the quotes that ``KeyError`` adds."""
        return str(self.args[0]) if self.args else ""


class ColumnTypeError(WindowError, TypeError):
    """A column holds something that its role cannot be."""


class EncoderError(TextdriftError, ValueError):
    """No such encoder, or it cannot be loaded."""


class EmbeddingsError(TextdriftError, ValueError):
    """Vectors that cannot be compared: other encoder, other shape, or not finite."""


class TokenizerError(TextdriftError, ValueError):
    """No such tokenizer, or it does not return a list of strings."""


class ProfileError(TextdriftError, ValueError):
    """Profiles that cannot be made, merged or compared: other words, other bins, another encoder or basis."""


class MissingProfileError(ProfileError, FileNotFoundError):
    """There is no profile file of that name."""

    def __str__(self) -> str:
        """Return the message alone (``OSError`` would print an errno)."""
        return str(self.args[0]) if self.args else ""


class UnreadableProfileError(ProfileError):
    """The file exists but is no profile, is damaged, or was written by a newer textdrift."""


class SettingsError(TextdriftError, ValueError):
    """An argument, a flag or a job-file key that cannot be used."""


class NotYetError(SettingsError, NotImplementedError):
    """A reserved name: it will exist in a later version and does nothing yet."""


class HistoryError(TextdriftError, RuntimeError):
    """The history cannot be opened, read or written, or another run holds it."""


class DeliveryError(TextdriftError, RuntimeError):
    """A message could not be handed to its sink in time; it is kept, and tried again."""


class DriftAssertionError(TextdriftError, AssertionError):
    """A test asked for two windows without drift, and they drifted, or are too small to tell.

    Attributes
    ----------
    report:
        The ``DriftReport`` of the comparison, from which the pytest plugin writes the page.
    """

    report: Any = None


class MissingExtraError(TextdriftError, ImportError):
    """An optional dependency is not installed; the message says which extra brings it."""


def nearest_name(name: object, known: Iterable[str], *, taken: Iterable[str] = ()) -> str:
    """Return a hint that names the nearest known name that is not taken, or lists all of them.

    >>> nearest_name("txt", ["text", "label"])
    "did you mean 'text'?"
    >>> nearest_name("zzz", ["text", "label"])
    "it has 'text', 'label'"
    >>> nearest_name(5, ["text"])
    "it has 'text'"
    >>> nearest_name("p_neu", ["p_neg", "text"], taken=["p_neg"])
    "it has 'p_neg', 'text'"
    """
    names = [str(k) for k in known]
    name = str(name)
    free = [k for k in names if k not in set(taken)]
    match = difflib.get_close_matches(name, free, n=1, cutoff=0.6)
    if not match:
        lowered = {k.lower(): k for k in free}
        match = [lowered[m] for m in difflib.get_close_matches(name.lower(), list(lowered), n=1, cutoff=0.6)]
    if match:
        return f"did you mean {match[0]!r}?"
    shown = ", ".join(repr(k) for k in names[:20]) + (", …" if len(names) > 20 else "")  # noqa: PLR2004 - as many names as a reader takes in
    return f"it has {shown}" if names else "it has no columns at all"
