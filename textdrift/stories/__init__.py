"""Stories: a model in production from its first quiet day to the end of an alarm, told chapter by chapter.

Each story is a module with ``run(folder, seed, tell)``; it is imported when it is run.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from textdrift.stories.story import Chapter, Story, StoryOutcome, Tell, run_of_module

__all__ = ["STORIES", "Chapter", "Story", "StoryOutcome", "Tell"]

STORIES: Final[Mapping[str, Story]] = MappingProxyType(
    {
        "iris": Story(
            name="iris",
            title="A flower classifier, eight flowers, and a caliper that does not close",
            run=run_of_module("textdrift.stories.iris"),
        ),
        "sentiment": Story(
            name="sentiment",
            title="A live sentiment model, a new product, and then sarcasm",
            run=run_of_module("textdrift.stories.sentiment_stream"),
        ),
        "fraud": Story(
            name="fraud",
            title="A new way to cheat overnight, while the labels are still days away",
            run=run_of_module("textdrift.stories.fraud"),
        ),
    }
)
