"""`manage.py import_suppressions FILE`: take in somebody's list of addresses that must not be mailed."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from suppression.lists.formats import FORMATS
from suppression.lists.models import ListImport
from suppression.lists.take_in import UnreadableList, cut, faults_of, take_in_next
from suppression.models import Topic


class Command(BaseCommand):
    help = (
        "Suppress the addresses of a CSV file. It may be stopped at any time: what was read of the file is taken in by "
        "the workers, or by the next call. Prints the number and the fault of each row that was not taken."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        parser.add_argument("--format", choices=list(FORMATS), default="any")
        parser.add_argument("--topic", default="", help="Key of the topic that people have left; none: all marketing.")
        parser.add_argument("--source", default="", help="Where it is from; else the file's name.")

    def handle(self, *, file: Path, format: str, topic: str, source: str, **options: Any) -> None:  # noqa: A002
        found = Topic.objects.filter(key=topic).first()
        if topic and found is None:
            raise CommandError(f"There is no topic “{topic}”.")
        row = ListImport.objects.create(name=source or file.name, format=format, topic=found)
        try:
            with file.open(encoding="utf-8", newline="") as lines:
                cut(list_import=row, lines=lines)
        except (UnreadableList, OSError) as error:
            raise CommandError(f"{error} Nothing was taken in.") from error
        while take_in_next():
            pass
        for number, reason in faults_of(row):
            self.stdout.write(f"row {number}: {reason}")
        done = ListImport.objects.with_progress().get(pk=row.pk)
        print(f"{done.rows_read:,} rows: {done.news:,} new, {done.rejected:,} rejected.", file=sys.stderr)
