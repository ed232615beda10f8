import os
import subprocess
import sys
import time

import pytest

from deploy.local import lock

ACQUIRE = "import subprocess, sys, time; from pathlib import Path; from deploy.local import lock; "
ACQUIRE += "held = lock.acquire(Path(sys.argv[1])); "


def python(script, *arguments, **options):
    return subprocess.Popen([sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, **options)


def test_a_second_launcher_is_refused_and_told_which_process_holds_the_folder(tmp_path):
    with python(f"{ACQUIRE} print('held', flush=True); time.sleep(60)", tmp_path / "lock") as holder:
        assert holder.stdout.readline() == b"held\n"

        with pytest.raises(lock.AlreadyRunning, match=str(holder.pid)):
            lock.acquire(tmp_path / "lock")

        holder.kill()


def test_after_a_launcher_died_the_next_one_waits_for_its_children_that_may_still_write_to_the_folder(tmp_path):
    with python(f"{ACQUIRE} subprocess.Popen(['sleep', '1'], pass_fds=[held])", tmp_path / "lock") as holder:
        holder.wait()

        began = time.monotonic()
        os.close(lock.acquire(tmp_path / "lock"))

    assert time.monotonic() - began > 0.3
