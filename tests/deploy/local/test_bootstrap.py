"""The bootstrap against a Python that answers as told: what it says when it cannot go on, and when it does nothing."""

import hashlib
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SETS = {"run": ("base", "local", "uv"), "dev": ("base", "local", "dev", "uv")}
RECENT = '[[ "$*" != *ensurepip* ]] && { [[ "$*" != *print* ]] || echo python3.11-venv; }'
TOO_OLD = "false"


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / "deploy" / "local").mkdir(parents=True)
    (tmp_path / "commands").mkdir()
    shutil.copy(ROOT / "deploy" / "local" / "bootstrap", tmp_path / "deploy" / "local")
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    command(tmp_path / "commands" / "id", "echo 1000")  # An ordinary user, so that nothing is installed.
    return tmp_path


def command(path, script):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/bash\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def bootstrap(checkout, wanted):
    env = {"PATH": f"{checkout / 'commands'}:{os.environ['PATH']}", "PYTHON": str(checkout / "commands" / "python")}
    script = checkout / "deploy" / "local" / "bootstrap"
    return subprocess.run([script, wanted], env=env, check=False, capture_output=True, text=True, timeout=30)


def pretend_installed(checkout, name):
    command(checkout / ".venv" / "bin" / "python", RECENT)
    files = [checkout / "requirements" / f"{one}.txt" for one in SETS[name]]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    (checkout / ".venv" / ".installed").write_text(f"{name} {digest}\n")


def test_a_python_that_cannot_make_virtual_environments_is_answered_with_the_package_to_install(checkout):
    command(checkout / "commands" / "python", RECENT)

    done = bootstrap(checkout, "run")

    assert done.returncode == 1
    assert "apt-get install python3.11-venv" in done.stderr


def test_a_python_that_is_too_old_is_passed_over(checkout):
    command(checkout / "commands" / "python", TOO_OLD)
    command(checkout / "commands" / "python3", RECENT)

    done = bootstrap(checkout, "run")

    assert done.stderr.startswith("signalpost: python3 cannot")


@pytest.mark.parametrize(("installed", "wanted"), [("run", "run"), ("dev", "dev"), ("dev", "run")])
def test_nothing_happens_when_what_is_wanted_is_installed(checkout, installed, wanted):
    pretend_installed(checkout, installed)

    done = bootstrap(checkout, wanted)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_changed_requirements_are_installed_anew(checkout):
    pretend_installed(checkout, "run")
    with (checkout / "requirements" / "base.txt").open("a") as file:
        file.write("# changed\n")

    done = bootstrap(checkout, "run")

    assert "installing pinned requirements (run)" in done.stderr
    assert bootstrap(checkout, "run").stderr == ""
