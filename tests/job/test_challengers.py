"""The candidate of a gate stands against the model in use, in one and the same window."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from textdrift.errors import MissingColumnError, SettingsError
from textdrift.job.challengers import challenge_of
from textdrift.job.windows import JobWindow
from textdrift.job_config import read_job


@pytest.fixture
def window(tmp_path):
    def made(right_of_candidate, *, columns="label: label, prediction: model", challenger="candidate", group=None):
        rng = np.random.default_rng(5)
        labels = rng.choice(["good", "bad"], 400)
        other = np.where(labels == "good", "bad", "good")

        def answers(share):
            return np.where(rng.random(400) < share, labels, other)

        table = {
            "text": [f"text number {i}" for i in range(400)], "label": labels, "model": answers(0.8),
            "candidate": answers(right_of_candidate),
        }  # fmt: skip
        if group is not None:
            table["author"] = group
            columns += ", group: author"
        pq.write_table(pa.table(table), tmp_path / "now.parquet")
        job = tmp_path / "job.yaml"
        job.write_text(
            f"name: gate\nreference: '{tmp_path}/now.parquet'\ncurrent: '{tmp_path}/now.parquet'\n"
            f"columns: {{{columns}}}\ngate: {{challenger: {challenger}}}\n",
            encoding="utf-8",
        )
        return JobWindow("current", None, read_job(job))

    return made


@pytest.mark.parametrize(("share", "verdicts"), [(0.6, {"worse"}), (0.95, {"better"}), (0.8, {"undecided", "as_good"})])
def test_a_candidate_is_worse_better_or_cannot_be_told(window, share, verdicts):
    assert challenge_of(window(share)).verdict in verdicts


def test_rows_of_one_author_count_once(window):
    assert challenge_of(window(0.6, group=["ann"] * 400)).n_labelled == 1


def test_without_labels_only_the_disagreement_is_told(window):
    found = challenge_of(window(0.6, columns="prediction: model"))
    assert found.change is None
    assert 0.3 < found.disagree < 0.6


def test_a_challenger_without_a_champion_is_refused(window):
    with pytest.raises(SettingsError, match="needs a champion to stand against"):
        challenge_of(window(0.6, columns="label: label"))


def test_a_slip_in_the_column_names_the_nearest(window):
    with pytest.raises(MissingColumnError, match="did you mean 'candidate'"):
        challenge_of(window(0.6, challenger="canddiate"))
