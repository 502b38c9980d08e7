"""The command line: the commands gathered, errors turned into exit codes.

Exit codes: 0 passed, 1 drift, 2 usage, configuration or data error, 3 inconclusive.
"""

from __future__ import annotations

import traceback
from typing import Annotated

import typer

from textdrift import __version__
from textdrift.cli.alarm import acknowledge, snooze
from textdrift.cli.answer import answer
from textdrift.cli.backfill import backfill
from textdrift.cli.compare import compare
from textdrift.cli.dashboard import dashboard
from textdrift.cli.demo import demo
from textdrift.cli.diff import diff
from textdrift.cli.doctor import doctor
from textdrift.cli.exit_codes import Ended
from textdrift.cli.explain import explain
from textdrift.cli.gate import gate
from textdrift.cli.history import history
from textdrift.cli.init import init
from textdrift.cli.labels import labels
from textdrift.cli.printing import print_message, print_text, survived_streams
from textdrift.cli.profile import profile
from textdrift.cli.run import run
from textdrift.cli.schema import schema
from textdrift.cli.serve import serve
from textdrift.cli.validate import validate
from textdrift.cli.verify import verify
from textdrift.cli.watch import watch
from textdrift.errors import TextdriftError

__all__ = ["app", "main"]

_ERROR = 2
_GAVE_UP = 1

app = typer.Typer(
    name="textdrift",
    help="Know when the text a model reads, or what it means, has changed; where; why; and whether to believe it.",
    epilog="Exit codes: 0 passed, 1 drift, 2 usage, configuration or data error, 3 inconclusive.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(compare)
app.command()(profile)
app.command()(labels)
app.command()(explain)
app.command()(diff)
app.command()(verify)
app.command()(run)
app.command()(backfill)
app.command()(watch)
app.command()(gate)
app.command()(answer)
app.command()(history)
app.command()(dashboard)
app.command()(serve)
app.command()(acknowledge)
app.command()(snooze)
app.command()(validate)
app.command()(init)
app.command()(schema)
app.command()(doctor)
app.command()(demo)


def _print_version(wanted: bool) -> None:
    if wanted:
        print_text(f"textdrift {__version__}")
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
        with survived_streams():
            return _exit_code(argv)
    except OSError as error:  # stdout could not take the report
        with survived_streams():
            print_message(f"textdrift: error: the output could not be written: {error}")
        return _ERROR


def _exit_code(argv: list[str] | None) -> int:
    try:
        app(args=argv)
    except Ended as ended:
        return ended.exit_code
    except SystemExit as ended:  # typer ends so: 0 after help, 2 for a usage error, and 1 where it gave up
        code = ended.code if isinstance(ended.code, int) else 0
        return _ERROR if code == _GAVE_UP else code
    except (TextdriftError, OSError) as error:
        print_message(f"textdrift: error: {error}")
        return _ERROR
    except Exception:  # noqa: BLE001 - Python would exit 1, and 1 means drift: a crash must not read as a verdict
        print_message(traceback.format_exc())
        print_message("textdrift: error: this is a fault of textdrift itself, not of your data; please report it")
        return _ERROR
    return 0
