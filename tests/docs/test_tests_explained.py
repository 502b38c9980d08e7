"""Each test of the catalogue has a section that explains it, with figures that the table of statistics holds."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

from textdrift.drift.catalog import CATALOG

ROOT = Path(__file__).parents[2]
STATISTICS = (ROOT / "docs" / "statistics.md").read_text(encoding="utf-8")
PARTS = ("Question.", "Null hypothesis.", "Formula.", "Measured.", "When it fails.")


def section(name):
    page = (ROOT / "docs" / "tests" / f"{name.partition('.')[0]}.md").read_text(encoding="utf-8")
    return re.search(rf"^## `{re.escape(name)}`\n(.*?)(?=^## |\Z)", page, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", dict.fromkeys(entry.name for entry in CATALOG))
def test_a_test_is_explained_in_five_parts_under_its_name(name):
    found = section(name)
    assert found, f"docs/tests: a section '## `{name}`' is needed"
    assert [part for part in PARTS if f"**{part}**" not in found[1]] == []
    assert f"<!-- filled: test {name} -->" in found[1]


def planted():
    """Return what the benchmark plants, without running it."""
    spec = importlib.util.spec_from_file_location("level_and_power", ROOT / "tests/benchmarks/level_and_power.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["level_and_power"] = module
    spec.loader.exec_module(module)
    return module.PLANTED


def test_the_table_of_level_and_power_has_the_row_of_every_test_that_is_measured():
    rows = dict(re.findall(r"^\| `([\w.]+)` \| [.\d]+ \| (.+?) \| [.\d]+ \|$", STATISTICS, flags=re.MULTILINE))
    assert rows == {name: what for name, (what, _) in planted().items()}


def test_every_test_that_decides_by_itself_is_measured_there_or_on_real_texts():
    measured = set(re.findall(r"^\| `([\w.]+)` \|", STATISTICS, flags=re.MULTILINE))
    deciding = {entry.key for entry in CATALOG if entry.decides and not entry.optional}
    assert deciding - measured == set()


def test_no_false_alarm_of_the_table_is_beyond_what_chance_brings():
    alarms = [
        float(share) for share in re.findall(r"^\| `[\w.]+` \| (\.\d+|1\.0+) \| ", STATISTICS, flags=re.MULTILINE)
    ]
    assert len(alarms) > 20
    assert max(alarms) <= 0.05 + 3 * (0.05 * 0.95 / 200) ** 0.5
