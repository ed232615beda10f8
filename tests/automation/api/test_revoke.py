import pytest

from automation.api.keys import make_key
from automation.api.models import Scope
from automation.api.revoke import revoke

pytestmark = pytest.mark.django_db


def test_a_key_is_revoked_once_and_keeps_the_time():
    key, _ = make_key(name="shop", scopes=[Scope.EVENTS_WRITE])

    first = revoke(key=key)
    key.refresh_from_db()
    at = key.revoked_at

    assert (first, revoke(key=key)) == (True, False)
    key.refresh_from_db()
    assert key.revoked_at == at
