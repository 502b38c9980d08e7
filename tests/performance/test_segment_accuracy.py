import json

from textdrift.performance.performance_row import Figure
from textdrift.performance.segment_accuracy import AccuracyBySegment, SegmentAccuracy


def test_what_was_judged_and_what_was_not_is_described_in_plain_json():
    row = SegmentAccuracy(
        column="region",
        value="north",
        reference=Figure(0.9, 0.8, 0.95),
        current=Figure(0.7, 0.6, 0.8),
        change=Figure(-0.2, -0.3, -0.1),
        n_documents=(100, 80),
        own_p_value=0.01,
    )
    left_out = {"column": "region", "value": None, "n_reference": 3, "n_current": 0, "reason": "no value"}
    described = AccuracyBySegment(rows=(row,), not_judged=(left_out,)).described()
    assert json.loads(json.dumps(described, allow_nan=False)) == described
    assert described["rows"][0]["change"] == {"value": -0.2, "low": -0.3, "high": -0.1}
    assert described["rows"][0]["p_value"] == 1.0
    assert described["not_judged"] == [left_out]
