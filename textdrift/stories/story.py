"""What a story is made of, and the folder that it is told in."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module, resources
from pathlib import Path
from typing import Any, Final

from textdrift.errors import SettingsError

__all__ = ["Chapter", "Story", "StoryOutcome", "Tell", "Telling", "begun_folder", "job_for", "run_of_module"]

Tell = Callable[[str], None]

_MARK: Final = "textdrift-story.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One step of a story.

    Attributes
    ----------
    title:
        What happens, in a few words.
    sentence:
        What textdrift says of it.
    document:
        The report that says it, as ``DriftReport.to_dict`` gives it, where there is one.
    files:
        What was written for it.
    """

    title: str
    sentence: str
    document: Mapping[str, Any] | None = None
    files: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryOutcome:
    """A story that was told to its end."""

    chapters: tuple[Chapter, ...]

    def chapter(self, title: str) -> Chapter:
        """Return the chapter of a title.

        >>> StoryOutcome(chapters=(Chapter(title="quiet", sentence="Nothing moved."),)).chapter("quiet").sentence
        'Nothing moved.'
        """
        return next(chapter for chapter in self.chapters if chapter.title == title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A story that can be run.

    Attributes
    ----------
    name:
        What ``textdrift demo`` calls it.
    title:
        What it is about, in one line.
    run:
        Takes a folder, a seed, and what each line is told to; writes data, job files and reports into the folder.
    """

    name: str
    title: str
    run: Callable[[Path, int, Tell], StoryOutcome]


@dataclass(slots=True)
class Telling:
    """Tells chapters as they are done, and keeps them.

    >>> told = []
    >>> telling = Telling(told.append)
    >>> telling.chapter("A quiet week", "Nothing moved.")
    >>> told
    ['1. A quiet week', '   Nothing moved.']
    >>> len(telling.outcome().chapters)
    1
    """

    tell: Tell
    _chapters: list[Chapter] = field(default_factory=list)

    def chapter(
        self,
        title: str,
        sentence: str,
        *,
        document: Mapping[str, Any] | None = None,
        files: Sequence[Path] = (),
    ) -> None:
        """Tell a chapter: its title, what was found, and where that lies."""
        self._chapters.append(Chapter(title=title, sentence=sentence, document=document, files=tuple(files)))
        self.tell(f"{len(self._chapters)}. {title}")
        self.tell(f"   {sentence}")
        for path in files:
            self.tell(f"   -> {path}")

    def outcome(self) -> StoryOutcome:
        """Return the story so far."""
        return StoryOutcome(chapters=tuple(self._chapters))


def run_of_module(module: str) -> Callable[[Path, int, Tell], StoryOutcome]:
    """Return a story's ``run``, whose module is imported when it is called: a list of stories loads none."""

    def run(folder: Path, seed: int, tell: Tell) -> StoryOutcome:
        outcome: StoryOutcome = import_module(module).run(folder, seed, tell)
        return outcome

    return run


def begun_folder(folder: Path, story: str, made: Sequence[str]) -> Path:
    """Make the folder of a story, without what an earlier telling left there; return it.

    Parameters
    ----------
    folder:
        New, empty, or one that a story was told in before.
    story:
        The name of the story.
    made:
        Names of files and folders in it that the story makes: only they are deleted.

    Raises
    ------
    SettingsError
        When the folder holds files and no story was told there, or it cannot be written to.
    """
    mark = folder / _MARK
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not mark.exists() and any(folder.iterdir()):
            raise SettingsError(
                f"{str(folder)!r} holds files that no story wrote; name a new folder with "
                f"`textdrift demo {story} --output FOLDER`"
            )
        for name in made:
            path = folder / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        mark.write_text(f"The files beside this were written by `textdrift demo {story}`.\n", encoding="utf-8")
    except OSError as error:
        raise SettingsError(
            f"the story needs a folder it can write to, and {str(folder)!r} is none ({error.strerror or error}); name "
            f"another with `textdrift demo {story} --output FOLDER`"
        ) from error
    return folder


def job_for(folder: Path, name: str, *, changes: Mapping[str, str] | None = None, named: str | None = None) -> Path:
    """Write a job file of the stories into a folder, with its paths leading there; return its path.

    The job files lie in ``textdrift/stories/jobs`` and, for people, in ``configs/stories``. Their paths begin with
    ``${TEXTDRIFT_STORY:-textdrift-demo-STORY}``, inside double quotes.

    Parameters
    ----------
    folder:
        Of the story.
    name:
        Of the job file, ``STORY.yaml`` or ``STORY_more.yaml`` without its ending.
    changes:
        What else is put in place of what stands there, such as a port that is known only now.
    named:
        Another name for the copy, again without its ending.
    """
    text = resources.files("textdrift.stories").joinpath("jobs", f"{name}.yaml").read_text(encoding="utf-8")
    place = f"${{TEXTDRIFT_STORY:-textdrift-demo-{name.partition('_')[0]}}}"
    for before, now in {place: str(folder), **(changes or {})}.items():
        if before not in text:
            raise SettingsError(f"the job file {name}.yaml does not hold {before!r}, which was to be changed")
        text = text.replace(before, json.dumps(now)[1:-1])
    path = folder / f"{named or name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path
