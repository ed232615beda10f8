"""Events as each ESP writes them, shaped after its documentation; ids and addresses are made up."""

from typing import Any, NamedTuple

ANA = "ana@example.com"
OUR_ID = "01890a5d-ac96-774b-bcce-b302099a8057"
AT = "2026-03-01T12:00:00Z"
EPOCH = 1772366400  # The same moment.


class Example(NamedTuple):
    provider: str
    kind: str
    said: str
    payload: Any


def postmark(record_type: str, our_id: str = OUR_ID, to: str = ANA, **fields: Any) -> dict[str, Any]:
    who = {"Email": to} if record_type in {"Bounce", "SpamComplaint"} else {"Recipient": to}
    times = {"Bounce": "BouncedAt", "SpamComplaint": "BouncedAt", "Delivery": "DeliveredAt"}
    return {
        "RecordType": record_type,
        "MessageID": f"pm-{our_id}",
        "MessageStream": "outbound",
        "ServerID": 23,
        "Metadata": {"message_id": our_id},
        "Tag": "",
        times.get(record_type, "ReceivedAt"): AT,
        **who,
        **fields,
    }


def resend(event: str, our_id: str = OUR_ID, to: str = ANA, at: str = AT, **data: Any) -> dict[str, Any]:
    about = {
        "created_at": at,
        "email_id": f"re-{our_id}",
        "from": "Shop <shop@example.com>",
        "to": [to],
        "subject": "Hello",
        "headers": [{"name": "X-Metadata", "value": f'{{"message_id": "{our_id}"}}'}],
    }
    return {"type": event, "created_at": at, "data": about | data}


def sendgrid(event: str, to: str = ANA, **fields: Any) -> dict[str, Any]:
    return {
        "email": to,
        "timestamp": EPOCH,
        "smtp-id": "<14c5d75ce93@ismtpd-555>",
        "event": event,
        "sg_event_id": f"sg-{event}-{to}",
        "sg_message_id": "14c5d75ce93.filter0001",
        "anymail_id": "sg-anymail-id",
        "message_id": OUR_ID,
        **fields,
    }


def ses(event: str, **fields: Any) -> dict[str, Any]:
    headers = [{"name": "X-Metadata", "value": f'{{"message_id": "{OUR_ID}"}}'}]
    mail = {"messageId": "ses-id", "destination": [ANA], "headers": headers}
    return {"eventType": event, "mail": mail, **fields}


def ses_bounce(kind: str, sub_type: str) -> dict[str, Any]:
    recipients = [{"emailAddress": ANA, "action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1"}]
    return ses("Bounce", bounce={"bounceType": kind, "bounceSubType": sub_type, "bouncedRecipients": recipients})


def ses_complaint(feedback_type: str) -> dict[str, Any]:
    recipients = [{"emailAddress": ANA}]
    return ses("Complaint", complaint={"complaintFeedbackType": feedback_type, "complainedRecipients": recipients})


def mailgun(event: str, **fields: Any) -> dict[str, Any]:
    return {
        "event": event,
        "id": "mg-event",
        "timestamp": float(EPOCH),
        "recipient": ANA,
        "message": {"headers": {"message-id": "mg@mail.example.com", "to": ANA}},
        "user-variables": {"message_id": OUR_ID},
        **fields,
    }


def brevo(event: str, **fields: Any) -> dict[str, Any]:
    custom = f'{{"message_id": "{OUR_ID}"}}'
    return {
        "event": event,
        "email": ANA,
        "ts_epoch": EPOCH * 1000,
        "message-id": "<brevo@example.com>",
        "X-Mailin-custom": custom,
        **fields,
    }


def mailersend(event: str, **morph: Any) -> dict[str, Any]:
    email = {"message": {"id": "ms-id"}, "recipient": {"email": ANA}}
    data = {"id": f"ms-{event}", "type": event, "created_at": AT, "email": email, "morph": morph or None}
    return {"type": f"activity.{event}", "data": data}


def mailjet(event: str, **fields: Any) -> dict[str, Any]:
    about = {"event": event, "time": EPOCH, "MessageID": 19421777835146490, "email": ANA}
    return about | {"Payload": f'{{"message_id": "{OUR_ID}"}}', **fields}


def mailtrap(event: str, **fields: Any) -> dict[str, Any]:
    about = {"event": event, "timestamp": EPOCH, "message_id": "mt-id", "event_id": f"mt-{event}", "email": ANA}
    return {"events": [about | {"custom_variables": {"message_id": OUR_ID}, **fields}]}


def mandrill(event: str, **fields: Any) -> list[dict[str, Any]]:
    msg = {"email": ANA, "metadata": {"message_id": OUR_ID}, "state": "sent", "_id": "md-id"}
    return [{"event": event, "ts": EPOCH, "_id": "md-id", "msg": msg, **fields}]


