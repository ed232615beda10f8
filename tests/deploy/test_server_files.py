"""The files for servers cannot be run here, but they can be held against what does run."""

import re
from pathlib import Path

import pytest
import yaml

from deploy.local import topology

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def compose_commands():
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    return {name: str(service.get("command")) for name, service in services.items()}


def procfile_commands():
    return dict(line.split(": ", 1) for line in (DEPLOY / "Procfile").read_text().splitlines())


def local_command(program):
    """As it stands in a file for servers: without this machine's Python, and named after the server it runs on."""
    return " ".join(map(str, program.command[2:])).replace("@signalpost", "@%h")


@pytest.mark.parametrize("commands", [compose_commands(), procfile_commands()], ids=["compose", "Procfile"])
def test_servers_run_the_same_workers_as_this_machine(commands):
    expected = {worker.name: local_command(topology.worker(worker)) for worker in topology.WORKERS}
    expected["beat"] = local_command(topology.beat())

    assert {name: command for name, command in commands.items() if command.startswith("celery")} == expected


def test_the_example_environment_names_every_variable_that_the_settings_read():
    read = set(re.findall(r'\benv(?:\.\w+)?\(\s*"([A-Z_]+)"', (ROOT / "config" / "settings.py").read_text()))

    named = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert read
    assert read <= named


def test_every_app_is_copied_into_the_image():
    copied = set(re.findall(r"^COPY (\w+) ", (DEPLOY / "Containerfile").read_text(), re.MULTILINE))
    apps = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"deploy", "tests", "benchmarks"}

    assert copied == apps
