"""One process of an application that hands its mails to a peer. See standby.py for what it reads and prints.

Its order: the mail, `way` (one of WAYS), and the numbers of the first mail and of the one after the last.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import django

import benchmarks.peers.celery  # noqa: F401 - the app that tasks are sent by

AT_ONCE = 1_000  # Mails that the tuned ways hand over at once.

Order = dict[str, Any]


def main() -> None:
    django.setup()
    order = json.loads(sys.stdin.readline())
    hand_over = WAYS[order["way"]]
    print("ready", flush=True)
    sys.stdin.readline()
    hand_over(order, [f"ana-{n}@example.com" for n in range(order["first"], order["end"])])
    sys.stdin.read()


def post_office_one_by_one(order: Order, addresses: Sequence[str]) -> None:
    from post_office import mail  # noqa: PLC0415 - only in the peers' own environment

    for address in addresses:
        mail.send(**_for_post_office(order, address))


def post_office_many(order: Order, addresses: Sequence[str]) -> None:
    from post_office import mail  # noqa: PLC0415 - as above

    for first in range(0, len(addresses), AT_ONCE):
        mail.send_many([_for_post_office(order, address) for address in addresses[first : first + AT_ONCE]])


def _for_post_office(order: Order, address: str) -> dict[str, Any]:
    return {
        "recipients": address,
        "sender": order["from_email"],
        "subject": order["subject"],
        "message": order["text"],
        "html_message": order["html"],
        "headers": {**order["headers"], "Reply-To": ", ".join(order["reply_to"])},
    }


def celery_email_one_by_one(order: Order, addresses: Sequence[str]) -> None:
    for email in _emails(order, addresses):
        email.send()


def celery_email_many(order: Order, addresses: Sequence[str]) -> None:
    from django.core.mail import get_connection  # noqa: PLC0415

    get_connection().send_messages(list(_emails(order, addresses)))


def _emails(order: Order, addresses: Sequence[str]) -> Iterator[Any]:
    from django.core.mail import EmailMultiAlternatives  # noqa: PLC0415

    for address in addresses:
        email = EmailMultiAlternatives(
            order["subject"],
            order["text"],
            order["from_email"],
            [address],
            reply_to=order["reply_to"],
            headers=order["headers"],
        )
        email.attach_alternative(order["html"], "text/html")
        yield email


WAYS = {
    "post_office_one_by_one": post_office_one_by_one,
    "post_office_many": post_office_many,
    "celery_email_one_by_one": celery_email_one_by_one,
    "celery_email_many": celery_email_many,
}

if __name__ == "__main__":
    main()
