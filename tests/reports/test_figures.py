"""Figures: what a report holds can be drawn, titles say what is seen, and every text of the data stays a text."""

import sys

import matplotlib as mpl
import pytest
from hostile_texts import HOSTILE
from matplotlib import cbook
from matplotlib.colors import to_rgb
from whole_reports import hostile_report, sample, whole_report

from textdrift.errors import MissingExtraError, SettingsError
from textdrift.reports.figure_canvas import BEFORE, NOW, canvas, drawn_text, named_rows
from textdrift.reports.figures import FIGURES, figure, figures
from textdrift.reports.visible_text import clipped, visible

mpl.use("Agg")


def title(drawn):
    return drawn.get_suptitle().replace("\n", " ")


def bars(drawn):
    """The lengths of the bars of the first axes, in the order in which they were drawn."""
    return [bar.get_width() for bar in drawn.axes[0].patches]


def names(drawn):
    return [label.get_text() for label in drawn.axes[0].get_yticklabels()]


def test_a_report_has_the_figures_that_it_holds_something_for():
    assert list(figures(whole_report())) == [
        "kinds",
        "words",
        "labels",
        "segments",
        "map",
        "performance",
        "split",
        "calibration",
    ]
    assert list(figures(sample("no_drift"))) == ["kinds", "labels"]
    assert {"predictions", "relabelled"} <= set(figures(sample("concept")))


def test_every_figure_can_be_drawn_and_pyplot_knows_none_of_them():
    from matplotlib import pyplot as plt

    for report in (whole_report(), sample("inconclusive")):
        for drawn in figures(report).values():
            assert drawn._repr_png_().startswith(b"\x89PNG")
    assert plt.get_fignums() == []


def test_titles_say_what_is_seen():
    told = {name: title(drawn) for name, drawn in figures(whole_report()).items()}
    assert told["kinds"] == "Moved by enough to matter: words, emoji, hashtags and more"
    assert told["words"] == "‘depot’ went from 0 % to 24.1 % of the texts; the 16 strongest of 24 words"
    assert told["labels"] == "Labels: negative went from 34.6 % to 66.4 % of the texts"
    assert told["segments"] == "Words moved most in channel chat"
    assert told["map"] == "Texts about refund, bank, charged went from 2.0 % to 14.1 %"
    assert told["performance"] == "Right predictions: 86.9 % before, 74.5 % now"
    assert told["split"].startswith("Accuracy changed by −12.4 points, most by changed meaning")
    assert title(figure(sample("no_drift"), "kinds")) == "No kind moved by more than chance and by enough to matter"


def test_bars_are_as_long_as_the_report_says():
    report = whole_report()
    drawn = figure(report, "words")
    terms = report["diagnosis"]["terms"][:16]
    assert names(drawn) == [term["term"] for term in terms]
    expected = [100 * term[f"{window}_share"] for window in ("reference", "current") for term in terms]
    assert bars(drawn) == pytest.approx(expected)
    parts = report["performance"]["split"]["parts"]
    assert bars(figure(report, "split")) == pytest.approx([part["points"] for part in parts])


def test_a_kind_stands_at_its_multiple_of_what_matters():
    report = sample("concept")
    drawn = figure(report, "kinds")
    accuracy = next(f["effect"] for f in report["findings"] if f["test"] == "columns.accuracy")
    marks = [line for line in drawn.axes[0].lines if len(line.get_xdata()) == 1]
    place = names(drawn).index("accuracy")
    # A loss of accuracy is drawn by its size.
    assert marks[place].get_xdata()[0] == pytest.approx(-accuracy["value"] / accuracy["material_from"])
    interval = [line for line in drawn.axes[0].lines if len(line.get_xdata()) == 2][place].get_xdata()
    assert interval == pytest.approx([-accuracy[end] / accuracy["material_from"] for end in ("high", "low")])


def test_an_interval_without_an_end_runs_off_the_figure():
    report = sample("no_drift")
    report["findings"][0]["effect"] |= {"value": 0.01, "high": None}
    drawn = figure(report, "kinds")
    furthest = max(line.get_xdata()[-1] for line in drawn.axes[0].lines)
    assert furthest > drawn.axes[0].get_xlim()[1]


def test_before_and_now_can_be_told_apart_without_colours_and_with_any_colour_vision():
    def lightness(colour):
        return sum(weight * part**2.2 for weight, part in zip((0.2126, 0.7152, 0.0722), to_rgb(colour), strict=True))

    assert abs(lightness(BEFORE) - lightness(NOW)) > 0.05
    hatches = {bar.get_hatch() for bar in figure(whole_report(), "words").axes[0].patches}
    assert len(hatches) == 2


@pytest.mark.parametrize("what", ["map", "relabelled"])
def test_a_figure_that_a_report_has_nothing_for_names_those_it_has(what):
    with pytest.raises(SettingsError, match=f"nothing to draw as '{what}'; its figures are 'kinds', 'labels'"):
        figure(sample("no_drift"), what)


def test_an_unknown_figure_names_the_nearest():
    with pytest.raises(SettingsError, match="did you mean 'words'"):
        figure(whole_report(), "word")
    assert "words" in FIGURES


def test_a_machine_without_matplotlib_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'textdrift\[notebooks\]'"):
        figure(whole_report(), "words")


def test_what_a_reader_set_for_other_figures_changes_none_of_ours():
    with mpl.rc_context({"text.usetex": True, "text.parse_math": False, "font.family": ["serif"]}):
        drawn = figure(whole_report(), "labels")
    assert not drawn.axes[0].get_yticklabels()[0].get_usetex()
    assert drawn.axes[0].get_yticklabels()[0].get_fontfamily()[0] == "DejaVu Sans"


@pytest.mark.parametrize("start", range(0, len(HOSTILE), 16))
def test_texts_are_drawn_as_they_are_and_every_letter_has_a_shape(start):
    """A letter that no font has would warn, and warnings are errors here."""
    batch = HOSTILE[start : start + 16]
    with canvas(batch[0], [len(batch)]) as (drawn, (axes,)):
        named_rows(axes, batch)
    drawn._repr_png_()
    for text, label in zip(batch, axes.get_yticklabels(), strict=True):
        assert not cbook.is_math_text(label.get_text())
        if text.isascii():
            assert label.get_text().replace(r"\$", "$") == clipped(visible(clipped(text, 36)), 36)


@pytest.mark.parametrize("text", ["$\\frac{1}{0}$", "\u202eback", "", "x" * 5000])
def test_a_report_full_of_a_hostile_text_can_be_drawn(text):
    for drawn in figures(hostile_report(text)).values():
        drawn._repr_png_()


def test_a_dollar_is_a_dollar():
    assert drawn_text("$1 and $2") == r"\$1 and \$2"
    assert cbook.is_math_text(drawn_text("$1 and $2")) is False
