"""`make run`: bring everything up, say how to use it, and keep it up until Ctrl-C."""

import hashlib
import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from deploy.local import probes, supervise
from deploy.local.credentials import write_private
from deploy.local.ports import is_free
from deploy.local.process import ROOT
from deploy.local.seed import ADMIN
from deploy.local.stack import Stack

EXAMPLE = ROOT / "examples" / "demo.yaml"
SCOPES = ("events:write", "contacts:write")
DEFAULT_PORT = 8000


class Unusable(Exception):
    """Something that the user set cannot be used. The text says what to do."""


def launch(data_dir: Path, *, external: Mapping[str, str]) -> int:
    """Run until a signal stops it; the exit code is 0 then. Raises what `Stack` raises if something does not start."""
    began = time.monotonic()
    with Stack(data_dir, port=chosen_port(), external=external, report=say) as stack:
        if not is_free(port := int(stack.url.rpartition(":")[2])):
            raise Unusable(f"port {port} is taken by another program. Choose one: `make run PORT={port + 1}`")
        prepare(stack)
        stack.start()
        demo = write_demo(stack)
        say(f"all of it took {time.monotonic() - began:.1f} s")
        print(welcome(demo), flush=True)
        try:
            supervise.watch(stack, say)
        except supervise.Stopped:
            say("stopping: workers finish what they hold, then the servers go down")
    say(f"stopped; {data_dir.name}/ keeps the data, `make reset` forgets it")
    return 0


def chosen_port() -> int:
    text = os.environ.get("PORT") or str(DEFAULT_PORT)
    if not (text.isdigit() and 0 < int(text) < 65536):
        raise Unusable(f"PORT is {text!r}: it must be a number between 1 and 65535")
    return int(text)


def prepare(stack: Stack) -> None:
    """Migrate; apply the example while it is new. Later starts leave it be: what was edited in the admin stays."""
    mark = stack.data_dir / "applied"
    files = sorted(path for path in EXAMPLE.parent.rglob("*") if path.is_file())
    contents = [stack.env["DATABASE_URL"].encode(), *(path.read_bytes() for path in files)]
    fingerprint = hashlib.sha256(b"\0".join(contents)).hexdigest()
    is_new = not mark.exists() or mark.read_text() != fingerprint
    stack.prepare(*[EXAMPLE] if is_new else [])
    mark.write_text(fingerprint)
    say("database is up to date" + (f", {EXAMPLE.relative_to(ROOT)} is applied" if is_new else ""))


def say(line: str) -> None:
    print(f"signalpost: {line}", file=sys.stderr, flush=True)


def write_demo(stack: Stack) -> dict[str, str]:
    """Keep in `demo.json` how to get in. Its API key is made anew only if the server does not know it (any more)."""
    file = stack.data_dir / "demo.json"
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    key = known.get("api_key")
    if key is None or not is_known(key, stack.url):
        key = stack.create_api_key("demo", *SCOPES)
    demo = {
        "url": stack.url,
        "sandbox_url": stack.sandbox_url,
        "admin_user": ADMIN,
        "admin_password": stack.secrets.admin_password,
        "api_key": key,
    }
    write_private(file, json.dumps(demo, indent=2) + "\n")
    return demo


def is_known(key: str, url: str) -> bool:
    """Ask the API with an event that it must refuse: an unknown key is refused first, with 401."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/api/v1/events/", data=b"{}", headers=headers, method="POST")
    try:
        probes.direct.open(request, timeout=5).close()
    except urllib.error.HTTPError as error:
        return error.code not in (401, 403)
    return True


def welcome(demo: Mapping[str, str]) -> str:
    return """
READY {url}

  admin    {url}/admin/    user {admin_user}, password {admin_password}
  inbox    {sandbox_url}/    mails that the ESP sandbox took; nothing leaves this machine
  API      {url}/api/docs/    key {api_key}

Try it: somebody signs up, and gets the first mail of the welcome series.

  curl -X PUT {url}/api/v1/contacts/u-1/ \\
    -H 'Authorization: Bearer {api_key}' -H 'Content-Type: application/json' \\
    -d '{{"email": "ana@example.com", "attributes": {{"name": "Ana"}}, "time_zone": "Europe/Lisbon"}}'

  curl -X POST {url}/api/v1/events/ \\
    -H 'Authorization: Bearer {api_key}' -H 'Content-Type: application/json' \\
    -d '{{"event_id": "'$(cat /proc/sys/kernel/random/uuid)'", "event_type": "UserSignedUp", "user_id": "u-1",
         "payload": {{"name": "Ana", "plan": "free"}}}}'

  curl {sandbox_url}/journal

The same stands in var/demo.json, logs in var/log/. Ctrl-C stops everything and keeps the data.
""".format_map(demo)
