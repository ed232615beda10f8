"""What a child process does between fork and exec: give up root where the program refuses it, and die with its parent.

Run as a script, `python -IS child.py PARENT_PID DEATH_SIGNAL RUN_AS COMMAND...`, because Python code between fork and
exec (`preexec_fn`) may deadlock in a parent that has threads, as pytest and benchmarks do. It ends in exec: one pid.
"""

import ctypes
import os
import pwd
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1  # prctl(2)
CLONE_NEWUSER = 0x10000000  # unshare(2)
UNMAPPED = 65534  # The id that the root of a one-line user namespace takes; by custom `nobody`.

libc = ctypes.CDLL(None, use_errno=True)


def main(parent: int, death_signal: int, run_as: str, command: list[str]) -> None:
    os.setsid()
    {"self": keep, "namespace": enter_namespace, "nobody": become_nobody}[run_as]()
    die_with(parent, death_signal)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)  # A launcher started with `&` or nohup has some of them ignored.
    os.execvp(command[0], command)


def keep() -> None:
    """Stay who we are."""


def enter_namespace() -> None:
    """Be an ordinary user inside a user namespace. Files stay ours outside it: no chown, no new account."""
    uid, gid = os.geteuid(), os.getegid()
    check(libc.unshare(CLONE_NEWUSER))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{UNMAPPED} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{UNMAPPED} {gid} 1")


def become_nobody() -> None:
    account = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


def die_with(parent: int, death_signal: int) -> None:
    """Ask the kernel for `death_signal` when the parent ends. Last of all: a change of user would clear it."""
    check(libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0))
    if os.getppid() != parent:  # It ended before we asked.
        sys.exit("the launcher is gone")


def check(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
