"""What to do about each fault of a pipeline: what to check first, who decides, and the steps."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from textdrift.findings.process import Process

__all__ = ["OF_CAUSES", "ONLY_FAULTS"]

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
            title="Placeholders stand where texts should be",
            first="List the placeholders, and the sources that send them.",
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
            first="See which languages moved, and which source, country or channel they come from.",
            decides="product owner",
            steps=(
                "If texts were sent the wrong way, or a source is lost, have it repaired.",
                "If customers of another language are welcome, measure the accuracy in each language.",
                (
                    "Where it is too low, translate first, send these texts to people, or label and train in this "
                    "language."
                ),
            ),
            action="fix upstream",
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
