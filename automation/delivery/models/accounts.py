"""Through whom mail goes: accounts at ESPs, sender identities, and the routes between them."""

from __future__ import annotations

from django.core.validators import MinValueValidator, URLValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from automation.core.keys import key_validator
from automation.core.lanes import Lane
from automation.delivery.providers import Provider
from automation.flows.fields import brake_field
from suppression.regions import region_validator


class EspAccountQuerySet(models.QuerySet["EspAccount"]):
    def with_due(self, lane: Lane) -> models.query.RawQuerySet[EspAccount]:
        """Accounts that may send and have something to send in this lane now. One statement."""
        return self.raw(_WITH_DUE, [lane.value])

    def stopped(self) -> EspAccountQuerySet:
        """Those that may not send now: paused, or their breaker is open."""
        return self.filter(~Q(status=EspAccount.Status.ACTIVE) | Q(open_until__gt=Now())).order_by("pk")


# Statuses stand in the text and not in parameters: only so can a plan that PostgreSQL keeps use the partial index. The
# first due message is looked up by it for each account: as an EXISTS it would be a join, which reads a million of them.
_WITH_DUE = """
SELECT * FROM automation_espaccount AS account
WHERE status = 'active' AND (open_until IS NULL OR open_until <= statement_timestamp()) AND (
    SELECT TRUE FROM automation_message
    WHERE account_id = account.id AND lane = %s AND status = 'queued' AND due_at <= statement_timestamp()
    ORDER BY due_at
    LIMIT 1
)
ORDER BY key
"""


class EspAccount(models.Model):
    """One account at one email service provider, with its pace. Its secrets stay in the environment."""

    class Status(models.TextChoices):
        ACTIVE = "active", "active"
        PAUSED = "paused", "paused: its messages stay queued"

    key = models.CharField(max_length=64, validators=[key_validator], help_text="Part of the webhook URL.")
    provider = models.CharField(max_length=32, choices=Provider)
    settings_env = models.CharField(
        max_length=100, help_text="The environment variable that holds this account's settings, as a JSON object."
    )
    api_url = models.CharField(
        max_length=200,
        blank=True,
        validators=[URLValidator(schemes=["https", "http"])],
        help_text="Empty: the provider's own.",
    )
    region = models.CharField(
        max_length=16,
        blank=True,
        db_default="",
        default="",
        validators=[region_validator],
        help_text="Only for contacts in this region, since its ESP keeps mails there. Empty: for all.",
    )
    status = models.CharField(max_length=8, choices=Status, default=Status.ACTIVE)
    paused_reason = models.TextField(blank=True)
    paused_by = models.CharField(max_length=150, blank=True, db_default="", default="")  # A user name, or what did it.
    paused_at = models.DateTimeField(null=True, blank=True)
    rate_limit = models.FloatField(default=10.0, validators=[MinValueValidator(0.01)], help_text="Mails a second.")
    burst = models.PositiveIntegerField(default=20, validators=[MinValueValidator(1)], help_text="Mails at once.")
    concurrency = models.PositiveSmallIntegerField(
        default=8, validators=[MinValueValidator(1)], help_text="Calls under way at once in one worker process."
    )
    max_attempts = models.PositiveSmallIntegerField(default=8, validators=[MinValueValidator(1)])
    backoff_ms = models.PositiveIntegerField(
        default=2_000, validators=[MinValueValidator(1)], help_text="First pause between attempts; doubles each time."
    )
    batch_calls = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Hand over many mails with one call, where the provider can. Cheaper, but a lost answer leaves all"
        " of them uncertain.",
    )
    # The circuit breaker (delivery/breaker.py): no call before `open_until`. Then one at a time, until one works.
    open_until = models.DateTimeField(null=True, blank=True, editable=False)
    trips = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)  # In a row; 0: closed.
    trip_reason = models.CharField(max_length=200, blank=True, default="", db_default="", editable=False)
    # The brakes (delivery/brake.py), in percent of a day's mail, for each sending domain. Null: none.
    brakes_from = models.DateTimeField(null=True, editable=False)  # They heed no hour that began earlier.
    max_error_percent = brake_field(50.0, "Errors")
    max_bounce_percent = brake_field(5.0, "Hard bounces")
    max_block_percent = brake_field(10.0, "Blocks")
    max_complaint_percent = brake_field(0.3, "Complaints")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = EspAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="esp_account_key"),
            models.CheckConstraint(condition=Q(rate_limit__gt=0), name="esp_account_rate_limit_positive"),
        ]
        ordering = ["key"]
        verbose_name = "ESP account"

    def __str__(self) -> str:
        return self.key

    @property
    def homes(self) -> list[str]:
        """The regions whose contacts it may mail, as core/residency.py reads them."""
        return [self.region] if self.region else []


class SenderIdentityQuerySet(models.QuerySet["SenderIdentity"]):
    def of_domain(self, domain: str) -> SenderIdentityQuerySet:
        return self.filter(email__iendswith=f"@{domain}")


class SenderIdentity(models.Model):
    """Who a mail is from, and through which account it goes."""

    key = models.CharField(max_length=64, validators=[key_validator])
    name = models.CharField(max_length=120, blank=True, help_text="Shown as the sender.")
    email = models.EmailField(max_length=254)
    reply_to = models.EmailField(max_length=254, blank=True)
    postal_address = models.TextField(blank=True, help_text="The law asks for it in marketing mail.")
    account = models.ForeignKey(EspAccount, models.PROTECT, related_name="senders")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = SenderIdentityQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], name="sender_identity_key")]
        ordering = ["key"]
        verbose_name_plural = "sender identities"

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>" if self.name else self.email

    @property
    def domain(self) -> str:
        """The sending domain, in small letters: what mailbox providers judge, and what warm-up plans are for."""
        return domain_of(self.email)


def domain_of(email: str) -> str:
    return email.rpartition("@")[2].lower()


# The same in SQL, of the table `sender`.
SENDER_DOMAIN = "lower(substring(sender.email FROM '[^@]*$'))"


class Route(models.Model):
    """Mail that fits goes through this account. The first route that fits and whose account can send is taken."""

    position = models.PositiveSmallIntegerField(default=0, help_text="Lower is asked first.")
    lane = models.CharField(max_length=16, choices=Lane, blank=True, help_text="Empty: any.")
    topic = models.ForeignKey("suppression.Topic", models.CASCADE, null=True, blank=True, related_name="+")
    sender = models.ForeignKey(SenderIdentity, models.CASCADE, null=True, blank=True, related_name="routes")
    region = models.CharField(
        max_length=16, blank=True, validators=[region_validator], help_text="The contact's region. Empty: any."
    )
    account = models.ForeignKey(EspAccount, models.PROTECT, related_name="routes")

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        """“Bulk mail about Offers from the sender club to contacts in EU goes through main.”"""
        criteria = [
            f"{self.lane} mail" if self.lane else "mail",
            f"about {self.topic.name}" if self.topic else "",
            f"from the sender {self.sender.key}" if self.sender else "",
            f"to contacts in {self.region}" if self.region else "",
        ]
        words = " ".join(filter(None, criteria))
        words = "all mail" if words == "mail" else words
        return f"{words[0].upper()}{words[1:]} goes through {self.account.key}."
