"""PUT and GET /api/v1/contacts/{external_id}/."""

from urllib.parse import quote

import pytest

from automation.models import Contact
from tests.automation.api.service import Service, assert_problem, faults_of
from tests.factories import make_contact

ANA = {
    "email": "ana@example.com",
    "attributes": {"name": "Ana", "plan": {"name": "pro"}},
    "time_zone": "Europe/Lisbon",
    "language": "pt-PT",
    "region": "EU",
}


def test_put_creates_a_contact_and_get_returns_it(service: Service):
    created = service.put("/api/v1/contacts/4711/", ANA)

    assert created.status_code == 201
    assert created.json().items() >= {"external_id": "4711", **ANA}.items()
    found = service.get("/api/v1/contacts/4711/")
    assert found.status_code == 200
    assert found.json() == created.json()


def test_put_again_changes_nothing_and_says_200(service: Service):
    created = service.put("/api/v1/contacts/4711/", ANA).json()

    again = service.put("/api/v1/contacts/4711/", ANA)

    assert again.status_code == 200
    assert {**again.json(), "updated_at": None} == {**created, "updated_at": None}
    assert Contact.objects.count() == 1


def test_what_is_left_out_stays_as_it_is(service: Service):
    service.put("/api/v1/contacts/4711/", ANA)

    changed = service.put("/api/v1/contacts/4711/", {"language": "pt-BR"}).json()

    assert changed.items() >= {**ANA, "language": "pt-BR"}.items()


def test_attributes_are_replaced_as_a_whole(service: Service):
    service.put("/api/v1/contacts/4711/", ANA)

    service.put("/api/v1/contacts/4711/", {"attributes": {"age": 40}})

    assert Contact.objects.get().attributes == {"age": 40}


def test_null_empties_a_field(service: Service):
    service.put("/api/v1/contacts/4711/", ANA)

    emptied = service.put("/api/v1/contacts/4711/", dict.fromkeys(ANA)).json()

    assert emptied.items() >= {**dict.fromkeys(ANA), "attributes": {}}.items()
    contact = Contact.objects.get()
    assert (contact.email, contact.time_zone, contact.language, contact.region) == ("", "", "", "")


def test_an_empty_object_creates_a_contact_of_whom_nothing_is_known(service: Service):
    assert service.put("/api/v1/contacts/4711/", {}).status_code == 201
    assert service.put("/api/v1/contacts/4711/", {}).status_code == 200


def test_a_contact_that_an_event_made_can_be_filled(service: Service):
    make_contact(external_id="4711", email="")

    assert service.put("/api/v1/contacts/4711/", ANA).status_code == 200
    assert Contact.objects.get().email == "ana@example.com"


@pytest.mark.parametrize(
    "external_id", ["a/b", "a b ", "a%2Fb", "é😀", "a?b#c", "a\nb", "batch/", "+1 (2) 3", "x" * 200]
)
def test_an_id_may_hold_any_character(service: Service, external_id):
    path = f"/api/v1/contacts/{quote(external_id, safe='')}/"

    assert service.put(path, ANA).status_code == 201
    assert service.get(path).json()["external_id"] == external_id
    assert Contact.objects.get().external_id == external_id


@pytest.mark.parametrize("quoted", ["%00", "a%00b", "x" * 201])
def test_an_id_that_cannot_be_kept_is_refused(service: Service, quoted):
    for response in (service.put(f"/api/v1/contacts/{quoted}/", ANA), service.get(f"/api/v1/contacts/{quoted}/")):
        assert faults_of(assert_problem(response, 422)) == {"": "bad_external_id"}


def test_a_contact_that_is_not_known_is_a_404(service: Service):
    problem = assert_problem(service.get("/api/v1/contacts/4711/"), 404)

    assert problem["detail"] == "There is no contact with this id."


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("email", "not an address", "not_an_address"),
        ("email", "", "bad_length"),
        ("email", "ana@localhost", "bad_domain"),
        ("email", "ana@example.com\nBcc: ben@example.com", "bad_local_part"),
        ("email", 7, "wrong_type"),
        ("attributes", [], "wrong_type"),
        ("attributes", "{}", "wrong_type"),
        ("time_zone", "Lisbon", "unknown_time_zone"),
        ("time_zone", "../../etc/passwd", "unknown_time_zone"),
        ("time_zone", "europe/lisbon", "unknown_time_zone"),
        ("time_zone", "", "unknown_time_zone"),
        ("time_zone", {}, "unknown_time_zone"),
        ("language", "portuguese", "bad_language"),
        ("language", "pt_BR", "bad_language"),
        ("language", "", "bad_length"),
        ("region", "Europe", "bad_region"),
        ("region", 1, "wrong_type"),
        ("name", "Ana", "unknown_field"),
        ("external_id", "4711", "unknown_field"),
    ],
)
def test_a_field_that_is_not_right_is_pointed_at_and_nothing_is_stored(service: Service, field, value, code):
    response = service.put("/api/v1/contacts/4711/", {**ANA, field: value})

    assert faults_of(assert_problem(response, 422)) == {f"/{field}": code}
    assert not Contact.objects.exists()


@pytest.mark.parametrize(("region", "status"), [("EU", 201), ("US", 422), (None, 201)])
def test_somebody_whose_home_is_elsewhere_is_not_kept_here(service: Service, region, status, settings):
    settings.DEPLOYMENT_REGIONS = ["EU"]

    response = service.put("/api/v1/contacts/4711/", {**ANA, "region": region})

    assert response.status_code == status
    if status == 422:
        assert faults_of(assert_problem(response, 422)) == {"/region": "foreign_region"}
        assert not Contact.objects.exists()


@pytest.mark.parametrize(
    ("field", "given", "kept"),
    [
        ("email", " Ana@EXAMPLE.com ", "Ana@example.com"),
        ("email", "ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("language", "PT-br", "pt-BR"),
        ("language", "ZH-HANT-tw", "zh-Hant-TW"),
        ("language", "de-ch-1996", "de-CH-1996"),
        ("region", "us-ca", "US-CA"),
    ],
)
def test_a_field_is_kept_in_its_one_spelling(service: Service, field, given, kept):
    assert service.put("/api/v1/contacts/4711/", {field: given}).json()[field] == kept


def test_attributes_are_read_as_strictly_as_payloads(service: Service):
    def faults(body):
        return faults_of(service.put("/api/v1/contacts/4711/", body).json())

    assert faults({"attributes": {"a": ["\x00"]}}) == {"/attributes/a/0": "bad_character"}
    assert faults('{"attributes": {"a": 1, "a": 2}}') == {"": "duplicate_key"}
    assert faults({"attributes": {"a": "x" * 70_000}}) == {"": "too_large"}
