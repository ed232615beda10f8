import socket

from deploy.local.ports import RANGE, Ports


def listen(port):
    server = socket.socket()
    server.bind(("127.0.0.1", port))
    server.listen()
    return server


def test_a_name_keeps_its_port_from_run_to_run(tmp_path):
    first = Ports(tmp_path / "ports.json").get("web")

    again = Ports(tmp_path / "ports.json").get("web")

    assert again == first
    assert first in RANGE


def test_a_port_that_somebody_took_meanwhile_is_replaced_and_the_new_one_kept(tmp_path):
    first = Ports(tmp_path / "ports.json").get("web")

    with listen(first):
        second = Ports(tmp_path / "ports.json").get("web")

    assert second != first
    assert Ports(tmp_path / "ports.json").get("web") == second


def test_names_never_share_a_port(tmp_path):
    ports = Ports(tmp_path / "ports.json")

    given = [ports.get(name) for name in ("web", "sandbox", "postgres", "valkey")]

    assert len(set(given)) == 4
