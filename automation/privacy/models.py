"""How far retention has come."""

from django.db import models


class RetentionWalk(models.Model):
    """The one row of it. Past which contact the walk over all of them is, and when it goes on."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    contact_id = models.BigIntegerField(default=0)
    due_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="retention_walk_one_row")]

    def __str__(self) -> str:
        return f"past contact {self.contact_id}"
