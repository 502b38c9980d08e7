"""cron and systemd: the lines are well formed, systemd's own verifier takes the units, and drift is no failure."""

import configparser
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

CONFIGS = Path(__file__).parents[2] / "configs"
CRON = (CONFIGS / "cron" / "textdrift").read_text(encoding="utf-8")
SERVICE = CONFIGS / "systemd" / "textdrift@.service"
TIMER = CONFIGS / "systemd" / "textdrift@.timer"
PROGRAM = "/opt/textdrift/venv/bin/textdrift"

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed: apt-get install systemd"
)


def cron_lines():
    lines = [line for line in CRON.splitlines() if line.strip() and not line.startswith("#")]
    settings = [line for line in lines if re.match(r"[A-Z_]+=", line)]
    return dict(line.split("=", 1) for line in settings), [line for line in lines if line not in settings]


def test_the_crontab_has_five_fields_a_user_and_a_command():
    settings, (line,) = cron_lines()
    *when, user, command = line.split(maxsplit=6)
    for field, (least, most) in zip(when, ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7)), strict=True):
        assert field == "*" or least <= int(field) <= most
    assert user == "textdrift"
    assert "%" not in command.replace(r"\%", "")  # cron would end the line there
    assert {"SHELL", "PATH", "MAILTO"} <= set(settings)
    assert CRON.endswith("\n")  # cron takes no line that does not end
    assert "flock --nonblock" in command
    assert "timeout" in command


@pytest.mark.parametrize("code", [0, 1, 2, 3, 124])
def test_cron_mails_what_is_no_answer_and_nothing_else(code, tmp_path):
    settings, (line,) = cron_lines()
    command = line.split(maxsplit=6)[-1].replace("/var/lib/textdrift", str(tmp_path))
    program = tmp_path / "bin" / "textdrift"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho told $*\nexit {code}\n")
    program.chmod(0o755)
    environment = {**settings, "PATH": f"{program.parent}:{os.environ['PATH']}", "LOG": str(tmp_path / "log")}
    mail = subprocess.run(
        [settings["SHELL"], "-c", command], env=environment, capture_output=True, text=True, check=False
    )
    assert (tmp_path / "log").read_text() == f"told run {settings['JOB']}\n"
    told = "" if code in {0, 1, 3} else f"textdrift ended with {code}\ntold run {settings['JOB']}\n"
    assert mail.stdout + mail.stderr == told


def units(path):
    parser = configparser.RawConfigParser(strict=False, delimiters="=", comment_prefixes="#")
    parser.optionxform = str
    parser.read_string(path.read_text(encoding="utf-8"))
    return parser


def test_drift_is_no_failed_unit_and_an_error_is_one_that_is_tried_again():
    service = units(SERVICE)["Service"]
    assert service["Type"] == "oneshot"
    assert service["SuccessExitStatus"].split() == ["1", "3"]
    assert service["Restart"] == "on-failure"
    assert service["TimeoutStartSec"] == "4h"
    assert service["ExecStart"] == f"{PROGRAM} run /etc/textdrift/%i.yaml"


def test_the_unit_may_write_only_where_it_must():
    service = units(SERVICE)["Service"]
    assert service["ProtectSystem"] == "strict"
    assert service["User"] == "textdrift"
    written = re.findall(r"^ReadWritePaths=-?(.*)$", SERVICE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert " ".join(written).split() == ["/var/lib/textdrift", "/var/cache/textdrift", "/var/lib/node_exporter"]
    assert "MemoryDenyWriteExecute" not in service  # torch could not run


def test_a_missed_night_is_made_up_for():
    timer = units(TIMER)["Timer"]
    assert timer["Persistent"] == "true"
    assert timer["OnCalendar"].endswith(" UTC")
    assert units(TIMER)["Install"]["WantedBy"] == "timers.target"


@pytest.fixture
def installed(tmp_path):
    """Return the two units with an instance's name, and a program that is there."""
    program = tmp_path / "textdrift"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for path in (SERVICE, TIMER):
        text = path.read_text(encoding="utf-8").replace(PROGRAM, str(program))
        (tmp_path / path.name.replace("@.", "@nightly.")).write_text(text, encoding="utf-8")
    return tmp_path / "textdrift@nightly.service", tmp_path / "textdrift@nightly.timer"


@needs_systemd
def test_systemd_takes_both_units_without_a_word(installed):
    done = subprocess.run(["systemd-analyze", "verify", *installed], capture_output=True, text=True, check=False)
    if "Failed to" in done.stderr and done.returncode:
        pytest.skip(f"systemd-analyze cannot verify here: {done.stderr.strip()}")
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@needs_systemd
def test_systemd_calls_the_unit_little_exposed(installed):
    asked = ["systemd-analyze", "security", "--offline=true", "--threshold=25", installed[0]]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd-analyze cannot look at files")
    assert done.returncode == 0, done.stdout[-500:]
