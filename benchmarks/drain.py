"""`deliver` draining queued messages: as when an account is resumed that was paused while messages came in."""

import time

from automation.delivery.pause import pause_account
from automation.delivery.resume import resume_account
from automation.models import EspAccount, Message
from benchmarks import shop
from benchmarks.ground import Ground
from benchmarks.run import Figures, Run
from benchmarks.versus import versus_bare

MAILS = 5_000


def run(ground: Ground) -> Figures:
    drain(ground)  # Warm up: connections, prepared statements, compiled templates.
    return versus_bare(ground, "drain", drain)


def drain(ground: Ground) -> Run:
    """From the wake to the last accept. Everything is on: trail, limiter, policy, begin marks."""
    account = paused_account()
    shop.queue_mails(MAILS)
    ground.rest()
    with ground.meter() as meter:
        began = time.time()
        resume_account(account)
        accepts = ground.wait_for(MAILS)
        ground.wait_until_written()
    return Run(MAILS, accepts[-1].at - began, meter)


def drain_some(ground: Ground) -> Run:
    """As `drain`, of a paused account that has far more queued: it is paused again after so many mails."""
    account = paused_account()
    ground.rest()
    with ground.meter() as meter:
        began = time.time()
        resume_account(account)
        accepts = ground.wait_for(MAILS)
        pause_account(account, reason="benchmarks")
        ground.wait_until_written(but=[Message.Status.QUEUED])
        accepts += ground.wait_for(0)
    return Run(len(accepts), accepts[-1].at - began, meter)


def paused_account() -> EspAccount:
    account = EspAccount.objects.get(key=shop.ACCOUNT)
    pause_account(account, reason="benchmarks")
    return account
