"""Several keys, domains and aliases: everything under which something may stand is asked for."""

from datetime import timedelta
from uuid import UUID

import pytest

from suppression.address import hash_address, hash_domain, hashes_asked, hashes_of
from suppression.models import Consent, Reason, Rekeyed, Strike, Suppression
from suppression.policy import Addressee, Verdict, check_many
from suppression.rekey import known_addresses, left_behind, rekey
from suppression.strikes import Offence, strike
from suppression.suppress import suppress_many
from suppression.tokens import BadToken, make_token, read_token
from suppression.unsubscribe import unsubscribe
from tests.suppression.factories import MESSAGE_ID, NOW, make_consent, make_entry, make_suppression, make_topic

pytestmark = pytest.mark.django_db
ANA, BEN = "ana@example.com", "ben@example.com"
GMAIL, TAGGED = "anasilva@gmail.com", "ana.silva+shop@googlemail.com"


def check(address: str, *, topic_id: int | None = None) -> Verdict:
    [verdict] = check_many([Addressee.of(address, topic_id)], at=NOW)
    return verdict


def suppress(address: str, **values) -> Suppression:
    return make_suppression(address_hash=hash_address(address), **{"reason": Reason.MANUAL, **values})


@pytest.fixture
def rotate(settings):
    def _rotate() -> None:
        """Replace the key, and keep the old one."""
        old = settings.SUPPRESSION_HASH_KEY_VERSION
        settings.SUPPRESSION_HASH_KEYS_OLD = {
            **settings.SUPPRESSION_HASH_KEYS_OLD,
            str(old): settings.SUPPRESSION_HASH_KEY,
        }
        settings.SUPPRESSION_HASH_KEY, settings.SUPPRESSION_HASH_KEY_VERSION = f"key {old + 1}", old + 1

    return _rotate


def test_a_suppressed_domain_withholds_mail_to_all_its_addresses_and_to_no_other() -> None:
    make_suppression(address_hash=hash_domain("@BÜCHER.example"), reason=Reason.MANUAL, address="@bücher.example")

    assert check("ana@xn--bcher-kva.example").reason == "manual"
    assert check("Ben@bücher.example").reason == "manual"
    assert check("ana@sub.bücher.example").allowed
    assert check("ana@example.com").allowed


def test_what_was_said_under_older_keys_is_obeyed_without_knowing_any_address(rotate) -> None:
    topic = make_topic(requires_opt_in=True)
    suppress(ANA)
    make_consent(address_hash=hash_address(BEN), topic=topic)
    rotate()
    rotate()

    assert check(ANA).reason == "manual"
    assert check(BEN, topic_id=topic.pk).allowed
    assert suppress(BEN).key_version == 3


def test_without_the_old_key_its_opt_outs_are_lost_which_is_why_it_must_be_kept(rotate, settings) -> None:
    suppress(ANA)
    rotate()

    settings.SUPPRESSION_HASH_KEYS_OLD = {}

    assert check(ANA).allowed


def test_any_number_of_keys_costs_one_statement(rotate, django_assert_num_queries) -> None:
    rotate()
    addressees = [Addressee.of(address, None) for address in (ANA, BEN)]

    with django_assert_num_queries(1):
        check_many(addressees, at=NOW)


def test_links_that_went_out_under_an_older_key_still_work(rotate, settings) -> None:
    token, before = make_token(address_hash=hash_address(ANA), topic_id=7, message_id=MESSAGE_ID), hash_address(ANA)
    rotate()

    assert (read_token(token).address_hash, read_token(token).key_version) == (before, 1)
    unsubscribe(token=read_token(token), everything=True, source="t", ip=None, user_agent="", at=NOW)
    assert Suppression.objects.get().key_version == 1
    assert check(ANA, topic_id=make_topic().pk).reason == "unsubscribed"
    settings.SUPPRESSION_HASH_KEYS_OLD = {}
    with pytest.raises(BadToken):
        read_token(token)


def test_rekeying_moves_what_is_known_of_an_address_to_the_current_key(rotate, settings) -> None:
    topic = make_topic(requires_opt_in=True)
    suppress(ANA)
    make_consent(address_hash=hash_address(BEN), topic=topic)
    suppress("carl@example.com")
    make_suppression(address_hash=hash_domain("example.net"), reason=Reason.MANUAL, address="@example.net")
    old = hash_address(ANA)
    rotate()

    moved = rekey([ANA, BEN, ANA, "not an address", *known_addresses()])

    assert moved == 3
    assert left_behind() == {1: 1}  # Carl's: nobody knows the address any more.
    assert bytes(Rekeyed.objects.get(old_hash=old).address_hash) == hash_address(ANA)
    assert check("carl@example.com").reason == "manual"
    settings.SUPPRESSION_HASH_KEYS_OLD = {}
    assert [check(address).reason for address in (ANA, "dora@example.net")] == ["manual", "manual"]
    assert check(BEN, topic_id=topic.pk).allowed


