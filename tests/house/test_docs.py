"""The documentation tells the thresholds that the code uses."""

import re
from pathlib import Path

import pytest

from textdrift.findings.deciding import MATERIAL_FROM, MINIMUM_DOCUMENTS

PAGE = (Path(__file__).parents[2] / "docs" / "how_it_decides.md").read_text(encoding="utf-8")

KINDS = {
    "lexical": ("lexical.",),
    "semantic": tuple(name for name, _ in MATERIAL_FROM if name.startswith("embedding.") and "canary" not in name),
    "encoder": ("embedding.encoder_canary",),
    "label, prediction": ("columns.categorical",),
    "features": ("columns.numeric", "columns.joint", "columns.unseen", "columns.categorical.features"),
    "performance": ("columns.accuracy",),
    "concept": ("concept.",),
    "quality": ("quality.",),
}


@pytest.mark.parametrize(("kind", "tests"), KINDS.items())
def test_the_table_of_least_sizes_is_the_one_in_force(kind, tests):
    row = next(line for line in PAGE.splitlines() if line.strip().startswith(f"| {kind} |"))
    told = {float(number) for number in re.findall(r"\d+\.\d+", row.rsplit("|", 2)[1])}
    used = {
        value
        for (test, _), value in MATERIAL_FROM.items()
        if test.startswith(tests) and (kind == "features" or not test.endswith(".features"))
    }
    assert told == used


def test_the_least_number_of_documents_is_told():
    assert f"Below {MINIMUM_DOCUMENTS} documents" in PAGE
