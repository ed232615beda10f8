"""The admin's sidebar and tabs, in the words of the people who use it."""

from django.http import HttpRequest
from django.urls import reverse, reverse_lazy

HOME = {"title": "Overview", "icon": "monitoring", "link": reverse_lazy("admin:index")}
GROUPS: list[tuple[str, list[tuple[str, str, str]]]] = [
    (
        "Marketing",
        [
            ("Flows", "account_tree", "automation.flow"),
            ("Templates", "draft", "templates_app.template"),
            ("Blocks", "widgets", "templates_app.block"),
            ("Topics", "topic", "suppression.topic"),
            ("Contacts", "group", "automation.contact"),
            ("Segments", "groups", "automation.segment"),
            ("Frequency caps", "speed", "automation.frequencycap"),
            ("House rules", "rule_settings", "automation.houserules"),
        ],
    ),
    (
        "What happened",
        [
            ("Messages", "mail", "automation.message"),
            ("Times of schedules", "event_repeat", "automation.occurrence"),
            ("Enrollments", "directions_walk", "automation.enrollment"),
            ("Events", "bolt", "automation.event"),
            ("Suppression list", "do_not_disturb_on", "suppression.suppression"),
            ("Consent", "verified_user", "suppression.consent"),
            ("Imported lists", "upload_file", "suppression.listimport"),
            ("From the ESPs", "inbox", "webhooks.inboxevent"),
        ],
    ),
    (
        "Set-up",
        [
            ("Event types", "data_object", "automation.eventtype"),
            ("Senders", "alternate_email", "automation.senderidentity"),
            ("ESP accounts", "outgoing_mail", "automation.espaccount"),
            ("Routes", "alt_route", "automation.route"),
            ("Warm-ups", "local_fire_department", "automation.warmupplan"),
            ("Regions", "public", "suppression.regionrule"),
            ("Readers' pages", "palette", "suppression.brand"),
            ("Double opt-in", "mark_email_read", "automation.doubleoptin"),
            ("API keys", "key", "automation.apikey"),
            ("Schedules", "schedule", "django_celery_beat.periodictask"),
            ("Users", "person", "auth.user"),
            ("Groups", "groups", "auth.group"),
        ],
    ),
]
# Of the messages, the lists that ask something of a person, by the status that their address names.
LISTS = {"": "All messages", "failed": "Dead letters", "uncertain": "Uncertain", "held": "Held"}


def navigation(request: HttpRequest) -> list[dict[str, object]]:
    """What unfold shows: of each group, the lists that this person may look at."""
    groups: list[dict[str, object]] = [{"items": [HOME]}]
    return groups + [{"title": title, "items": [_item(request, *item) for item in items]} for title, items in GROUPS]


def may_look(request: HttpRequest, model: str) -> bool:
    app, name = model.split(".")
    return request.user.has_perm(f"{app}.view_{name}") or request.user.has_perm(f"{app}.change_{name}")


def _item(request: HttpRequest, title: str, icon: str, model: str) -> dict[str, object]:
    link = reverse(f"admin:{model.replace('.', '_')}_changelist")
    allowed = may_look(request, model)
    return {"title": title, "icon": icon, "link": link, "permission": lambda _: allowed}


def tabs(request: HttpRequest) -> list[dict[str, object]]:
    """What unfold shows above the list of messages."""
    link, shown = reverse("admin:automation_message_changelist"), request.GET.get("status__exact", "")
    items = [
        {"title": title, "link": f"{link}?status__exact={status}" if status else link, "active": status == shown}
        for status, title in LISTS.items()
    ]
    return [{"models": ["automation.message"], "items": items}]
