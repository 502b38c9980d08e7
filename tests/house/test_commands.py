"""Every `textdrift …` command line in the documentation and in configs/ is one that the program takes."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from textdrift.cli.app import app

ROOT = Path(__file__).parents[2]
PROGRAM = get_command(app)
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]
CONFIGS = sorted(path for path in (ROOT / "configs").rglob("*") if path.is_file() and path.suffix != ".pyc")

_BLOCK = re.compile(r"^```(?:sh|bash|console)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"(?<!`)`(?:[\w./-]*/)?textdrift ([^`]+)`(?!`)")
# At the start of a line, of an indented line of a comment, of what a unit starts, or after another command.
_LINE = re.compile(
    r"^(?:#\s{3,}|//\s{3,}|\s*-?\s*|\s*run: |ExecStart=|.*(?:&&|\|\||;|then|\btimeout .*?\dh?) )"
    r"(?:[\w./-]*/)?textdrift (?P<rest>[a-z-].*)$"
)
_PROSE = re.compile(r"\s{2,}\S.*$")  # what a comment says beside a command
_ENDS = {"|", "||", "&&", ";", ">", ">>", "2>&1", "&"}


def words(rest):
    """Return the arguments of a command line, up to where the shell goes on with something else."""
    lexer = shlex.shlex(rest, posix=True, punctuation_chars=";|&>")
    lexer.whitespace_split = True
    found = []
    for word in lexer:
        if word in _ENDS or word.startswith((">", ";", "|", "&")):
            break
        found.append(word)
    return [word for word in found if word != "…"]


def in_lines(text):
    joined = re.sub(r"\\\n\s*(?:#\s*)?", " ", text)
    for line in joined.splitlines():
        match = _LINE.match(line)
        if match:
            yield words(_PROSE.sub("", match["rest"]))


def in_spans(text):
    for rest in _SPAN.findall(text):
        yield words(re.sub(r"\n(?:#\s*)?", " ", rest))


def whole_lines(path):
    text = path.read_text(encoding="utf-8")
    return list(in_lines("\n".join(_BLOCK.findall(text)) if path.suffix == ".md" else text))


def fault(arguments, *, may_lack=False):
    """Return why the program does not take such a command line; empty where it does.

    A mention in the text may lack what a command needs, as in `textdrift run`, or show flags alone.
    """
    name, *rest = arguments
    if name in {"--version", "--help"}:
        return ""
    if name not in PROGRAM.commands:
        return f"there is no command {name!r}"
    try:
        PROGRAM.commands[name].make_context(name, rest)
    except Exception as error:  # noqa: BLE001 - typer brings its own copy of click, or none
        kind = type(error).__name__
        if kind == "Exit" or (may_lack and kind == "MissingParameter"):
            return ""
        return f"{kind}: {error.format_message() if hasattr(error, 'format_message') else error}"
    return ""


@pytest.mark.parametrize("path", [*PAGES, *CONFIGS], ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_line_is_one_that_the_program_takes(path):
    text = path.read_text(encoding="utf-8")
    faults = {" ".join(line): fault(line) for line in whole_lines(path)}
    faults |= {" ".join(span): fault(span, may_lack=True) for span in in_spans(text)}
    assert {line: why for line, why in faults.items() if why} == {}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("run job.yaml --datte 2026-11-25", "No such option"),
        ("rum job.yaml", "there is no command"),
        ("backfill job.yaml --from 2026-01-01", "Missing"),
        ("history job.yaml --limit many", "--limit"),
    ],
)
def test_a_slip_would_be_found(line, why):
    assert why.casefold() in fault(words(line)).casefold()


def test_lines_are_found_where_they_stand():
    unit = (ROOT / "configs" / "systemd" / "textdrift@.service").read_text(encoding="utf-8")
    assert ["run", "/etc/textdrift/%i.yaml"] in list(in_lines(unit))
    assert ["run", "$JOB"] in list(in_lines((ROOT / "configs" / "cron" / "textdrift").read_text(encoding="utf-8")))
    assert ["validate", "configs/nightly.yaml"] in whole_lines(ROOT / "configs" / "nightly.yaml")
    assert ["run", "/etc/textdrift/nightly.yaml"] in whole_lines(ROOT / "configs" / "kubernetes" / "cronjob.yaml")
    assert any(line[0] == "gate" for line in whole_lines(ROOT / "configs" / "github" / "drift-gate.yml"))
    assert len([line for page in PAGES for line in whole_lines(page)]) > 20
