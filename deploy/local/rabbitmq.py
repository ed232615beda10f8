"""A private RabbitMQ node from Debian's package `rabbitmq-server`: own ports, own folders, any user. Optional."""

import os
import shutil
import socket
from pathlib import Path

from deploy.local import probes
from deploy.local.process import Program

# Not /usr/sbin/rabbitmq-server: that wrapper insists on the user rabbitmq and on the machine's own node.
SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
PROTOCOL_HEADER = b"AMQP\x00\x00\x09\x01"  # AMQP 0-9-1, section 4.2.2.


def why_missing() -> str | None:
    """None if RabbitMQ is installed, else what to do about it."""
    if SERVER.exists() and shutil.which("epmd"):
        return None
    return "RabbitMQ is not installed: apt-get install rabbitmq-server"


def prepare(data_dir: Path, *, port: int, cluster_port: int, names_port: int) -> list[Program]:
    """Return the programs of one node, in their order of start: Erlang's name server, then the broker."""
    if missing := why_missing():
        raise FileNotFoundError(missing)
    home = data_dir / "rabbitmq"
    home.mkdir(mode=0o700, exist_ok=True)
    (home / "rabbitmq.conf").write_text(f"listeners.tcp.1 = 127.0.0.1:{port}\nlog.console = true\nlog.file = false\n")
    (home / "enabled_plugins").write_text("[].\n")
    env = {
        "HOME": str(home),  # For the Erlang cookie.
        "ERL_EPMD_PORT": str(names_port),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_CRASH_DUMP": str(home / "erl_crash.dump"),
        "RABBITMQ_NODENAME": f"signalpost{port}@127.0.0.1",  # `localhost` is not in every container's /etc/hosts.
        "RABBITMQ_USE_LONGNAME": "true",
        "RABBITMQ_DIST_PORT": str(cluster_port),
        "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
        "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        "RABBITMQ_CONF_ENV_FILE": os.devnull,
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "RUNNING_UNDER_SYSTEMD": "true",  # The script then becomes the broker instead of starting it as a child.
    }
    # Were epmd not started here, the broker would start it as a daemon that outlives everything.
    names = Program(
        name="epmd",
        command=["epmd", "-port", str(names_port), "-address", "127.0.0.1"],
        is_ready=lambda process: process.running and probes.listens(names_port),
    )
    broker = Program(name="rabbitmq", command=[SERVER], env=env, is_ready=lambda _: speaks_amqp(port))
    return [names, broker]


def url(*, port: int) -> str:
    """The user guest, whom RabbitMQ lets in from this machine only."""
    return f"amqp://guest:guest@127.0.0.1:{port}//"


def speaks_amqp(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(PROTOCOL_HEADER)
            return connection.recv(1) == b"\x01"  # A method frame: connection.start.
    except OSError:
        return False
