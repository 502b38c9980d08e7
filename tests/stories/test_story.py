"""What stories share: their folder, their job files, how they are told, and the command."""

import subprocess
import sys
from pathlib import Path

import pytest

from textdrift.cli.app import main
from textdrift.errors import SettingsError
from textdrift.job_config import read_job
from textdrift.stories import STORIES, Story, StoryOutcome, story
from textdrift.stories.story import Telling, begun_folder, job_for

CONFIGS = Path(__file__).parents[2] / "configs" / "stories"
JOBS = Path(story.__file__).parent / "jobs"


def test_each_story_is_called_by_its_name():
    assert [(name, told.name) for name, told in STORIES.items()] == [(name, name) for name in STORIES]
    assert set(STORIES) == {"iris", "sentiment", "fraud"}


def test_a_list_of_stories_loads_none():
    script = "import sys, textdrift.stories; print([m for m in ('sklearn', 'torch', 'polars') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_job_files_of_the_repository_are_those_of_the_package():
    assert {path.name for path in CONFIGS.iterdir()} == {path.name for path in JOBS.glob("*.yaml")}
    for path in CONFIGS.iterdir():
        assert path.read_bytes() == (JOBS / path.name).read_bytes()


@pytest.mark.parametrize("name", sorted(path.stem for path in CONFIGS.glob("*.yaml")))
def test_every_path_of_a_job_leads_into_the_folder_of_its_story(name, tmp_path):
    folder = tmp_path / 'a "quoted" one'
    folder.mkdir()
    job = read_job(job_for(folder, name))
    assert "TEXTDRIFT_STORY" not in (folder / f"{name}.yaml").read_text(encoding="utf-8")
    assert job.report.folder.is_relative_to(folder)
    if job.history is not None:
        assert job.history == f"sqlite:///{folder}/drift.db"


def test_a_change_that_changes_nothing_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="does not hold 'localhost:1'"):
        job_for(tmp_path, "sentiment", changes={"localhost:1": "localhost:2"})


def test_a_folder_with_files_of_somebody_else_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("ten years", encoding="utf-8")
    with pytest.raises(SettingsError, match="holds files that no story wrote"):
        begun_folder(tmp_path, "iris", ["thesis.txt"])
    assert (tmp_path / "thesis.txt").exists()


def test_a_story_told_again_begins_anew_and_deletes_only_what_it_makes(tmp_path):
    folder = begun_folder(tmp_path / "demo", "iris", [])
    (folder / "reports").mkdir()
    (folder / "reports" / "report.html").touch()
    (folder / "data.csv").touch()
    (folder / "notes.txt").touch()
    begun_folder(folder, "iris", ["reports", "data.csv"])
    assert sorted(path.name for path in folder.iterdir()) == ["notes.txt", "textdrift-story.txt"]


def test_a_folder_that_cannot_be_made_is_told_with_what_to_do(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match=r"is none \(.*\); name another with `textdrift demo iris --output FOLDER`"):
        begun_folder(tmp_path / "file" / "demo", "iris", [])


def test_chapters_are_told_as_they_are_done_and_kept():
    told = []
    telling = Telling(told.append)
    telling.chapter("A quiet day", "Nothing moved.", document={"verdict": "no_drift"}, files=[Path("a.html")])
    assert told == ["1. A quiet day", "   Nothing moved.", "   -> a.html"]
    assert telling.outcome().chapter("A quiet day").document == {"verdict": "no_drift"}


def test_the_command_names_the_nearest_story(capsys):
    assert main(["demo", "sentimnt"]) == 2
    assert "there is no story 'sentimnt'; did you mean 'sentiment'?" in capsys.readouterr().err


def test_the_command_tells_a_story_in_a_folder_of_its_own(capsys, monkeypatch, tmp_path):
    seen = []

    def run(folder, seed, tell):
        seen.append((folder, seed))
        telling = Telling(tell)
        telling.chapter("A quiet day", "Nothing moved.")
        return telling.outcome()

    monkeypatch.setattr("textdrift.stories.STORIES", {"short": Story(name="short", title="A short one", run=run)})
    assert main(["demo", "short", "--seed", "7"]) == 0
    assert main(["demo", "short", "--output", str(tmp_path)]) == 0
    assert seen == [(Path("textdrift-demo-short"), 7), (tmp_path, 0)]
    assert "1. A quiet day\n   Nothing moved.\n" in capsys.readouterr().out


def test_an_outcome_without_such_a_chapter_is_an_error():
    with pytest.raises(StopIteration):
        StoryOutcome(chapters=()).chapter("none")
