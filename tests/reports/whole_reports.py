"""Reports with everything that a report may hold, made from the samples beside this file."""

import json
from pathlib import Path

__all__ = ["hostile_report", "large_report", "sample", "whole_report"]

_SAMPLES = Path(__file__).parent / "samples"


def sample(name):
    return json.loads((_SAMPLES / f"{name}.json").read_text("utf-8"))


def whole_report():
    """Words, meaning and labels moved; causes, segments and a playbook say why, where and what to do."""
    report = sample("words")
    meaning = sample("meaning")["findings"][1]
    concept = sample("concept")
    report["findings"] = [*report["findings"], meaning]
    report["performance"], report["cost"] = concept.get("performance"), concept.get("cost")
    report["severity"] = "critical"
    for finding in report["findings"]:
        finding["severity"] = "warning" if finding["drifted"] else None
    report["business_summary"] = (
        "Customers now write about a strike that the model has never seen. Each week this costs about as much as two "
        "people. The team of the depot decides what to do."
    )
    report["fingerprints"] = {"reference": "xxh3:0a1b", "current": "xxh3:2c3d"}
    diagnosis = report["diagnosis"]
    diagnosis["kinds"] = ["lexical", "semantic", "label", "quality"]
    first = next(e for e in meaning["evidence"] if e["name"] == "map")["rows"][-1]
    first |= {"window": "current", "row": diagnosis["documents"][0]["row"]}
    diagnosis["causes"] = [
        {
            "cause": "escaped", "kind": "quality", "share_explained": 0.93, "share_of_rows": 0.06, "rows_touched": 0.07,
            "direction": "up", "sentence": "Of the current rows 7.0 % hold escaped markup, before 1.0 %.",
            "explained": [
                {"kind": "lexical", "share": 0.93, "low": 0.87, "high": 0.97},
                {"kind": "semantic", "share": 0.41, "low": 0.22, "high": 0.58},
            ],
            "remedy": "repaired",
        },
        {
            "cause": "repeated", "kind": "quality", "share_explained": None, "share_of_rows": -0.02,
            "rows_touched": 0.01, "direction": "down", "sentence": "Fewer texts are repeated.", "explained": [],
            "remedy": None,
        },
    ]  # fmt: skip
    diagnosis["segments"] = [
        {"column": "channel", "value": "chat", "kind": "lexical", "effect": 0.41, "p_value": 0.001, "term": "strike",
         "n_reference": 120, "n_current": 231},
        {"column": "region", "value": "north", "kind": "lexical", "effect": 0.33, "p_value": 0.004, "term": "depot",
         "n_reference": 61, "n_current": 87, "within": {"column": "channel", "value": "chat"}},
        {"column": "topic", "value": "depot, strike, waits", "kind": "label", "effect": 0.12, "p_value": 0.02,
         "n_reference": 55, "n_current": 49},
    ]  # fmt: skip
    diagnosis["search"] = {"n_slices": 184, "n_permutations": 999, "method": "maximum"}
    diagnosis["too_small"] = [
        {"column": "region", "value": "west", "n_reference": 4, "n_current": 11, "reason": "fewer than 30 texts"}
    ]
    report["playbook"] = [
        {
            "kind": "quality", "cause": "escaped", "title": "Texts arrive escaped", "first": "Open five rows by hand.",
            "decides": "the owner of the feed", "steps": ["Ask the sender.", "Repair the rows.", "Run again."],
            "action": "fix upstream", "owner": "team-ingest", "runbook": "https://wiki.example.org/drift?case=escaped",
        },
        {
            "kind": "lexical", "cause": None, "title": "People write about something new", "first": "Read the words.",
            "decides": "the product owner", "steps": ["Label fifty texts."], "action": "label", "owner": None,
            "runbook": "javascript:alert(1)",
        },
    ]  # fmt: skip
    return report


