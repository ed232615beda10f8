"""Where people must have agreed, and where it is enough that they may leave."""

import pytest

from suppression.models import Consent, RegionRule
from suppression.policy import NO_CONSENT, Addressee, Verdict, check_many
from suppression.regions import PRESETS, apply_preset
from tests.suppression.factories import ANA, NOW, make_consent, make_suppression, make_topic

pytestmark = pytest.mark.django_db


def check(region: str, *, topic_id: int | None) -> Verdict:
    [verdict] = check_many([Addressee(ANA, topic_id, region)], at=NOW)
    return verdict


def test_without_rules_only_topics_say_who_must_have_agreed() -> None:
    assert check("DE", topic_id=make_topic().pk).allowed
    assert not check("US", topic_id=make_topic(requires_opt_in=True).pk).allowed


@pytest.mark.parametrize(
    ("region", "allowed"),
    [("DE", False), ("EU", False), ("GB", False), ("DE-BY", False), ("US", True), ("US-CA", True), ("US-NY", True)],
)
def test_the_presets_ask_for_an_opt_in_where_the_law_does(region: str, allowed: bool) -> None:
    for name in PRESETS:
        apply_preset(name)

    assert check(region, topic_id=make_topic().pk).allowed is allowed


@pytest.mark.parametrize("region", ["", "BR", "BR-SP"])
def test_a_region_that_no_rule_names_needs_an_opt_in_unless_the_rule_for_it_says_otherwise(region: str) -> None:
    topic = make_topic()
    apply_preset("CAN-SPAM")
    strict = check(region, topic_id=topic.pk)
    RegionRule.objects.create(region="", opt_in=False)

    assert strict == Verdict(False, NO_CONSENT)
    assert check(region, topic_id=topic.pk).allowed


def test_a_grant_satisfies_any_region_and_is_named() -> None:
    topic = make_topic()
    apply_preset("GDPR")
    grant = make_consent(topic=topic)

    assert check("FR", topic_id=topic.pk) == Verdict(True, consent_id=grant.pk)


def test_a_grant_is_named_also_where_none_is_needed() -> None:
    topic = make_topic()
    grant = make_consent(topic=topic)

    assert check("", topic_id=topic.pk) == Verdict(True, consent_id=grant.pk)


def test_a_no_that_came_last_is_obeyed_wherever_somebody_lives() -> None:
    topic = make_topic()
    apply_preset("CAN-SPAM")
    no = make_consent(topic=topic, decision=Consent.Decision.WITHDRAWN)

    assert check("US", topic_id=topic.pk) == Verdict(False, NO_CONSENT, consent_id=no.pk)


def test_a_topic_that_requires_an_opt_in_does_so_in_every_region() -> None:
    apply_preset("CAN-SPAM")

    assert not check("US", topic_id=make_topic(requires_opt_in=True).pk).allowed


def test_an_opt_out_region_obeys_opt_outs() -> None:
    apply_preset("CAN-SPAM")
    make_suppression()

    assert check("US", topic_id=make_topic().pk).reason == "unsubscribed"


def test_receipts_need_no_opt_in_anywhere() -> None:
    apply_preset("GDPR")

    assert check("DE", topic_id=None).allowed


def test_a_preset_leaves_other_rules_alone_and_can_be_chosen_twice() -> None:
    RegionRule.objects.create(region="BR", opt_in=True, law="LGPD")

    assert apply_preset("CAN-SPAM") == apply_preset("CAN-SPAM") == 1
    assert set(RegionRule.objects.values_list("region", "law")) == {("BR", "LGPD"), ("US", "CAN-SPAM")}


def test_rules_cost_no_statement_of_their_own(django_assert_num_queries) -> None:
    apply_preset("GDPR")
    topic = make_topic()

    with django_assert_num_queries(1):
        check_many([Addressee(ANA, topic.pk, region) for region in ("DE", "US", "")], at=NOW)
