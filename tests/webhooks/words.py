"""The words of the dialects' tables that `payloads.EXAMPLES` leaves out, each in a payload of its ESP."""

from typing import Any

from tests.webhooks.payloads import (
    Example,
    bounce,
    brevo,
    mailersend,
    mailgun,
    mailjet,
    mailtrap,
    mandrill,
    postal,
    postmark,
    resend,
    sendgrid,
    ses,
    ses_bounce,
    sparkpost,
    unisender_go,
)

SPARKPOST_CLASSES = {
    "1": "soft_bounce", "10": "hard_bounce", "20": "soft_bounce", "21": "soft_bounce", "22": "soft_bounce",
    "23": "soft_bounce", "24": "soft_bounce", "25": "block", "30": "hard_bounce", "40": "soft_bounce", "50": "block",
    "51": "block", "52": "block", "53": "block", "54": "block", "60": "auto_reply", "70": "soft_bounce",
    "80": "unknown", "90": "unsubscribe", "100": "auto_reply",
}  # fmt: skip


def _original(event: str, **payload: Any) -> dict[str, Any]:
    """Postal tells of some things with the message as it was."""
    told = postal(event, **payload)
    told["payload"]["original_message"] = told["payload"].pop("message")
    return told


def _subscription(unsubscribe_all: bool) -> dict[str, Any]:
    preferences = {"unsubscribeAll": unsubscribe_all, "topicSubscriptionStatus": []}
    return ses("Subscription", subscription={"source": "UnsubscribeHeader", "newTopicPreferences": preferences})


