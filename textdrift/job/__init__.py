"""A job file run: every night, on every window of a stretch, or as a gate."""

from textdrift.job.answering import AnsweredWindow, answer_job
from textdrift.job.backfilling import Backfilled, backfill_job
from textdrift.job.gating import gate_job
from textdrift.job.results import JobResult
from textdrift.job.running import run_job

__all__ = ["AnsweredWindow", "Backfilled", "JobResult", "answer_job", "backfill_job", "gate_job", "run_job"]
