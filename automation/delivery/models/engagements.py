"""What readers, and machines before them, did with mail."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from automation.delivery.machines import Engaged
from automation.delivery.models.messages import Message


class Engagement(models.Model):
    """One open or one click, as the ESP told it, and what speaks for a machine. Gone with its message."""

    id = models.UUIDField(primary_key=True)  # The notice's key: told again, it is the same.
    message = models.ForeignKey(Message, models.CASCADE, db_index=False, related_name="engagement_set")
    is_click = models.BooleanField()
    at = models.DateTimeField()
    url = models.TextField(blank=True)  # May name the person: it goes when the message's values go.
    agent = models.CharField(max_length=500, blank=True)
    flagged = models.BooleanField()  # The ESP says that it was a machine.
    signs = ArrayField(models.CharField(max_length=16))  # Of a machine (delivery/machines.py). None: a person's.

    class Meta:
        # Serves tell_apart, which judges all that is known of a message together, and the message's page.
        indexes = [models.Index(fields=["message"], name="engagement_message")]

    def __str__(self) -> str:
        return f"{'click' if self.is_click else 'open'} by a {'machine' if self.signs else 'person'}"

    @property
    def as_told(self) -> Engaged:
        return Engaged(self.pk, self.is_click, self.at, self.url, self.agent, self.flagged)