_WORDS: dict[str, list[tuple[str, str, Any]]] = {
    "amazon_ses": [
        ("unsubscribe", "Bounce/Permanent/UnsubscribedRecipient", ses_bounce("Permanent", "UnsubscribedRecipient")),
        ("hard_bounce", "Bounce/Permanent", ses_bounce("Permanent", "OnAccountSuppressionList")),
        ("block", "Bounce/Transient/MessageTooLarge", ses_bounce("Transient", "MessageTooLarge")),
        ("block", "Bounce/Transient/AttachmentRejected", ses_bounce("Transient", "AttachmentRejected")),
        ("block", "Reject", ses("Reject", reject={"reason": "Bad content"})),
        (
            "block",
            "Rendering Failure",
            ses("Rendering Failure", failure={"errorMessage": "Missing", "templateName": "t"}),
        ),
        ("opened", "Open", ses("Open", open={"userAgent": "Mozilla/5.0 (X11)", "timestamp": "2026-03-01T12:00:00Z"})),
        ("clicked", "Click", ses("Click", click={"userAgent": "Mozilla/5.0 (X11)", "link": "https://example.com/a"})),
        ("unsubscribe", "Subscription/true", _subscription(unsubscribe_all=True)),
        ("unknown", "Subscription", _subscription(unsubscribe_all=False)),
    ],
    "brevo": [
        ("accepted", "request", brevo("request")),
        ("delivered", "delivered", brevo("delivered")),
        ("deferred", "deferred", brevo("deferred", reason="greylisted")),
        ("hard_bounce", "invalid_email", brevo("invalid_email")),
        ("complaint", "spam", brevo("spam")),
        ("unsubscribe", "unsubscribed", brevo("unsubscribed")),
        ("block", "error", brevo("error", reason="internal")),
        ("clicked", "click", brevo("click", link="https://example.com/a")),
    ],
    "mailersend": [
        ("accepted", "sent", mailersend("sent")),
        ("delivered", "delivered", mailersend("delivered")),
        ("deferred", "deferred", mailersend("deferred")),
        ("opened", "opened", mailersend("opened", object="open", ip="192.0.2.1")),
        ("clicked", "clicked", mailersend("clicked", object="click", url="https://example.com/a")),
        ("unsubscribe", "unsubscribed", mailersend("unsubscribed", object="recipient_unsubscribe")),
    ],
    "mailgun": [
        *(
            (kind, f"failed/permanent/{reason}", mailgun("failed", severity="permanent", reason=reason))
            for reason, kind in {
                "delayed-bounce": "hard_bounce",
                "suppress-bounce": "hard_bounce",
                "suppress-complaint": "complaint",
                "suppress-unsubscribe": "unsubscribe",
                "espblock": "block",
            }.items()
        ),
        ("soft_bounce", "failed/permanent", mailgun("failed", severity="permanent", reason="old")),
        ("block", "rejected", mailgun("rejected", reject={"reason": "Sandbox subdomains are for test purposes only."})),
        ("opened", "opened", mailgun("opened", **{"client-info": {"user-agent": "Mozilla/5.0 (X11)"}})),
        ("clicked", "clicked", mailgun("clicked", url="https://example.com/a")),
        ("unsubscribe", "unsubscribed", mailgun("unsubscribed")),
    ],
    "mailjet": [
        ("deferred", "bounce/false/greylisted", [mailjet("bounce", hard_bounce=False, error="greylisted")]),
        ("block", "bounce/false/sender blocked", [mailjet("bounce", hard_bounce=False, error="sender blocked")]),
        ("block", "bounce/false/policy issue", [mailjet("bounce", hard_bounce=False, error="policy issue")]),
        ("block", "blocked", [mailjet("blocked", error_related_to="recipient", error="preblocked")]),
        ("complaint", "spam", [mailjet("spam", source="JMRPP")]),
        ("unsubscribe", "unsub", [mailjet("unsub", mj_list_id=0, ip="192.0.2.1")]),
        ("opened", "open", [mailjet("open", agent="Mozilla/5.0 (X11)")]),
        ("clicked", "click", [mailjet("click", url="https://example.com/a")]),
    ],
    "mailtrap": [
        ("opened", "open", mailtrap("open", user_agent="Mozilla/5.0 (X11)")),
        ("clicked", "click", mailtrap("click", url="https://example.com/a")),
        ("complaint", "spam", mailtrap("spam")),
        ("unsubscribe", "unsubscribe", mailtrap("unsubscribe")),
        ("block", "reject", mailtrap("reject", reason="spam")),
        ("deferred", "suspension", mailtrap("suspension")),
    ],
    "mandrill": [
        ("accepted", "send", mandrill("send")),
        ("delivered", "delivered", mandrill("delivered")),
        ("deferred", "deferral", mandrill("deferral")),
        ("block", "reject", mandrill("reject")),
        ("opened", "open", mandrill("open", user_agent="Mozilla/5.0 (X11)")),
        ("clicked", "click", mandrill("click", url="https://example.com/a")),
        ("unsubscribe", "unsub", mandrill("unsub")),
    ],
    "postal": [
        ("hard_bounce", "MessageDeliveryFailed", postal("MessageDeliveryFailed", details="Rejected")),
        ("accepted", "MessageHeld", postal("MessageHeld", status="Held")),
        ("soft_bounce", "MessageBounced", _original("MessageBounced", bounce={"id": 18})),
        ("opened", "MessageLoaded", postal("MessageLoaded", user_agent="Mozilla/5.0 (X11)", ip_address="192.0.2.1")),
        ("clicked", "MessageLinkClicked", postal("MessageLinkClicked", url="https://example.com/a", token="x")),
    ],
    "postmark": [
        *(
            (kind, f"Bounce/{word}", postmark("Bounce", ID=7, Type=word))
            for word, kind in {
                "AddressChange": "auto_reply",
                "VirusNotification": "block",
                "ManuallyDeactivated": "block",
                "Unconfirmed": "block",
                "SMTPApiError": "block",
                "TemplateRenderingFailed": "block",
                "SpamComplaint": "complaint",
                "Subscribe": "unknown",
                "InboundError": "unknown",
            }.items()
        ),
        (
            "complaint",
            "SubscriptionChange/true/SpamComplaint",
            postmark("SubscriptionChange", SuppressSending=True, SuppressionReason="SpamComplaint"),
        ),
    ],
    "resend": [
        (
            "block",
            "email.bounced/Transient/MessageTooLarge",
            resend("email.bounced", **bounce("Transient", "MessageTooLarge")),
        ),
        (
            "block",
            "email.bounced/Transient/AttachmentRejected",
            resend("email.bounced", **bounce("Transient", "AttachmentRejected")),
        ),
        (
            "soft_bounce",
            "email.bounced/Undetermined",
            resend("email.bounced", **bounce("Undetermined", "Undetermined")),
        ),
        ("hard_bounce", "email.suppressed", resend("email.suppressed")),
        ("accepted", "email.scheduled", resend("email.scheduled")),
    ],
    "sendgrid": [
        ("hard_bounce", "dropped/Invalid", [sendgrid("dropped", reason="Invalid")]),
        ("complaint", "dropped/Spam Reporting Address", [sendgrid("dropped", reason="Spam Reporting Address")]),
        ("unsubscribe", "dropped/Unsubscribed Address", [sendgrid("dropped", reason="Unsubscribed Address")]),
        ("block", "dropped", [sendgrid("dropped", reason="Recipient List over Package Quota")]),
        ("deferred", "deferred", [sendgrid("deferred", response="400 try again later", attempt="5")]),
        ("delivered", "delivered", [sendgrid("delivered", response="250 OK")]),
        ("opened", "open", [sendgrid("open", useragent="Mozilla/5.0 (X11)", ip="192.0.2.1")]),
        ("clicked", "click", [sendgrid("click", url="https://example.com/a")]),
        ("unsubscribe", "group_unsubscribe", [sendgrid("group_unsubscribe", asm_group_id=10)]),
    ],
    "sparkpost": [
        *(
            (kind, event if kind == "soft_bounce" else f"{event}/{number}", sparkpost(event, bounce_class=number))
            for event in ("bounce", "out_of_band")
            for number, kind in SPARKPOST_CLASSES.items()
        ),
        ("accepted", "injection", sparkpost("injection")),
        ("delivered", "delivery", sparkpost("delivery")),
        ("deferred", "delay", sparkpost("delay", bounce_class="70", reason="452")),
        ("complaint", "spam_complaint", sparkpost("spam_complaint", fbtype="abuse")),
        ("block", "policy_rejection", sparkpost("policy_rejection")),
        ("block", "generation_failure", sparkpost("generation_failure", "gen_event")),
        ("clicked", "click", sparkpost("click", "track_event", target_link_url="https://example.com/a")),
        ("unsubscribe", "link_unsubscribe", sparkpost("link_unsubscribe", "unsubscribe_event")),
    ],
    "unisender_go": [
        *(
            (kind, f"hard_bounced/{word}", unisender_go("hard_bounced", word))
            for word, kind in {
                "err_spam_rejected": "block",
                "err_spam_skipped": "block",
                "err_too_large": "block",
                "err_unsubscribed": "unsubscribe",
            }.items()
        ),
        ("soft_bounce", "soft_bounced", unisender_go("soft_bounced", "err_mailbox_full")),
        ("accepted", "sent", unisender_go("sent")),
        ("opened", "opened", unisender_go("opened")),
        ("clicked", "clicked", unisender_go("clicked")),
        ("unsubscribe", "unsubscribed", unisender_go("unsubscribed")),
        ("complaint", "spam", unisender_go("spam")),
    ],
}

WORDS = [Example(provider, *one) for provider, examples in _WORDS.items() for one in examples]
