"""How many bounces and complaints it takes, as a table; and that counting them does not hang on how they are told."""

from datetime import timedelta
from itertools import permutations
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from suppression.models import Reason, Scope, Strike, Suppression
from suppression.policy import Addressee, check_many
from suppression.strikes import Offence, Patience, strike
from tests.suppression.factories import ANA, BEN, NOW, make_entry, make_topic

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOFT = Patience(5, DAY, 7 * DAY)


def offence(
    day: float, reason: Reason = Reason.SOFT_BOUNCES, *, address: bytes = ANA, mail: int | None = None
) -> Offence:
    number = int(day * 24) if mail is None else mail
    return Offence(make_entry(address_hash=address, reason=reason), UUID(int=number), NOW + day * DAY)


def tell(*offences: Offence, delivered: float | None = None) -> None:
    strike(offences, {} if delivered is None else {ANA: NOW + delivered * DAY}, at=NOW)


def reasons() -> set[str]:
    return {row.reason for row in Suppression.objects.all()}


@pytest.mark.parametrize(
    ("patience", "days", "is_over"),
    [
        (SOFT, [0, 2, 4, 6, 8], True),
        (SOFT, [0, 1, 2, 3, 7], True),
        (SOFT, [0, 2, 4, 6], False),  # Four.
        (SOFT, [0, 1, 2, 3, 4], False),  # Within less than a week.
        (SOFT, [0, 1, 2, 3, 4, 5, 6], False),
        (SOFT, [0, 1, 2, 3, 4, 5, 6, 7], True),
        (SOFT, [0, 0.5, 1.5, 2, 8], False),  # Two of them too soon after another.
        (SOFT, [0, 0.9, 1.8, 2.7, 3.6, 4.5, 5.4, 6.3, 7.2], True),  # Every other one counts.
        (SOFT, [0, 2, 4, 6, 6.99], False),
        (Patience(1), [0], True),
        (Patience(2), [0], False),
        (Patience(2), [0, 0], True),
        (Patience(0), [0, 2, 4, 6, 8], False),
        (SOFT, [], False),
    ],
)
def test_the_policy(patience: Patience, days: list[float], is_over: bool) -> None:
    moments = [NOW + day * DAY for day in days]

    assert patience.is_over(moments) == is_over
    assert patience.is_over(moments[::-1]) == is_over


@pytest.mark.parametrize("reason", [Reason.HARD_BOUNCE, Reason.COMPLAINT])
def test_one_hard_bounce_or_complaint_is_enough_for_all_mail(reason: Reason) -> None:
    tell(offence(0, reason))

    suppression = Suppression.objects.get()
    assert (suppression.reason, suppression.scope, suppression.topic) == (reason, Scope.ALL, None)
    assert not Strike.objects.exists()


@pytest.mark.parametrize(
    ("reason", "receipts", "offers"),
    [
        (Reason.UNSUBSCRIBED, True, False),
        (Reason.HARD_BOUNCE, False, False),
        (Reason.COMPLAINT, False, False),
    ],
)
def test_transactional_mail_passes_an_unsubscribe_and_nothing_worse(reason, receipts, offers) -> None:
    tell(offence(0, reason))

    addressees = [Addressee(ANA, None), Addressee(ANA, make_topic().pk)]
    assert [verdict.allowed for verdict in check_many(addressees, at=NOW)] == [receipts, offers]


def test_the_fifth_soft_bounce_of_a_week_is_one_too_many() -> None:
    for day in (0, 2, 4, 6):
        tell(offence(day))
        assert not Suppression.objects.exists()

    tell(offence(8))

    suppression = Suppression.objects.get()
    assert (suppression.reason, suppression.scope) == (Reason.SOFT_BOUNCES, Scope.ALL)
    assert suppression.evidence == {"times": 5, "since": NOW.isoformat()}
    assert not Strike.objects.exists()  # Who lifts the suppression begins anew.


def test_a_delivery_forgives_the_bounces_before_it() -> None:
    for day in (0, 2, 4, 6):
        tell(offence(day))
    tell(delivered=7)

    tell(offence(8))

    assert not Suppression.objects.exists()
    assert Strike.objects.get().at == NOW + 8 * DAY


def test_a_delivery_of_before_forgives_nothing_that_came_after() -> None:
    tell(*map(offence, (0, 2, 4, 6, 8)), delivered=-1)

    assert reasons() == {"soft_bounces"}


def test_a_bounce_and_a_later_delivery_may_be_told_together() -> None:
    tell(*map(offence, (0, 2, 4, 6, 8)), delivered=9)

    assert not Suppression.objects.exists()
    assert not Strike.objects.exists()


def test_no_delivery_forgives_a_complaint(settings) -> None:
    settings.SUPPRESS_AFTER = {"complaint": (2, 0, 0)}
    tell(offence(0, Reason.COMPLAINT))
    tell(delivered=1)

    tell(offence(2, Reason.COMPLAINT))

    assert reasons() == {"complaint"}


def test_anothers_deliveries_and_bounces_are_nothing_to_us() -> None:
    tell(*map(offence, (0, 2, 4, 6)))
    strike([offence(8, address=BEN)], {BEN: NOW + 9 * DAY}, at=NOW)

    assert not Suppression.objects.exists()
    assert Strike.objects.count() == 4


@pytest.mark.parametrize("order", list(permutations((0, 2, 4, 6, 8)))[::17])
def test_bounces_may_be_told_in_any_order(order: tuple[int, ...]) -> None:
    for day in order:
        tell(offence(day))

    assert reasons() == {"soft_bounces"}


def test_a_mail_counts_once_however_often_and_with_whatever_times_it_bounces() -> None:
    for day in (8, 2, 4, 6, 0):
        tell(offence(day, mail=1), offence(day, mail=1))

    assert Strike.objects.get().at == NOW
    assert not Suppression.objects.exists()


def test_all_of_it_can_be_set(settings) -> None:
    settings.SUPPRESS_AFTER = {"hard_bounce": (2, 0, 0), "complaint": (0, 0, 0), "soft_bounces": (2, 1, 0)}

    tell(offence(0, Reason.COMPLAINT), offence(0, Reason.HARD_BOUNCE), offence(0), offence(0.01, mail=9))
    assert reasons() == set()
    tell(offence(1, Reason.COMPLAINT), offence(1, Reason.HARD_BOUNCE), offence(1))
    assert reasons() == {"hard_bounce", "soft_bounces"}


@pytest.mark.parametrize("size", [1, 50])
def test_the_number_of_statements_does_not_depend_on_the_batch(size: int) -> None:
    def batch(day: float) -> list[Offence]:
        return [offence(day, address=b"%032d" % number) for number in range(size)]

    for day in (0, 2, 4, 6):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            strike(batch(day), {BEN: NOW}, at=NOW)
        assert len(queries) == 3  # Remember, forgive, look.
    with CaptureQueriesContext(connection) as queries:
        strike(batch(8), {}, at=NOW)
    assert len([one for one in queries if "SAVEPOINT" not in one["sql"]]) == 4  # Remember, look, use up, suppress.
    assert Suppression.objects.count() == size
    with CaptureQueriesContext(connection) as queries:
        strike([], {}, at=NOW)
    assert len(queries) == 0
