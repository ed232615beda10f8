"""Free ports on the loopback interface, the same ones from run to run where they are still free."""

import json
import random
import socket
from pathlib import Path

# Below the range from which the kernel takes the ports of outgoing connections (32768 and up on Linux),
# so that no connection made meanwhile can take a port between our look and the server's bind.
RANGE = range(20_000, 32_000)


class Ports:
    """Remembers in `file` which name has which port."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
        self._given: set[int] = set()

    def get(self, name: str) -> int:
        """The port of `name`: the one it had last time if that is free now, else a new one."""
        port = self._known.get(name)
        if port is None or port in self._given or not is_free(port):
            port = self._pick()
        self._given.add(port)
        self._known[name] = port
        self._file.write_text(json.dumps(self._known, indent=2))
        return port

    def _pick(self) -> int:
        taken = self._given | set(self._known.values())
        for port in random.sample(RANGE, len(RANGE)):
            if port not in taken and is_free(port):
                return port
        raise RuntimeError(f"no port is free between {RANGE.start} and {RANGE.stop}")


def is_free(port: int) -> bool:
    """Whether a server could listen there. A port with only closed connections in TIME_WAIT counts as free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
