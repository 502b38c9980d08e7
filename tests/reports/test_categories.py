"""Labels and predictions are read beside each other, so their values stand in one order."""

from textdrift.reports.categories import category_tables


def found(kind, *rows):
    held = [{"value": value, "reference_share": before, "current_share": now} for value, before, now in rows]
    return {"kind": kind, "drifted": False, "evidence": [{"name": "categories", "rows": held}]}


def values(*findings):
    return [[row["value"] for row in table.rows] for table in category_tables({"findings": findings})]


def test_predictions_stand_in_the_order_of_the_labels():
    labels = found("label", ("negative", 0.3, 0.2), ("neutral", 0.1, 0.2), ("positive", 0.6, 0.6))
    predictions = found("prediction", ("unsure", 0.1, 0.0), ("negative", 0.6, 0.4), ("positive", 0.3, 0.6))
    assert values(labels, predictions) == [
        ["positive", "negative", "neutral"],
        ["positive", "negative", "unsure"],
    ]
    assert values(predictions, labels) == values(labels, predictions)[::-1]


def test_of_many_labels_those_that_moved_most_stay_first():
    many = found("label", *((f"v{i:02}", i / 1000, 0.1) for i in range(30)))
    assert values(many) == [[f"v{i:02}" for i in range(30)]]


def test_features_have_tables_of_their_own():
    assert values(found("features", ("a", 0.5, 0.5))) == []
