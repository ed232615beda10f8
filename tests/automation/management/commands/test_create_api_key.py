"""manage.py create_api_key."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from automation.api.keys import find_key
from automation.models import ApiKey

pytestmark = pytest.mark.django_db


def test_standard_output_is_the_key_and_nothing_else(capsys):
    call_command("create_api_key", "shop", "--scope", "events:write", "--scope", "contacts:write")

    output = capsys.readouterr()
    key = find_key(output.out.removesuffix("\n"))
    assert key is not None
    assert key.scopes == ["contacts:write", "events:write"]
    assert key.expires_at is None
    assert "cannot be shown again" in output.err


def test_a_key_can_be_made_to_expire():
    call_command("create_api_key", "shop", "--scope=events:write", "--expires-days=30")

    expires_at = ApiKey.objects.get().expires_at
    assert expires_at is not None
    assert timedelta(days=29) < expires_at - timezone.now() <= timedelta(days=30)


@pytest.mark.parametrize(
    "arguments",
    [
        ["shop"],
        ["shop", "--scope=everything"],
        ["", "--scope=events:write"],
        ["x" * 101, "--scope=events:write"],
        ["shop", "--scope=events:write", "--expires-days=0"],
        ["shop", "--scope=events:write", "--expires-days=999999999"],
    ],
)
def test_what_makes_no_sense_makes_no_key(arguments):
    with pytest.raises(CommandError):
        call_command("create_api_key", *arguments)

    assert not ApiKey.objects.exists()
