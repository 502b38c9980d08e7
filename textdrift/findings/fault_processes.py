"""What to do about each fault of a pipeline: what to check first, who decides, and the steps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from textdrift.findings.process import Process

__all__ = ["MISSING_VALUES", "OF_CAUSES", "OF_TIMES", "ONLY_FAULTS", "look_of_times"]

ONLY_FAULTS = frozenset({"missing", "repeated", "truncated", "mojibake", "escaped", "placeholder"})
"""Causes that are good news where they become rarer; rarer capitals are stripped, and a rarer language may be lost."""

OF_CAUSES: Mapping[str, Process] = MappingProxyType(
    {
        "missing": Process(
            title="Texts are missing",
            first="Count the rows without a text by source, hour and file.",
            decides="data engineer",
            steps=(
                "Find the export, the join or the field of a form that no longer delivers the text.",
                "Repair it, and load the lost time again.",
                "Settle with the model owner what is answered to an empty text until then.",
            ),
            action="fix upstream",
        ),
        "repeated": Process(
            title="Texts arrive more than once",
            first="Look at the texts that are repeated most: when they came, and from where.",
            decides="data engineer",
            steps=(
                "Tell a double load from people who write the same: equal ids or times speak for a double load.",
                "Take the double rows out at their source, and make the load safe to run twice.",
                "If one sender floods the channel, let the product owner decide whether it counts.",
            ),
            action="fix upstream",
        ),
        "truncated": Process(
            title="Texts are cut short",
            first="Look at the length at which texts end, and find the field, buffer or limit of that size.",
            decides="data engineer",
            steps=(
                "Widen the limit where it is: the type of a column, a form, an interface, a setting.",
                "Load the texts that were cut again, in full.",
                "If the limit is meant, tell the model owner: the model should learn from texts of this length.",
            ),
            action="fix upstream",
        ),
        "recased": Process(
            title="Capitals or punctuation are stripped",
            first="Compare ten rows as the source holds them with the same rows of the current window.",
            decides="data engineer",
            steps=(
                "Find the step that cleans texts and was added or switched on.",
                "Take it out; or, if it is meant, clean the training data alike and train the model anew.",
            ),
            action="fix upstream",
        ),
        "mojibake": Process(
            title="Texts are garbled",
            first="Find the file or connection whose character set is declared wrongly, most often UTF-8 read as "
            "Latin-1.",
            decides="data engineer",
            steps=(
                "Declare the right character set where bytes become text.",
                "Load the garbled rows again: repairing them afterwards may lose characters.",
            ),
            action="fix upstream",
        ),
        "escaped": Process(
            title="Texts arrive with HTML in them",
            first="Look at the rows as they were delivered: the tags or entities show which sender writes them.",
            decides="data engineer",
            steps=(
                "Find the source or the app that sends HTML where it used to send plain text.",
                "Decode it once, where texts enter the pipeline.",
                "Load the touched rows again.",
            ),
            action="fix upstream",
        ),
        "placeholder": Process(
            title="Fillers such as N/A come instead of texts",
            first="List the fillers, and the sources that send them.",
            decides="data engineer",
            steps=(
                "Find out what fails before one is written: a transcription, a translation, a consent.",
                "Repair it, and load the touched rows again.",
                "Pass such rows on as missing from now on, so that the model is not asked about them.",
            ),
            action="fix upstream",
        ),
        "language": Process(
            title="The mix of languages changed",
            first=(
                "See from which source, country or channel the languages that moved come: new customers, or a feed "
                "that does not belong here?"
            ),
            decides="product owner",
            steps=(
                "If a feed was mixed up, or one was lost, have the data engineer repair it. Compare again.",
                "If these are customers who are welcome, have texts of each language labelled, and measure on them.",
                "Where too few answers are right, translate first, send these texts to people, or train on them.",
                "Where enough are right, accept the change and take a recent window as the new reference.",
            ),
            action="label",
        ),
        "schema": Process(
            title="Columns are not what they were",
            first="Compare names, types and values of the columns that the report names with what was agreed.",
            decides="data engineer",
            steps=(
                "Ask the owner of the source what was released.",
                "Restore the old form at the source, or turn the new one into it where data enter the pipeline.",
                "Trust no other finding on these columns before that.",
            ),
            action="fix upstream",
        ),
        "template": Process(
            title="Texts are made from a template",
            first="Read the template, and find out who sends it: a bot, a form, an automatic reply.",
            decides="product owner",
            steps=(
                "Decide whether such texts are what the model is meant for.",
                "If not, take them out before the model sees them.",
                "If so, have a sample labelled, and tell the model owner how common they are.",
            ),
            action="fix upstream",
        ),
        "late": Process(
            title="Rows came late, or twice",
            first="Hold the times of the rows against the times of the loads, and look for gaps.",
            decides="data engineer",
            steps=(
                "Find the load that failed, was repeated, or ran late.",
                "Fill the gap, and take out the rows that were loaded twice.",
                "Let a window end only where its data are complete.",
            ),
            action="fix upstream",
        ),
        "encoder": Process(
            title="The encoder of the texts is another one",
            first="Compare its name, version and precision with those of the encoder that read the reference.",
            decides="model owner",
            steps=(
                "Go back to the encoder of the reference, or encode the reference again with the one in use.",
                "Compare again: until then no change of meaning can be told from the change of the encoder.",
                "If the change was meant, write a new canary, and train each model that reads the vectors on new ones.",
            ),
            action="roll back",
        ),
        "leak": Process(
            title="Answers leak into the texts",
            first="Look at the texts that both windows hold, and at the words that stand beside one label only.",
            decides="data engineer",
            steps=(
                "Find the join, copy or export that carries old rows, or the label, into the texts.",
                "Take it out, and load the touched rows again.",
                "Believe no accuracy measured on these rows, and train on none of them.",
            ),
            action="fix upstream",
        ),
        "loop": Process(
            title="The model's own answers come back as labels",
            first="Trace where the current labels come from: a person, a rule, or the model itself.",
            decides="labelling lead",
            steps=(
                "Mark the labels that repeat a prediction, and leave them out when you measure and train.",
                "Have texts that were drawn by chance labelled by people who do not see the prediction.",
                "Measure the accuracy on these.",
            ),
            action="fix upstream",
        ),
    }
)
"""By fault of the pipeline."""

MISSING_VALUES = Process(
    title="Values of a column are missing",
    first="Count the rows without a value by source, hour and file.",
    decides="data engineer",
    steps=(
        "Find the export, the join or the field of a form that no longer delivers the column.",
        "Repair it, and load the lost time again.",
        "Settle with the model owner what the model is given where a value is missing.",
    ),
    action="fix upstream",
)
"""Where ``missing`` speaks of a column and not of the texts."""

OF_TIMES: Mapping[str, Process] = MappingProxyType(
    {
        "no time": Process(
            title="Rows come without a time",
            first="Count the rows without a time by source, hour and file.",
            decides="data engineer",
            steps=(
                "Find the export, or the reading of a date, that no longer delivers the time.",
                "Repair it, and load the touched rows again.",
            ),
            action="fix upstream",
        ),
        "gap": Process(
            title="No rows came for a while",
            first="See when the last row before the gap came and the first one after it, and what was down then.",
            decides="data engineer",
            steps=(
                "Find the load or the source that stood still, or say why nobody wrote.",
                "Load the lost time again, and compare only windows without a hole.",
            ),
            action="fix upstream",
        ),
        "far": Process(
            title="Some rows have a time far from all others",
            first="Open these rows, and hold their times against the time of the load: a clock, a zone, a date format?",
            decides="data engineer",
            steps=(
                "If the times are wrong, repair the clock or the reading of the date, and load the rows again.",
                "If they are right, the rows belong to another window: take them out of this one.",
            ),
            action="fix upstream",
        ),
        "one time": Process(
            title="Many rows have one and the same time",
            first="Look at the rows of this time: were they loaded at once, or did something write a fixed time?",
            decides="data engineer",
            steps=(
                "If they stand in the data already under their own time, take out the second load.",
                "If their own time was lost, restore it at the source, and load them again.",
            ),
            action="fix upstream",
        ),
    }
)
"""By what is wrong with the times of the rows, where they did not simply come late; see ``look_of_times``."""

_LOOKS = {
    "no time": re.compile(r"^Rows without a time "),
    "gap": re.compile(r"^No row came "),
    "far": re.compile(r" of the rows lie .* (?:after|before) all others| in the future"),
    "one time": re.compile(r" of the rows have one and the same time"),
}


def look_of_times(row: Mapping[str, Any]) -> str | None:
    """Tell what is wrong with the times of the rows, a key of ``OF_TIMES``; ``None`` where rows came late.

    >>> look_of_times({"cause": "late", "sentence": "No row came for 3 days, 12.0 % of the time covered."})
    'gap'
    """
    said = row.get("sentence", "") if row["cause"] == "late" else ""
    return next((look for look, pattern in _LOOKS.items() if pattern.search(said)), None)
