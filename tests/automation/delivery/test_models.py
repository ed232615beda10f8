"""What the deliver pump and the reaper find, and by which index."""

from datetime import timedelta
from importlib.util import find_spec

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from automation.core.lanes import Lane
from automation.delivery.providers import IDEMPOTENCY_KEY_LIFE, Provider, key_outlives
from automation.models import EspAccount, Message
from tests.factories import make_account, make_message, make_sender, make_template

NOW = timezone.now()


def minutes(number):
    return timedelta(minutes=number)


def index_of(statement, params):
    """The index that PostgreSQL reads for this query when it may not simply read the whole table."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {statement}", params)
        return "\n".join(line for (line,) in cursor.fetchall())


def make_crowd(message, count):
    """So many copies of `message`, and a planner that knows of them: of an almost empty table, it takes any index."""
    names = [field.column for field in Message._meta.local_fields if field.column not in ("id", "dedupe_key")]
    columns = ", ".join(f'"{name}"' for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO automation_message (id, dedupe_key, {columns})"
            f" SELECT gen_random_uuid(), 'crowd ' || n, {columns}"
            " FROM automation_message, generate_series(1, %s) AS n WHERE id = %s",
            [count, message.pk],
        )
        cursor.execute("ANALYZE automation_message, automation_espaccount")


@pytest.mark.django_db
def test_due_is_what_is_queued_for_this_account_and_lane_oldest_first():
    account = make_account()
    shared = {"account": account, "sender": make_sender(account), "template": make_template()}
    second = make_message(**shared, due_at=NOW - minutes(1))
    first = make_message(**shared, due_at=NOW - minutes(2))
    make_message(**shared, due_at=NOW + minutes(1))
    make_message(**shared, lane=Lane.BULK, due_at=NOW - minutes(3))
    make_message(due_at=NOW - minutes(3))
    for status in set(Message.Status) - {Message.Status.QUEUED}:
        make_message(**shared, status=status, due_at=NOW - minutes(3))

    assert list(Message.objects.lock_due(account, Lane.TRANSACTIONAL, NOW, 50)) == [first, second]


@pytest.mark.django_db
def test_a_lease_expires_by_the_databases_clock():
    expired = make_message(status="sending", lease_until=timezone.now() - minutes(1))
    make_message(status="sending", lease_until=timezone.now() + minutes(1))
    lifted = make_message(status="delivered", lease_until=timezone.now() - minutes(2))  # By a webhook.
    make_message(status="sending", lease_until=None)

    assert list(Message.objects.lease_expired()) == [lifted, expired]


@pytest.mark.django_db
def test_the_pumps_queries_read_their_partial_indexes_in_order():
    account = make_account()
    make_crowd(make_message(account=account, status="delivered"), 5_000)
    due = Message.objects.lock_due(account, Lane.BULK, NOW, 50)
    expired = Message.objects.lease_expired()[:50].query.sql_with_params()

    due_plan = index_of(due.raw_query, due.params)
    expired_plan = index_of(*expired)

    assert "message_due" in due_plan
    assert "message_lease" in expired_plan
    assert "Sort" not in due_plan + expired_plan


@pytest.mark.django_db
def test_who_has_mail_due_is_seen_without_reading_all_of_it():
    account = make_account()
    first = make_message(account=account, lane=Lane.BULK)
    make_crowd(first, 20_000)
    with connection.cursor() as cursor:
        asked = EspAccount.objects.with_due(Lane.BULK)
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF) {asked.raw_query}", asked.params)
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert list(asked) == [account]
    assert "message_due" in plan
    assert "Seq Scan on automation_message" not in plan


@pytest.mark.django_db
def test_one_wish_makes_one_message():
    make_message(dedupe_key="e:step:1")

    with pytest.raises(IntegrityError), transaction.atomic():
        make_message(dedupe_key="e:step:1")


@pytest.mark.django_db
def test_a_new_account_is_active_and_goes_slowly():
    account = EspAccount.objects.create(key="shop", provider="postmark", settings_env="ESP_SHOP")

    assert (account.status, account.rate_limit, account.burst) == ("active", 10.0, 20)


@pytest.mark.parametrize("provider", Provider)
def test_every_provider_that_can_be_chosen_is_one_that_anymail_knows(provider):
    assert find_spec(f"anymail.backends.{provider.value}")


@pytest.mark.parametrize(
    ("age", "outlives"),
    [
        (timedelta(0), True),
        (timedelta(hours=22, minutes=59), True),
        (timedelta(hours=23), False),
        (timedelta(days=9), False),
    ],
)
def test_a_key_is_used_again_only_while_resend_surely_remembers_it(age, outlives):
    assert key_outlives("resend", NOW - age, NOW) is outlives


@pytest.mark.parametrize("provider", [one for one in Provider if one not in IDEMPOTENCY_KEY_LIFE])
def test_where_the_esp_knows_no_keys_none_outlives_anything(provider):
    assert not key_outlives(provider, NOW, NOW)
