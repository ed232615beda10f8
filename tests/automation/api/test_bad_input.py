"""Whatever is posted, the answer is a 2xx or a clear 4xx, and nothing is stored half."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automation.models import Contact, Event
from tests.automation.api.service import Service, an_event, assert_problem, faults_of
from tests.factories import make_event_type


@pytest.fixture(autouse=True)
def order_completed(db):
    return make_event_type(name="OrderCompleted")


def nested(levels: int) -> str:
    return '{"a":' * levels + "1" + "}" * levels


def with_payload(payload: str) -> str:
    return json.dumps(an_event())[:-1] + f', "payload": {payload}}}'


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b" ", id="a space"),
        pytest.param(b"{", id="cut off"),
        pytest.param(b"{'a': 1}", id="single quotes"),
        pytest.param(b'{"a": 1,}', id="a comma too many"),
        pytest.param(b'{"a": 1} {"b": 2}', id="two values"),
        pytest.param(b"\xef\xbb\xbf{}", id="a byte order mark"),
        pytest.param('{"a": 1}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b'{"a": "\xff"}', id="not UTF-8"),
        pytest.param(b'{"\xff": "a"}', id="a key not UTF-8"),
        pytest.param(b'{"a": "\xed\xa0\x80"}', id="a surrogate in UTF-8"),
        pytest.param(b'{"a": "\\ud800"}', id="a lone high surrogate"),
        pytest.param(b'{"a": "\\udc00 x"}', id="a lone low surrogate"),
        pytest.param(b'{"a": "\x00"}', id="a raw NUL"),
        pytest.param(b'{"a": NaN}', id="NaN"),
        pytest.param(b'{"a": -Infinity}', id="Infinity"),
        pytest.param(b'{"a": 01}', id="a leading zero"),
    ],
)
def test_what_is_no_json_is_malformed(service: Service, body):
    problem = assert_problem(service.post("/api/v1/events/", body), 400)

    assert faults_of(problem) == {"": "malformed"}


@pytest.mark.parametrize("body", ["[]", "null", "1", '"text"', "true"])
def test_what_is_no_object_is_no_event(service: Service, body):
    assert faults_of(assert_problem(service.post("/api/v1/events/", body), 422)) == {"": "wrong_type"}


@pytest.mark.parametrize(
    ("payload", "pointer", "code"),
    [
        pytest.param('{"a": "x\\u0000"}', "/payload/a", "bad_character", id="NUL in a text"),
        pytest.param('{"l": [1, {"~/": ["\\u0000"]}]}', "/payload/l/1/~0~1/0", "bad_character", id="NUL in depth"),
        pytest.param('{"a": {"b\\u0000": 1}}', "/payload/a", "bad_key", id="NUL in a key"),
        pytest.param('{"%s": 1}' % ("k" * 201), "/payload", "bad_key", id="a long key"),
        pytest.param('{"a": 9223372036854775808}', "/payload/a", "bad_number", id="a large integer"),
        pytest.param('{"a": -99999999999999999999}', "/payload/a", "bad_number", id="a large negative integer"),
        pytest.param('{"a": [0.5, -1e19]}', "/payload/a/1", "bad_number", id="a large float"),
        pytest.param('{"a": 1e999}', "", "bad_number", id="a very large float"),
        pytest.param('{"a": %s}' % ("9" * 5_000), "", "bad_number", id="a very large integer"),
        pytest.param(nested(32), "/payload" + "/a" * 31, "too_deep", id="33 levels"),
        pytest.param(nested(100_000), "", "too_large", id="100,000 levels"),
        pytest.param(nested(20_000), "", "too_deep", id="20,000 levels"),
        pytest.param('{"a": 1, "a": 2}', "", "duplicate_key", id="a key twice"),
        pytest.param('{"a": 1, "\\u0061": "\\u003a"}', "", "duplicate_key", id="a key twice, in disguise"),
        pytest.param("[]", "/payload", "wrong_type", id="a list"),
        pytest.param("null", "/payload", "wrong_type", id="null"),
        pytest.param('{"a": "%s"}' % ("x" * 262_144), "", "too_large", id="256 KiB"),
    ],
)
def test_json_that_cannot_be_kept_is_refused(service: Service, payload, pointer, code):
    response = service.post("/api/v1/events/", with_payload(payload))

    assert faults_of(assert_problem(response, 413 if code == "too_large" else 422)) == {pointer: code}
    assert not Event.objects.exists()
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    "payload",
    [
        nested(31),
        '{"a": 9223372036854775807, "b": -9223372036854775807, "c": 9.2e18, "d": 1e-400}',
        '{"a": "\\u003a", "b:": ":", "c": "\\\\u0000"}',
        '{"😀": "\\ud83d\\ude00 \\u007f \\u0001"}',
        json.dumps({"k" * 200: ""}),
        json.dumps({"a": "x" * 250_000}),
        json.dumps({"a": [{}] * 50_000}),
    ],
)
def test_what_looks_odd_but_can_be_kept_is_kept(service: Service, payload):
    response = service.post("/api/v1/events/", with_payload(payload))

    assert response.status_code == 202, response.content
    assert Event.objects.get().payload == json.loads(payload)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("event_id", 7, "bad_uuid"),
        ("event_id", "{0f8fad5b-d9cb-469f-a165-70867728950e}", "bad_uuid"),
        ("event_id", None, "bad_uuid"),
        ("event_type", "", "bad_length"),
        ("event_type", "x" * 101, "bad_length"),
        ("event_type", {}, "wrong_type"),
        ("user_id", 4711, "wrong_type"),
        ("user_id", "", "bad_length"),
        ("user_id", "x" * 201, "bad_length"),
        ("timestamp", None, "bad_time"),
        ("timestamp", True, "bad_time"),
        ("timestamp", 1_772_366_400.5, "bad_time"),
        ("timestamp", "now", "bad_time"),
        ("timestamp", "2026-02-30T12:00:00Z", "bad_time"),
        ("timestamp", "2026-03-01T12:00:00", "no_offset"),
        ("timestamp", "2026-03-01", "no_offset"),
        ("timestamp", 1_772_366_400, "out_of_range"),  # Seconds.
        ("timestamp", 1_772_366_400_000_000, "out_of_range"),  # Microseconds.
        ("timestamp", 2**63 - 1, "out_of_range"),
        ("timestamp", -(2**63) + 1, "out_of_range"),
        ("timestamp", "1999-12-31T23:59:59Z", "out_of_range"),
        ("timestamp", "0001-01-01T00:00:00+23:59", "out_of_range"),
        ("timestamp", "9999-12-31T23:59:59-23:59", "out_of_range"),
        ("payload", "{}", "wrong_type"),
        ("metadata", [], "wrong_type"),
    ],
)
def test_a_field_of_the_wrong_kind_is_pointed_at(service: Service, field, value, code):
    response = service.post_event(**{field: value})

    assert faults_of(assert_problem(response, 422)) == {f"/{field}": code}


@pytest.mark.parametrize(("ahead", "status"), [(timedelta(hours=23), 202), (timedelta(hours=25), 422)])
def test_a_clock_may_be_a_day_ahead(service: Service, ahead, status):
    assert service.post_event(timestamp=(timezone.now() + ahead).isoformat()).status_code == status


def test_a_thousand_faults_are_not_all_told(service: Service):
    response = service.post("/api/v1/events/", {f"f{n}": 1 for n in range(1_000)})

    assert len(assert_problem(response, 422)["errors"]) == 20


def test_values_stay_out_of_the_logs(service: Service, order_completed, caplog):
    order_completed.schema = {"properties": {"a": {"type": "integer"}}}
    order_completed.save()

    for event in ({"payload": {"a": "a secret"}}, {"user_id": ["a secret"]}, {"metadata": {"a": "a secret\x00"}}):
        assert_problem(service.post_event(**event), 422)

    assert "secret" not in caplog.text


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=5) | st.dictionaries(st.text(), children, max_size=5),
    max_leaves=20,
)
almost_events = st.fixed_dictionaries(
    {},
    optional={
        "event_id": st.uuids().map(str) | anything,
        "event_type": st.just("OrderCompleted") | anything,
        "user_id": st.text() | anything,
        "timestamp": st.integers() | st.datetimes(timezones=st.timezones()).map(str) | anything,
        "payload": st.dictionaries(st.text(), anything) | anything,
        "metadata": anything,
    },
)
json_texts = st.one_of(almost_events, anything).map(lambda value: json.dumps(value).encode())
almost_json = st.tuples(json_texts, st.integers(0, 500), st.binary(max_size=3)).map(
    lambda cut: cut[0][: cut[1]] + cut[2] + cut[0][cut[1] :]
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=json_texts | almost_json | st.binary())
def test_no_body_whatever_is_a_server_error(service: Service, body):
    """The test client raises what a view does not catch, and what is turned into a 500."""
    single = service.post("/api/v1/events/", body)
    batch = service.post("/api/v1/events/batch/", b'{"events": [' + body + b"]}")
    contact = service.put("/api/v1/contacts/4711/", body)

    assert single.status_code in {200, 202, 400, 409, 422}
    assert batch.status_code in {200, 400, 422}
    assert contact.status_code in {200, 201, 400, 422}
