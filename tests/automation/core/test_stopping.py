"""A worker's children learn that their parent was asked to stop."""

import subprocess
import sys

FORKS = """
import os, sys
from automation.core.stopping import is_stopping, note_stop
before, told = is_stopping(), os.pipe()
if child := os.fork():
    note_stop(sig="SIGTERM")
    os.write(told[1], b".")
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
os.read(told[0], 1)
os._exit(0 if is_stopping() and not before else 1)
"""


def test_a_child_that_was_forked_before_sees_that_its_parent_was_asked_to_stop():
    assert subprocess.run([sys.executable, "-c", FORKS], timeout=30, check=False).returncode == 0
