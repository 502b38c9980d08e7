"""What to do about each kind of drift, and where several findings together say more: first check, decision, steps."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from textdrift.findings.fault_processes import OF_CAUSES
from textdrift.findings.process import Process

__all__ = ["OF_KINDS", "OF_STORIES"]

OF_KINDS: Mapping[str, Process] = MappingProxyType(
    {
        "lexical": Process(
            title="People use other words",
            first="Read the words that rose most, and ten texts that hold each of the first three.",
            decides="model owner",
            steps=(
                (
                    "Say where the words come from: a product, a campaign, another source of texts, or another way to "
                    "collect them."
                ),
                "If they come from how texts are collected, hand this to the data engineer and compare again.",
                "Have 100 texts with the new words labelled, and measure the accuracy on them.",
                "Where it is lower than on the other texts, add the labelled texts to the training data.",
            ),
            action="label",
        ),
        "semantic": Process(
            title="The texts are about other things",
            first="Look at the topics that grew, and at the texts that stand for them.",
            decides="model owner",
            steps=(
                "Ask the product owner whether these topics are meant to reach the model; if not, send them elsewhere.",
                "Have a sample of the topics that grew labelled, and measure the accuracy on it.",
                "If it is lower there, train the model on these topics too.",
                "If it is not, accept the change and take a recent window as the new reference.",
            ),
            action="label",
        ),
        "label": Process(
            title="The labels come in other shares",
            first="Hold the shares of the labels against what is known of the time: a season, a campaign, an outage.",
            decides="model owner",
            steps=(
                "Rule out that other people label, by another guide, or that other texts are picked for them.",
                (
                    "Set the shares that the model expects to the current ones, or calibrate its probabilities and "
                    "thresholds on recent labels."
                ),
                "Measure again, and train anew only where a label is still guessed worse than before.",
            ),
            action="retrain",
        ),
        "prediction": Process(
            title="The model gives its answers in other shares",
            first="Check whether a version, threshold, prompt or setting of the model was released in the meantime.",
            decides="model owner",
            steps=(
                (
                    "If one was, send the same texts through the old and the new one, and go back where the new one is "
                    "worse."
                ),
                "If none was, the texts moved the answers: follow what is said of the texts.",
                "Have a sample of the answers that became more common labelled, and measure how many are right.",
            ),
            action="label",
        ),
        "concept": Process(
            title="The same texts now carry other labels",
            first="Read the texts whose labels are least expected, and say whether these labels are right.",
            decides="labelling lead",
            steps=(
                (
                    "If the guide, the people or the tool of the labelling changed by mistake, correct the labels and "
                    "compare again."
                ),
                "If the texts did come to mean something else, have recent ones labelled, those of the report first.",
                "Train the model on recent labels, and leave out old ones that contradict them.",
                "Measure it on recent labels before it goes live.",
            ),
            action="retrain",
        ),
        "performance": Process(
            title="The model is right less often",
            first="Look where the accuracy fell most: which label, which segment, which part of the change.",
            decides="model owner",
            steps=(
                "If a release of the model falls into the time of the current window, go back to the one before.",
                "If a fault of the data explains most of the drift, repair that and measure again.",
                "Otherwise have recent texts labelled where the accuracy fell most, and train on them.",
                "Until then, settle with the product owner which answers a person looks at before they count.",
            ),
            action="retrain",
        ),
        "quality": Process(
            title="The data arrive otherwise than before",
            first="Open ten rows of the current window beside ten of the reference, as they were delivered.",
            decides="data engineer",
            steps=(
                "Find the first step of the pipeline at whose end they differ.",
                "Repair it there and not in the model, and load the touched rows again.",
            ),
            action="fix upstream",
        ),
        "features": Process(
            title="Other columns changed",
            first="Check source, unit and meaning of the columns that moved.",
            decides="data engineer",
            steps=(
                "If source or unit changed by mistake, repair it.",
                "If the change is real, tell the model owner, who decides whether the model needs recent examples.",
            ),
            action="fix upstream",
        ),
        "encoder": OF_CAUSES["encoder"],
    }
)
"""By kind of drift."""

OF_STORIES: Mapping[str, Process] = MappingProxyType(
    {
        "model changed": Process(
            title="The model answers the same texts otherwise than before",
            first="Find out which version, threshold, prompt and settings answered in each window.",
            decides="model owner",
            steps=(
                "Go back to what answered the reference.",
                "Send the same texts through both, and read those that are answered otherwise.",
                "Release again only when the difference is meant, and its accuracy measured.",
            ),
            action="roll back",
        ),
        "concept or label": Process(
            title="Other labels for the same texts, or labels in other shares: the data cannot tell",
            first="Have 100 texts of each window labelled by the same people, who do not see the old label.",
            decides="labelling lead",
            steps=(
                "If old texts now get other labels, the meaning changed: have recent ones labelled, and train anew.",
                (
                    "If they get the same, only the shares moved: set the shares that the model expects to the current "
                    "ones."
                ),
            ),
            action="label",
        ),
        "harmless words": Process(
            title="New words, and no harm to be seen",
            first="Read the words that rose most, and check that they fit the time.",
            decides="product owner",
            steps=(
                "Accept the change, and write down where the words come from.",
                "Add them to the vocabulary of the model, and take a recent window as the new reference.",
            ),
            action="accept",
        ),
        "better model": Process(
            title="The model is right more often",
            first="Check that it is true: labels that repeat the predictions, or texts that tell them, look alike.",
            decides="model owner",
            steps=(
                "Have 50 texts labelled by people who do not see the prediction, and measure on these.",
                "If it is true, accept it and take a recent window as the new reference.",
            ),
            action="accept",
        ),
        "fault went away": Process(
            title="A fault of the data became rarer",
            first="Ask whether a repair was released, or whether a source of texts was lost.",
            decides="data engineer",
            steps=(
                "If it was repaired, take a recent window as the new reference; was the model trained on the fault?",
                "If a source was lost instead, restore it and compare again.",
            ),
            action="accept",
        ),
    }
)
"""Where several findings, or a finding and the cost, together say more than each."""
