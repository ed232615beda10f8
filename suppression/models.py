"""Who must not be mailed, and who agreed to be. No row knows a contact, so each outlives the contact's erasure."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone

from suppression.brand import Brand as Brand
from suppression.confirmation_request import ConfirmationRequest as ConfirmationRequest
from suppression.keys import current_version
from suppression.lists.models import Chunk as Chunk
from suppression.lists.models import ListImport as ListImport
from suppression.regions import RegionRule as RegionRule
from suppression.wording import Wording as Wording
from suppression.words import LANGUAGES


class Topic(models.Model):
    """What a marketing mail is about, in words that its readers would use. Leaving one topic leaves the others."""

    key = models.SlugField(max_length=64, db_index=False, help_text="How flows name this topic. Stays as it is.")
    name = models.CharField(max_length=100, help_text="Shown on the unsubscribe page.")
    description = models.TextField(blank=True, help_text="Shown on the unsubscribe page.")
    requires_opt_in = models.BooleanField(
        "requires opt-in", default=False, help_text="Mail only those whose latest consent to this topic is a grant."
    )
    is_public = models.BooleanField(
        "on the preference page", default=True, db_default=True, help_text="Where people choose what they receive."
    )
    is_shared = models.BooleanField(
        "shares personal data",
        default=False,
        db_default=False,
        help_text="Being on it has personal data sold to or shared with others, as the CCPA means it. A browser that "
        "sends Global Privacy Control leaves it.",
    )
    wording = models.TextField(
        blank=True,
        db_default="",
        help_text="What people agree to, word for word. Empty: “Yes, email me about” and the name. Another wording is "
        "another version in the ledger.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], name="topic_key")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class TopicTranslation(models.Model):
    """A topic in another language, for our pages."""

    topic = models.ForeignKey(Topic, models.CASCADE, related_name="translations")
    language = models.CharField(max_length=8, choices=LANGUAGES)
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)
    wording = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["topic", "language"], name="topic_translation_language")]
        ordering = ["language"]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"


class Scope(models.TextChoices):
    """How far a suppression reaches. Transactional mail passes the first and not the second."""

    MARKETING = "marketing", "marketing mail"
    ALL = "all", "all mail"


class Reason(models.TextChoices):
    UNSUBSCRIBED = "unsubscribed", "unsubscribed"
    HARD_BOUNCE = "hard_bounce", "hard bounce"
    SOFT_BOUNCES = "soft_bounces", "soft bounces in a row"
    COMPLAINT = "complaint", "complaint"
    MANUAL = "manual", "entered by hand"
    IMPORTED = "imported", "imported"
    ERASED = "erased", "asked to be forgotten"


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def standing(self, at: datetime) -> SuppressionQuerySet:
        """Those that have not expired."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=at))


class Suppression(models.Model):
    """One reason not to mail one address. An address may have several, and each is lifted by itself."""

    address_hash = models.BinaryField(max_length=32)  # suppression.address.hash_address, or hash_domain.
    key_version = models.PositiveSmallIntegerField(default=current_version)
    # "@example.com" if it is about a domain. An address only if the settings keep them, and while its contact lives.
    address = models.CharField(max_length=255, blank=True, db_default="")
    # Null: every topic. No index of its own: only deleting a topic would read it.
    topic = models.ForeignKey(Topic, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    scope = models.CharField(max_length=9, choices=Scope, help_text="All mail: receipts and password resets too.")
    reason = models.CharField(max_length=16, choices=Reason)
    source = models.CharField(max_length=200, help_text="Who or what told us: a page, a webhook, a person.")
    evidence = models.JSONField(default=dict, blank=True)
    note = models.TextField(blank=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Empty: never.")
    created_at = models.DateTimeField(default=timezone.now)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        constraints = [
            # Makes suppress_many idempotent, and its prefix serves policy.check_many: a miss reads only this index.
            models.UniqueConstraint(
                fields=["address_hash", "topic", "scope", "reason"], nulls_distinct=False, name="suppression_once"
            ),
            models.CheckConstraint(
                condition=Q(topic=None) | Q(scope=Scope.MARKETING),
                name="suppression_topic_is_marketing",
                violation_error_message="A topic is marketing: choose that scope, or no topic.",
            ),
        ]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: no {self.topic or self.get_scope_display()}"


class Strike(models.Model):
    """A bounce or complaint that counts against an address, though it was not enough to suppress it (strikes.py)."""

    # suppression.address.hash_address. Older keys are not asked: `rekey` moves it.
    address_hash = models.BinaryField(max_length=32)
    reason = models.CharField(max_length=16, choices=Reason)
    mail = models.UUIDField()  # What bounced. However often that is told, and with whatever times, it counts once.
    at = models.DateTimeField()

    class Meta:
        constraints = [
            # Makes strikes count once, and its prefix serves all that strikes.py asks.
            models.UniqueConstraint(fields=["address_hash", "reason", "mail"], name="strike_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}, {self.at:%Y-%m-%d}"


class ConsentQuerySet(models.QuerySet["Consent"]):
    def latest_of(self, address_hash: bytes, topic_id: int | None) -> Consent | None:
        """The last word of an address on a topic, or with None on anything at all."""
        words = self.filter(address_hash=address_hash)
        if topic_id is not None:
            words = words.filter(Q(topic=topic_id) | Q(topic=None))
        return words.order_by("-at", "-id").first()


class Rekeyed(models.Model):
    """Where a hash has gone whose rows were moved to the current key, for links that still carry it."""

    old_hash = models.BinaryField(max_length=32, primary_key=True)
    address_hash = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return bytes(self.old_hash).hex()[:12]


class Consent(models.Model):
    """A line of the ledger: this address said yes or no to this topic, then and there.

    The database refuses to change or delete a line (see the trigger of the migrations), but for the erasure of personal
    data in a transaction that first says `SET LOCAL signalpost.erasing = 'on'`, and but for its hash in one that says
    `SET LOCAL signalpost.rekeying = 'on'`.
    """

    class Decision(models.TextChoices):
        GRANTED = "granted", "granted"
        WITHDRAWN = "withdrawn", "withdrawn"

    address_hash = models.BinaryField(max_length=32)  # suppression.address.hash_address
    key_version = models.PositiveSmallIntegerField(default=current_version)
    topic = models.ForeignKey(Topic, models.PROTECT, null=True, related_name="+", db_index=False)  # Null: every topic.
    decision = models.CharField(max_length=9, choices=Decision)
    purpose = models.CharField(max_length=200, blank=True)
    wording_version = models.CharField(max_length=64, blank=True)  # suppression.wording.Wording, if it was ours.
    source = models.CharField(max_length=200)
    ip = models.GenericIPAddressField("IP address", null=True)
    user_agent = models.CharField(max_length=500, blank=True)
    proof = models.JSONField(default=dict)
    at = models.DateTimeField()  # When the person decided, which for an import is long before it is stored.

    objects = ConsentQuerySet.as_manager()

    class Meta:
        constraints = [
            # A yes is specific (GDPR art. 4 (11)); only a no may cover everything.
            models.CheckConstraint(condition=Q(decision="withdrawn") | Q(topic__isnull=False), name="consent_specific"),
        ]
        indexes = [
            # Serves latest_of(), and policy.check_many without a look at the table.
            models.Index(fields=["address_hash"], include=["topic", "at", "id", "decision"], name="consent_address"),
        ]
        verbose_name_plural = "consent"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_decision_display()}: {self.topic or 'all marketing mail'}"