def test_rekeying_twice_changes_nothing(rotate) -> None:
    suppress(ANA)
    rotate()

    assert [rekey([ANA]), rekey([ANA])] == [1, 0]
    assert Suppression.objects.count() == 1


def test_of_an_opt_out_under_both_keys_the_one_that_lasts_longer_stays(rotate) -> None:
    suppress(ANA)
    rotate()
    suppress(ANA, expires_at=NOW.replace(year=2027))

    rekey([ANA])

    assert Suppression.objects.get().expires_at is None


def bounce(day: int, *, address: str = ANA) -> None:
    entry = make_entry(address_hash=hash_address(address), reason=Reason.SOFT_BOUNCES)
    strike([Offence(entry, UUID(int=day), NOW + timedelta(days=day))], {}, at=NOW)


def test_bounces_in_a_row_go_on_counting_under_the_current_key(rotate) -> None:
    for day in (0, 2, 4):
        bounce(day)
    bounce(4, address=BEN)
    rotate()
    bounce(4)  # Told once more, after the key was replaced.

    rekey([ANA])
    bounce(6)
    not_yet = check(ANA).allowed
    bounce(8)

    assert not_yet
    assert check(ANA).reason == "soft_bounces"
    assert Strike.objects.count() == 1  # Ben's, whose address nobody knows. He starts anew.


def test_of_a_bounce_under_both_keys_the_earlier_time_stands(rotate) -> None:
    bounce(0)
    rotate()
    bounce(0)
    Strike.objects.filter(address_hash=hash_address(ANA)).update(at=NOW + timedelta(days=3))

    rekey([ANA])

    assert Strike.objects.get().at == NOW


def test_a_bounce_alone_leaves_no_trace_of_the_older_hash(rotate) -> None:
    bounce(0)
    rotate()

    assert rekey([ANA]) == 0
    assert bytes(Strike.objects.get().address_hash) == hash_address(ANA)
    assert not Rekeyed.objects.exists()


def test_rekeying_is_all_that_may_touch_a_line_of_the_ledger(rotate) -> None:
    line = make_consent(address_hash=hash_address(ANA), topic=make_topic())
    rotate()
    rekey([ANA])

    line.refresh_from_db()
    assert (bytes(line.address_hash), line.key_version) == (hash_address(ANA), 2)
    with pytest.raises(Exception, match="append-only"):
        Consent.objects.update(decision="withdrawn")


def test_spellings_of_one_mailbox_are_different_people_unless_asked_otherwise() -> None:
    suppress(GMAIL)

    assert check(TAGGED).allowed


@pytest.mark.parametrize("spelling", [TAGGED, "a.n.a.silva@gmail.com", GMAIL])
def test_with_aliases_on_what_one_spelling_says_holds_for_all(settings, spelling: str) -> None:
    settings.SUPPRESSION_PROVIDER_ALIASES = "on"
    suppress(TAGGED)

    assert check(spelling).reason == "manual"
    assert check("benno@gmail.com").allowed
    assert check("ana.silva@example.com").allowed


@pytest.mark.parametrize(("written_as", "asked_as"), [("off", "on"), ("on", "obey")])
def test_changing_how_aliases_are_treated_loses_no_opt_out(settings, written_as: str, asked_as: str) -> None:
    settings.SUPPRESSION_PROVIDER_ALIASES = written_as
    suppress(TAGGED)

    settings.SUPPRESSION_PROVIDER_ALIASES = asked_as

    assert check(TAGGED).reason == "manual"


@pytest.mark.parametrize("aliases", ["off", "on", "obey"])
@pytest.mark.parametrize("address", [ANA, GMAIL, TAGGED])
def test_the_hash_that_is_written_is_the_first_that_is_asked_for(settings, rotate, aliases: str, address: str) -> None:
    settings.SUPPRESSION_PROVIDER_ALIASES = aliases
    rotate()

    hashes = hashes_of(address)

    assert hashes[0] == hash_address(address)
    assert len(hashes) == hashes_asked()


@pytest.mark.parametrize(("keep", "kept"), [(False, ""), (True, ANA)])
def test_the_plain_address_is_kept_only_if_the_settings_say_so(settings, keep: bool, kept: str) -> None:
    settings.SUPPRESSION_KEEP_ADDRESS = keep

    [row] = suppress_many([make_entry(address=ANA)], at=NOW)

    assert row.address == kept
