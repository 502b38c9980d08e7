"""The demo: sample windows on disk, one comparison of them, and what to read first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from textdrift.errors import SettingsError
from textdrift.windows.simulating import sample_windows

if TYPE_CHECKING:
    from textdrift.reports.drift_report import DriftReport

__all__ = ["DEMO_ROLES", "Demo", "run_demo"]

DEMO_ROLES: Final[dict[str, Any]] = {
    "text": "text",
    "label": "label",
    "prediction": "prediction",
    "probabilities": {"negative": "p_negative", "neutral": "p_neutral", "positive": "p_positive"},
    "time": "timestamp",
    "id": "id",
    "segments": ["channel"],
}
"""The roles of the sample windows' columns, as ``compare`` takes them; ``configs/smoke.yaml`` holds the same."""

_JOB_FILE: Final = "configs/smoke.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What the demo made.

    Attributes
    ----------
    folder:
        Holds ``reference.parquet``, ``current.parquet``, ``report.json`` and ``report.html``.
    report_path:
        The page for people.
    report:
        The same report as an object.
    what_to_read:
        Lines that tell a newcomer where to look, and in which order.
    """

    folder: Path
    report_path: Path
    report: DriftReport
    what_to_read: tuple[str, ...]


def run_demo(folder: Path, *, seed: int = 0) -> Demo:
    """Write two sample windows, compare them, and write the report beside them.

    The second window holds every dose of drift that ``sample_windows`` plants, so the verdict is meant to be drift.
    Files of an earlier demo in the same folder are replaced. Costs the encoding of about 1,200 short texts.

    Raises
    ------
    SettingsError
        When the folder cannot be made or written to.
    EncoderError
        When the default encoder is found nowhere.

    Examples
    --------
    >>> from pathlib import Path
    >>> demo = run_demo(Path("textdrift-demo"))  # doctest: +SKIP
    >>> demo.report.verdict  # doctest: +SKIP
    'drift'
    """
    from textdrift.comparing import compare

    windows = sample_windows(seed=seed)
    reference = _write_window(windows.reference, folder / "reference.parquet")
    current = _write_window(windows.current, folder / "current.parquet")
    report = compare(str(reference), str(current), **DEMO_ROLES, seed=seed)
    page, document = folder / "report.html", folder / "report.json"
    try:
        report.to_html(page)
        report.to_json(document)
    except OSError as error:
        raise _cannot_write(folder, error) from error
    return Demo(
        folder=folder,
        report_path=page,
        report=report,
        what_to_read=_what_to_read(report, page=page, document=document, planted=windows.planted.terms),
    )


def _write_window(table: pa.Table, path: Path) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path)
    except OSError as error:
        raise _cannot_write(path.parent, error) from error
    return path


def _cannot_write(folder: Path, error: OSError) -> SettingsError:
    return SettingsError(
        f"the demo needs a folder it can write to, and {str(folder)!r} is none ({error.strerror or error}); "
        "name another with `textdrift demo --output FOLDER`"
    )


def _what_to_read(report: DriftReport, *, page: Path, document: Path, planted: tuple[str, ...]) -> tuple[str, ...]:
    kinds = ", ".join(report.diagnosis.kinds) or "none"
    # The job file lies in the repository, and no installed package brings it.
    job = f" The comparison as a job file: textdrift run {_JOB_FILE}" if Path(_JOB_FILE).is_file() else ""
    return (
        f"The sample windows and the report lie in {page.parent}/",
        f"1. Open {page} in a browser and read the summary on top; the kinds of drift found are: {kinds}.",
        f"2. Look at the words that moved; this demo planted {', '.join(repr(term) for term in planted)} as new words.",
        "3. Look at how sure it is: each finding has an adjusted p-value, a size, and the size from which it matters.",
        f"4. {document} holds the same for programs.{job}",
    )
