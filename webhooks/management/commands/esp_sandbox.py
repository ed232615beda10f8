"""`manage.py esp_sandbox`: the sandbox as a process of its own."""

import asyncio
import logging
import os
import signal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from webhooks.sandbox.server import Sandbox


class Command(BaseCommand):
    help = "Run the ESP sandbox: it takes mail as Postmark and Resend do, shows it, reports on it, and fails as told."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=9000, help="0 picks a free one.")
        parser.add_argument("--journal", type=Path, default=Path("var/sandbox.jsonl"), help="Appended to.")
        parser.add_argument("--webhooks", help="Report to this URL, e.g. http://127.0.0.1:8000/webhooks/{account}/")
        parser.add_argument("--quiet", action="store_true", help="Say nothing unless something fails.")

    def handle(self, *, host: str, port: int, journal: Path, webhooks: str | None, quiet: bool, **_: Any) -> None:
        if webhooks and not (webhooks.startswith(("http://", "https://")) and "{account}" in webhooks):
            raise CommandError("--webhooks is a URL with {account} in it, where the account's key goes.")
        if quiet:
            logging.disable(logging.INFO)
        try:
            asyncio.run(
                self._run(host, port, Sandbox(journal=journal, webhooks=webhooks, environ=os.environ), quiet=quiet)
            )
        except OSError as error:
            raise CommandError(f"The sandbox cannot run: {error}") from error

    async def _run(self, host: str, port: int, sandbox: Sandbox, *, quiet: bool) -> None:
        """Serve until SIGTERM or SIGINT."""
        stop = asyncio.Event()
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(signal_number, stop.set)
        await sandbox.open(host, port)
        if not quiet:
            host, port = sandbox.listener.address
            self.stdout.write(f"ESP sandbox: http://{host}:{port}/")
            self.stdout.flush()  # Whoever started it through a pipe waits for this line.
        await stop.wait()
        await sandbox.close()
