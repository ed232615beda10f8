"""The shop whose mails are measured: its contacts, its opt-outs, and what happens to them.

It is the demo's shop, and the mail is `abandoned-cart` with ten items: 14 kB of HTML and text, and marketing, so that
policy reads the suppression list and unsubscribe links are signed.
"""

from uuid import uuid4

import msgspec
from django.db import connection, transaction
from django.utils import timezone

from automation.core import sql
from automation.core.ids import new_id
from automation.core.json import JsonObject
from automation.core.lanes import Lane
from automation.delivery.claim import claim
from automation.delivery.compose import Wish, compose
from automation.delivery.email import build
from automation.models import Contact, EspAccount, FlowVersion, Message
from templates_app.models import Template

ACCOUNT = "demo"  # Through which all of our mail goes.
CONTACTS = 5_000
ADDRESSES = "ana-"  # What all of theirs begin with.
OPT_OUTS = 100_000
ITEMS = 10
AT_ONCE = 1_000  # Messages queued by one statement.

# No contact of ours is among them, since all mails are to be accepted. What costs is to look.
_OPT_OUTS = """
INSERT INTO suppression_suppression (address_hash, key_version, scope, reason, source, evidence, note, created_at)
SELECT sha256(('stranger ' || n)::bytea), 1, 'marketing', 'imported', 'benchmarks', '{}', '', now()
FROM generate_series(1, %s) AS n
"""

# A copy of the newest message for each number, to addresses that no contact has, all due.
_MULTIPLY = """
INSERT INTO automation_message ({columns})
SELECT {values}
FROM (SELECT * FROM automation_message ORDER BY created_at DESC LIMIT 1) AS m, generate_series(1, %s) AS n
"""
_COPIED = {
    "id": "('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid",
    "dedupe_key": "m.dedupe_key || ':' || n",
    "contact_id": f"(ARRAY(SELECT id FROM automation_contact ORDER BY id LIMIT {CONTACTS}))[1 + n %% {CONTACTS}]",
    "to_email": "'crowd-' || n || '@example.com'",
    "lane": "%s",
}


def open_shop() -> None:
    """Fill the empty tables."""
    now = timezone.now()
    rows = [
        {
            "external_id": f"u-{n}",
            "email": address(n),
            "attributes": {"name": f"Ana {n}", "plan": "pro", "orders": n % 7},
            "time_zone": "Europe/Lisbon",
            "language": "en",
            "region": "EU",
            "created_at": now,
            "updated_at": now,
        }
        for n in range(CONTACTS)
    ]
    sql.insert(Contact, rows)
    with connection.cursor() as cursor:
        cursor.execute(_OPT_OUTS, [OPT_OUTS])


def address(n: int) -> str:
    """Of contact number `n`."""
    return f"{ADDRESSES}{n}@example.com"


def one_event(n: int) -> bytes:
    """The body of a POST about contact number `n`."""
    return msgspec.json.encode(_event(n))


def one_order(n: int) -> bytes:
    """As `one_event`; this one is answered by a receipt, which is transactional."""
    payload = {"order_id": f"o-{uuid4().hex}", "total": 61.4}
    return msgspec.json.encode(_event(n) | {"event_type": "OrderCompleted", "payload": payload})


def batch_of_events(first: int, size: int) -> bytes:
    """The body of a POST about so many contacts."""
    return msgspec.json.encode({"events": [_event(n) for n in range(first, first + size)]})


def _event(n: int) -> JsonObject:
    return {"event_id": str(uuid4()), "event_type": "CartAbandoned", "user_id": f"u-{n}", "payload": _cart()}


def _cart() -> JsonObject:
    """No two have the same id, so each is mailed about."""
    items = [{"name": f"Quayside Espresso No. {n}, 1 kg", "quantity": 2, "price": 24.9} for n in range(ITEMS)]
    return {"cart_id": f"c-{uuid4().hex}", "total": 49.8 * ITEMS, "items": items}


def queue_mails(mails: int) -> None:
    """Queue a mail to each of the first so many contacts, through what writes them for a send step."""
    version = FlowVersion.objects.get(flow__key="abandoned-cart")
    template = Template.objects.get(key="abandoned-cart")
    wishes = [
        Wish(
            enrollment_id=new_id(),
            step_key=version.definition["start"],
            visit=1,
            template_id=template.pk,
            flow_version=version,
            contact=contact,
            facts={"contact": contact.facts(), "event": {"payload": _cart()}},
        )
        for contact in Contact.objects.order_by("id")[:mails]
    ]
    for first in range(0, mails, AT_ONCE):
        compose(wishes[first : first + AT_ONCE], at=timezone.now())


def queue_crowd(mails: int, *, lane: Lane) -> None:
    """Queue so many mails by one statement, in seconds: more than `queue_mails` could write in minutes."""
    queue_mails(1)
    values = {str(field.column): f"m.{field.column}" for field in Message._meta.local_fields} | _COPIED
    text = _MULTIPLY.format(columns=", ".join(values), values=", ".join(values.values()))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # Foreign keys, checked, take most of the time.
        cursor.execute(text, [lane.value, mails])


def forget_messages() -> None:
    """Of all benchmarks so far, at once. Nothing may be sending."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE automation_message CASCADE")


def example_mail() -> JsonObject:
    """What our mails say, for somebody else to send: all but the recipient and the message's id."""
    with transaction.atomic():
        queue_mails(1)
        account = EspAccount.objects.get(key=ACCOUNT)
        [claimed] = claim(account=account, lane=Lane.TRIGGERED, limit=1, epoch=None).claimed
        transaction.set_rollback(True)
    email = build(claimed.envelope)
    return {
        "subject": email.subject,
        "text": email.body,
        "html": email.alternatives[0][0],
        "from_email": email.from_email,
        "reply_to": email.reply_to,
        "headers": email.extra_headers,
    }
