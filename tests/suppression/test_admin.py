import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from suppression.models import Reason, Suppression, Topic
from suppression.policy import Addressee, check_many
from tests.suppression.factories import ANA, BEN, NOW, make_consent, make_suppression, make_topic

pytestmark = pytest.mark.django_db
LIST = reverse("admin:suppression_suppression_changelist")
ADD = reverse("admin:suppression_suppression_add")


def form(**values: object) -> dict[str, object]:
    return {"address": "ana@example.com", "scope": "all", "topic": "", "reason": "manual", "note": "", **values}


def found(client: Client, url: str, typed: str) -> list[object]:
    return list(client.get(url, {"q": typed}).context["cl"].queryset)


def test_the_list_is_searched_by_a_whole_address_however_it_is_typed(admin_client: Client) -> None:
    row = make_suppression(address_hash=ANA)
    make_suppression(address_hash=BEN)

    assert found(admin_client, LIST, " Ana@Example.com ") == [row]
    assert found(admin_client, LIST, "eve@example.com") == []
    assert len(found(admin_client, LIST, "")) == 2


def test_a_search_for_part_of_an_address_explains_itself(admin_client: Client) -> None:
    make_suppression()

    response = admin_client.get(LIST, {"q": "ana"})

    assert list(response.context["cl"].queryset) == []
    assert "name@domain" in str(next(iter(get_messages(response.wsgi_request))))


def test_an_address_is_added_by_its_hash(admin_client: Client) -> None:
    response = admin_client.post(ADD, form(address=" Ana@Example.com", note="asked by phone"))

    assert response.status_code == 302
    row = Suppression.objects.get()
    assert (bytes(row.address_hash), row.scope, row.reason) == (ANA, "all", "manual")
    assert (row.source, row.note) == ("admin: admin", "asked by phone")


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"address": "ana@"}, "name@domain"),
        ({"address": "ana\x00@example.com"}, "Null characters"),
        ({"address": ""}, "required"),
        ({"scope": "everything"}, "valid choice"),
        ({"topic": "99999"}, "valid choice"),
    ],
)
def test_what_cannot_be_added_is_said_so(admin_client: Client, values: dict[str, object], complaint: str) -> None:
    response = admin_client.post(ADD, form(**values))

    assert response.status_code == 200
    assert complaint in response.content.decode()
    assert not Suppression.objects.exists()


def test_a_topic_with_the_scope_of_all_mail_is_refused_in_words(admin_client: Client) -> None:
    response = admin_client.post(ADD, form(topic=make_topic().pk))

    assert "A topic is marketing" in response.content.decode()


def test_adding_what_stands_already_is_refused_in_words(admin_client: Client) -> None:
    make_suppression(reason=Reason.MANUAL)

    response = admin_client.post(ADD, form())

    assert "suppressed already" in response.content.decode()


def test_adding_what_has_expired_renews_it(admin_client: Client) -> None:
    expired = make_suppression(reason=Reason.MANUAL, expires_at=NOW.replace(year=2020))

    admin_client.post(ADD, form())

    row = Suppression.objects.get()
    assert (row.pk, row.expires_at) == (expired.pk, None)


def test_a_suppression_can_be_looked_at_but_not_edited(admin_client: Client) -> None:
    row = make_suppression(evidence={"smtp": "550"})
    url = reverse("admin:suppression_suppression_change", args=[row.pk])

    page = admin_client.get(url).content.decode()

    assert ANA.hex() in page
    assert admin_client.post(url, form()).status_code == 403


def test_deleting_lifts_after_a_confirmation(admin_client: Client) -> None:
    row = make_suppression(reason=Reason.MANUAL)
    url = reverse("admin:suppression_suppression_delete", args=[row.pk])

    asked = admin_client.get(url)
    [meanwhile] = check_many([Addressee(ANA, None)], at=NOW)
    admin_client.post(url, {"post": "yes"})

    assert asked.status_code == 200
    assert not meanwhile.allowed
    [after] = check_many([Addressee(ANA, None)], at=NOW)
    assert after.allowed


def test_the_ledger_can_only_be_read(admin_client: Client) -> None:
    line = make_consent(topic=make_topic())
    urls = {name: f"admin:suppression_consent_{name}" for name in ("changelist", "add", "change", "delete")}

    assert found(admin_client, reverse(urls["changelist"]), "ana@example.com") == [line]
    assert admin_client.get(reverse(urls["change"], args=[line.pk])).status_code == 200
    assert admin_client.get(reverse(urls["add"])).status_code == 403
    assert admin_client.post(reverse(urls["delete"], args=[line.pk]), {"post": "yes"}).status_code == 403


def test_a_topic_is_edited_but_keeps_its_key(admin_client: Client) -> None:
    admin_client.post(reverse("admin:suppression_topic_add"), {"key": "offers", "name": "Offers", "description": ""})
    topic = Topic.objects.get()

    url = reverse("admin:suppression_topic_change", args=[topic.pk])
    admin_client.post(url, {"key": "other", "name": "Deals", "description": "", "requires_opt_in": "on"})

    topic.refresh_from_db()
    assert (topic.key, topic.name, topic.requires_opt_in) == ("offers", "Deals", True)


def test_a_topic_in_use_is_not_deleted(admin_client: Client) -> None:
    topic = make_topic()
    make_suppression(topic_id=topic.pk)

    admin_client.post(reverse("admin:suppression_topic_delete", args=[topic.pk]), {"post": "yes"})

    assert Topic.objects.exists()
