"""`manage.py export_suppressions > list.csv`: the suppression list, to keep or to read in elsewhere."""

from typing import Any

from django.core.management import BaseCommand

from suppression.lists.export import export
from suppression.models import Suppression


class Command(BaseCommand):
    help = "Print the suppression list as CSV. `import_suppressions --format signalpost` reads it back."

    def handle(self, **options: Any) -> None:
        for line in export(Suppression.objects.all()):
            self.stdout.write(line, ending="")
