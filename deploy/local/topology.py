"""Which processes make up Signalpost: `make run`, the tests and the benchmarks all start what this says."""

import sys
from dataclasses import dataclass
from pathlib import Path

from deploy.local import probes
from deploy.local.process import Process, Program


@dataclass(frozen=True)
class Worker:
    """A Celery worker process and the queues it listens on."""

    name: str
    queues: tuple[str, ...]
    # One child each: the prefork parent is what limits a worker, so more workers help where more children do not.
    concurrency: int = 1


# Digesting has a worker of its own: while webhooks pour in, events must not wait for its turn to end.
# Transactional mail has a worker that bulk never enters, and bulk one that it shares with triggered alone:
# a million-row broadcast holds up nobody's receipt. Hooks wait for other people's services, so nobody waits for them.
WORKERS = (
    Worker("engine", ("react", "advance")),
    Worker("digest", ("digest",)),
    Worker("deliver-fast", ("deliver.transactional", "deliver.triggered")),
    Worker("deliver-bulk", ("deliver.bulk", "deliver.triggered")),
    Worker("hooks", ("hooks",)),
)
WEB_THREADS = 8
# A worker that is asked to stop first waits for its calls to the ESP, 30 s each at most, and writes down what they
# came to. Less, and slow calls are cut off: their messages are uncertain.
STOP_WITHIN_S = 60.0


def worker(which: Worker) -> Program:
    command = python_module(
        f"celery -A config worker -n {which.name}@signalpost -Q {','.join(which.queues)} -c {which.concurrency}"
        " --loglevel INFO --without-gossip --without-mingle"
    )
    return Program(name=which.name, command=command, is_ready=announces_itself, stop_within=STOP_WITHIN_S)


def announces_itself(process: Process) -> bool:
    """Celery logs `engine@signalpost ready.` once it consumes; asking it over the broker would take a second a try.

    The name is not looked for, since our logs blot out whatever looks like an address.
    """
    return " ready." in process.output()


def beat() -> Program:
    command = python_module(
        "celery -A config beat --scheduler django_celery_beat.schedulers:DatabaseScheduler --pidfile= --loglevel INFO"
    )
    return Program(name="beat", command=command, is_ready=lambda process: "maxinterval ->" in process.output())


def web(port: int) -> Program:
    command = python_module(
        f"granian --interface wsgi --host 127.0.0.1 --port {port} --no-ws"
        f" --blocking-threads {WEB_THREADS} --backpressure {4 * WEB_THREADS} config.wsgi:application"
    )
    return Program(
        name="web",
        command=command,
        is_ready=lambda _: probes.answers_200(f"http://127.0.0.1:{port}/health/ready"),
        death_signal=Program.stop_signal,  # Killed, it would leave its worker behind with the port.
    )


def sandbox(port: int, *, journal: Path, web_port: int) -> Program:
    webhooks = f"http://127.0.0.1:{web_port}/webhooks/{{account}}/"
    command = [sys.executable, "manage.py", "esp_sandbox", "--port", str(port)]
    command += ["--journal", str(journal), "--webhooks", webhooks]
    return Program(name="sandbox", command=command, is_ready=lambda _: probes.listens(port))


def python_module(arguments: str) -> list[str]:
    return [sys.executable, "-m", *arguments.split()]
