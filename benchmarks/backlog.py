"""`deliver` draining an account and lane where a million messages are due, beside one where only its own few are."""

from statistics import median

from automation.core.lanes import Lane
from automation.delivery.resume import resume_account
from benchmarks import shop
from benchmarks.drain import drain, drain_some, paused_account
from benchmarks.ground import Ground
from benchmarks.run import Figures, Run, figures_of

BACKLOG = 1_000_000


def run(ground: Ground) -> Figures:
    """The runs without a backlog come half before it, half after, so that a machine that changes favours neither."""
    drain(ground)  # Warm up.
    without = [_said(ground, "drain at 0 ", drain(ground)) for _ in range(ground.rounds)]
    account = paused_account()
    shop.queue_crowd(BACKLOG, lane=Lane.TRIGGERED)
    among = [_said(ground, "drain at 1m", drain_some(ground)) for _ in range(ground.rounds)]
    shop.forget_messages()
    resume_account(account)
    without += [_said(ground, "drain at 0 ", drain(ground)) for _ in range(ground.rounds)]
    ratio = median(run.per_s for run in among) / median(run.per_s for run in without)
    return {"drain_at_1m_vs_empty": ratio} | figures_of("drain_at_1m", among) | figures_of("drain_at_0", without)


def _said(ground: Ground, name: str, run: Run) -> Run:
    ground.say(f"  {name}: {run}")
    return run