def postal(event: str, **payload: Any) -> dict[str, Any]:
    message = {"id": 17, "token": "abc", "direction": "outgoing", "to": ANA, "tag": None}
    return {
        "event": event,
        "timestamp": float(EPOCH),
        "uuid": f"postal-{event}",
        "payload": {"message": message, **payload},
    }


def sparkpost(event: str, event_class: str = "message_event", **fields: Any) -> list[dict[str, Any]]:
    about = {"type": event, "event_id": f"sp-{event}", "timestamp": str(EPOCH), "raw_rcpt_to": ANA}
    return [
        {"msys": {event_class: about | {"transmission_id": "sp-id", "rcpt_meta": {"message_id": OUR_ID}, **fields}}}
    ]


def unisender_go(status: str, delivery_status: str = "ok") -> dict[str, Any]:
    data = {
        "job_id": "ug-id",
        "metadata": {"message_id": OUR_ID},
        "email": ANA,
        "status": status,
        "event_time": "2026-03-01 12:00:00",
        "delivery_info": {"delivery_status": delivery_status},
    }
    return {
        "events_by_user": [{"user_id": 1, "events": [{"event_name": "transactional_email_status", "event_data": data}]}]
    }


def bounce(kind: str, sub_type: str) -> dict[str, Any]:
    return {"bounce": {"type": kind, "subType": sub_type, "message": "The recipient's server sent a bounce message."}}


_POSTMARK_BOUNCES = {
    "HardBounce": "hard_bounce",
    "BadEmailAddress": "hard_bounce",
    "SoftBounce": "soft_bounce",
    "Transient": "deferred",
    "DnsError": "deferred",
    "AutoResponder": "auto_reply",
    "ChallengeVerification": "auto_reply",
    "SpamNotification": "block",
    "Blocked": "block",
    "DMARCPolicy": "block",
    "Unsubscribe": "unsubscribe",
    "Unknown": "soft_bounce",
    "OpenRelayTest": "unknown",
}

