"""The forms that a report goes out in: texts, files, tables and figures, all made from its dict."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from textdrift.reports.report_files import FILE_NAMES, check_formats, made_folder, written, written_together

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa
    from matplotlib.figure import Figure

__all__ = ["ReportForms"]


class ReportForms(ABC):
    """What can be made of a report that says of itself all there is to say: its dict.

    A method that takes a ``path`` returns the text without one; with one it writes the text, whole or not at all, and
    returns the path, so that a notebook shows no page of it.
    """

    __slots__ = ()

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values, as described by ``report_schema``."""

    @overload
    def to_json(self, path: None = None) -> str: ...

    @overload
    def to_json(self, path: str | Path) -> Path: ...

    def to_json(self, path: str | Path | None = None) -> str | Path:
        """Return the report as JSON; with a ``path``, write it there and return the path.

        Raises
        ------
        SettingsError
            When the file cannot be written: the message says why. So do all methods that take a ``path``.
        """
        text = json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        return written(text, path)

    @overload
    def to_html(self, path: None = None) -> str: ...

    @overload
    def to_html(self, path: str | Path) -> Path: ...

    def to_html(self, path: str | Path | None = None) -> str | Path:
        """Return the report as one self-contained HTML page; with a ``path``, write it there and return the path."""
        from textdrift.reports.as_html import as_html

        return written(as_html(self.to_dict()), path)

    def to_terminal(self, *, width: int = 100, color: bool = False) -> str:
        """Return the report as text for a terminal."""
        from textdrift.reports.as_terminal import as_terminal

        return as_terminal(self.to_dict(), width=width, color=color)

    @overload
    def to_markdown(self, path: None = None) -> str: ...

    @overload
    def to_markdown(self, path: str | Path) -> Path: ...

    def to_markdown(self, path: str | Path | None = None) -> str | Path:
        """Return the report as GitHub-flavoured Markdown, for a pull request; with a ``path``, write it there."""
        from textdrift.reports.as_markdown import as_markdown

        return written(as_markdown(self.to_dict()), path)

    @overload
    def to_junit(self, path: None = None) -> str: ...

    @overload
    def to_junit(self, path: str | Path) -> Path: ...

    def to_junit(self, path: str | Path | None = None) -> str | Path:
        """Return the report as JUnit XML, one case per deciding test; with a ``path``, write it, return the path."""
        from textdrift.reports.as_junit import as_junit

        return written(as_junit(self.to_dict()), path)

    @overload
    def to_sagemaker(self, path: None = None) -> str: ...

    @overload
    def to_sagemaker(self, path: str | Path) -> Path: ...

    def to_sagemaker(self, path: str | Path | None = None) -> str | Path:
        """Return what drifted as SageMaker's ``constraint_violations.json``; with a ``path``, write it there."""
        from textdrift.reports.as_sagemaker import as_sagemaker

        return written(as_sagemaker(self.to_dict()), path)

    @overload
    def to_evidently(self, path: None = None) -> str: ...

    @overload
    def to_evidently(self, path: str | Path) -> Path: ...

    def to_evidently(self, path: str | Path | None = None) -> str | Path:
        """Return what Evidently's ``.json()`` would hold; with a ``path``, write it there and return the path."""
        from textdrift.reports.as_evidently import as_evidently

        return written(as_evidently(self.to_dict()), path)

    @overload
    def to_whylogs(self, path: None = None) -> str: ...

    @overload
    def to_whylogs(self, path: str | Path) -> Path: ...

    def to_whylogs(self, path: str | Path | None = None) -> str | Path:
        """Return the columns' drift scores as whylogs shapes them, as JSON; with a ``path``, write it there."""
        from textdrift.reports.as_whylogs import as_whylogs

        return written(as_whylogs(self.to_dict()), path)

    def to_frame(self, table: str = "findings") -> pd.DataFrame:
        """Return a table of ``report_tables.TABLES``, such as ``terms`` or ``playbook``, as a pandas data frame."""
        from textdrift.reports.as_frame import as_frame

        return as_frame(self.to_dict(), table)

    def to_polars(self, table: str = "findings") -> pl.DataFrame:
        """Return the same table as a polars data frame, in which a column of mixed types is text."""
        from textdrift.reports.as_frame import as_polars

        return as_polars(self.to_dict(), table)

    def to_arrow(self, table: str = "findings") -> pa.Table:
        """Return the same table as an Arrow table, in which a column of mixed types is text."""
        from textdrift.reports.as_frame import as_arrow

        return as_arrow(self.to_dict(), table)

    @overload
    def to_csv(self, path: None = None, *, table: str = "findings") -> str: ...

    @overload
    def to_csv(self, path: str | Path, *, table: str = "findings") -> Path: ...

    def to_csv(self, path: str | Path | None = None, *, table: str = "findings") -> str | Path:
        """Return a table of ``to_frame`` as csv that a spreadsheet runs no formula of; with a ``path``, write it."""
        from textdrift.reports.as_csv import as_csv

        return written(as_csv(self.to_dict(), table), path)

    def figure(self, what: str) -> Figure:
        """Return one matplotlib figure, such as ``kinds``, ``words`` or ``map``; see ``figures.figure``."""
        from textdrift.reports.figures import figure

        return figure(self.to_dict(), what)

    def figures(self) -> dict[str, Figure]:
        """Return every matplotlib figure that this report has something to show in, by name."""
        from textdrift.reports.figures import figures

        return figures(self.to_dict())

    def in_format(self, name: str) -> str:
        """Return the report as the file of that format holds it; a name of ``report_files.FORMATS``.

        Raises
        ------
        SettingsError
            For an unknown format.
        """
        check_formats([name])
        render: dict[str, Callable[[], str]] = {
            "json": self.to_json,
            "html": self.to_html,
            "md": self.to_markdown,
            "junit": self.to_junit,
            "sagemaker": self.to_sagemaker,
            "evidently": self.to_evidently,
            "whylogs": self.to_whylogs,
        }
        return render[name]()

    def write(self, folder: str | Path, formats: Sequence[str] = ("html", "json")) -> tuple[Path, ...]:
        """Write the file of each format, ``report.html`` and ``report.json`` by default; return their paths.

        The folder is made when missing, and all of them are written or none.

        Raises
        ------
        SettingsError
            For an unknown format, or a folder that cannot be made or written to.
        """
        check_formats(formats)
        target = made_folder(folder)
        texts = {target / FILE_NAMES[name]: self.in_format(name) for name in dict.fromkeys(formats)}
        written_together(texts)
        return tuple(texts)
