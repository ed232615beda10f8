"""Does a server answer yet? Each of these says yes or no within two seconds."""

import socket
import urllib.error
import urllib.request

# An installation behind a proxy must not send what goes to this very machine through it.
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answers_200(url: str) -> bool:
    try:
        with direct.open(url, timeout=2) as response:
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False
