"""All of Signalpost as real processes, for `make run`, the end-to-end and fault tests and the benchmarks alike.

    with Stack(broker="rabbitmq", durable=False) as stack:      # PostgreSQL, Valkey, RabbitMQ are up
        stack.prepare("examples/demo.yaml")                     # migrated, superuser made, file applied
        stack.start()                                           # sandbox, web, workers, beat: all ready
        key = stack.create_api_key("tests", "events:write", "contacts:write")
        ... POST to stack.url, read stack.journal ...
        stack.kill("deliver-fast")                              # SIGKILL to the worker and its child
        stack.start("deliver-fast")
    # every process has ended, whatever was raised; a throw-away folder is gone

The names: `postgres`, `valkey`, `epmd` and `rabbitmq` (services, where they are ours), `sandbox`, `web`, `beat`, and
the workers (topology.WORKERS: `engine`, `digest`, `deliver-fast`, `deliver-bulk`, `hooks`). All verbs take any of them.

Start processes from the main thread, or one that lives as long as they shall: the kernel kills a child when the thread
that started it ends. To use Django in your own process as well, `os.environ.update(stack.env)` before `django.setup()`.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import kombu

from deploy.local import credentials, environment, lock, rootless, services, topology, tree
from deploy.local.ports import Ports
from deploy.local.process import ROOT, Process, Program
from deploy.local.topology import WORKERS, Worker

COMMAND_WITHIN = 120  # Seconds for one `manage.py` command.
LOOK_EVERY = 0.05  # Seconds between two looks at what is starting.


class CommandFailed(Exception):
    """A `manage.py` command ended with an error. The text holds what it said."""


class Stack:
    def __init__(
        self,
        data_dir: Path | None = None,
        *,
        broker: services.Broker = "redis",
        port: int | None = None,
        workers: Sequence[Worker] = WORKERS,
        durable: bool = True,
        external: Mapping[str, str] | None = None,
        settings: Mapping[str, str] | None = None,
        report: Callable[[str], None] = lambda line: None,
    ) -> None:
        """Nothing happens before the `with` block is entered.

        data_dir: where everything is kept; None means a throw-away folder. A second Stack on it: `lock.AlreadyRunning`.
        port: of the web server; None takes a free one. All other ports are free ones, remembered in the folder.
        durable: False lets PostgreSQL skip fsync: faster, and a power cut may lose data. Keep True for benchmarks.
        external: any of DATABASE_URL, REDIS_URL, CELERY_BROKER_URL, to use those servers instead of starting our own.
        settings: further environment variables of the application, over those made here.
        report: called with a line for each step, for a person who waits.
        """
        self._throw_away = data_dir is None
        self._given_dir = data_dir
        self._broker: services.Broker = broker
        self._port = port
        self._workers = tuple(workers)
        self._durable = durable
        self._external = dict(external or {})
        self._settings = dict(settings or {})
        self._report = report
        self._lock: int | None = None
        self._processes: dict[str, Process] = {}

    # --- the with block -------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        """Take the folder and start the services. On any error nothing is left running."""
        self.data_dir = self._given_dir or Path(tempfile.mkdtemp(prefix="signalpost-"))
        try:
            self._open()
            if self.services:  # All of them may be the user's own.
                self.start(*self.services)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> None:
        self.data_dir = self.data_dir.resolve()
        (self.data_dir / "log").mkdir(parents=True, exist_ok=True)
        self.data_dir.chmod(0o700)
        self._lock = lock.acquire(self.data_dir / "lock")
        self.secrets = credentials.load(self.data_dir / "secrets.json")
        self.journal = self.data_dir / "sandbox.jsonl"
        ports = Ports(self.data_dir / "ports.json")
        web_port, sandbox_port = self._port or ports.get("web"), ports.get("sandbox")
        self.url = f"http://127.0.0.1:{web_port}"
        self.sandbox_url = f"http://127.0.0.1:{sandbox_port}"
        prepared = services.prepare(
            self.data_dir,
            ports=ports,
            secrets=self.secrets,
            broker=self._broker,
            durable=self._durable,
            external=self._external,
        )
        self.env = environment.application(
            self.secrets, url=self.url, sandbox_url=self.sandbox_url, services=prepared.urls
        )
        self.env |= self._settings
        application = [
            topology.sandbox(sandbox_port, journal=self.journal, web_port=web_port),
            topology.web(web_port),
            *map(topology.worker, self._workers),
            topology.beat(),
        ]
        self.services = tuple(program.name for program in prepared.programs)
        self.application = tuple(program.name for program in application)
        for program in [*prepared.programs, *application]:
            self._add(program)

    def _add(self, program: Program) -> None:
        inherit = () if self._lock is None else (self._lock,)
        self._processes[program.name] = Process(program, self.log(program.name), env=self.env, inherit=inherit)

    def close(self) -> None:
        """Stop everything, the application before the services, and forget a throw-away folder. Idempotent."""
        self.stop(*reversed([name for name in self._processes if name not in self.services]))
        self.stop(*reversed([name for name in self._processes if name in self.services]))
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        if self._throw_away:
            rootless.remove(self.data_dir)

    # --- processes ------------------------------------------------------------------------------------------------

    def start(self, *names: str, wait: bool = True) -> None:
        """Start these at once (none named: the whole application); return when all are ready, or directly.

        Those that run are left alone. Raises `process.NotStarted` with the end of the log of the one that failed.
        """
        chosen = [self._processes[name] for name in names or self.application]
        for process in chosen:
            process.start()
        while wait and chosen:
            for process in [each for each in chosen if each.is_ready()]:
                chosen.remove(process)
                self._report(f"{process.program.name} is ready after {time.monotonic() - process.started_at:.1f} s")
            time.sleep(LOOK_EVERY)

    def stop(self, *names: str) -> None:
        """End these gracefully, side by side; what takes longer than its program allows is killed. None is left."""
        began = time.monotonic()
        chosen = [self._processes[name] for name in names]
        for process in chosen:
            if process.running:
                process.send(process.program.stop_signal)
        for process in chosen:
            process.wait_until_ended(began + process.program.stop_within - time.monotonic())

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal; SIGKILL, SIGSTOP and SIGCONT reach all processes below too. After SIGKILL none is left."""
        process = self._processes[name]
        process.send(number)
        if number == signal.SIGKILL:
            process.wait_until_ended(10)

    def restart(self, name: str) -> None:
        """Stop gracefully, start again, wait until ready."""
        self.stop(name)
        self.start(name)

    def empty_broker(self) -> None:
        """Throw away every wake-up call that waits in the workers' queues. On Redis the engine's own keys stay."""
        queues = {queue for worker in self._workers for queue in worker.queues}
        with kombu.Connection(self.env["CELERY_BROKER_URL"]) as broker:
            for queue in queues:
                kombu.Queue(queue, channel=broker.default_channel).purge()

    def process(self, name: str) -> Process:
        """For `.pid`, `.pids()` with those below, `.running`, `.exit_code`, `.output()` since its last start."""
        return self._processes[name]

    def log(self, name: str) -> Path:
        return self.data_dir / "log" / f"{name}.log"

    def peak_mb(self, name: str) -> float:
        """The most memory that any single process of `name` has held so far, in MB (10^6 bytes)."""
        return (
            max((tree.resident_kb(pid).get("VmHWM", 0) for pid in self._processes[name].pids()), default=0) * 1.024e-3
        )

    # --- the application's commands -------------------------------------------------------------------------------

    def manage(self, *arguments: str) -> str:
        """Run `manage.py` with these arguments; return what it printed. Raises `CommandFailed` with what it said."""
        return self._run([sys.executable, "manage.py", *arguments])

    def prepare(self, *files: str | Path) -> None:
        """Migrate, make the superuser `admin` (password: `stack.secrets.admin_password`), apply configuration files."""
        self._run(
            [sys.executable, "-m", "deploy.local.seed", *map(str, files)],
            DJANGO_SUPERUSER_PASSWORD=self.secrets.admin_password,
        )

    def create_api_key(self, name: str, *scopes: str) -> str:
        arguments = [part for scope in scopes for part in ("--scope", scope)]
        return self.manage("create_api_key", name, *arguments).strip()

    def _run(self, command: Sequence[str], **env: str) -> str:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **self.env, **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_WITHIN,
        )
        with self.log("commands").open("a") as log:
            log.write(f"$ {' '.join(command[1:])}\n{done.stderr}")  # Not stdout: a new API key stands there.
        if done.returncode:
            raise CommandFailed(
                f"`{' '.join(command[1:])}` ended with exit code {done.returncode}:\n{done.stdout}{done.stderr}"
            )
        return done.stdout
