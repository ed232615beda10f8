"""PostgreSQL dies, or refuses to commit what the ESP has accepted."""

from tests.faults.case import RABBITMQ, REDIS, case
from tests.faults.ground import LEASE_S, Ground
from tests.faults.workers import CONCURRENCY
from tests.outside import wait_until

REFUSAL = "refused by a fault test"
# Deferred, so that it is the COMMIT that fails. Attempts are written by what settles.
REFUSE_COMMITS = f"""
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE '{REFUSAL}'; END $$;
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON automation_attempt
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();
"""
ALLOW_COMMITS = "DROP FUNCTION IF EXISTS refuse CASCADE"


@case(on=REDIS, within=60, short=True)
def postgres_killed_after_the_accept(ground: Ground) -> None:
    """Results are held until the database is back, so nothing becomes uncertain."""
    ground.mode(latency_ms=2000, webhooks={"drop": True})
    ground.post("Receipt", 100)
    ground.wait_for_accepts(CONCURRENCY)

    ground.stack.kill("postgres")
    ground.stack.start("postgres")

    ground.mode()


@case(on=RABBITMQ, within=LEASE_S + 60)
def commit_fails_after_the_accept(ground: Ground) -> None:
    """The results are lost. Webhooks, were there any, would tell; without them those messages stay uncertain."""
    ground.mode(latency_ms=300, webhooks={"drop": True})
    ground.execute(REFUSE_COMMITS)
    try:
        ground.post("Receipt", 150)
        refused = ground.stack.process("postgres").output
        wait_until(lambda: REFUSAL in refused(), seconds=60, what="a commit to be refused")
    finally:
        ground.execute(ALLOW_COMMITS)
    unrecorded = ground.accepted() & ground.having("sending")

    ground.promise.may_be_uncertain = len(unrecorded)


@case(on=REDIS, within=LEASE_S + 60)
def postgres_killed_and_restarted_under_load(ground: Ground) -> None:
    """Three times. What it had acknowledged it still has."""
    ground.mode(latency_ms=50)
    ground.pace(100)
    ground.post("News", 1_000)

    for _ in range(3):
        ground.wait_for_accepts(len(ground.accepted()) + 50)
        ground.stack.kill("postgres")
        ground.stack.start("postgres")
        ground.post("News", 50)

    assert not ground.is_drained(), "the kills outlasted the mail"
    ground.pace(100_000)
