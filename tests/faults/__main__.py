"""`make faults`, `python -m tests.faults [--only NAME] [--broker redis|rabbitmq]`: every case on every broker it names.

Ends with 0 if every invariant held in every case. `--only` takes any part of a case's name.
"""

import argparse
import sys
import time

from deploy.local import rabbitmq, supervise
from deploy.local.services import Broker
from tests.faults import evidence, report
from tests.faults.ground import open_ground
from tests.faults.suite import chosen, run_all

BROKERS: tuple[Broker, ...] = ("redis", "rabbitmq")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--only", help="cases with this in their name")
    parser.add_argument("--broker", choices=BROKERS, help="on this broker alone")
    arguments = parser.parse_args()
    brokers = [name for name in BROKERS if arguments.broker in (None, name) and chosen(name, arguments.only)]
    if not brokers:
        parser.error("no case has that name")
    if "rabbitmq" in brokers and (missing := rabbitmq.why_missing()):
        sys.exit(missing)
    began, rows = time.monotonic(), []
    for broker in brokers:
        say(f"starting a stack on {broker}")
        with open_ground(broker) as ground:
            for row in run_all(chosen(broker, arguments.only), ground):
                rows.append(row)
                say(f"{row.case} ({row.broker}): {'holds' if row.holds else 'BROKEN'}, {row.drain_s} s to drain")
                report.write(rows)
                if not row.holds:
                    say(f"what can be seen of it is kept in {evidence.keep(ground, row.case)}")
    minutes = (time.monotonic() - began) / 60
    print(f"\n{report.table(rows)}\n{len(rows)} cases in {minutes:.0f} min")  # noqa: T201 - a command prints.
    return 0 if all(row.holds for row in rows) else 1


def say(line: str) -> None:
    print(f"faults: {line}", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    supervise.stop_on_signals()
    try:
        sys.exit(main())
    except supervise.Stopped:
        sys.exit(130)
