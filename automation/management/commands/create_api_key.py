"""Make an API key for a backend service."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from automation.api.keys import make_key
from automation.api.models import ApiKey, Scope

MAX_NAME = ApiKey._meta.get_field("name").max_length or 0


class Command(BaseCommand):
    help = "Make an API key. Prints it, and nothing else, on standard output: it cannot be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="which service will use it")
        parser.add_argument(
            "--scope", action="append", required=True, choices=Scope.values, help="what it may do; may be repeated"
        )
        parser.add_argument(
            "--expires-days", type=int, metavar="N", help="for how many days it works; default: for ever"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name, days = options["name"].strip(), options["expires_days"]
        if not 1 <= len(name) <= MAX_NAME:
            raise CommandError(f"A name has 1 to {MAX_NAME} characters.")
        if days is not None and not 1 <= days <= 36_500:
            raise CommandError("--expires-days must be 1 to 36500.")
        expires_at = None if days is None else timezone.now() + timedelta(days=days)
        key, secret = make_key(name=name, scopes={Scope(one) for one in options["scope"]}, expires_at=expires_at)
        until = f"until {expires_at:%Y-%m-%d %H:%M} UTC" if expires_at else "until it is revoked"
        self.stderr.write(f"{key} may {', '.join(key.scopes)} {until}. Keep it now: it cannot be shown again.")
        self.stdout.write(secret)
