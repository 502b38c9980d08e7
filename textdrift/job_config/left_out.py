"""What a guess leaves out, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

__all__ = ["left_out_sentences"]

_MOST_NAMED = 3


def left_out_sentences(roles: Mapping[str, Sequence[str]], decimal_commas: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence for the columns of each kind that could be used and are not.

    Parameters
    ----------
    roles:
        Role to the columns that were too many for it.
    decimal_commas:
        Column to a number of it, of those whose numbers are written with a decimal comma.

    Examples
    --------
    >>> [*left_out_sentences({"segments": [], "features": ["a", "b", "c", "d"]}, {})]
    ['left out of features: a, b, c and 1 more; add to features in the job file those that you need']
    """
    for role, names in roles.items():
        if names:
            yield f"left out of {role}: {_some_of(names)}; add to {role} in the job file those that you need"
    if decimal_commas:
        number = next(iter(decimal_commas.values()))
        yield f"left out of features: {_some_of([*decimal_commas])}; write their numbers with a point, not as {number}"


def _some_of(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")
