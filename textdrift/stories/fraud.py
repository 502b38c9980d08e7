"""The story of a fraud model: a new way to cheat comes overnight, and the labels are days away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from textdrift.findings.answered_costs import AnsweredCost
from textdrift.job import JobResult, answer_job, gate_job, run_job
from textdrift.job_config import JobConfig, read_job
from textdrift.label_answers import estimate_from_labels
from textdrift.stories.fraud_data import FRAUD, LEGITIMATE, payments
from textdrift.stories.fraud_model import FraudModel
from textdrift.stories.listening_team import ListeningTeam
from textdrift.stories.story import StoryOutcome, Tell, Telling, begun_folder, job_for

__all__ = ["ATTACKS", "NIGHT", "PAST", "Titles", "run"]

TAUGHT, PAST, NIGHT, ATTACKS = 4000, 3000, 2200, 400
"""Payments that the model learns from, that it is accepted on, of a night, and of the attack in it."""

_QUIET: Final = (dt.date(2026, 11, 10), dt.date(2026, 11, 11))
_ATTACK, _LATER = dt.date(2026, 11, 12), dt.date(2026, 11, 15)
_ANSWERS: Final = ("prediction", "p_fraud", "p_legitimate")
_HEARD_AT: Final = "localhost:8099"
_MADE = (
    "past.parquet", "payments", "labels", "gate", "reports", "drift.db",
    "fraud.yaml", "fraud_model.yaml", "fraud_gate.yaml",
)  # fmt: skip


class Titles:
    """What the chapters are called."""

    quiet: Final = "Two quiet nights"
    night: Final = "The night of the attack: what came in"
    model: Final = "The same night: what the model says of itself"
    answers: Final = "One hour later: an analyst has looked at 200 payments"
    labels: Final = "Three days later: the customers have complained"
    gate: Final = "A model that was trained again stands at the gate"


@dataclass(slots=True)
class _Bank:
    """Makes the payments of each night, has the model answer them, and keeps what really was fraud to itself."""

    folder: Path
    seed: int
    model: FraudModel = field(init=False)
    taught: pa.Table = field(init=False)

    def __post_init__(self) -> None:
        self.taught = payments(TAUGHT, self._rng(0))
        self.model = FraudModel.trained_on(self.taught)
        _write(self.model.answered(payments(PAST, self._rng(1))), self.folder / "past.parquet")

    def night(self, date: dt.date, *, n_attacks: int = 0) -> pa.Table:
        """Write the payments of a night without labels, and return them with them."""
        made = payments(NIGHT, self._rng(date.toordinal()), n_attacks=n_attacks, first_id=NIGHT * date.toordinal())
        answered = self.model.answered(made)
        _write(answered.drop_columns(["label", "is_attack"]), self.folder / "payments" / f"{date}.parquet")
        return answered

    def complaints(self, date: dt.date, night: pa.Table) -> None:
        """Write what really was fraud, as it is known days later."""
        _write(night.select(["id", "label"]), self.folder / "labels" / f"{date}.parquet")

    def trained_again(self, night: pa.Table) -> FraudModel:
        return FraudModel.trained_on(pa.concat_tables([self.taught, night.select(self.taught.column_names)]))

    def _rng(self, part: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, part])


def run(folder: Path, seed: int, tell: Tell) -> StoryOutcome:
    """Tell the story of the fraud model in a folder.

    Costs eleven comparisons of 2,200 payments with 3,000.

    Raises
    ------
    SettingsError
        When the folder holds files of others, or cannot be written to.
    """
    begun_folder(folder, "fraud", _MADE)
    telling = Telling(tell)
    bank = _Bank(folder, seed)
    with ListeningTeam("# Fraud drift") as team:
        inputs, model, gate = (_job(folder, name, team) for name in ("fraud", "fraud_model", "fraud_gate"))
        nights = {date: bank.night(date) for date in _QUIET}
        _tell_quiet(telling, [run_job(job, date=date) for date in _QUIET for job in (inputs, model)])

        nights[_ATTACK] = bank.night(_ATTACK, n_attacks=ATTACKS)
        _tell_night(telling, run_job(inputs, date=_ATTACK))
        result = run_job(model, date=_ATTACK)
        _tell_model(telling, result)
        stated = _tell_answers(telling, result, model, nights[_ATTACK], team)

        for date, night in nights.items():
            bank.complaints(date, night)
        bank.night(_LATER)
        _tell_labels(telling, run_job(model, date=_LATER), nights[_ATTACK], stated)
        _tell_gate(telling, gate, bank, nights[_ATTACK])
    return telling.outcome()


def _job(folder: Path, name: str, team: ListeningTeam) -> JobConfig:
    path = job_for(folder, name)
    path.write_text(path.read_text(encoding="utf-8").replace(_HEARD_AT, team.address), encoding="utf-8")
    return read_job(path)


def _tell_quiet(telling: Telling, results: Sequence[JobResult]) -> None:
    found = [f"{result.document['job']['name']} {result.window}: {result.document['verdict']}" for result in results]
    telling.chapter(Titles.quiet, f"{'; '.join(found)}. Nobody is told.", document=results[0].document)


def _tell_night(telling: Telling, result: JobResult) -> None:
    document = result.document
    said = f"{document['summary']} {_places(document)}".strip()
    telling.chapter(Titles.night, said, document=document, files=_pages(result))


def _places(document: Mapping[str, Any]) -> str:
    """Say where the drift is: the slices that the report names, the strongest first."""
    places = dict.fromkeys(f"{row['column']} {row['value']}" for row in document["diagnosis"]["segments"][:3])
    return f"Where: {', '.join(places)}." if places else ""


def _tell_model(telling: Telling, result: JobResult) -> None:
    cost = result.document["cost"]
    document = result.document
    cost = "no cost" if document["cost"] is None else document["cost"]["sentence"]
    said = f"{document['summary']} {_places(document)} The model's own probabilities say: {cost}"
    telling.chapter(
        Titles.model,
        f"{said} They are blind to a way to cheat that the model was never taught.",
        document=document,
        files=_pages(result),
    )


def _tell_answers(
    telling: Telling, result: JobResult, job: JobConfig, night: pa.Table, team: ListeningTeam
) -> AnsweredCost:
    """Answer what the report asks for, price it, and read what the pager was sent."""
    truth = night["label"].to_pylist()
    answers = {row["row"]: truth[row["row"]] for row in result.document["labels_to_ask"]["rows"]}
    estimate = estimate_from_labels(result.document, answers)
    answered = answer_job(job, answers, date=_ATTACK)
    paged = team.heard("pager")
    value, low, high = (100 * share for share in estimate.error_rate)
    said = f"{value:.0f} of 100 answers of the model are wrong ({low:.0f} to {high:.0f}). {answered.cost.sentence}"
    if paged:
        said += f" Severity {paged[-1]['severity']}: the pager rings ({paged[-1]['dedup_key']})."
    document = {"answers": estimate.described(), "cost": answered.cost.described(), "paged": paged}
    telling.chapter(
        Titles.answers, said, document=document | {"severity": answered.severity, "told": team.heard("team")}
    )
    return answered.cost


def _tell_labels(telling: Telling, result: JobResult, night: pa.Table, stated: AnsweredCost) -> None:
    labelled = next(one for one in result.labelled if one.window == _ATTACK.isoformat())
    document = labelled.document
    recall = _figure(document, "recall", FRAUD)
    before, now = (100 * recall[side]["value"] for side in ("reference", "current"))
    true_cost = _cost_of(night, stated)
    inside = "inside" if stated.now.low <= true_cost <= stated.now.high else "outside"
    said = (
        f"Of 100 frauds the model found {before:.0f} before and {now:.0f} that night: {_missed(night):,} went by. "
        f"Its mistakes cost {stated.table.currency} {true_cost:,.0f}, {inside} the interval that was told one hour "
        f"after ({stated.now.low:,.0f} to {stated.now.high:,.0f}). {document['summary']}"
    )
    document = {**document, "true_cost": true_cost, "n_missed": _missed(night)}
    telling.chapter(Titles.labels, said, document=document, files=_pages(labelled))


def _tell_gate(telling: Telling, gate: JobConfig, bank: _Bank, night: pa.Table) -> None:
    """Train again with the night of the attack, have both models answer the next one, and ask the gate."""
    candidate = bank.trained_again(night)
    following = bank.night(_ATTACK + dt.timedelta(days=1), n_attacks=ATTACKS)
    following = following.append_column(
        "candidate", candidate.answered(following.drop_columns(list(_ANSWERS)))["prediction"]
    )
    _write(night, bank.folder / "gate" / "attack.parquet")
    _write(following, bank.folder / "gate" / "next.parquet")
    result = gate_job(gate)
    found = [
        100 * pc.mean(pc.equal(following.filter(pc.equal(following["label"], FRAUD))[column], FRAUD)).as_py()
        for column in ("prediction", "candidate")
    ]
    passed = "passes" if result.exit_code == 0 else "does not pass"
    telling.chapter(
        Titles.gate,
        f"The night after, the model in use finds {found[0]:.0f} of 100 frauds and the new one {found[1]:.0f}: "
        f"it {passed}. {result.document['gate']['challenger']['sentence']}",
        document=result.document,
        files=result.files,
    )


def _cost_of(night: pa.Table, stated: AnsweredCost) -> float:
    """Return what the model's answers to a night cost, every payment known."""
    pairs = zip(night["label"].to_pylist(), night["prediction"].to_pylist(), strict=True)
    return float(sum(stated.table.matrix.get(label, {}).get(prediction, 0.0) for label, prediction in pairs))


def _missed(night: pa.Table) -> int:
    is_missed = pc.and_(pc.equal(night["label"], FRAUD), pc.equal(night["prediction"], LEGITIMATE))
    return int(pc.sum(is_missed).as_py())


def _figure(document: Mapping[str, Any], metric: str, label: str) -> Mapping[str, Any]:
    rows = document["performance"]["measured"]["rows"]
    found: Mapping[str, Any] = next(row for row in rows if row["metric"] == metric and row["label"] == label)
    return found


def _pages(result: JobResult) -> list[Path]:
    return [path for path in result.files if path.suffix == ".html"]


def _write(table: pa.Table, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)