_EXAMPLES: dict[str, list[tuple[str, str, Any]]] = {
    "postmark": [
        *(
            (kind, f"Bounce/{word}", postmark("Bounce", ID=7, Type=word, Details="550 5.1.1 ana@…"))
            for word, kind in _POSTMARK_BOUNCES.items()
        ),
        ("soft_bounce", "Bounce", postmark("Bounce", ID=7, Type="InventedLater")),
        ("complaint", "SpamComplaint", postmark("SpamComplaint", ID=8, Type="SpamComplaint")),
        ("delivered", "Delivery", postmark("Delivery", Details="250 OK")),
        ("opened", "Open", postmark("Open", FirstOpen=True, UserAgent="Mozilla/5.0")),
        ("clicked", "Click", postmark("Click", OriginalLink="https://example.com/a")),
        (
            "unsubscribe",
            "SubscriptionChange/true",
            postmark("SubscriptionChange", SuppressSending=True, SuppressionReason="ManualSuppression"),
        ),
        (
            "hard_bounce",
            "SubscriptionChange/true/HardBounce",
            postmark("SubscriptionChange", SuppressSending=True, SuppressionReason="HardBounce"),
        ),
        (
            "unknown",
            "SubscriptionChange/false",
            postmark("SubscriptionChange", SuppressSending=False, SuppressionReason=None),
        ),
    ],
    "resend": [
        ("accepted", "email.sent", resend("email.sent")),
        ("delivered", "email.delivered", resend("email.delivered")),
        ("deferred", "email.delivery_delayed", resend("email.delivery_delayed")),
        ("complaint", "email.complained", resend("email.complained")),
        ("opened", "email.opened", resend("email.opened")),
        ("clicked", "email.clicked", resend("email.clicked", click={"link": "https://example.com/a"})),
        ("hard_bounce", "email.bounced/Permanent", resend("email.bounced", **bounce("Permanent", "General"))),
        (
            "soft_bounce",
            "email.bounced/Transient",
            resend("email.bounced", **bounce("Transient", "MailboxFull")),
        ),
        (
            "block",
            "email.bounced/Transient/ContentRejected",
            resend("email.bounced", **bounce("Transient", "ContentRejected")),
        ),
        ("soft_bounce", "email.bounced", resend("email.bounced", bounce={"message": "It bounced."})),
        ("block", "email.failed", resend("email.failed", failed={"reason": "reached_daily_quota"})),
        ("unknown", "contact.created", {"type": "contact.created", "created_at": AT, "data": {"id": "c"}}),
    ],
    "amazon_ses": [
        ("hard_bounce", "Bounce/Permanent", ses_bounce("Permanent", "General")),
        ("soft_bounce", "Bounce/Transient", ses_bounce("Transient", "MailboxFull")),
        ("block", "Bounce/Transient/ContentRejected", ses_bounce("Transient", "ContentRejected")),
        ("soft_bounce", "Bounce/Undetermined", ses_bounce("Undetermined", "Undetermined")),
        (
            "complaint",
            "Complaint",
            ses(
                "Complaint",
                complaint={"complaintFeedbackType": "abuse", "complainedRecipients": [{"emailAddress": ANA}]},
            ),
        ),
        (
            "unknown",
            "Complaint/not-spam",
            ses(
                "Complaint",
                complaint={"complaintFeedbackType": "not-spam", "complainedRecipients": [{"emailAddress": ANA}]},
            ),
        ),
        ("delivered", "Delivery", ses("Delivery", delivery={"recipients": [ANA]})),
        ("deferred", "DeliveryDelay", ses("DeliveryDelay", deliveryDelay={"delayType": "MailboxFull"})),
        ("accepted", "Send", ses("Send", send={})),
    ],
    "sendgrid": [
        ("hard_bounce", "bounce/bounce", [sendgrid("bounce", type="bounce", reason="550 ana@…")]),
        ("block", "bounce/blocked", [sendgrid("bounce", type="blocked", reason="554 spam")]),
        ("soft_bounce", "bounce", [sendgrid("bounce", reason="552 5.2.2 full")]),
        ("hard_bounce", "dropped/Bounced Address", [sendgrid("dropped", reason="Bounced Address")]),
        ("unsubscribe", "unsubscribe", [sendgrid("unsubscribe")]),
        ("accepted", "processed", [sendgrid("processed")]),
        ("complaint", "spamreport", [sendgrid("spamreport")]),
    ],
    "mailgun": [
        ("hard_bounce", "failed/permanent/bounce", mailgun("failed", severity="permanent", reason="bounce")),
        ("soft_bounce", "failed/permanent", mailgun("failed", severity="permanent", reason="generic")),
        ("deferred", "failed/temporary", mailgun("failed", severity="temporary", reason="generic")),
        ("complaint", "complained", mailgun("complained")),
        ("delivered", "delivered", mailgun("delivered")),
    ],
    "brevo": [
        ("hard_bounce", "hard_bounce", brevo("hard_bounce", reason="550 unknown user")),
        ("soft_bounce", "soft_bounce", brevo("soft_bounce", reason="452 full")),
        ("block", "blocked", brevo("blocked", reason="blocked")),
        ("opened", "unique_proxy_open", brevo("unique_proxy_open")),
    ],
    "mailersend": [
        ("hard_bounce", "hard_bounced", mailersend("hard_bounced", object="recipient_bounce")),
        ("soft_bounce", "soft_bounced", mailersend("soft_bounced", object="recipient_bounce")),
        ("complaint", "spam_complaint", mailersend("spam_complaint", object="spam_complaint")),
    ],
    "mailjet": [
        ("hard_bounce", "bounce/true", [mailjet("bounce", hard_bounce=True, error="user unknown")]),
        ("soft_bounce", "bounce/false", mailjet("bounce", hard_bounce=False, error="quota exceeded")),
        (
            "block",
            "bounce/false/content blocked",
            [mailjet("bounce", hard_bounce=False, error="content blocked")],
        ),
        ("delivered", "sent", [mailjet("sent", smtp_reply="250 OK")]),
    ],
    "mailtrap": [
        ("hard_bounce", "bounce", mailtrap("bounce", response_code=550)),
        ("deferred", "soft bounce", mailtrap("soft bounce")),
        ("delivered", "delivery", mailtrap("delivery")),
    ],
    "mandrill": [
        ("hard_bounce", "hard_bounce", mandrill("hard_bounce")),
        ("soft_bounce", "soft_bounce", mandrill("soft_bounce")),
        ("complaint", "spam", mandrill("spam")),
    ],
    "postal": [
        ("hard_bounce", "MessageDeliveryFailed/HardFail", postal("MessageDeliveryFailed", status="HardFail")),
        ("deferred", "MessageDelayed", postal("MessageDelayed", status="SoftFail")),
        ("delivered", "MessageSent", postal("MessageSent", status="Sent")),
    ],
    "sparkpost": [
        ("hard_bounce", "bounce/10", sparkpost("bounce", bounce_class="10")),
        ("soft_bounce", "bounce", sparkpost("bounce", bounce_class="22")),
        ("block", "out_of_band/51", sparkpost("out_of_band", bounce_class="51")),
        ("opened", "open", sparkpost("open", "track_event")),
        ("unsubscribe", "list_unsubscribe", sparkpost("list_unsubscribe", "unsubscribe_event")),
    ],
    "unisender_go": [
        ("hard_bounce", "hard_bounced", unisender_go("hard_bounced", "err_user_unknown")),
        ("block", "hard_bounced/err_blacklisted", unisender_go("hard_bounced", "err_blacklisted")),
        ("deferred", "soft_bounced/err_will_retry", unisender_go("soft_bounced", "err_will_retry")),
        ("delivered", "delivered", unisender_go("delivered")),
    ],
}

EXAMPLES = [Example(provider, *one) for provider, examples in _EXAMPLES.items() for one in examples]
