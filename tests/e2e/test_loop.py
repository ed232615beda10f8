"""The whole loop, on real processes: an event comes in, a mail goes out, what the ESP reports comes back."""

import uuid

from tests.outside import wait_until


def test_an_event_becomes_a_mail_and_its_delivery_is_known(outside):
    outside.put_contact("ana", "ana@example.com", attributes={"name": "Ana"})

    answer = outside.post_event("OrderCompleted", "ana", {"order_id": "o-1", "total": 61.4})

    assert answer.status_code == 202
    [line] = wait_until(lambda: outside.accepted("ana@"), what="a mail in the journal")
    assert line["subject"] == "Your order o-1"
    wait_until(lambda: outside.messages("ana@") == [("delivered", "")], what="the delivery webhook")
    assert outside.rows("SELECT id::text FROM automation_message WHERE to_email = 'ana@example.com'") == [
        (line["our_id"],)
    ]


def test_the_same_event_posted_again_mails_once(outside):
    outside.put_contact("bea", "bea@example.com")
    event_id = str(uuid.uuid4())
    payload = {"order_id": "o-2", "total": 5}

    answers = [
        outside.post_event("OrderCompleted", "bea", payload, event_id=event_id, timestamp="2026-01-02T03:04:05Z")
        for _ in range(5)
    ]
    other = outside.post_event(
        "OrderCompleted", "bea", {"order_id": "o-3", "total": 5}, event_id=event_id, timestamp="2026-01-02T03:04:05Z"
    )

    assert [answer.status_code for answer in answers] == [202, 200, 200, 200, 200]
    assert other.status_code == 409
    wait_until(lambda: outside.messages("bea@") == [("delivered", "")])
    assert len(outside.accepted("bea@")) == 1


def test_a_hard_bounce_suppresses_and_the_next_mail_is_withheld_with_its_reason(outside):
    outside.put_contact("carla", "bounce-carla@example.com")
    outside.post_event("OrderCompleted", "carla", {"order_id": "o-4", "total": 5})
    wait_until(lambda: outside.messages("bounce-carla@") == [("bounced", "hard_bounce")], what="the bounce")

    outside.post_event("OrderCompleted", "carla", {"order_id": "o-5", "total": 5})

    wait_until(lambda: ("withheld", "hard_bounce") in outside.messages("bounce-carla@"), what="the withheld mail")
    assert len(outside.accepted("bounce-carla@")) == 1
    assert outside.rows("SELECT count(*) FROM automation_event e JOIN automation_eventtype t ON t.id = e.event_type_id"
                        " JOIN automation_contact c ON c.id = e.contact_id"
                        " WHERE t.name = 'email.bounced' AND c.external_id = 'carla'") == [(1,)]  # fmt: skip


def test_one_click_unsubscribe_stops_the_topic_and_a_get_does_not(outside):
    outside.put_contact("dora", "dora@example.com")
    outside.post_event("CartAbandoned", "dora", {"cart_id": "c-1", "total": 80, "items": []})
    [line] = wait_until(lambda: outside.accepted("dora@"), what="the first reminder")
    link = outside.unsubscribe_link(line["esp_id"])

    assert outside.http.get(link, timeout=5).status_code == 200
    outside.post_event("CartAbandoned", "dora", {"cart_id": "c-2", "total": 80, "items": []})
    wait_until(lambda: len(outside.accepted("dora@")) == 2, what="the reminder after a mere GET")
    one_click = outside.http.post(link, data={"List-Unsubscribe": "One-Click"}, allow_redirects=False, timeout=5)
    outside.post_event("CartAbandoned", "dora", {"cart_id": "c-3", "total": 80, "items": []})

    assert one_click.status_code == 200
    wait_until(lambda: ("withheld", "unsubscribed") in outside.messages("dora@"), what="the withheld reminder")
    assert len(outside.accepted("dora@")) == 2


def test_an_answer_that_was_cut_off_is_settled_by_the_webhook(outside):
    outside.put_contact("eva", "eva@example.com")
    outside.set_mode(fail="cut_after_accept", count=1)

    outside.post_event("OrderCompleted", "eva", {"order_id": "o-6", "total": 5})

    wait_until(lambda: outside.messages("eva@")[:1] and outside.messages("eva@")[0][0] == "delivered")
    assert len(outside.accepted("eva@")) == 1


def test_a_cart_below_the_entry_rule_mails_nobody_and_the_event_says_why(outside):
    outside.put_contact("fay", "fay@example.com")

    answer = outside.post_event("CartAbandoned", "fay", {"cart_id": "c-9", "total": 49.99})

    event_id = answer.json()["event_id"]
    [(decisions,)] = wait_until(
        lambda: outside.rows("SELECT decisions FROM automation_event WHERE id = %s AND status = 'decided'", event_id)
    )
    assert decisions[0]["verdict"] == "rule_false"
    assert decisions[0]["seen"]["seen"] == 49.99
    assert outside.messages("fay@") == []
