"""The documentation as a site that opens without a network. From the root of the repository:

    sphinx-build -W docs build/docs

What pages hold in the place of `<!-- filled: … -->` is made from the code meanwhile, see docs/site/filling.py.
"""

# ruff: noqa: INP001 - read by Sphinx, no package

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent / "site"))

from filling import filled, has_marks

from textdrift import __version__

project = "textdrift"
release = version = __version__
copyright = "the authors of textdrift, Apache-2.0"  # noqa: A001 - Sphinx names it

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["site"]
myst_heading_anchors = 4  # headings have the anchors that GitHub gives them
autodoc_typehints = "none"  # signatures would drown in them; docstrings tell what is taken
napoleon_use_rtype = False

html_theme = "furo"
html_title = "textdrift"
html_static_path = ["assets"]
html_css_files = ["pages.css"]
html_show_sourcelink = False
html_copy_source = False
smartquotes = False  # --output is no dash and output
pygments_style = "friendly"
pygments_dark_style = "native"


def setup(app: Any) -> None:
    """Fill pages in as they are read, and read those that are filled in each time: the code may have changed."""
    app.connect("source-read", _fill)
    app.connect("env-get-outdated", _pages_from_code)


def _fill(app: Any, name: str, source: list[str]) -> None:  # noqa: ARG001 - Sphinx hands them
    source[0] = filled(source[0], name)


def _pages_from_code(app: Any, env: Any, *changes: set[str]) -> list[str]:  # noqa: ARG001 - Sphinx hands them
    return [name for name in env.found_docs if has_marks(Path(env.doc2path(name)).read_text(encoding="utf-8"))]
