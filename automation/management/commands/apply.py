"""`manage.py apply FILE`: configuration as code."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from automation.management.configuration.apply import apply
from automation.management.configuration.faults import ConfigurationInvalid


class Command(BaseCommand):
    help = (
        "Bring flows, templates and all that they need, senders, accounts and policy included, to what a YAML file "
        "says, and publish them. Shows what that changes. What the file does not name is never deleted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.yaml")
        parser.add_argument("--dry-run", action="store_true", help="Show what would change, and change nothing.")

    def handle(self, *, file: Path, dry_run: bool, **options: Any) -> None:
        try:
            report = apply(file=Path(file), dry_run=dry_run)
        except ConfigurationInvalid as error:
            faults = "\n".join(f"{file}, {fault}" for fault in error.faults)
            raise CommandError(f"{faults}\nNothing was changed.") from error
        self.stdout.write(str(report))
        if dry_run:
            self.stdout.write("Dry run: nothing was changed.")
