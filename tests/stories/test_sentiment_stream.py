"""The sentiment story, told once on a fresh seed: what each chapter finds.

Messages are encoded as hashed words, which takes no time; the slow test tells the story with MiniLM.
"""

import os
import re

import pytest

from textdrift.history import open_history
from textdrift.stories import STORIES, sentiment_stream
from textdrift.stories.sentiment_data import CAMPAIGN_WORD, PRODUCT

SEED = 20
N_SEEDS = 2 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 10
TITLES = (
    "A model is deployed",
    "Two quiet days",
    "A product is launched",
    "The labels of the launch come",
    "Praise turns sarcastic, and no label is there yet",
    "Its labels come a day later",
    "The runbook is opened",
    "A hundred labels are asked for",
    "The gate stops a candidate that was trained on poisoned labels",
    "The gate lets the retrained model pass",
    "The alarm is over",
)


def told_in(folder, seed):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEXTDRIFT_CACHE", str(folder / "cache"))
        return STORIES["sentiment"].run(folder / "story", seed, lambda _: None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sentiment")


@pytest.fixture(scope="module")
def chapters(folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sentiment_stream, "_encoder", lambda: sentiment_stream._WORDS)
        return {chapter.title: chapter for chapter in told_in(folder, SEED).chapters}


def kinds(chapter):
    return set(chapter.document["diagnosis"]["kinds"])


def percents(sentence):
    return [int(found) for found in re.findall(r"(\d+) %", sentence)]


def test_every_chapter_is_told_in_order(chapters):
    assert tuple(chapters) == TITLES
    assert all(path.exists() for chapter in chapters.values() for path in chapter.files)


def test_quiet_days_and_their_labels_are_no_drift_and_nobody_is_told(chapters):
    said = chapters["Two quiet days"].sentence
    assert said == (
        "2025-09-01 inputs no_drift, 2025-09-01 labelled no_drift, 2025-09-02 inputs no_drift. Messages to the team: 0."
    )


def test_the_launch_is_lexical_drift_named_with_its_words_and_the_team_is_told(chapters):
    launch = chapters["A product is launched"]
    assert kinds(launch) == {"lexical"}
    assert {PRODUCT, CAMPAIGN_WORD} <= {row["term"] for row in launch.document["diagnosis"]["terms"]}
    assert launch.sentence.endswith("Messages to the team: 1 (firing).")


def test_the_meaning_of_the_labels_is_not_named_while_it_stays(chapters):
    assert chapters["The labels of the launch come"].document["verdict"] == "no_drift"


def test_sarcasm_is_not_to_be_seen_in_the_texts(chapters):
    assert kinds(chapters["Praise turns sarcastic, and no label is there yet"]) == {"lexical"}


def test_sarcasm_is_concept_drift_named_with_its_words_once_the_labels_are_there(chapters):
    labelled = chapters["Its labels come a day later"]
    assert {"concept", "performance"} <= kinds(labelled)
    assert "as sarcasm does" in labelled.sentence
    named = set(re.findall(r"'(\w+)'", labelled.sentence.partition("as sarcasm does")[2]))
    assert len(named & {"great", "job", "made", "day", "five", "stars", "thank", "love"}) >= 3


def test_whoever_is_on_call_is_told_only_of_what_is_critical(chapters):
    labelled = chapters["Its labels come a day later"]
    assert labelled.document["severity"] == "critical"
    assert labelled.sentence.endswith("Messages to the team: 1 (firing); to the pager: 1 (firing).")


def test_the_message_leads_to_the_runbook_and_to_the_first_step(chapters):
    said = chapters["The runbook is opened"].sentence
    assert said.startswith("team-reviews opens http://127.0.0.1:")
    assert "When the sentiment stream drifts" in said
    assert chapters["Its labels come a day later"].document["playbook"][0]["first"] in said


def test_the_interval_of_a_hundred_labels_holds_the_truth(chapters):
    asked = chapters["A hundred labels are asked for"]
    assert len(asked.document["labels_to_ask"]["rows"]) == 100
    _, low, high, truth = percents(asked.sentence)
    assert low <= truth <= high
    assert high - low < 35


def test_the_gate_stops_the_poisoned_and_passes_the_retrained_candidate(chapters):
    stopped = chapters["The gate stops a candidate that was trained on poisoned labels"]
    passed = chapters["The gate lets the retrained model pass"]
    assert [chapter.document["gate"]["exit_code"] for chapter in (stopped, passed)] == [1, 0]
    assert stopped.sentence.startswith("Exit code 1. The challenger is worse: accuracy")
    assert passed.document["gate"]["challenger"]["verdict"] == "better"


def test_each_of_both_is_told_once_of_the_beginning_and_once_of_the_end(chapters):
    over = chapters["The alarm is over"]
    assert over.document["verdict"] == "no_drift"
    assert over.sentence.endswith("messages to the team: 2 (firing, resolved); to the pager: 2 (firing, resolved).")


def test_the_history_holds_every_window_of_the_stream(chapters, folder):
    with open_history(f"sqlite:///{folder}/story/drift.db") as history:
        runs = [(run.window[:10], run.stage, run.verdict) for run in history.runs("sentiment-live")]
    days = [window for window, stage, _ in runs if stage == "inputs"]
    assert days == [f"2025-09-{day:02d}" for day in range(1, len(days) + 1)]
    assert len(days) >= 7
    verdicts = [verdict for _, stage, verdict in runs if stage == "labelled"]
    assert [*verdicts[:4], verdicts[-1]] == ["no_drift", "no_drift", "no_drift", "drift", "no_drift"]


@pytest.mark.slow
def test_the_story_goes_so_on_fresh_seeds(tmp_path):
    missed = 0
    for seed in range(100, 100 + N_SEEDS):
        folder = tmp_path / str(seed)
        chapters = {chapter.title: chapter for chapter in told_in(folder, seed).chapters}
        test_the_launch_is_lexical_drift_named_with_its_words_and_the_team_is_told(chapters)
        test_the_meaning_of_the_labels_is_not_named_while_it_stays(chapters)
        test_sarcasm_is_concept_drift_named_with_its_words_once_the_labels_are_there(chapters)
        test_whoever_is_on_call_is_told_only_of_what_is_critical(chapters)
        test_the_gate_stops_the_poisoned_and_passes_the_retrained_candidate(chapters)
        test_each_of_both_is_told_once_of_the_beginning_and_once_of_the_end(chapters)
        _, low, high, truth = percents(chapters["A hundred labels are asked for"].sentence)
        missed += not low <= truth <= high
    assert missed <= 1 + N_SEEDS // 10  # of ten intervals of 95 %, more than two miss in 1 of 87
