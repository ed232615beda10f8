"""What goes out: messages, and each attempt to hand one to an ESP."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from automation.contacts.models import Contact
from automation.core.ids import new_id
from automation.core.lanes import Lane
from automation.delivery.hours import HAS_QUIET_HOURS, HOUSE
from automation.delivery.models.accounts import EspAccount, SenderIdentity
from automation.delivery.models.caps import CAPS
from automation.delivery.outcomes import Outcome
from automation.flows.models import FlowVersion

# What a frequency cap counts: the ESP has it, or may have it.
COUNTED = ("sending", "uncertain", "sent", "delivered", "bounced", "complained")


class MessageQuerySet(models.QuerySet["Message"]):
    def lock_due(self, account: EspAccount, lane: Lane, at: datetime, limit: int) -> models.query.RawQuerySet[Message]:
        """What the deliver pump may claim for this account and lane, oldest first; what others hold is skipped.

        With the little of other tables that a claim needs: `flow_status`, `topic_key`, the sender, `warms_up`, whether
        the account has an unfinished warm-up plan, and what `hours_of` and `caps_of` read. A contact's zone is looked
        up only where some hours ask for it, and its `region` only where regions have rules or homes.
        """
        has_homes = bool(account.region or settings.DEPLOYMENT_REGIONS)
        return self.raw(_LOCK_DUE, [account.pk, has_homes, account.pk, lane.value, at, limit])

    def lease_expired(self) -> MessageQuerySet:
        """Claimed by a worker that has not reported back in time, wherever a webhook may have moved them meanwhile.

        With their `flow_id`. Leases are measured by the database's clock alone.
        """
        expired = self.filter(lease_until__lt=Now()).order_by("lease_until")
        return expired.annotate(flow_id=F("flow_version__flow_id"))


# As text, since having Django compile it costs more than all the rest of a small claim; and as the status is no
# parameter, PostgreSQL can keep a plan that uses the partial index.
_LOCK_DUE = f"""
SELECT m.id, m.account_id, m.lane, m.contact_id, m.to_email, m.topic_id, m.template_version_id, m.language, m.values,
       m.due_at, m.attempts, m.fence, m.first_tried_at, m.uncertain_at, m.resent_at, m.capped_at,
       flow.status AS flow_status, topic.key AS topic_key,
       sender.name AS sender_name, sender.email AS sender_email, sender.reply_to AS sender_reply_to,
       sender.postal_address AS sender_postal_address,
       EXISTS (SELECT FROM automation_warmupplan WHERE account_id = %s AND status <> 'done') AS warms_up,
       version.send_when::text AS send_when, {HOUSE} AS house, {CAPS} AS caps,
       CASE WHEN version.send_when IS NOT NULL OR (m.lane <> 'transactional' AND {HAS_QUIET_HOURS}) THEN (
           SELECT time_zone FROM automation_contact WHERE id = m.contact_id
       ) END AS contact_zone,
       CASE WHEN %s OR (m.topic_id IS NOT NULL AND EXISTS (SELECT FROM suppression_regionrule)) THEN (
           SELECT region FROM automation_contact WHERE id = m.contact_id
       ) END AS region
