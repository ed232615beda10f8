"""Dead letters: what could not be sent and why; and another chance, once one has seen what would come of it."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import CharField, Count, F, Func, Max, Min, QuerySet, Value
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from unfold.decorators import action
from unfold.enums import ActionVariant

from automation.admin import words
from automation.admin.agreement import Agreement, AgreementAdmin
from automation.admin.attempts import error_of
from automation.admin.fields import DurationField
from automation.admin.personal import name_of
from automation.admin.tables import SHOWN, Table, link, when
from automation.core.spans import span
from automation.delivery.foresee import LIMIT, MAX_AGE, Fate, Prospect, foresee
from automation.delivery.models import Message, MessageQuerySet
from automation.delivery.replay import replay

FATES = {Fate.GOES: "It is sent", Fate.WAITS: "It waits", Fate.STAYS: "It is left alone"}
EXAMPLES = 3
CODE = Func(F("reason"), Value(":"), Value(1), function="split_part", output_field=CharField())


class ReplayAgreement(Agreement):
    max_age = DurationField(
        label="Too old is what is over",
        help_text=f"Empty: what its flow allows an event, else {span(MAX_AGE)}.",
    )

    @property
    def age(self) -> timedelta | None:
        return self.cleaned_data.get("max_age") if self.is_bound and not self.errors.get("max_age") else None

    @property
    def terms(self) -> str:  # type: ignore[override]  # Of a form, this is what it depends on.
        return str(self.age)


class DeadLetterAdmin(AgreementAdmin):
    """The part of the messages' pages that is about those that failed."""

    dead_letter_columns = ["made", "to_email", "flow", "why", "tries", "first_error", "last_error", "account"]

    @action(description="Send again", icon="replay", permissions=["replay"], variant=ActionVariant.PRIMARY)
    def send_again(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        message = self.find(request, object_id)
        return self._ask_replay(request, Message.objects.filter(pk=message.pk), ReplayAgreement(), [message.pk])

    @admin.action(description="Send again (failed ones only)", permissions=["replay"])
    def send_selected_again(self, request: HttpRequest, queryset: MessageQuerySet) -> HttpResponseBase | None:
        agreement = ReplayAgreement.of(request)
        if not agreement.is_given:
            return self._ask_replay(request, queryset, agreement)
        queued = replay(queryset, **agreement.cleaned_data)
        self.log_many(request, queued, "To be sent again.")
        if queued:
            self.message_user(request, f"Queued again: {len(queued):,}.", messages.SUCCESS)
        else:
            self.message_user(request, "Nothing was queued: ask again to see why.", messages.WARNING)
        return None

    def _ask_replay(
        self, request: HttpRequest, rows: MessageQuerySet, form: ReplayAgreement, chosen: list[Any] | None = None
    ) -> HttpResponse:
        prospects, asked_at = foresee(rows, max_age=form.age)
        willing = sum(one.fate is not Fate.STAYS for one in prospects)
        text = ["Nothing has been done yet. All is asked once more when you agree, and again as each is sent."]
        if len(prospects) == LIMIT:
            text.append(f"These are the oldest {LIMIT:,}; there may be more.")
        return self.ask(
            request,
            action="send_selected_again",
            title="Send again?",
            text=text,
            tables=[_answers(request, prospects)],
            form=form,
            asked_at=asked_at,
            button=f"Send {willing:,} again" if willing else "",
            again="Ask again",
            chosen=chosen or (),
        )

    @admin.display(description="attempts")
    def tries(self, message: Message) -> str:
        return f"{len(message.attempt_set.all()):,}"  # Prefetched, in order.

    @admin.display(description="first error")
    def first_error(self, message: Message) -> object:
        return error_of(list(message.attempt_set.all())[:1])

    @admin.display(description="last error")
    def last_error(self, message: Message) -> object:
        return error_of(list(message.attempt_set.all())[-1:])


def reasons(rows: QuerySet[Message]) -> Table:
    """Of dead letters: what they died of, how many of each flow and account. One statement, of the newest LIMIT."""
    newest = Message.objects.filter(pk__in=rows.order_by("-due_at").values("pk")[:LIMIT])
    groups = (
        newest.annotate(code=CODE, flow=F("flow_version__flow"), flow_name=F("flow_version__flow__name"))
        .values("code", "flow", "flow_name", "account_id", "account__key")
        .annotate(count=Count("pk"), first=Min("due_at"), last=Max("due_at"))
        .order_by("-count", "code")
    )
    return Table(
        "What they died of",
        ["Why", "Flow", "ESP account", "Messages", "Tried last: oldest", "newest"],
        [
            [
                words.reason(group["code"]) or "-",
                group["flow_name"] or "-",
                group["account__key"],
                _narrowed(group),
                when(group["first"]),
                when(group["last"]),
            ]
            for group in groups[:SHOWN]
        ],
        empty="None.",
    )


def _narrowed(group: Mapping[str, Any]) -> SafeString:
    """How many, with a link to just these."""
    chosen = {"status__exact": "failed", "why": group["code"], "account__id__exact": group["account_id"]}
    if group["flow"]:
        chosen["flow_version__flow__id__exact"] = group["flow"]
    url = f"{reverse('admin:automation_message_changelist')}?{urlencode(chosen)}"
    return format_html('<a class="text-link" href="{}">{}</a>', url, f"{group['count']:,}")


def _answers(request: HttpRequest, prospects: list[Prospect]) -> Table:
    """Summed up by answer, the best first."""
    groups: dict[tuple[Fate, str], list[Message]] = defaultdict(list)
    for message, fate, why in prospects:
        groups[fate, why].append(message)
    order = list(Fate)
    return Table(
        "What would happen now",
        ["Answer", "Messages", "For example"],
        [
            [
                f"{FATES[fate]}: {words.reason(why)}" if why else FATES[fate],
                f"{len(group):,}",
                format_html_join(", ", "{}", ([link(one, name_of(one, request))] for one in group[:EXAMPLES])),
            ]
            for (fate, why), group in sorted(groups.items(), key=lambda item: (order.index(item[0][0]), item[0][1]))
        ],
        empty="None of these has failed, and only failed messages can be sent again.",
    )
