import copy
import json

import pytest
from whole_reports import sample, whole_report

from textdrift.reports.digest import report_digest


def leaves(value, path=()):
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from leaves(item, (*path, place))
    else:
        yield path


def edited(report, path):
    changed = copy.deepcopy(report)
    place = changed
    for step in path[:-1]:
        place = place[step]
    was = place[path[-1]]
    flip = not was if isinstance(was, bool) else None
    place[path[-1]] = flip if flip is not None else was + 1 if isinstance(was, (int, float)) else f"{was} "
    return changed


def test_every_value_but_the_times_counts():
    report = sample("drift")
    before = report_digest(report)
    for path in leaves(report):
        assert (report_digest(edited(report, path)) == before) == (path[0] == "seconds"), path


@pytest.mark.parametrize("indent", [None, 4])
def test_a_digest_is_of_values_and_not_of_bytes(indent):
    report = whole_report() | {"settings": {"alpha": 1.0, "é": "\ud800"}}
    backwards = {key: report[key] for key in sorted(report, reverse=True)}
    again = json.loads(json.dumps(backwards, indent=indent).replace('"alpha": 1.0', '"alpha": 1'))
    assert report_digest(again) == report_digest(report)


def test_what_json_tells_apart_the_digest_tells_apart():
    values = [0, False, None, "0", "", [], {}, [0], 1e-9, 0.1, -1]
    assert len({report_digest({"settings": value}) for value in values}) == len(values)


def test_the_digest_itself_does_not_count():
    report = sample("drift")
    assert report_digest(report | {"digest": report_digest(report)}) == report_digest(report)
