"""A peer on our ground: on the same servers in a database of its own, before the same sandbox, with the same mail."""

import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial

import psycopg
from psycopg.conninfo import make_conninfo

from automation.core.json import JsonObject
from benchmarks import peer_venv, shop
from benchmarks.cpu import Meter, Pids
from benchmarks.ground import Ground
from benchmarks.run import Run
from benchmarks.standby import Standby, begin, standing_by
from deploy.local.process import ROOT, Process, Program
from deploy.local.topology import announces_itself

PROCESSES = 2  # That deliver, as with us; and as many that hand mails over.
DATABASE = "peers"
BROKER = 5  # The number of a Redis database that nobody else uses.

Environment = Mapping[str, str]


@dataclass(frozen=True)
class Peer:
    """One way to use one peer."""

    name: str
    mails: int
    way: str  # How mails are handed over, one of produce.WAYS.
    deliverers: Sequence[str]  # What each process that delivers runs: arguments of Python.
    post_office: JsonObject = field(default_factory=dict)  # Its settings.
    chunk_size: int = 10  # celery-email's own default.

    def run(self, ground: Ground, env: Environment) -> Run:
        """From the first mail handed over to the last accept, while Signalpost has nothing to do."""
        env = {**env, "PEER_POST_OFFICE": json.dumps(self.post_office), "PEER_CHUNK_SIZE": str(self.chunk_size)}
        forget_mails(env)
        with self._delivering(ground, env) as deliverers, self._producing(env) as producers:
            parts: dict[str, Pids] = {part: partial(ground.pids, part) for part in ("postgres", "valkey", "sandbox")}
            parts["app"] = lambda: [one.pid for one in producers]
            parts["deliverers"] = lambda: [pid for one in deliverers for pid in one.pids()]
            meter = Meter(parts)
            ground.rest()
            with meter:
                began = time.time()
                begin(producers)
                accepts = ground.wait_for(self.mails)
        return Run(self.mails, accepts[-1].at - began, meter)

    @contextmanager
    def _delivering(self, ground: Ground, env: Environment) -> Iterator[list[Process]]:
        with ExitStack() as stack:
            processes = []
            for number, arguments in enumerate(self.deliverers):
                name = f"{self.name}-{number}"
                command = [str(peer_venv.PYTHON), *arguments.split()]
                program = Program(name=name, command=command, is_ready=announces_itself, stop_within=5)
                process = Process(program, ground.stack.log(name), env=env)
                process.start()
                stack.callback(_end, process)
                processes.append(process)
            for process in processes:
                while not process.is_ready():
                    time.sleep(0.05)
            yield processes

    @contextmanager
    def _producing(self, env: Environment) -> Iterator[list[Standby]]:
        share = self.mails // PROCESSES
        command = [str(peer_venv.PYTHON), "-m", "benchmarks.peers.produce"]
        mail = shop.example_mail() | {"way": self.way}
        with ExitStack() as stack:
            orders = [mail | {"first": n * share, "end": (n + 1) * share} for n in range(PROCESSES)]
            yield [stack.enter_context(standing_by(command, order, env)) for order in orders]


def prepare(ground: Ground) -> Environment:
    """Make what the peers need that is not there yet. Returns the environment that all of their processes share."""
    peer_venv.prepare()
    ours = ground.stack.env["DATABASE_URL"]
    with psycopg.connect(ours, autocommit=True) as connection:
        if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE}")
    redis = ground.stack.env["REDIS_URL"].rpartition("/")[0]
    env = {
        "DJANGO_SETTINGS_MODULE": "benchmarks.peers.settings",
        "PEER_DATABASE_URL": make_conninfo(ours, dbname=DATABASE),
        "PEER_API_URL": f"{ground.stack.sandbox_url}/peer/postmark/",
        "PEER_LOCK_FILE": str(ground.stack.data_dir / "post_office"),
        "CELERY_BROKER_URL": f"{redis}/{BROKER}",
    }
    migrate = [str(peer_venv.PYTHON), "-m", "django", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=ROOT, env={**os.environ, **env}, check=True)
    return env


def forget_mails(env: Environment) -> None:
    """Each run begins with empty tables, as up to date as ours."""
    with psycopg.connect(env["PEER_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("TRUNCATE post_office_email CASCADE")
        connection.execute("VACUUM (ANALYZE)")


def _end(process: Process) -> None:
    if process.running:
        process.send(process.program.stop_signal)
    process.wait_until_ended(process.program.stop_within)
