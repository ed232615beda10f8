"""post_office's sender: `send_queued_mail`, again and again, as cron would call it if it could do so without a pause.

python -m benchmarks.peers.deliver PROCESSES
"""

import sys
import time

import django
from django.core.management import call_command

PAUSE_S = 0.1  # While nothing is queued.


def main(processes: int) -> None:
    django.setup()
    print("deliver is ready.", flush=True)
    while True:
        call_command("send_queued_mail", processes=processes)
        time.sleep(PAUSE_S)


if __name__ == "__main__":
    main(int(sys.argv[1]))