FROM automation_message AS m
JOIN automation_senderidentity AS sender ON sender.id = m.sender_id
LEFT JOIN automation_flowversion AS version ON version.id = m.flow_version_id
LEFT JOIN automation_flow AS flow ON flow.id = version.flow_id
LEFT JOIN suppression_topic AS topic ON topic.id = m.topic_id
WHERE m.account_id = %s AND m.lane = %s AND m.status = 'queued' AND m.due_at <= %s
ORDER BY m.due_at
LIMIT %s
FOR NO KEY UPDATE OF m SKIP LOCKED
"""  # noqa: S608


class Message(models.Model):
    """One email to one address: its template version, its values, and how far it has come.

    States: (held →) queued → sending → sent → delivered / bounced / complained, or → failed (we could not),
    withheld (we chose not to), uncertain (nobody can say whether the ESP took it; see promise P3).
    """

    class Status(models.TextChoices):
        HELD = "held", "held: waits for its account's warm-up"
        QUEUED = "queued", "queued"
        SENDING = "sending", "being handed to the ESP"
        UNCERTAIN = "uncertain", "uncertain: the ESP may have taken it"
        SENT = "sent", "sent: accepted by the ESP"
        DELIVERED = "delivered", "delivered"
        BOUNCED = "bounced", "bounced"
        COMPLAINED = "complained", "complained about"
        WITHHELD = "withheld", "withheld: we chose not to send it"
        FAILED = "failed", "failed: we could not send it"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)  # Travels in the ESP's metadata.
    # "<enrollment>:<step>:<visit>": this and nothing else decides that a step mails once.
    # Collation C, so that the index also finds the messages of one enrollment by prefix.
    dedupe_key = models.CharField(max_length=200, db_collation="C")
    # No constraint and no index: retention deletes enrollments and messages apart, and dedupe_key finds them.
    enrollment = models.ForeignKey(
        "automation.Enrollment", models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    step_key = models.CharField(max_length=64, blank=True)
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="messages")
    flow_version = models.ForeignKey(FlowVersion, models.PROTECT, null=True, db_index=False, related_name="+")
    template_version = models.ForeignKey(
        "templates_app.TemplateVersion", models.PROTECT, db_index=False, related_name="+"
    )
    language = models.CharField(max_length=35, blank=True)
    values = models.JSONField(default=dict)  # Of the declared variables only; with the version, it is the mail.
    to_email = models.CharField(max_length=254, blank=True)
    sender = models.ForeignKey(SenderIdentity, models.PROTECT, db_index=False, related_name="+")
    topic = models.ForeignKey("suppression.Topic", models.PROTECT, null=True, db_index=False, related_name="+")
    # The last word of its address on its topic as it was claimed: what allowed it, where an opt-in is needed.
    # No constraint: the ledger may have to forget a line.
    consent = models.ForeignKey(
        "suppression.Consent", models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    lane = models.CharField(max_length=16, choices=Lane)
    account = models.ForeignKey(EspAccount, models.PROTECT, db_index=False, related_name="+")

    status = models.CharField(max_length=12, choices=Status, default=Status.QUEUED)
    reason = models.CharField(max_length=200, blank=True)  # Why withheld, failed or uncertain: a code, then words.
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Set by claim. Null once somebody has written the attempt down, or said that there was none.
    lease_until = models.DateTimeField(null=True)
    # Grows with every claim. Whoever settles must show the number that it claimed with.
    fence = models.PositiveIntegerField(default=0)
    # Which life of Redis keeps the begin mark of this claim (delivery/marks.py); null: the row itself keeps it, below.
    marks_epoch = models.BigIntegerField(null=True)
    call_begun = models.BooleanField(default=False)
    # The claim may be handed over with others, by one call, and then no key of the message's own guards it.
    in_batch = models.BooleanField(default=False, db_default=False)
    esp_message_id = models.CharField(max_length=255, blank=True)

    created_at = models.DateTimeField(default=timezone.now)
    capped_at = models.DateTimeField(null=True)  # Since when a frequency cap holds it up.
    # The contact's, kept while the message is held: of those, the most engaged go first.
    engaged_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    # Since when it has been tried in vain, through no fault of its own; replay begins anew.
    first_tried_at = models.DateTimeField(null=True)
    uncertain_at = models.DateTimeField(null=True)  # Since when an attempt's outcome is unknown.
    # When it was queued again, by a person or its flow's policy, although an attempt of before may have arrived.
    resent_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    clicked_at = models.DateTimeField(null=True)
    # By a person, as far as can be told (delivery/tell_apart.py); the two above are anybody's, machines' too.
    human_opened_at = models.DateTimeField("opened by a person", null=True)
    human_clicked_at = models.DateTimeField("clicked by a person", null=True)
    bounced_at = models.DateTimeField(null=True)
    complained_at = models.DateTimeField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dedupe_key"], name="message_dedupe_key")]
        indexes = [
            # Serves MessageQuerySet.lock_due(), the deliver pump, and EspAccountQuerySet.with_due().
            models.Index(fields=["account", "lane", "due_at"], condition=Q(status="queued"), name="message_due"),
            # Serves the release of what a warm-up holds (warmup/release.py), and its count in the admin. Covering, so
            # that a million messages of a paused flow are passed over without fetching them.
            models.Index(
                "account",
                "sender",
                "lane",
                F("engaged_at").desc(nulls_last=True),
                "created_at",
                include=["flow_version", "id"],
                condition=Q(status="held"),
                name="message_held",
            ),
            # Serves engage(), which moves a contact's held messages up.
            models.Index(fields=["contact"], condition=Q(status="held"), name="message_held_contact"),
            # Serves MessageQuerySet.lease_expired(), the reaper. By the lease and not by the status: a webhook may have
            # moved the message on while its worker still holds it.
            models.Index(fields=["lease_until"], condition=Q(lease_until__isnull=False), name="message_lease"),
            # Serves the grace period of uncertain messages, and their list in the admin.
            models.Index(fields=["uncertain_at"], condition=Q(status="uncertain"), name="message_uncertain"),
            # Serves the list of dead letters in the admin.
            models.Index(fields=["due_at"], condition=Q(status="failed"), name="message_failed"),
            # Serves the frequency caps (delivery/caps.py): what a contact was sent of late.
            models.Index(
                fields=["contact", "claimed_at"],
                condition=Q(topic__isnull=False, status__in=COUNTED),
                name="message_counted",
            ),
            # Serves webhooks that carry only the ESP's own id.
            models.Index(fields=["esp_message_id"], condition=~Q(esp_message_id=""), name="message_esp_id"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def reason_code(self) -> str:
        """Without the words that follow, which are others' (an ESP's, say) and may name the address."""
        return self.reason.partition(":")[0]

    @property
    def unknown_since(self) -> datetime | None:
        """Since when the ESP may have it from an attempt of before, whatever comes of the next."""
        return self.uncertain_at or self.resent_at


class Attempt(models.Model):
    """One try to hand one message to an ESP, and what came of it. Written when it is settled."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="attempt_set")
    number = models.PositiveSmallIntegerField()
    account = models.ForeignKey(EspAccount, models.PROTECT, db_index=False, related_name="+")
    outcome = models.CharField(max_length=12, choices=[(o.value, o.value) for o in Outcome])
    status_code = models.PositiveSmallIntegerField(null=True)
    detail = models.CharField(max_length=500, blank=True)  # The ESP's words, shortened, without addresses.
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()

    class Meta:
        ordering = ["message", "number"]

    def __str__(self) -> str:
        return f"attempt {self.number}: {self.outcome}"
