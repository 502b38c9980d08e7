"""``textdrift serve JOB``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from textdrift.cli.job_history import job_with_history
from textdrift.cli.printing import print_message

__all__ = ["serve"]

_Name = Optional[str]  # noqa: UP045 - typer reads the annotation
_Names = Optional[list[str]]  # noqa: UP045


def serve(
    job: Annotated[Path, typer.Argument(help="A job file with a `history`.")],
    host: Annotated[str, typer.Option(help="Where to listen; any other host needs a token.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.", min=0, max=65535)] = 8765,
    token: Annotated[
        _Name,
        typer.Option(
            envvar="TEXTDRIFT_TOKEN",
            show_default=False,
            help="What readers must show. Others on this machine may read a flag; the variable is safer.",
        ),
    ] = None,
    allow_host: Annotated[
        _Names, typer.Option(metavar="NAME", help="A further name the server is called by, as behind a proxy.")
    ] = None,
) -> None:
    """Show the dashboard of a job in a browser, with every report; it only reads. Ctrl+C or SIGTERM ends it."""
    config, url = job_with_history(job)

    from textdrift.dashboard.serving import serve as serve_history
    from textdrift.history import open_history

    def announce(address: str) -> None:
        print_message(f"job {config.name}: {address} (Ctrl+C ends it)")

    with open_history(url, read_only=True) as history:
        serve_history(
            history,
            config.name,
            host=host,
            port=port,
            token=token or None,
            allowed_hosts=allow_host or (),
            announce=announce,
        )
