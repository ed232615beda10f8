"""Uncertain messages: what will settle each, and when; and a person's word on what became of it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django import forms
from django.contrib import admin, messages
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from automation.admin.agreement import Agreement, AgreementAdmin
from automation.admin.personal import name_of, reason_of
from automation.admin.tables import SHOWN, Table, label, link, when
from automation.core.spans import span
from automation.delivery.models import Message, MessageQuerySet
from automation.delivery.outlook import Outlook, outlook
from automation.delivery.reap import GRACE
from automation.delivery.verdict import LIMIT, arrived, did_not_arrive


class VerdictAgreement(Agreement):
    because = forms.CharField(
        label="How do you know?",
        help_text="It is kept with each message. Name no person.",
        max_length=150,
        widget=UnfoldAdminTextInputWidget(),
    )


class Ruling(NamedTuple):
    """One of the two things that a person may say, and how it is asked about."""

    action: str
    title: str
    text: Sequence[str]
    button: str
    rule: Callable[..., list[Message]]
    done: str


ARRIVED = Ruling(
    action="they_arrived",
    title="Did it arrive?",
    text=["It is marked as sent, and nothing more is done about it. If the ESP reports on it after all, that stands."],
    button="Mark as sent",
    rule=arrived,
    done="Marked as sent",
)
DID_NOT_ARRIVE = Ruling(
    action="they_did_not_arrive",
    title="Did it not arrive?",
    text=[
        "Nobody knows for certain: whoever has the first mail after all gets it twice. Look into the ESP's log first.",
        "It is queued again, and all questions are asked anew as it is sent.",
    ],
    button="Send again",
    rule=did_not_arrive,
    done="Queued again",
)


class UncertainAdmin(AgreementAdmin):
    """The part of the messages' pages that is about those of which nobody knows whether the ESP took them."""

    uncertain_columns = ["uncertain_since", "to_email", "flow", "why", "what_settles_it", "account"]

    @action(description="It arrived", icon="mark_email_read", permissions=["replay"])
    def it_arrived(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return self._ask_about_one(request, object_id, ARRIVED)

    @action(description="It did not arrive", icon="replay", permissions=["replay"])
    def it_did_not_arrive(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return self._ask_about_one(request, object_id, DID_NOT_ARRIVE)

    @admin.action(description="They arrived: mark as sent (uncertain ones only)", permissions=["replay"])
    def they_arrived(self, request: HttpRequest, queryset: MessageQuerySet) -> HttpResponseBase | None:
        return self._rule(request, queryset, ARRIVED)

    @admin.action(description="They did not arrive: send again (uncertain ones only)", permissions=["replay"])
    def they_did_not_arrive(self, request: HttpRequest, queryset: MessageQuerySet) -> HttpResponseBase | None:
        return self._rule(request, queryset, DID_NOT_ARRIVE)

    def _ask_about_one(self, request: HttpRequest, object_id: str, ruling: Ruling) -> HttpResponseBase:
        message = self.find(request, object_id)
        return self._ask_ruling(
            request, Message.objects.filter(pk=message.pk), VerdictAgreement(), ruling, [message.pk]
        )

    def _rule(self, request: HttpRequest, rows: MessageQuerySet, ruling: Ruling) -> HttpResponseBase | None:
        agreement = VerdictAgreement.of(request)
        if not agreement.is_given:
            return self._ask_ruling(request, rows, agreement, ruling)
        ruled = ruling.rule(rows, **agreement.cleaned_data)
        self.log_many(request, ruled, f"{ruling.done}: {agreement.cleaned_data['because']}")
        if ruled:
            self.message_user(request, f"{ruling.done}: {len(ruled):,}.", messages.SUCCESS)
        else:
            self.message_user(request, "Nothing was done: meanwhile it has been settled.", messages.WARNING)
        return None

    def _ask_ruling(
        self,
        request: HttpRequest,
        rows: MessageQuerySet,
        form: VerdictAgreement,
        ruling: Ruling,
        chosen: Sequence[Any] = (),
    ) -> HttpResponseBase:
        uncertain = Message.objects.filter(pk__in=rows.values("pk"), status=Message.Status.UNCERTAIN)
        shown = list(uncertain.order_by("pk").annotate(asked_at=Now())[:SHOWN])
        count = uncertain[:LIMIT].count()
        return self.ask(
            request,
            action=ruling.action,
            title=ruling.title,
            text=ruling.text,
            tables=[_shown(request, shown, count)],
            form=form,
            asked_at=shown[0].asked_at if shown else timezone.now(),  # type: ignore[attr-defined]  # Above.
            button=f"{ruling.button}: {count:,}" if count else "",
            chosen=chosen,
        )

    @admin.display(description="uncertain", ordering="uncertain_at")
    def uncertain_since(self, message: Message) -> object:
        return when(message.uncertain_at)

    @admin.display(description="what settles it")
    def what_settles_it(self, message: Message) -> SafeString | str:
        if message.status != Message.Status.UNCERTAIN:
            return "-"
        policy: str | None = message.uncertain_policy  # type: ignore[attr-defined]  # Annotated by MessageAdmin.
        at = timezone.now()
        return _told(outlook(message, provider=message.account.provider, policy=policy, at=at), at)


def _told(ahead: Outlook, at: datetime) -> SafeString:
    if ahead.left:
        what = format_html("{} no report within {}; a late one, or you", label("left", "warning"), span(GRACE))
    elif ahead.resends:
        what = format_html("a report of the ESP; else it is sent again {}", when(ahead.decided_at))
    else:
        what = format_html("a report of the ESP; {} it is left to you", when(ahead.decided_at))
    if ahead.key_until and ahead.key_until > at:
        return format_html(
            "{} (until {}, the ESP recognises a second one)", what, f"{ahead.key_until:%Y-%m-%d %H:%M} UTC"
        )
    return what


def _shown(request: HttpRequest, shown: Sequence[Message], count: int) -> Table:
    return Table(
        "Uncertain messages",
        ["To", "Uncertain", "Why"],
        [[link(one, name_of(one, request)), when(one.uncertain_at), reason_of(one, request)] for one in shown],
        empty="None of these is uncertain any more.",
        note=f"And {count - len(shown):,} more." if count > len(shown) else "",
    )
