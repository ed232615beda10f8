import json
import os
import stat
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from types import SimpleNamespace

import pytest

from deploy.local import credentials, launch, lock
from deploy.local.__main__ import reset


@pytest.fixture
def api():
    """An API that knows the key `known`, and refuses an empty event after the key and before anything else."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(422 if self.headers["Authorization"] == "Bearer known" else 401)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def stack_on(folder, url, new_key="known", prepare=None):
    return SimpleNamespace(
        env={"DATABASE_URL": "postgres://app@127.0.0.1/app"},
        prepare=prepare,
        data_dir=folder,
        url=url,
        sandbox_url="http://127.0.0.1:9",
        secrets=credentials.load(folder / "secrets.json"),
        create_api_key=lambda name, *scopes: new_key,
    )


def test_the_demo_file_tells_how_to_get_in_and_only_its_owner_can_read_it(tmp_path, api):
    launch.write_demo(stack_on(tmp_path, api))

    file = tmp_path / "demo.json"
    assert set(json.loads(file.read_text())) == {"url", "sandbox_url", "admin_user", "admin_password", "api_key"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_an_api_key_that_still_works_is_kept(tmp_path, api):
    launch.write_demo(stack_on(tmp_path, api))

    demo = launch.write_demo(stack_on(tmp_path, api, new_key="another"))

    assert demo["api_key"] == "known"


def test_an_api_key_that_the_database_has_forgotten_is_made_anew(tmp_path, api):
    launch.write_demo(stack_on(tmp_path, api, new_key="forgotten"))

    demo = launch.write_demo(stack_on(tmp_path, api, new_key="known"))

    assert demo["api_key"] == "known"


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "80.5"])
def test_a_port_that_is_none_is_refused_with_the_reason(monkeypatch, port):
    monkeypatch.setenv("PORT", port)

    with pytest.raises(launch.Unusable, match="between 1 and 65535"):
        launch.chosen_port()


def test_an_empty_port_as_make_passes_it_means_the_usual_one(monkeypatch):
    monkeypatch.setenv("PORT", "")

    assert launch.chosen_port() == launch.DEFAULT_PORT


def test_what_is_printed_can_be_pasted_into_a_shell(tmp_path, api):
    text = launch.welcome(launch.write_demo(stack_on(tmp_path, api)))

    assert f"READY {api}\n" in text
    assert "{" in text
    assert "{{" not in text


def test_reset_forgets_the_folder(tmp_path):
    folder = tmp_path / "var"
    folder.mkdir()
    (folder / "demo.json").write_text("{}")

    assert reset(folder) == 0

    assert not folder.exists()


def test_reset_is_refused_while_something_runs_on_the_folder(tmp_path):
    held = lock.acquire(tmp_path / "lock")

    with pytest.raises(lock.AlreadyRunning):
        reset(tmp_path)

    os.close(held)
    assert tmp_path.exists()


def test_the_example_is_applied_once_so_that_what_marketers_changed_since_stays(tmp_path, monkeypatch):
    example = tmp_path / "examples" / "demo.yaml"
    example.parent.mkdir()
    example.write_text("flows: []")
    monkeypatch.setattr(launch, "ROOT", tmp_path)
    monkeypatch.setattr(launch, "EXAMPLE", example)
    applied = []
    stack = stack_on(tmp_path, "http://127.0.0.1:9", prepare=lambda *files: applied.append(files))

    launch.prepare(stack)
    launch.prepare(stack)
    example.write_text("flows: [another]")
    launch.prepare(stack)

    assert applied == [(example,), (), (example,)]
