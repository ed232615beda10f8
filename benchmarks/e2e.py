"""The whole way, ours beside that of two peers: from what happened in a backend service to the accept.

The peers know no events, rules, contacts or suppression: an application renders the mail and hands it to them. Each is
measured as an application uses it, a call for each mail, and in its best tuned form. So are we: a call for each mail,
and with batch calls, which the peers do not have.
"""

from collections.abc import Mapping
from statistics import median

from benchmarks import peer
from benchmarks.events import post_events
from benchmarks.ground import Ground
from benchmarks.peer import PROCESSES, Peer
from benchmarks.run import Figures, Run, figures_of

_SEND_QUEUED = [f"-m benchmarks.peers.deliver {PROCESSES} var/bench/post_office"]
_CELERY = (
    "-m celery -A benchmarks.peers.celery worker -n {}@peers -c 1 --loglevel INFO --without-gossip --without-mingle"
)
_WORKERS = [_CELERY.format(n) for n in range(PROCESSES)]
# The app ways run for as long with fewer mails.
FEW, MANY = 2_000, 5_000

OURS = {"e2e": False, "e2e_batched": True}  # With batch calls?
PEERS = (
    Peer("post_office_app", FEW, "post_office_one_by_one", _SEND_QUEUED, post_office={"BATCH_SIZE": 1000}),
    Peer("post_office_celery", FEW, "post_office_one_by_one", _WORKERS, post_office={"CELERY_ENABLED": True}),
    Peer("post_office_best", MANY, "post_office_many", _SEND_QUEUED, post_office={"BATCH_SIZE": 1000, "LOG_LEVEL": 0}),
    Peer("celery_email_app", FEW, "celery_email_one_by_one", _WORKERS),
    Peer("celery_email_best", MANY, "celery_email_many", [f"{one} --pool solo" for one in _WORKERS], chunk_size=50),
)


def run(ground: Ground) -> Figures:
    """`e2e_vs_<peer>` and `e2e_batched_vs_<peer>` are the medians of the rounds' own ratios."""
    env = peer.prepare(ground)
    for ours in OURS:
        _post(ground, ours)  # Warm up.
    runs: dict[str, list[Run]] = {name: [] for name in (*OURS, *(one.name for one in PEERS))}
    for n in range(1, ground.rounds + 1):
        for ours in OURS:
            _keep(ground, runs, ours, n, _post(ground, ours))
        for one in PEERS:
            _keep(ground, runs, one.name, n, one.run(ground, env))
    return _ratios(runs) | {name: value for key, some in runs.items() for name, value in figures_of(key, some).items()}


def _post(ground: Ground, ours: str) -> Run:
    with ground.account(batch_calls=OURS[ours]):
        return post_events(ground)


def _keep(ground: Ground, runs: Mapping[str, list[Run]], name: str, n: int, run: Run) -> None:
    runs[name].append(run)
    ground.say(f"  {name} {n}: {run}")


def _ratios(runs: Mapping[str, list[Run]]) -> Figures:
    return {
        f"{ours}_vs_{one.name}": median(
            us.per_s / them.per_s for us, them in zip(runs[ours], runs[one.name], strict=True)
        )
        for ours in OURS
        for one in PEERS
    }
