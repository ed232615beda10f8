import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from suppression.models import Brand, Reason, RegionRule, Suppression, Topic
from suppression.policy import Addressee, check_many
from tests.suppression.factories import ANA, BEN, NOW, make_consent, make_suppression, make_topic

pytestmark = pytest.mark.django_db
LIST = reverse("admin:suppression_suppression_changelist")
NO_TRANSLATIONS = {"translations-TOTAL_FORMS": "0", "translations-INITIAL_FORMS": "0"}
ADD = reverse("admin:suppression_suppression_add")


def form(**values: object) -> dict[str, object]:
    return {"typed": "ana@example.com", "scope": "all", "topic": "", "reason": "manual", "note": "", **values}


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
        ({"typed": "ana@"}, "name@domain"),
        ({"typed": "ana\x00@example.com"}, "Null characters"),
        ({"typed": ""}, "required"),
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
    admin_client.post(
        reverse("admin:suppression_topic_add"),
        {"key": "offers", "name": "Offers", "description": "", **NO_TRANSLATIONS},
    )
    topic = Topic.objects.get()

    url = reverse("admin:suppression_topic_change", args=[topic.pk])
    admin_client.post(
        url, {"key": "other", "name": "Deals", "description": "", "requires_opt_in": "on", **NO_TRANSLATIONS}
    )

    topic.refresh_from_db()
    assert (topic.key, topic.name, topic.requires_opt_in) == ("offers", "Deals", True)


def test_a_topic_in_use_is_not_deleted(admin_client: Client) -> None:
    topic = make_topic()
    make_suppression(topic_id=topic.pk)

    admin_client.post(reverse("admin:suppression_topic_delete", args=[topic.pk]), {"post": "yes"})

    assert Topic.objects.exists()


def test_a_domain_is_added_in_the_clear_and_found_again(admin_client: Client) -> None:
    admin_client.post(ADD, form(typed="@Example.NET"))

    row = Suppression.objects.get()
    assert row.address == "@example.net"
    assert found(admin_client, LIST, "@example.net") == [row]
    [verdict] = check_many([Addressee.of("anybody@example.net", None)], at=NOW)
    assert verdict.reason == "manual"


def test_a_topic_gets_a_name_in_another_language(admin_client: Client) -> None:
    translation = {"language": "de", "name": "Angebote", "description": "", "wording": ""}
    values = {f"translations-0-{name}": value for name, value in translation.items()}
    counts = {"translations-TOTAL_FORMS": "1", "translations-INITIAL_FORMS": "0"}

    admin_client.post(
        reverse("admin:suppression_topic_add"),
        {"key": "offers", "name": "Offers", "is_public": "on", **counts, **values},
    )

    assert Topic.objects.get().translations.get().name == "Angebote"


def test_a_logo_becomes_part_of_the_pages(admin_client: Client) -> None:
    logo = SimpleUploadedFile("logo.png", b"\x89PNG")
    values = {"name": "Shop", "accent": "#1f5fd0", "privacy_url": "", "new_logo": logo}

    admin_client.post(reverse("admin:suppression_brand_add"), values)

    assert Brand.objects.get().logo == "data:image/png;base64,iVBORw=="
    assert admin_client.get(reverse("admin:suppression_brand_add")).status_code == 403  # There is but one.


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"accent": "#12345g"}, "Expected a colour"),
        ({"new_logo": SimpleUploadedFile("logo.svg", b"<svg onload='x'>")}, "A logo is one of png, jpg, jpeg, webp."),
        ({"new_logo": SimpleUploadedFile("logo.png", b"x" * 200_000)}, "larger than"),
    ],
)
def test_what_cannot_be_shown_to_readers_is_refused_in_words(admin_client: Client, values, complaint: str) -> None:
    page = admin_client.post(
        reverse("admin:suppression_brand_add"), {"name": "Shop", "accent": "#1f5fd0", "privacy_url": "", **values}
    )

    assert complaint in page.content.decode()
    assert not Brand.objects.exists()


def test_a_preset_of_a_law_is_one_click_after_a_question(admin_client: Client) -> None:
    url = reverse("admin:suppression_regionrule_changelist")

    page = admin_client.get(reverse("admin:suppression_regionrule_can_spam"))
    nothing_yet = RegionRule.objects.count()
    admin_client.post(reverse("admin:suppression_regionrule_can_spam"), {"_form_submitted": "on"})

    assert page.status_code in {200, 302}
    assert nothing_yet == 0
    assert list(RegionRule.objects.values_list("region", "opt_in")) == [("US", False)]
    assert admin_client.get(url).status_code == 200


def test_a_region_that_no_contact_can_have_is_refused(admin_client: Client) -> None:
    page = admin_client.post(reverse("admin:suppression_regionrule_add"), {"region": "Europe", "opt_in": "on"})

    assert "Write a region as contacts have it" in page.content.decode()
    assert not RegionRule.objects.exists()


def test_the_rule_for_all_other_regions_has_a_name_to_click_on(admin_client: Client) -> None:
    RegionRule.objects.create(region="")

    page = admin_client.get(reverse("admin:suppression_regionrule_changelist")).content.decode()

    assert "elsewhere, or not known" in page
