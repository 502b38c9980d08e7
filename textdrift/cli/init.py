"""``textdrift init DATA``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from textdrift.cli.compare import refuse_empty
from textdrift.cli.printing import print_document, print_message
from textdrift.errors import SettingsError

__all__ = ["init"]

_Name = Optional[str]  # noqa: UP045 - typer reads the annotation


def init(
    data: Annotated[str, typer.Argument(help="A file of rows: parquet, csv, tsv or jsonl.")],
    output: Annotated[Path, typer.Option(help="The job file to write.")] = Path("job.yaml"),
    text: Annotated[_Name, typer.Option(help="Column of the texts, where the guess is wrong.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that is there.")] = False,
) -> None:
    """Write a commented job file from a data file, guessing which column plays which part.

    What it writes passes `validate`, and `run` reads it. Look the guesses over: each one says what it rests on, here
    and in the file, and what is not sure is a comment there. A date in the name of the file makes a nightly job.
    """
    refuse_empty({"text": text})
    if output.exists() and not force:
        raise SettingsError(f"{output} is there already; name another with --output, or overwrite it with --force")

    from textdrift.job_config.drafting import drafted_job

    draft = drafted_job(data, text=text)
    if str(output) == "-":
        print_document(draft.text)
        return
    try:
        output.write_text(draft.text, encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{output} cannot be written ({error.strerror}); name another with --output") from error
    for line in draft.told:
        print_message(line, to_stdout=True)
    day = "" if draft.date is None else f" --date {draft.date}"
    print_message(f"wrote {output}; next: textdrift validate {output}{day}", to_stdout=True)