def large_report():
    """Two windows of a million documents, 200 segments, and tables of thousands of rows."""
    report = whole_report()
    for role in ("reference", "current"):
        report[role] |= {"rows": 1_000_000, "rows_used": 999_321, "documents": 964_811}
    diagnosis = report["diagnosis"]
    diagnosis["segments"] = [
        {**diagnosis["segments"][i % 3], "value": f"value {i}", "effect": 0.41 / (1 + i), "p_value": 0.001 + i / 5000,
         "n_reference": 1000 + 37 * i % 911, "n_current": 900 + 53 * i % 877}
        for i in range(200)
    ]  # fmt: skip
    diagnosis["terms"] = [{**diagnosis["terms"][0], "term": f"word{i}"} for i in range(3000)]
    diagnosis["documents"] = [
        {"window": "current", "row": 17 * i, "score": 1 - i / 4000, "words": [f"word{i}", f"word{i + 1}"],
         "text": f"text {i} " + "about a parcel that waits " * 10, "kind": "lexical"}
        for i in range(3000)
    ]  # fmt: skip
    diagnosis["too_small"] = [{**diagnosis["too_small"][0], "value": f"small {i}"} for i in range(3000)]
    clusters, _, points = next(f for f in report["findings"] if f["kind"] == "semantic")["evidence"]
    clusters["rows"] = [{**clusters["rows"][0], "cluster": i + 1} for i in range(20)]
    points["rows"] = [
        {"window": ("reference", "current")[i % 2], "row": 997 * i, "x": (i % 83) / 41.5 - 1, "y": (i % 61) / 30.5 - 1,
         "cluster": 1 + i % 20}
        for i in range(5000)
    ]  # fmt: skip
    return report


def hostile_report(text):
    """A report in which that text stands in every place where data, files or settings may put one."""
    report = whole_report()
    # One of each is enough.
    report["findings"] = list({finding["test"]: finding for finding in reversed(report["findings"])}.values())[::-1]
    report["notes"], report["summary"], report["business_summary"] = [text], text or "Nothing.", text
    report["reference"]["name"] = report["current"]["name"] = text
    report["reference"]["start"] = report["current"]["end"] = text
    report["severity"] = text
    report["settings"] = {text: text, "list": [text, {text: [text]}]}
    report["versions"] = {text: text}
    report["fingerprints"] = {"reference": text, "current": text}
    diagnosis = report["diagnosis"]
    del diagnosis["terms"][3:]
    for term in diagnosis["terms"]:
        term["term"] = text
    diagnosis["terms"][1]["label"] = text
    diagnosis["segments"] = [
        {"column": text, "value": text, "kind": "lexical", "effect": 0.4, "p_value": 0.01, "term": text,
         "within": {"column": text, "value": text}, "n_reference": 40, "n_current": 40},
        {"column": text, "value": text, "kind": "concept", "effect": 0.4, "p_value": 0.01, "label": text,
         "net_change": 0.1},
    ]  # fmt: skip
    diagnosis["too_small"] = [{"column": text, "value": text, "n_reference": 1, "n_current": 1, "reason": text}]
    diagnosis["search"] |= {"method": text}
    diagnosis["documents"] = [
        {"window": "current", "row": row, "score": 0.5, "text": text, "words": [text], "label": text,
         "expected_label": text, "kind": "lexical"}
        for row in (3, 5)
    ]  # fmt: skip
    for cause in diagnosis["causes"]:
        cause |= {"sentence": text, "direction": text}
    for entry in report["playbook"]:
        entry |= {"title": text, "first": text, "decides": text, "steps": [text, text], "owner": text, "runbook": text}
    for finding in report["findings"]:
        finding["sentence"], finding["notes"] = text, [text]
        for evidence in finding["evidence"]:
            del evidence["rows"][2:]
            for row in evidence["rows"]:
                for column, value in row.items():
                    if column in {"term", "label", "from", "to", "reason", "sentence", "text", "direction"} and value:
                        row[column] = text if column != "direction" else value
                    elif column in {"words", "values"} and value and isinstance(value[0], str):
                        row[column] = [text] * 2
                    elif column == "value" and evidence["name"] == "categories":
                        row[column] = text
    report["findings"][0]["evidence"].append({"name": text or "named", "rows": [{text: text, "number": 1}]})
    asked = {"row": 4, "judged": text, "reason": text}
    if report.get("labels_to_ask"):
        report["labels_to_ask"]["rows"] = [asked]
    return report
