"""The command line: the commands gathered, errors turned into exit codes.

Exit codes: 0 passed, 1 drift, 2 usage, configuration or data error, 3 inconclusive.
"""

from __future__ import annotations

import sys
import traceback
from typing import Annotated

import typer

from textdrift import __version__
from textdrift.cli.compare import compare
from textdrift.cli.demo import demo
from textdrift.cli.run import run
from textdrift.errors import TextdriftError

__all__ = ["app", "main"]

_ERROR = 2

app = typer.Typer(
    name="textdrift",
    help="Know when the text a model reads, or what it means, has changed; where; why; and whether to believe it.",
    epilog="Exit codes: 0 passed, 1 drift, 2 usage, configuration or data error, 3 inconclusive.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(compare)
app.command()(run)
app.command()(demo)


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"textdrift {__version__}\n")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Know when the text a model reads, or what it means, has changed."""


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return the exit code; an error is one line on stderr, never a traceback."""
    try:
        app(args=argv)
    except SystemExit as ended:  # typer ends every command so, with 2 for a usage error
        return ended.code if isinstance(ended.code, int) else 0
    except (TextdriftError, OSError) as error:
        sys.stderr.write(f"textdrift: error: {error}\n")
        return _ERROR
    except Exception:  # noqa: BLE001 - Python would exit 1, and 1 means drift: a crash must not read as a verdict
        traceback.print_exc()
        sys.stderr.write("textdrift: error: this is a fault of textdrift itself, not of your data; please report it\n")
        return _ERROR
    return 0
