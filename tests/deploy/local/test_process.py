import os
import signal
import subprocess
import sys
import time

import pytest

from deploy.local import tree
from deploy.local.process import NotStarted, Process, Program

PARENT_AND_CHILD = "sleep 60 & echo started; wait"
STUBBORN = "trap '' TERM; echo started; sleep 60 & wait; wait"


def run(tmp_path, script, **options):
    options = {"is_ready": lambda process: "started" in process.output(), **options}
    process = Process(Program(name="it", command=["sh", "-c", script], **options), tmp_path / "it.log", env={})
    process.start()
    return process


def wait_until_ready(process):
    while not process.is_ready():
        time.sleep(0.01)


def all_gone(pids, within=5.0):
    deadline = time.monotonic() + within
    while left := {entry.pid for entry in tree.living()} & set(pids):
        if time.monotonic() > deadline:
            return left
        time.sleep(0.02)
    return set()


def test_a_program_that_ends_before_it_is_ready_is_reported_with_the_end_of_its_log(tmp_path):
    process = run(tmp_path, "echo no such table >&2; exit 3")

    with pytest.raises(NotStarted, match=r"it ended with exit code 3[\s\S]*no such table"):
        wait_until_ready(process)


def test_a_program_that_is_never_ready_is_reported_when_its_time_is_up(tmp_path):
    process = run(tmp_path, "sleep 60", start_within=0.2)

    with pytest.raises(NotStarted, match="not ready within"):
        wait_until_ready(process)

    process.wait_until_ended(0)


def test_killing_a_process_kills_what_it_started(tmp_path):
    process = run(tmp_path, PARENT_AND_CHILD)
    wait_until_ready(process)
    pids = process.pids()

    process.send(signal.SIGKILL)
    process.wait_until_ended(5)

    assert len(pids) == 2
    assert not all_gone(pids)
    assert process.exit_code == -signal.SIGKILL


def test_what_a_dead_process_left_behind_is_killed_before_it_starts_again(tmp_path):
    process = run(tmp_path, PARENT_AND_CHILD)
    wait_until_ready(process)
    first = process.pids()
    os.kill(process.pid, signal.SIGKILL)
    while process.running:
        time.sleep(0.01)

    process.start()

    assert not all_gone(first)
    assert process.running
    process.wait_until_ended(0)


def test_a_process_that_ignores_the_request_to_stop_is_killed_when_its_time_is_up(tmp_path):
    process = run(tmp_path, STUBBORN)
    wait_until_ready(process)
    pids = process.pids()

    process.send(signal.SIGTERM)
    process.wait_until_ended(0.2)

    assert not all_gone(pids)


def test_output_begins_anew_with_each_start_while_the_log_keeps_all(tmp_path):
    process = run(tmp_path, "echo started $$")
    process.wait_until_ended(5)
    first = process.output()

    process.start()
    process.wait_until_ended(5)

    assert process.output() != first
    assert process.log.read_text() == first + process.output()


@pytest.mark.parametrize("death_signal", [signal.SIGKILL, signal.SIGTERM])
def test_children_end_when_the_launcher_is_killed(tmp_path, death_signal):
    script = f"""
import sys, time, signal
from pathlib import Path
from deploy.local.process import Process, Program
program = Program(name="it", command=["sleep", "60"], is_ready=bool, death_signal=signal.{death_signal.name})
process = Process(program, Path(sys.argv[1]), env={{}})
process.start()
print(process.pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", script, tmp_path / "it.log"], stdout=subprocess.PIPE) as launcher:
        child = int(launcher.stdout.readline())

        launcher.kill()

    assert not all_gone([child])
