"""The Dockerfile: what it copies is there and is enough to build the package, and it does not run as root."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "configs" / "docker" / "Dockerfile").read_text(encoding="utf-8")


def test_what_is_copied_is_there_and_what_the_build_reads_is_copied():
    copied = {name for line in re.findall(r"^COPY (.*)$", DOCKERFILE, flags=re.MULTILINE) for name in line.split()[:-1]}
    assert all((ROOT / name).exists() for name in copied)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = {"pyproject.toml", "constraints.txt", project["project"]["readme"], *project["project"]["license-files"]}
    assert needed | set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) <= copied


def test_its_extras_are_extras_and_its_python_is_one_of_ours():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (extras,) = re.findall(r'"\.\[(.*?)\]"', DOCKERFILE)
    assert set(extras.split(",")) <= set(project["optional-dependencies"])
    (minor,) = re.findall(r"^FROM python:3\.(\d+)-slim$", DOCKERFILE, flags=re.MULTILINE)
    assert f"3.{minor}" in project["requires-python"]


def test_it_does_not_run_as_root():
    user = re.findall(r"^USER (\d+)$", DOCKERFILE, flags=re.MULTILINE)
    assert user == ["10001"]
    assert f"--uid {user[0]} " in DOCKERFILE
    assert DOCKERFILE.index("\nUSER ") < DOCKERFILE.index("\nENTRYPOINT ")
