"""One process of the yardstick: Anymail as anyone would use it in a loop, with its connection held open.

stdin: a line of JSON (the mail, `api_url`, `mails`), a line to begin, and its end to end. stdout: a line when it is
ready. It knows nothing of Signalpost, so that it carries none of its weight.
"""

import json
import sys
import uuid

from django.conf import settings

WARM_UP = 20  # Mails before it is ready.


def main() -> None:
    settings.configure()
    from anymail.backends.postmark import EmailBackend  # noqa: PLC0415 - it reads the settings made above
    from anymail.message import AnymailMessage  # noqa: PLC0415

    order = json.loads(sys.stdin.readline())
    backend = EmailBackend(server_token="any", api_url=order["api_url"])
    backend.open()

    def send(mails: int) -> None:
        for n in range(mails):
            email = AnymailMessage(
                subject=order["subject"],
                body=order["text"],
                from_email=order["from_email"],
                to=[f"ana-{n}@example.com"],
                reply_to=order["reply_to"],
                headers=order["headers"],
                metadata={"message_id": str(uuid.uuid4())},
            )
            email.attach_alternative(order["html"], "text/html")
            backend.send_messages([email])

    send(WARM_UP)
    print("ready", flush=True)
    sys.stdin.readline()
    send(order["mails"])
    sys.stdin.read()  # Its CPU is read from /proc, so it stays until that is done.


if __name__ == "__main__":
    main()
