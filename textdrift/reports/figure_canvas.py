"""What every figure of a report is drawn on: colours for all eyes, fonts with the letters, texts that stay texts."""

from __future__ import annotations

import contextlib
import functools
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textdrift.errors import MissingExtraError
from textdrift.reports.visible_text import clipped, visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "BEFORE",
    "NOW",
    "QUIET",
    "BarRow",
    "canvas",
    "drawn_text",
    "named_rows",
    "pair_bars",
    "short_text",
    "swing_bars",
    "tell",
]

# Blue and vermilion of Okabe and Ito (2008), which people with any colour vision tell apart; shapes differ as well.
BEFORE, NOW, QUIET = "#0072B2", "#D55E00", "#8a8a8a"

_WIDTH, _ROW, _FRAME = 7.5, 0.36, 1.3
_LONGEST_TITLE, _LONGEST_NAME = 160, 36
_TITLE_LINE = 78
_FIRST = "DejaVu Sans"  # comes with matplotlib
# Fonts of the usual systems for letters that the first one lacks; those that are not there are left out.
_FALLBACKS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK KR", "Noto Sans SC", "Noto Sans JP", "Noto Sans KR",
    "Source Han Sans SC", "WenQuanYi Micro Hei", "Microsoft YaHei", "PingFang SC", "Hiragino Sans",
    "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans Devanagari", "Nirmala UI", "Noto Sans Thai", "Leelawadee UI",
    "Arial Unicode MS", "Noto Emoji", "Symbola", "Segoe UI Emoji", "Segoe UI Symbol", "Apple Symbols",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class BarRow:
    """One row of bars: its name, one or two values, and where each may end; ``None`` where that is not known."""

    name: str
    values: Sequence[float]
    lows: Sequence[float | None]
    highs: Sequence[float | None]
    told: str = ""


@contextlib.contextmanager
def canvas(title: str, n_rows: Sequence[float]) -> Iterator[tuple[Figure, Sequence[Axes]]]:
    """Yield a new figure and its axes, one below the other, each high enough for its rows.

    What is drawn inside has our fonts and obeys no markup.
    The figure belongs to nobody else: pyplot does not know it, so nothing is to be closed. A notebook shows it.

    Raises
    ------
    MissingExtraError
        Where matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise MissingExtraError(
            "figures need matplotlib, and it is not installed; run: pip install 'textdrift[notebooks]'"
        ) from error
    settings: Mapping[str, Any] = {
        "text.usetex": False,
        "text.parse_math": True,  # ``drawn_text`` escapes every dollar
        "font.family": list(_families()),
        "font.size": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": QUIET,
        "axes.facecolor": "white",
        "figure.facecolor": "white",
        "savefig.facecolor": "white",
    }
    with mpl.rc_context(settings):  # type: ignore[arg-type]
        figure = _figure_class()(figsize=(_WIDTH, _FRAME * len(n_rows) + _ROW * sum(n_rows)), layout="constrained")
        axes = figure.subplots(len(n_rows), squeeze=False, height_ratios=[1.0 + rows for rows in n_rows])[:, 0]
        figure.suptitle(_broken(drawn_text(title, _LONGEST_TITLE)), x=0.01, ha="left", fontweight="bold", fontsize=11)
        yield figure, list(axes)


def drawn_text(text: object, length: int = _LONGEST_NAME) -> str:
    r"""Return a text of the report as matplotlib draws it: no formula, and a letter that no font has as an escape.

    >>> drawn_text("$x^2$ late")
    '\\$x^2\\$ late'
    """
    shown = clipped(visible(clipped(str(text), length)), length)
    known = _letters()
    return "".join(c if ord(c) in known else c.encode("unicode_escape").decode() for c in shown).replace("$", r"\$")


def short_text(text: object) -> str:
    """Return a text of the data, short enough to be part of a title; the title is then drawn as a whole."""
    return clipped(visible(clipped(str(text), _LONGEST_NAME)), _LONGEST_NAME)


def named_rows(axes: Axes, rows: Sequence[str]) -> None:
    """Name the rows of a figure from the top down."""
    axes.set_yticks(range(len(rows)), [drawn_text(name) for name in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)


def pair_bars(axes: Axes, rows: Sequence[BarRow], unit: str) -> None:
    """Draw two bars a row, before above now, with their intervals; values are shares."""
    for place, (colour, name, hatch) in enumerate(((BEFORE, "before", ""), (NOW, "now", "////"))):
        where = [row + (place - 0.5) * 0.38 for row in range(len(rows))]
        axes.barh(
            where,
            [100.0 * row.values[place] for row in rows],
            0.34,
            color=colour,
            label=name,
            hatch=hatch,
            edgecolor="white",
            linewidth=0,
        )
        for y, row in zip(where, rows, strict=True):
            low, high = row.lows[place], row.highs[place]
            if low is not None and high is not None:
                axes.plot([100.0 * low, 100.0 * high], [y, y], color="black", linewidth=1, solid_capstyle="butt")
    named_rows(axes, [row.name for row in rows])
    axes.set_xlabel(unit)
    axes.set_xlim(left=0)
    tell(axes, [row.told for row in rows])
    axes.legend(frameon=False, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, borderaxespad=0.2)


def swing_bars(axes: Axes, rows: Sequence[BarRow], unit: str) -> None:
    """Draw one bar a row from zero: to the left what fell, to the right what rose, with its interval."""
    for y, row in enumerate(rows):
        value, low, high = row.values[0], row.lows[0], row.highs[0]
        up = value >= 0
        axes.barh(
            y, value, 0.56, color=NOW if up else BEFORE, hatch="////" if up else "", edgecolor="white", linewidth=0
        )
        if low is not None and high is not None:
            axes.plot([low, high], [y, y], color="black", linewidth=1, solid_capstyle="butt")
    axes.axvline(0, color="black", linewidth=0.8)
    named_rows(axes, [row.name for row in rows])
    axes.set_xlabel(unit)
    axes.margins(x=0.08)
    tell(axes, [row.told for row in rows])


def tell(axes: Axes, rows: Sequence[str]) -> None:
    """Write what each row tells in numbers to the right of it."""
    for y, told in enumerate(rows):
        place = ("axes fraction", "data")
        axes.annotate(drawn_text(told, 60), (1.01, y), xycoords=place, va="center", fontsize=9, color="#333333")


def _broken(title: str) -> str:
    """Break a title into lines; a blank that is escaped is none."""
    import textwrap

    return textwrap.fill(title, _TITLE_LINE)


@functools.cache
def _figure_class() -> type[Figure]:
    from matplotlib.figure import Figure

    class ReportFigure(Figure):
        """A figure that a notebook shows though pyplot does not know it."""

        def _repr_png_(self) -> bytes:
            written = io.BytesIO()
            self.savefig(written, format="png", dpi=110)
            return written.getvalue()

    return ReportFigure


@functools.cache
def _families() -> Sequence[str]:
    from matplotlib import font_manager

    there = {font.name for font in font_manager.fontManager.ttflist}
    return [_FIRST, *(name for name in _FALLBACKS if name in there)]


@functools.cache
def _letters() -> frozenset[int]:
    """Return every letter that one of the fonts has."""
    from matplotlib import font_manager

    fonts = (font_manager.get_font(font_manager.findfont(name)) for name in _families())
    return frozenset().union(*(font.get_charmap() for font in fonts))
