"""``textdrift profile SOURCE…``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from textdrift.cli.given_flags import given_flags
from textdrift.cli.printing import print_message
from textdrift.errors import SettingsError

__all__ = ["profile"]

_Name = Optional[str]  # noqa: UP045 - typer reads the annotation

_SUFFIX = ".profile"  # as compare_arguments.PROFILE_SUFFIX, which is too heavy for --help
_OF_PROFILES = ("--output", "--named-from")


def profile(
    context: typer.Context,
    sources: Annotated[
        list[str], typer.Argument(help="Paths, globs or URLs of texts, or profiles to merge; one after the other.")
    ],
    output: Annotated[Path, typer.Option(help="File to write, such as monday.profile.")],
    text: Annotated[str, typer.Option(help="Column of the texts.")] = "text",
    time: Annotated[_Name, typer.Option(help="Column of the times.")] = None,
    group: Annotated[_Name, typer.Option(help="Column of the author, session or thread.")] = None,
    unit: Annotated[str, typer.Option(help="What is counted: words, bigrams, hashtags, emoji, …")] = "words",
    tokenizer: Annotated[str, typer.Option(help="What splits texts into words.")] = "words",
    stemmer: Annotated[_Name, typer.Option(help="A stemmer of NLTK, such as english.")] = None,
    stop_words: Annotated[_Name, typer.Option(help="A file with one word per line, or a stop list of NLTK.")] = None,
    bins: Annotated[int, typer.Option(help="A power of two; windows of very unequal size need more.")] = 256,
    named_from: Annotated[
        int, typer.Option(help="Words held by fewer documents are written as a hash; 1 names all.")
    ] = 1,
) -> None:
    """Count the words of a window, and write what is left without its texts: compare it, or merge it, later."""
    if output.suffix != _SUFFIX:
        raise SettingsError(f"--output needs a file that ends in .profile; got {str(output)!r}")
    if not output.parent.is_dir():
        raise SettingsError(f"there is no folder {str(output.parent)!r} to write to; make it first")

    if all(source.endswith(_SUFFIX) for source in sources):
        _refuse_counting(given_flags(context))

    from textdrift import profiling
    from textdrift.profiles import save
    from textdrift.tokens.tokenization import Tokenization

    tokenization = Tokenization(unit=unit, tokenizer=tokenizer, stemmer=stemmer, stop_words=stop_words)
    window = profiling.profile(*sources, text=text, time=time, group=group, tokenization=tokenization, n_bins=bins)
    save(window, output, named_from=named_from)
    print_message(
        f"wrote {output}: {window.n_documents:,} documents of {window.n_rows:,} rows"
        + (f", {len(window.counts.terms):,} different terms" if window.counts is not None else ""),
        to_stdout=True,
    )


def _refuse_counting(flags: tuple[str, ...]) -> None:
    """Refuse flags that say how texts are read and counted: profiles were counted before."""
    if idle := [flag for flag in flags if flag not in _OF_PROFILES]:
        raise SettingsError(
            f"{', '.join(idle)} cannot change profiles that are there, and all sources are profiles; leave out all "
            f"flags but {' and '.join(_OF_PROFILES)}, or profile the texts anew"
        )
