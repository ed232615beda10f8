from django.urls import reverse

from suppression.links import unsubscribe_headers, unsubscribe_url
from suppression.tokens import make_token
from tests.suppression.factories import ANA, MESSAGE_ID


def test_a_marketing_mail_says_how_to_leave_by_one_click() -> None:
    headers = unsubscribe_headers(token="t.s", public_url="https://mail.example.com", topic_key="offers")

    assert headers == {
        "List-Unsubscribe": "<https://mail.example.com/u/t.s/>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": "<offers.mail.example.com>",
    }


def test_the_port_is_no_part_of_the_list_id() -> None:
    headers = unsubscribe_headers(token="t.s", public_url="http://127.0.0.1:8000", topic_key="offers")

    assert headers["List-Id"] == "<offers.127.0.0.1>"


def test_the_link_leads_to_the_page() -> None:
    token = make_token(address_hash=ANA, topic_id=7, message_id=MESSAGE_ID)

    url = unsubscribe_url(token=token, public_url="https://mail.example.com")

    assert url == "https://mail.example.com" + reverse("suppression:unsubscribe", args=[token])
