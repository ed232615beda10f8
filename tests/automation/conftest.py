"""Redis, and what it is like without it."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from automation.core.redis import client
from deploy.local.valkey import answers, find_binary


class Valkey:
    """A server of a test's own, which can be stopped and started again. It forgets everything when stopped."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        options = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "dir": str(self._folder),
            "save": "",
            "appendonly": "no",
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        self._process = subprocess.Popen([find_binary(), *arguments], stdout=subprocess.DEVNULL)
        give_up = time.monotonic() + 10
        while not answers(self.url):
            assert time.monotonic() < give_up, "valkey-server does not start"
            time.sleep(0.01)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=10)
            self._process = None


@pytest.fixture
def move_redis(settings: Settings) -> Iterator[Callable[[str], None]]:
    """Let this process know Redis under another URL."""

    def move(url: str) -> None:
        settings.REDIS_URL = url
        client.cache_clear()
        client()  # Now, lest a thread of the code under test makes it later, and to another URL.

    home = settings.REDIS_URL
    yield move
    move(home)


@pytest.fixture
def redis_away(move_redis: Callable[[str], None]) -> None:
    """Nobody answers where Redis should be."""
    move_redis(f"redis://127.0.0.1:{free_port()}/0")


@pytest.fixture
def valkey(tmp_path: Path, move_redis: Callable[[str], None]) -> Iterator[Valkey]:
    server = Valkey(tmp_path)
    server.start()
    move_redis(server.url)
    yield server
    server.stop()


@pytest.fixture
def deaf_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
