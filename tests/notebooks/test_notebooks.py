"""Every notebook runs from top to bottom, and lies in git without outputs."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))

# The client of Jupyter warns about its own plumbing (zmq, event loops); the notebook itself runs in another process.
pytestmark = pytest.mark.filterwarnings("default")


def read(path):
    return nbformat.read(path, as_version=4)


def printed(notebook, stream="stdout"):
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return "".join(output.text for output in outputs if output.output_type == "stream" and output.name == stream)


def tables(notebook):
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return "\n".join(output.data["text/plain"] for output in outputs if output.output_type == "execute_result")


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """Execute a notebook once, in an empty folder, with a cache and a Jupyter home of its own."""
    from nbclient import NotebookClient

    done = {}

    def execute(path):
        if path not in done:
            folder = tmp_path_factory.mktemp(path.stem)
            with pytest.MonkeyPatch.context() as patch:
                for name in ("TEXTDRIFT_CACHE", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR"):
                    patch.setenv(name, str(folder / name.lower()))
                patch.delenv("TEXTDRIFT_DATA", raising=False)  # what real texts show in one of them is for a run by hand
                notebook = read(path)
                NotebookClient(
                    notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
                ).execute()
            done[path] = notebook
        return done[path]

    return execute


def test_the_notebooks_are_numbered_without_a_gap_and_listed():
    listed = (NOTEBOOKS.parent / "docs" / "notebooks.md").read_text(encoding="utf-8")
    assert [path.stem[:2] for path in PATHS] == [f"{i:02}" for i in range(1, len(PATHS) + 1)]
    assert len(PATHS) >= 11
    assert all(f"notebooks/{path.name})" in listed for path in PATHS)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_notebooks_carry_no_outputs(path):
    for cell in read(path).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_notebooks_run_without_error_and_leave_small_outputs(path, executed):
    notebook = executed(path)
    assert len(nbformat.writes(notebook)) < 1_000_000
    # Other packages may warn in a kernel (tqdm asks for widgets); textdrift itself does not.
    assert "textdrift" not in printed(notebook, stream="stderr")


def test_first_comparison_says_what_its_text_promises(executed):
    said = printed(executed(NOTEBOOKS / "01_first_comparison.ipynb"))
    assert said.startswith("drift (")
    assert "brewsync" in said
    assert "no_drift True" in said
    assert said.rstrip().endswith("inconclusive")


def test_an_encoder_fitted_on_the_reference_alarms_always_and_what_is_cut_is_not_seen(executed):
    said = tables(executed(NOTEBOOKS / "09_choosing_an_encoder.ipynb"))
    row = r"^(hashed words|TF-IDF \+ SVD|MiniLM|TF-IDF of the reference) +(\d+) "
    # pandas breaks a wide table into blocks; the alarms where nothing changed stand in the first.
    alarms = dict(reversed(re.findall(row, said, re.MULTILINE)))
    assert int(alarms.pop("TF-IDF of the reference")) == 30
    assert all(int(count) <= 5 for count in alarms.values())
    read = dict(re.findall(r"MiniLM, first 48 tokens +planted (first|last) +([\d.]+)", said))
    assert float(read["first"]) <= 0.05 < float(read["last"])


def test_the_nightly_job_exits_and_tells_as_its_notebook_promises(executed):
    said = printed(executed(NOTEBOOKS / "10_from_notebook_to_nightly_job.ipynb"))
    assert re.findall(r"^2026-11-\d\d  exit (\d)", said, re.MULTILINE) == ["0", "0", "1", "1", "3", "2", "0"]
    assert "findings, the same p-values and sizes" in said
    assert "stored: True  exit: 1  messages: 0" in said
    told = ["drift in window 2026-11-24", "the run failed", "runs work again", "the drift is over"]
    assert re.findall(r"^messages: (" + "|".join(told) + ")", said, re.MULTILINE) == told


def test_copies_are_drift_to_others_and_not_here(executed):
    said = tables(executed(NOTEBOOKS / "11_against_evidently_and_alibi_detect.ipynb"))
    ours, theirs = (
        re.search(rf"^{tool}.*?(\d+) of 12 +(\d+) of 8", said, re.MULTILINE)
        for tool in ("textdrift", "Alibi Detect: MMD")
    )
    assert int(ours[2]) <= 1
    assert int(theirs[2]) >= 6
