"""Ask to confirm: mail an address the link by which whoever reads it says yes to a topic. The first half of opt-in."""

from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.db import transaction

from automation.core import sql
from automation.core.ids import new_id
from automation.core.lanes import Lane
from automation.core.wake import wake
from automation.delivery.models import DoubleOptIn, Message
from automation.delivery.pinned import template_version
from suppression.address import hash_address, validate
from suppression.confirm import may_ask
from suppression.ledger import Proof
from suppression.links import confirmation_url
from suppression.models import Topic
from suppression.tokens import make_confirmation
from templates_app.languages import choose_language
from templates_app.models import Template
from templates_app.values import Missing, collect

LINK = "confirmation.url"  # The path of the variable that carries it.


class Answer(StrEnum):
    ASKED = "asked"
    ASKED_BEFORE = "asked_before"  # Within a day, for this topic or another. There is no second mail.
    NOT_SET_UP = "not_set_up"  # Nobody has said with which mail, or it cannot carry the link.


@transaction.atomic
def ask_to_confirm(*, address: str, topic: Topic, language: str, proof: Proof, at: datetime) -> Answer:
    """Write the mail as a transactional message, which is asked all questions of any other. Raises InvalidAddress.

    At most one a day and address, however many ask at once. `proof`: how we know that the person wants to be asked;
    it becomes part of the consent.
    """
    message_id, address_hash = new_id(), hash_address(address)
    token = make_confirmation(address_hash=address_hash, topic_id=topic.pk, message_id=message_id)
    facts = {"url": confirmation_url(token=token, public_url=settings.PUBLIC_URL), "topic": topic.name}
    asks = DoubleOptIn.objects.select_related("template", "sender").first()
    if asks is None or asks.template.live_version_id is None:
        return Answer.NOT_SET_UP
    version = template_version(asks.template.live_version_id)
    values = collect(variables=version.variables, facts={"confirmation": facts})
    if isinstance(values, Missing) or facts["url"] not in values.values():
        return Answer.NOT_SET_UP
    if not may_ask(address_hash=address_hash, topic=topic, message_id=message_id, proof=proof, at=at):
        return Answer.ASKED_BEFORE
    row = {
        "id": message_id,
        "dedupe_key": f"confirm:{message_id}",
        "step_key": "",
        "template_version_id": version.pk,
        "language": choose_language(version, language),
        "values": values,
        "to_email": validate(address),
        "sender_id": asks.sender_id,
        "lane": Lane.TRANSACTIONAL.value,
        "account_id": asks.sender.account_id,
        "status": Message.Status.QUEUED.value,
        "reason": "",
        "due_at": at,
        "attempts": 0,
        "fence": 0,
        "call_begun": False,
        "esp_message_id": "",
        "created_at": at,
    }
    sql.insert(Message, [row])
    wake(Lane.TRANSACTIONAL.pump)
    return Answer.ASKED


def why_not(template: Template) -> str:
    """Why nobody could confirm by this template's mail, for whoever chose it. Empty: they can."""
    live = template.live_version
    if live is None:
        return "This template has never been published. Publish it first."
    if LINK not in {variable["path"] for variable in live.variables}:
        return f"This template has no variable with the path {LINK}: nobody could confirm."
    return ""
