"""What the tallies say, summed up over hours and connections."""

from django.db.models import Sum

from automation.delivery.models import Counted, Tally


def tallied(**fields: object) -> dict[str, int]:
    """What was counted at all, and how often, in the tallies that have these fields."""
    sums = Tally.objects.filter(**fields).aggregate(**{what.value: Sum(what.value, default=0) for what in Counted})
    return {what: number for what, number in sums.items() if number}
