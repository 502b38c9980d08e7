"""The Python of the page on live streams runs as it stands, one block after the other."""

import re
import runpy
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "live_streams.md").read_text(encoding="utf-8")


def test_the_blocks_of_the_page_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL):
        (tmp_path / "block.py").write_text(block, encoding="utf-8")
        names = runpy.run_path(str(tmp_path / "block.py"), init_globals=names)
    assert capsys.readouterr().out.startswith("['no_drift', 'drift']\nTrue Drift in the words")


def test_every_key_of_a_stream_is_told_on_the_page_or_in_the_job_file():
    from textdrift.job_config import StreamConfig

    told = PAGE + (Path(__file__).parents[2] / "configs" / "stream.yaml").read_text(encoding="utf-8")
    assert [key for key in StreamConfig.model_fields if key not in told] == []
