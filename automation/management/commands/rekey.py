"""`manage.py rekey`: move opt-outs and consents to the current SUPPRESSION_HASH_KEY, where the address is known."""

from itertools import chain
from typing import Any

from django.core.management import BaseCommand

from automation.models import Contact
from suppression.rekey import known_addresses, left_behind, rekey


class Command(BaseCommand):
    help = (
        "After SUPPRESSION_HASH_KEY was replaced. May be stopped and called again; the old key stays in the settings."
    )

    def handle(self, **options: Any) -> None:
        contacts = Contact.objects.exclude(email="").values_list("email", flat=True).order_by("pk")
        moved = rekey(chain(known_addresses(), contacts.iterator()))
        self.stdout.write(f"{moved:,} addresses moved to the current key.")
        for version, rows in sorted(left_behind().items()):
            self.stdout.write(f"{rows:,} suppressions are still of key {version}: keep it among the old ones.")
