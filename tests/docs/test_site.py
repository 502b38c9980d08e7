"""The site is built without a warning, holds what is filled in, and opens without a network."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from textdrift.drift.catalog import CATALOG
from textdrift.job_config import JobConfig

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(
    not all(map(find_spec, ("sphinx", "myst_parser", "furo"))), reason="the extra `docs` is not installed"
)

_FROM_ELSEWHERE = re.compile(
    r"""<(?:script|link|img|iframe|source|audio|video|object|embed)\b[^>]*?\b(?:src|href|data)=["']?(?:https?:)?//"""
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Build the site once; a dead link, a dead anchor or a page that nothing leads to would end it."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-d", str(folder / "trees")]
    built = subprocess.run(
        [*command, str(ROOT / "docs"), str(folder / "site")], capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stderr
    return folder / "site"


def test_no_page_loads_anything_from_elsewhere(site):
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 30
    assert [page.name for page in pages if _FROM_ELSEWHERE.search(page.read_text(encoding="utf-8"))] == []
    styles = [path.read_text(encoding="utf-8") for path in site.rglob("*.css")]
    assert [style[:80] for style in styles if re.search(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", style)] == []


def test_a_resource_from_elsewhere_would_be_seen():
    assert _FROM_ELSEWHERE.search('<link rel="stylesheet" href="https://fonts.example.org/a.css">')
    assert not _FROM_ELSEWHERE.search('<a href="https://example.org">there</a>')


def test_configuration_and_commands_are_filled_in(site):
    from textdrift.cli.app import app

    configuration = (site / "configuration.html").read_text(encoding="utf-8")
    assert [key for key in JobConfig.model_fields if f">{key.rstrip('_')}</span>" not in configuration] == []
    commands = (site / "commands.html").read_text(encoding="utf-8")
    names = [command.callback.__name__ for command in app.registered_commands]
    assert [name for name in names if f'id="{name}"' not in commands] == []
    assert "&lt;!-- filled" not in configuration + commands


def test_the_facts_of_every_test_are_filled_in(site):
    for family in dict.fromkeys(entry.family for entry in CATALOG):
        page = (site / "tests" / f"{family}.html").read_text(encoding="utf-8")
        names = {entry.name for entry in CATALOG if entry.family == family}
        assert page.count("<p>decides</p>") == len(names)


def test_every_public_name_has_its_reference(site):
    import textdrift

    page = (site / "api.html").read_text(encoding="utf-8")
    names = [name for name in textdrift.__all__ if name != "__version__"]
    assert [name for name in names if f".{name}" not in page] == []
