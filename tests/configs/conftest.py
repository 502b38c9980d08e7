"""A program named textdrift that ends as it is told, for what calls ours by its name."""

import os
from pathlib import Path

import pytest


class FakeTextdrift:
    """It writes down what it was called with, and exits with $FAKE_CODE."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._log = folder / "called"
        program = folder / "bin" / "textdrift"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\necho "$@" >> "{self._log}"\nexit "$FAKE_CODE"\n', encoding="utf-8")
        program.chmod(0o755)
        self.path = f"{program.parent}:{os.environ['PATH']}"

    def environment(self, code: int, **more: str) -> dict[str, str]:
        return {**os.environ, "PATH": self.path, "FAKE_CODE": str(code), **more}

    def called(self) -> list[str]:
        return self._log.read_text(encoding="utf-8").splitlines()


@pytest.fixture
def fake_textdrift(tmp_path):
    return FakeTextdrift(tmp_path)
