"""profile(): a window of texts in, what is left of it without its texts out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from textdrift.compare_arguments import check_columns, is_profile, name_of_source
from textdrift.errors import SettingsError
from textdrift.profiles import Profile, Span, load, merged, profile_texts
from textdrift.profiles.profile import check_label
from textdrift.profiles.profile_arguments import checked_settings
from textdrift.tokens.tokenization import Tokenization
from textdrift.windows.reading import read_window, time_span
from textdrift.windows.window import Roles

__all__ = ["profile"]

_DEFAULTS: Final = {"text": "text", "tokenization": Tokenization(), "n_bins": 256}


def profile(
    *sources: Any,
    text: str = "text",
    time: str | None = None,
    group: str | None = None,
    tokenization: Tokenization | None = None,
    n_bins: int = 256,
    name: str | None = None,
) -> Profile:
    """Count the words of a window in bins, so that it can be compared later without its texts.

    Parameters
    ----------
    sources:
        What ``compare`` takes as a window; of several, each is read, counted and let go before the next, and their
        profiles are merged: days, shards, or files too large for memory together. A path that ends in ``.profile``, or
        a ``Profile``, is one that was made before.
    text, time, group:
        The columns that play these parts; rows of one group are summed in one bin.
    tokenization:
        How texts become terms; lower-case words by default. Not ``collocations``, which are chosen over two windows.
    n_bins:
        A power of two, at most 65,536; windows of very unequal size need more than 256.
    name:
        The window's, for people; by default that of the source.

    Raises
    ------
    WindowError
        When a window cannot be read or a column cannot play its part.
    ProfileError
        When a profile cannot be read, those to be merged were not made alike, the name is no string, or collocations
        are to be counted.
    SettingsError
        When there is no source, or an argument cannot be used, as where it says how to count and all is counted.

    Examples
    --------
    >>> monday, tuesday = profile(["good film", "bad film"]), profile(["good film"])
    >>> week = profile(monday, tuesday, name="this week")
    >>> week, int(week.counts.holders.sum())
    (Profile(name='this week', n_rows=3, n_documents=3), 6)
    """
    if not sources:
        raise SettingsError("profile() needs at least one source: a table, a list of texts, a path, or a profile")
    check_columns(text=text, time=time, group=group)
    check_label("" if name is None else name, None)
    tokenization, n_bins = checked_settings(tokenization, n_bins)
    if all(map(is_profile, sources)):
        _refuse_idle(text=text, time=time, group=group, tokenization=tokenization, n_bins=n_bins)
    roles = Roles(text=text, time=time, group=group)
    parts = [_profile_of(source, roles, tokenization, n_bins, name) for source in sources]
    whole = merged(*parts)
    if name is None or whole.name == name:
        return whole
    return Profile(
        name=name, n_rows=whole.n_rows, counts=whole.counts, sums=whole.sums, tokenization=whole.tokenization,
        encoder=whole.encoder, units=whole.units, span=whole.span,
    )  # fmt: skip


def _refuse_idle(**arguments: Any) -> None:
    """Refuse arguments that say how to read and count texts where all sources are profiles."""
    idle = [name for name, value in arguments.items() if value != _DEFAULTS.get(name)]
    if idle:
        raise SettingsError(
            f"all sources are profiles, whose texts were read and counted before, so that {', '.join(idle)} cannot "
            f"change anything; leave that out, or profile the texts anew"
        )


def _profile_of(source: Any, roles: Roles, tokenization: Tokenization | None, n_bins: int, name: str | None) -> Profile:
    if isinstance(source, Profile):
        return source
    if is_profile(source):
        return load(source)
    called = name or name_of_source(source, "window")
    window = read_window(source, roles, name=called)
    start, end = time_span(window)
    groups: Sequence[Any] | None = None if roles.group is None else [window.column(roles.group)]
    return profile_texts(
        [window.texts],
        tokenization=tokenization,
        n_bins=n_bins,
        groups=groups,
        name=called,
        span=None if start is None or end is None else Span(start, end),
    )
