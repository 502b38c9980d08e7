import json
import random

import pytest
from hostile_texts import HOSTILE
from whole_reports import hostile_report, large_report, sample, whole_report

from textdrift.reports.differences import _longest_rising, changed_values, differences
from textdrift.reports.terminal_differences import differences_as_terminal

NAMES = ["a.json", "b.json"]


def copied(report):
    return json.loads(json.dumps(report))


def shown(before, after, **options):
    return differences_as_terminal(differences(before, after), NAMES, **options)


def test_two_reports_that_differ_in_times_alone_say_the_same():
    report = whole_report()
    told = differences(report, copied(report) | {"seconds": {"total": 99.0}, "digest": "sha256:0"})
    assert told["same"]
    assert not told["findings"]
    assert not any(told[table][change] for table in ("terms", "segments", "causes") for change in ("gained", "lost"))
    assert told["terms"]["n_same"] > 20
    assert "say the same" in shown(report, report)


def test_a_change_in_what_is_not_laid_side_by_side_is_still_no_same():
    report = whole_report()
    assert "differ only in what is not compared here" in shown(report, copied(report) | {"summary": "Another."})


def test_verdict_and_kinds_and_severity_are_told():
    told = differences(sample("no_drift"), sample("drift"))
    assert told["verdict"] == {"before": "no_drift", "after": "drift"}
    assert told["kinds"] == {"gained": sample("drift")["diagnosis"]["kinds"], "lost": [], "kept": []}
    back = differences(sample("drift"), sample("no_drift"))
    assert back["kinds"]["lost"] == told["kinds"]["gained"]
    assert differences({"severity": "info"}, {"severity": "critical"})["severity"]["after"] == "critical"


def test_findings_are_matched_by_test_kind_and_what_they_counted():
    report, other = whole_report(), copied(whole_report())
    emoji = next(f for f in other["findings"] if f["evidence"] and {"unit": "emoji"} in f["evidence"][-1]["rows"])
    emoji["p_value"], emoji["effect"]["value"] = 0.9, 0.001
    gone = other["findings"].pop(0)
    told = differences(report, other)["findings"]
    assert [(row["test"], row["of"], row["change"]) for row in told] == [
        ("lexical.token_frequency", "emoji", "moved"), (gone["test"], "", "lost"),
    ]  # fmt: skip
    assert told[0]["after"]["p_value"] == 0.9
    assert told[0]["before"]["p_value"] != 0.9
    assert told[1]["after"] is None


def test_words_segments_and_causes_are_gained_lost_and_moved():
    report, other = whole_report(), copied(whole_report())
    terms, segments, causes = (other["diagnosis"][name] for name in ("terms", "segments", "causes"))
    gone = terms.pop(0)
    terms[3]["current_share"] += 0.1
    segments[1]["within"]["value"] = "phone"
    causes[0]["share_explained"] = 0.5
    told = differences(report, other)
    assert [row["name"] for row in told["terms"]["lost"]] == [gone["term"]]
    assert [row["name"] for row in told["terms"]["moved"]] == [terms[3]["term"]]
    assert told["terms"]["n_same"] == len(terms) - 1
    assert [row["name"] for row in told["segments"]["gained"]] == ["region = north in channel = phone"]
    assert [row["name"] for row in told["segments"]["lost"]] == ["region = north in channel = chat"]
    (moved,) = told["causes"]["moved"]
    assert (moved["before"]["share_explained"], moved["after"]["share_explained"]) == (0.93, 0.5)


def test_a_word_that_others_overtook_moved_and_they_did_not():
    report, other = whole_report(), copied(whole_report())
    terms = other["diagnosis"]["terms"]
    terms.append(terms.pop(0))
    told = differences(report, other)["terms"]
    assert [row["name"] for row in told["moved"]] == [terms[-1]["term"]]
    assert told["moved"][0]["before"]["rank"] == 1


