"""People who leave while their mail is on its way."""

import os
import subprocess
import sys

from deploy.local.process import ROOT
from tests.faults.case import BOTH, case
from tests.faults.ground import Ground

LEAVERS = 1_000


@case(on=BOTH, within=90)
def unsubscribe_races_the_claim_1000_times(ground: Ground) -> None:
    """Each leaves when her message is next to be claimed. I4 then compares each accept with the commit."""
    ground.promise.may_be_withheld = LEAVERS
    ground.stack.stop("deliver-fast", "deliver-bulk")
    ground.post("News", LEAVERS)
    ground.wait_for_messages()
    ground.pace(250)
    ground.stack.start("deliver-fast", "deliver-bulk", wait=False)

    command = [sys.executable, "-m", "tests.faults.leave", str(LEAVERS)]
    env = {**os.environ, **ground.stack.env}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300, check=False)

    assert done.returncode == 0, done.stderr
    withheld = ground.statuses()["withheld"]
    accepted = len(ground.accepted())
    assert min(withheld, accepted) > LEAVERS // 20, f"no race: {withheld} withheld, {accepted} accepted"
    ground.notes.append(f"{withheld} of {LEAVERS} were withheld, {accepted} accepted")
