"""Words that are not counted: a list, a text file, or one of NLTK's stop lists by name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from textdrift.errors import TokenizerError
from textdrift.tokens.nltk_names import stop_list

__all__ = ["stop_words_from"]

_COMMENT = "#"


def stop_words_from(given: str | Path | Iterable[str]) -> tuple[str, ...]:
    """Return the words of a list, of a text file, or of NLTK's stop list of that name.

    Parameters
    ----------
    given:
        Words, taken as they are; or a text file (UTF-8, one word per line; empty lines, and lines that start with
        ``#``, are passed over); or a name such as ``english``. A string that holds a dot or a slash is a path, any
        other a name, so that no file that happens to lie in the folder stands in for a list of NLTK.

    Raises
    ------
    TokenizerError
        No such list or file, a file that is not UTF-8 or holds no word, or a word that is no string.

    Examples
    --------
    >>> stop_words_from(["the", "a"])
    ('the', 'a')
    """
    if isinstance(given, Path) or (isinstance(given, str) and any(mark in given for mark in "./\\")):
        return _words_of_file(Path(given))
    if isinstance(given, str):
        return stop_list(given)
    if not isinstance(given, Iterable):
        raise TokenizerError(
            f"stop_words is {given!r} ({type(given).__name__}); a list of words, the path to a text file with one word "
            f"per line, or the name of a stop list of NLTK was needed"
        )
    words = tuple(given)
    strangers = [word for word in words if not isinstance(word, str)]
    if strangers:
        raise TokenizerError(
            f"the list of stop words holds {strangers[0]!r} ({type(strangers[0]).__name__}); strings were needed"
        )
    return words


def _words_of_file(path: Path) -> tuple[str, ...]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise TokenizerError(
            f"the stop words of {path} are no UTF-8 ({error}); save the file as UTF-8, one word per line"
        ) from error
    except OSError as error:
        raise TokenizerError(
            f"the stop words of {path} cannot be read ({error.strerror or error}); a text file with one word per line "
            f"was needed"
        ) from error
    words = tuple(word for line in lines if (word := line.strip()) and not word.startswith(_COMMENT))
    if not words:
        raise TokenizerError(f"{path} holds no stop word; one word per line was needed")
    return words
