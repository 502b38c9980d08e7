"""A report that was cut, edited by hand or made up is explained, laid beside another and verified without a crash."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whole_reports import hostile_report, sample, whole_report

from textdrift.cli.app import main

NAMES = sorted(path.stem for path in (Path(__file__).parents[1] / "reports" / "samples").glob("*.json"))
REPORTS = [*map(sample, NAMES), whole_report(), hostile_report("\x1b[31m\u202e\ud800")]
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**40), 10**40), st.floats(), st.text(max_size=9),
    st.sampled_from(["lexical", "textdrift.report/1", "", "\x1b[2J", "x" * 3000, 1e308, -1e308, 5e-324, [], {}]),
    st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=3)), max_size=3),
    st.dictionaries(st.text(max_size=5), st.one_of(st.none(), st.integers(), st.text(max_size=3)), max_size=3),
)  # fmt: skip
ASKED = [
    "lexical",
    "concept",
    "escaped",
    "late",
    "channel=chat",
    "strike",
    "sparkly",
    "complaint",
    "\x1b[31m",
    "10",
    "=",
]


def places(value, path=()):
    yield path
    if isinstance(value, (dict, list)):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from places(item, (*path, key))


PLACES = [list(places(report))[1:] for report in REPORTS]


@st.composite
def damaged(draw):
    """A report in which up to five values are gone, doubled or something else."""
    which = draw(st.integers(0, len(REPORTS) - 1))
    report = copy.deepcopy(REPORTS[which])
    for path in draw(st.lists(st.sampled_from(PLACES[which]), max_size=5)):
        place = report
        try:
            for step in path[:-1]:
                place = place[step]
            if draw(st.booleans()):
                place[path[-1]] = draw(ODD)
            else:
                del place[path[-1]]
        except (KeyError, IndexError, TypeError):  # a value above it was damaged before
            continue
    return report


def written(path, report):
    # Python writes NaN and Infinity, which no JSON reader takes, so that such files are tried too.
    path.write_text(json.dumps(report), encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("damaged")


def quiet(capsys, arguments):
    code = main(arguments)
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err, captured.err
    assert not {"\x1b", "\u202e", "\x00", "\r"} & set(captured.out + captured.err)
    (captured.out + captured.err).encode("utf-8")
    assert code != 2 or (captured.out == "" and captured.err.startswith(("textdrift: error: ", "Usage")))
    return code


FUZZ = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@FUZZ
@given(damaged(), st.one_of(st.sampled_from(ASKED), st.text(max_size=5)))
def test_a_damaged_report_is_explained_or_refused(folder, capsys, report, name):
    assert quiet(capsys, ["explain", written(folder / "a.json", report), "--", name]) in {0, 2}


@FUZZ
@given(damaged(), damaged(), st.booleans())
def test_two_damaged_reports_are_laid_side_by_side_or_refused(folder, capsys, before, after, as_json):
    paths = [written(folder / name, report) for name, report in (("a.json", before), ("b.json", after))]
    assert quiet(capsys, ["diff", *paths, *(["--format", "json"] if as_json else [])]) in {0, 2}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A report on two windows that are compared in no time."""
    folder = tmp_path_factory.mktemp("small")
    for name in ("a", "b"):
        (folder / f"{name}.csv").write_text("text,label\n" + "x,1\ny,2\n" * 15, encoding="utf-8")
    paths = [str(folder / f"{name}.csv") for name in ("a", "b")]
    main(["compare", *paths, "--label", "label", "--tests", "columns", "--output", str(folder)])
    return json.loads((folder / "report.json").read_text("utf-8"))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_report_is_verified_or_refused(folder, small, capsys, data):
    report = copy.deepcopy(small)
    arguments = report["settings"]["arguments"]
    # No made-up text for a window or an encoder: it would be looked for, and it might be an address.
    names = [name for name in arguments if name not in {"reference", "current", "encoder", "labels_to_ask"}]
    for name in data.draw(st.lists(st.sampled_from(names), max_size=2)):
        arguments[name] = data.draw(ODD)
    for key in data.draw(st.lists(st.sampled_from(sorted(set(report) - {"settings"})), max_size=2)):
        report[key] = data.draw(ODD)
    assert quiet(capsys, ["verify", written(folder / "c.json", report)]) in {0, 1, 2}


@pytest.mark.parametrize("where", ["reference", "current", "encoder"])
@pytest.mark.parametrize(
    "value", [3, [], {}, {"path": None}, {"path": 3}, {"sql": 3}, {"model": 3}, True, 0.5, [["a"]]]
)
def test_a_window_or_an_encoder_of_a_wrong_type_is_refused(folder, small, capsys, where, value):
    report = copy.deepcopy(small)
    report["settings"]["arguments"][where] = value
    # An empty table of an encoder is the default one: only the digest finds that.
    assert quiet(capsys, ["verify", written(folder / "d.json", report)]) == (
        1 if (where, value) == ("encoder", {}) else 2
    )
