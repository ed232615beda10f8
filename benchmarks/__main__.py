"""`make bench`: start Signalpost as real processes, measure it, print a table, write var/bench.json.

python -m benchmarks [--only NAME] [--rounds N]        What each figure means: docs/benchmarks.md
"""

import argparse
import importlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path

import django

from benchmarks import report
from benchmarks.table import BENCHMARKS
from deploy.local import lock, rootless, supervise
from deploy.local.process import ROOT
from deploy.local.stack import Stack

FOLDER = ROOT / "var" / "bench"  # On the same disk as the checkout: below /tmp, fsync might cost nothing.
RESULT = ROOT / "var" / "bench.json"
FILES = (ROOT / "examples" / "demo.yaml", Path(__file__).with_name("bench.yaml"))
# The API counts every key's events against its limit as always; only the limit is out of reach.
SETTINGS = {"API_RATE_PER_MINUTE": "1000000000", "LOG_LEVEL": "INFO"}


def main(arguments: list[str]) -> int:
    """The exit code tells whether everything could be measured, not whether the targets were met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--only", choices=BENCHMARKS)
    parser.add_argument("--rounds", type=int, default=3, help="How often each is measured; medians are shown.")
    options = parser.parse_args(arguments)
    measure([options.only] if options.only else BENCHMARKS, rounds=options.rounds)
    return 0


def measure(names: Iterable[str], *, rounds: int) -> None:
    """Run these benchmarks on one fresh installation. What is found is written down after each of them."""
    forget_last_run()
    with Stack(FOLDER, settings=SETTINGS, report=report.say) as stack:
        stack.prepare(*FILES)
        stack.start()
        os.environ.update(stack.env, LOG_LEVEL="CRITICAL")  # Of this process: what matters, `report` says.
        django.setup()
        # Not before: these modules import models, and what the models need to know stands in the environment now.
        ground = importlib.import_module("benchmarks.ground").Ground(stack, rounds=rounds)
        for name in names:
            report.say(f"{name}: {BENCHMARKS[name].does}")
            ground.figures |= importlib.import_module(f"benchmarks.{name}").run(ground)
            report.write(RESULT, ground.figures)
    rootless.remove(FOLDER)
    print(report.table(ground.figures))


def forget_last_run() -> None:
    """Raises `lock.AlreadyRunning` while another one is under way."""
    if FOLDER.exists():
        held = lock.acquire(FOLDER / "lock")
        rootless.remove(FOLDER)
        os.close(held)


if __name__ == "__main__":
    supervise.stop_on_signals()
    try:
        sys.exit(main(sys.argv[1:]))
    except supervise.Stopped:
        sys.exit(130)
