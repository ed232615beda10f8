"""The sandbox as a process of its own: started, stopped and killed as operators and tests do it."""

import json
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
import requests

MAIL = {"From": "shop@example.com", "To": "ana@example.com", "TextBody": "Text"}


@pytest.fixture
def start(tmp_path):
    processes = []

    def run(*arguments):
        command = [
            sys.executable,
            "manage.py",
            "esp_sandbox",
            "--port",
            "0",
            "--journal",
            str(tmp_path / "journal.jsonl"),
        ]
        process = subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        processes.append(process)
        return process

    yield run
    for process in processes:
        process.kill()
        process.communicate()


def send(url, stop=None, answered=None):
    with requests.Session() as http:
        http.trust_env = False
        http.headers["X-Postmark-Server-Token"] = "any"
        try:
            while not (stop and stop.is_set()):
                answer = http.post(f"{url}command-test/postmark/email", json=MAIL, timeout=30).json()
                if answered is None:
                    return answer
                answered.append(answer["MessageID"])
        except requests.RequestException:
            return None


def url_of(process):
    return process.stdout.readline().split()[-1]


def test_it_says_where_it_is_and_stops_when_told(start):
    process = start()
    send(url_of(process))

    process.send_signal(signal.SIGTERM)

    _, errors = process.communicate(timeout=10)
    assert process.returncode == 0
    assert errors == ""


def test_killed_it_has_journalled_whatever_it_answered(start, tmp_path):
    process = start()
    url = url_of(process)
    answered: list[str] = []
    senders = [threading.Thread(target=send, args=(url, threading.Event(), answered)) for _ in range(4)]
    for sender in senders:
        sender.start()
    while len(answered) < 200 and any(sender.is_alive() for sender in senders):
        time.sleep(0.01)

    process.kill()

    for sender in senders:
        sender.join(10)
    lines = (tmp_path / "journal.jsonl").read_text().splitlines()
    assert len(answered) >= 200
    assert set(answered) <= {json.loads(line)["esp_id"] for line in lines}


def test_a_port_in_use_is_a_clear_error(start):
    port = url_of(start()).rsplit(":", 1)[1].strip("/")
    second = start("--port", port)

    _, errors = second.communicate(timeout=10)

    assert second.returncode == 1
    assert "The sandbox cannot run" in errors
    assert "in use" in errors


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/webhooks/", "127.0.0.1:8000/webhooks/{account}/"])
def test_webhooks_need_a_url_with_a_place_for_the_account(start, url):
    process = start("--webhooks", url)

    _, errors = process.communicate(timeout=10)

    assert process.returncode == 1
    assert "{account}" in errors


def test_quiet_it_says_nothing(start):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = start("--quiet", "--port", str(port))
    while send(f"http://127.0.0.1:{port}/") is None:
        assert process.poll() is None

    process.send_signal(signal.SIGTERM)

    assert process.communicate(timeout=10) == ("", "")
    assert process.returncode == 0
