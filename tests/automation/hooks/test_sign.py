"""Signatures that any library of Standard Webhooks can verify."""

import base64
from datetime import UTC, datetime

import pytest

from automation.hooks.sign import SecretMissing, secrets_of, signed_headers

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
AT = datetime.fromtimestamp(1614265330, tz=UTC)
BODY = b'{"test": 2432232314}'


def test_a_call_is_signed_as_the_specifications_own_example(monkeypatch):
    monkeypatch.setenv("HOOK_CRM", SECRET)

    assert signed_headers("msg_p5jXN8AQM9LWM0D4loKWxJek", BODY, secrets_of("HOOK_CRM"), at=AT) == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_while_one_secret_replaces_another_both_sign(monkeypatch):
    other = "whsec_" + base64.b64encode(b"x" * 24).decode()
    monkeypatch.setenv("BOTH", f"{SECRET} {other}")
    monkeypatch.setenv("OTHER", other)

    both, alone = (signed_headers("msg_1", BODY, secrets_of(name), at=AT) for name in ("BOTH", "OTHER"))

    assert both["webhook-signature"].split()[1] == alone["webhook-signature"]
    assert len(set(both["webhook-signature"].split())) == 2


@pytest.mark.parametrize("value", [None, "", "whsec_not-base64!", "whsec_c2hvcnQ=", "secret"])
def test_a_secret_that_is_none_is_told_without_quoting_it(monkeypatch, value):
    if value is not None:
        monkeypatch.setenv("HOOK_CRM", value)

    with pytest.raises(SecretMissing, match="HOOK_CRM") as raised:
        secrets_of("HOOK_CRM")

    assert not value or value.removeprefix("whsec_") not in str(raised.value).replace("no secret", "")
