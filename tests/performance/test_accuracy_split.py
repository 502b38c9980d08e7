import json

from textdrift.performance.accuracy_split import PARTS, AccuracySplit, PartOfChange


def split(parts=(), *, n_documents=(60, 50), reason=""):
    return AccuracySplit(
        reference_accuracy=0.9,
        current_accuracy=0.8,
        parts=parts,
        shared_accuracy=(0.88, 0.82) if parts else None,
        overlap=0.7,
        n_documents=n_documents,
        reason=reason,
    )


def test_a_split_is_described_with_what_each_part_stands_for():
    parts = tuple(PartOfChange(name=name, points=-3.0, error=1.0, low=-5.0, high=-1.0) for name in PARTS)
    described = split(parts).described()
    assert json.loads(json.dumps(described, allow_nan=False)) == described
    assert [(part["name"], part["meaning"]) for part in described["parts"]] == list(PARTS.items())
    assert described["reason"] is None
    assert round(described["change"], 9) == -10.0


def test_an_accuracy_of_no_documents_is_not_told():
    described = split(n_documents=(60, 0), reason="too few").described()
    assert described["reference_accuracy"] == 0.9
    assert described["current_accuracy"] is None
    assert described["change"] is None
    assert described["reason"] == "too few"
