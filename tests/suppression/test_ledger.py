"""What an address says of itself, in which order, and what of it holds."""

from datetime import timedelta

import pytest

from suppression.ledger import Agreement, Known, Proof, agree, leave
from suppression.models import Consent, Reason, Suppression, Topic
from suppression.policy import Addressee, Verdict, check_many
from suppression.wording import Wording
from tests.suppression.factories import ANA, NOW, make_suppression, make_topic

pytestmark = pytest.mark.django_db
PROOF = Proof(source="test", ip="192.0.2.7", user_agent="a browser", details={"form": "footer"})


def check(topic: Topic) -> Verdict:
    [verdict] = check_many([Addressee(ANA, topic.pk)], at=NOW + timedelta(days=9))
    return verdict


def say_yes(*topics: Topic, wording: str = "", days: int = 1) -> None:
    agreements = [Agreement(topic=topic, wording=wording, purpose="news") for topic in topics]
    agree(who=Known(ANA, 1), agreements=agreements, proof=PROOF, at=NOW + timedelta(days=days))


def test_a_grant_names_its_words_its_purpose_and_how_we_know() -> None:
    topic = make_topic(requires_opt_in=True)

    say_yes(topic, wording="Yes, send me offers.")

    line = Consent.objects.get()
    assert (line.decision, line.topic, line.purpose, line.source) == ("granted", topic, "news", "test")
    assert (line.ip, line.user_agent, line.proof) == ("192.0.2.7", "a browser", {"form": "footer"})
    assert Wording.objects.get(version=line.wording_version).text == "Yes, send me offers."
    assert check(topic) == Verdict(True, consent_id=line.pk)


def test_saying_yes_twice_is_one_line() -> None:
    topic = make_topic()

    say_yes(topic)
    say_yes(topic, days=2)

    assert Consent.objects.count() == 1


def test_another_wording_is_another_version_and_the_same_one_is_not() -> None:
    one, two, three = make_topic(), make_topic(), make_topic()

    say_yes(one, two, wording="Yes.")
    say_yes(three, wording="Yes, please.")

    assert Wording.objects.count() == 2
    assert len({line.wording_version for line in Consent.objects.all()}) == 2


def test_who_comes_back_to_one_topic_after_leaving_everything_has_still_left_the_others() -> None:
    one, other = make_topic(), make_topic()
    leave(who=Known(ANA, 1), topic=None, proof=PROOF, at=NOW)

    say_yes(one)

    later = make_topic()
    assert check(one).allowed
    assert [check(topic).allowed for topic in (other, later)] == [False, False]


def test_so_has_who_left_everything_by_a_link_of_the_esp() -> None:
    one, other = make_topic(), make_topic()
    make_suppression(source="webhook postmark")  # No line in the ledger.

    say_yes(one)

    assert check(one).allowed
    assert not check(other).allowed


@pytest.mark.parametrize("reason", [Reason.HARD_BOUNCE, Reason.COMPLAINT, Reason.MANUAL, Reason.ERASED])
def test_a_yes_lifts_only_what_the_address_itself_has_said(reason: Reason) -> None:
    topic = make_topic()
    make_suppression(reason=reason)

    say_yes(topic)

    assert check(topic).reason == reason


def test_a_yes_to_nothing_lifts_nothing() -> None:
    make_suppression()

    say_yes()

    assert Suppression.objects.count() == 1
    assert not Consent.objects.exists()


def test_leaving_one_topic_leaves_the_others_alone() -> None:
    left, kept = make_topic(requires_opt_in=True), make_topic(requires_opt_in=True)
    say_yes(left, kept)

    leave(who=Known(ANA, 1), topic=left, proof=PROOF, at=NOW + timedelta(days=2))

    assert not check(left).allowed
    assert check(kept).allowed
