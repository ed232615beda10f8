"""The connection goes to the address that was checked, and is proved to be the name's."""

import socket

from automation.core.destination import Destination
from automation.hooks import post as module
from automation.hooks.post import post


def test_it_connects_to_the_checked_address_and_asks_for_the_names_certificate(monkeypatch):
    """Whoever answers for the name later (DNS rebinding) is not asked."""
    asked = []

    class Tls:
        def wrap_socket(self, plain, *, server_hostname):
            asked.append(server_hostname)
            raise OSError("certificate of somebody else")

    def connect(address, timeout):
        asked.append(address)
        return socket.socket()

    monkeypatch.setattr(socket, "create_connection", connect)
    monkeypatch.setattr(module, "_tls", Tls)

    answer = post(Destination("hooks.example.com", 443, "/"), ["203.0.113.5", "203.0.113.6"], b"{}", {})

    assert asked == [("203.0.113.5", 443), "hooks.example.com", ("203.0.113.6", 443), "hooks.example.com"]
    assert (answer.status, answer.said) == (None, "OSError: certificate of somebody else")


def test_an_answer_is_read_only_so_far(service):
    service.answers = [(200, {}, b"x" * 100_000)]
    host, port = "localhost", service.server_port

    answer = post(Destination(host, port, "/", is_plain=True), ["127.0.0.1"], b"{}", {})

    assert (answer.status, len(answer.said)) == (200, module.MAX_ANSWER)
