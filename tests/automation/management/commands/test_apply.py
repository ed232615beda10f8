"""`manage.py apply`: what is printed, and how it ends."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from automation.models import EspAccount
from tests.automation.management.conftest import SHOP

pytestmark = pytest.mark.django_db


def run(file: Path, text: str, **options: bool) -> str:
    file.write_text(text, encoding="utf-8")
    printed = StringIO()
    call_command("apply", str(file), stdout=printed, **options)
    return printed.getvalue()


def test_the_changes_are_printed(file):
    assert run(file, SHOP).startswith("+ event type SignedUp\n")


def test_a_dry_run_says_so(file):
    assert run(file, SHOP, dry_run=True).endswith("Dry run: nothing was changed.\n")
    assert not EspAccount.objects.exists()


def test_faults_are_printed_with_file_and_line_and_the_command_fails(file):
    with pytest.raises(CommandError) as raised:
        run(file, "topics:\n  offers: {}\n")

    assert str(raised.value) == f"{file}, line 2, topics.offers: This lacks name.\nNothing was changed."


def test_a_file_that_is_not_there_is_told(file):
    with pytest.raises(CommandError, match="No such file or directory"):
        call_command("apply", str(file))


def test_a_file_that_is_not_text_is_told(file):
    file.write_bytes(b"topics: \xff")

    with pytest.raises(CommandError, match="not UTF-8"):
        call_command("apply", str(file))
