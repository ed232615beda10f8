"""The program that the workshop runs: reads one order from stdin, writes what came of it to stdout, and ends.

It imports no Django, gets no secrets, and cannot use more memory or time than it is told here.
"""

import resource
import sys

import msgspec

from templates_app.draft import JSON, Draft
from templates_app.prepare import prepare

# A start takes 40 MB and 0.2 s of CPU, a mail of 100 kB hardly more.
MEMORY = 512 * 1024 * 1024
CPU_SECONDS = 2
TOO_MUCH = 3  # Exit status when a limit was noticed in time; where it was not, a signal ends the child.


class Order(msgspec.Struct):
    draft: Draft
    samples: dict[str, JSON]


def main() -> None:
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    try:
        prepared = prepare(order.draft, order.samples)
    except (MemoryError, RecursionError):
        sys.exit(TOO_MUCH)
    sys.stdout.buffer.write(msgspec.json.encode(prepared))


if __name__ == "__main__":
    main()
