import signal
import time

import pytest

from deploy.local.process import Process, Program
from deploy.local.supervise import FIRST_PAUSE, HEALTHY_AFTER, LONGEST_PAUSE, Ward


@pytest.fixture
def process(tmp_path):
    command = ["sh", "-c", "echo last words; sleep 60"]
    program = Program(name="it", command=command, is_ready=lambda it: "last words" in it.output())
    process = Process(program, tmp_path / "it.log", env={})
    process.start()
    while not process.is_ready():
        time.sleep(0.01)
    yield process
    process.wait_until_ended(0)


def die(process):
    process.send(signal.SIGKILL)
    process.wait_until_ended(5)


def test_a_process_that_dies_is_reported_with_its_log_and_starts_again_after_a_pause(process):
    reports = []
    ward = Ward(process, reports.append)
    died_at = process.started_at + 1
    die(process)

    ward.tend(died_at)
    alive_before = process.running
    ward.tend(died_at + FIRST_PAUSE)

    assert not alive_before
    assert process.running
    assert len(reports) == 1
    assert "it was killed by SIGKILL" in reports[0]
    assert "last words" in reports[0]


def test_the_pause_doubles_up_to_its_limit_while_the_process_keeps_dying(process):
    ward = Ward(process, lambda line: None)
    pauses = []
    for _ in range(8):
        die(process)
        now = process.started_at
        ward.tend(now)
        pauses.append(ward.due_at - now)
        ward.tend(now + pauses[-1])

    assert pauses[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert pauses[-1] == LONGEST_PAUSE


def test_a_death_after_a_long_life_counts_as_the_first(process):
    ward = Ward(process, lambda line: None, pause=LONGEST_PAUSE)
    die(process)
    now = process.started_at + HEALTHY_AFTER + 1

    ward.tend(now)

    assert ward.due_at == now + FIRST_PAUSE


def test_a_living_process_is_left_alone(process):
    reports = []
    pid = process.pid

    Ward(process, reports.append).tend(process.started_at + 1)

    assert (process.pid, reports) == (pid, [])