@pytest.mark.parametrize("seed", range(20))
def test_the_longest_rising_part_is_as_long_as_brute_force_finds(seed):
    ranks = random.Random(seed).sample(range(50), 9)
    places = sorted(_longest_rising(ranks))
    rising = [ranks[place] for place in places]
    assert rising == sorted(rising)
    subsets = ([r for i, r in enumerate(ranks) if mask >> i & 1] for mask in range(2 ** len(ranks)))
    assert len(rising) == max(len(subset) for subset in subsets if subset == sorted(subset))


def test_settings_versions_and_windows_that_differ_are_named():
    report = sample("drift")
    other = copied(report)
    other["settings"]["alpha"] = 0.01
    other["versions"]["numpy"] = "2.0"
    other["reference"]["rows"] += 1
    told = differences(report, other)
    assert [row["path"] for row in told["settings"]] == ["settings.alpha"]
    assert [row["path"] for row in told["versions"]] == ["versions.numpy"]
    assert [row["path"] for row in told["windows"]] == ["reference.rows"]
    text = shown(report, other)
    assert "settings.alpha" in text
    assert "2.0" in text


def test_every_value_that_differs_is_found_and_no_other():
    before = {"a": [1, {"b": 2}, 3], "c": {"d": None}, "e": 1, "f": "x"}
    after = {"a": [1, {"b": 5}], "c": {"d": 0}, "e": True, "f": "x", "g": []}
    changes = changed_values(before, after)
    assert [change["path"] for change in changes] == ["a[1].b", "a[2]", "c.d", "e", "g"]
    assert [change.get("only") for change in changes] == [None, "before", None, None, "after"]
    assert not changed_values(before, copied(before))
    assert [c["path"] for c in changed_values(before, after, without=("a[1]", "c", "e", "g"))] == ["a[2]"]


@pytest.mark.parametrize("text", HOSTILE[::3])
def test_no_text_acts_on_a_terminal(text):
    calm, hostile = hostile_report("calm"), hostile_report(text)
    for pair in ((calm, hostile), (hostile, calm), (hostile, whole_report())):
        lines = shown(*pair)
        assert not [
            c for c in lines if (ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000
        ]
        assert not set(lines) & {"\u202e", "\u2066", "\u200b", "\u2028"}
        lines.encode("utf-8")


def test_the_difference_of_two_large_reports_is_short_and_quick():
    report = large_report()
    other = copied(report)
    random.Random(0).shuffle(other["diagnosis"]["terms"])
    lines = shown(report, other, width=80).splitlines()
    assert len(lines) < 60
    assert max(map(len, lines)) <= 80


def test_color_is_only_added():
    import re

    colored = shown(sample("no_drift"), sample("drift"), color=True)
    bare = [line.rstrip() for line in re.sub(r"\x1b\[[\d;]*m", "", colored).splitlines()]
    assert bare == shown(sample("no_drift"), sample("drift")).splitlines()


def test_a_move_below_the_digits_shown_is_counted_and_not_listed():
    report, other = whole_report(), copied(whole_report())
    other["findings"][0]["effect"]["value"] += 1e-9
    for term in [term for term in other["diagnosis"]["terms"] if term["current_share"] > 0.01][:3]:
        term["current_share"] += 1e-9
    out = shown(report, other)
    assert "~" not in out
    assert "and 1 that moved by less than is shown" in out
    assert "and 3 that moved by less than is shown" in out
    assert [row["change"] for row in differences(report, other)["findings"]] == ["moved"]


def test_what_drifted_comes_first():
    report, other = whole_report(), copied(whole_report())
    for finding in other["findings"]:
        finding["effect"]["value"] = 0.5 + (finding["effect"]["value"] or 0.0)
    first, second = other["findings"][:2]
    for finding in report["findings"] + other["findings"]:
        finding["drifted"] = False
    second["drifted"] = True
    out = shown(report, other, width=200)
    assert out.index(second["test"]) < out.index(first["test"])
