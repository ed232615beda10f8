"""The page that says why, and why not."""

from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from automation.enrollments.react import react_to_due_events
from automation.models import Contact, EspAccount, Flow, Message
from tests.automation.admin.pages import press, url
from tests.factories import make_contact, make_event, make_live_flow, make_message


def why_url(contact):
    return reverse("admin:automation_contact_why", args=[contact.pk])


def test_it_shows_each_check_with_what_was_seen(admin_client: Client):
    rule = {"field": "event.payload.total", "op": "gte", "value": 50}
    flow = make_live_flow(entry_rule=rule)
    contact = make_contact()
    make_event(flow.trigger, contact, payload={"total": 20})
    react_to_due_events()

    page = admin_client.get(why_url(contact), {"flow": flow.pk}).content.decode()

    assert "the entry rule says no" in page
    assert "(was 20)" in page


def test_without_a_flow_it_asks_for_one(admin_client: Client):
    flow, contact = make_live_flow(), make_contact()

    page = admin_client.get(why_url(contact))

    assert page.status_code == 200
    assert flow.name in page.content.decode()
    assert admin_client.get(url(Contact, "change", contact.pk)).content.decode().count("/why") >= 1


def test_nobody_else_may_look(client: Client, db: None):
    client.force_login(User.objects.create(username="viewer", is_staff=True))

    assert client.get(why_url(make_contact())).status_code == 403


def test_it_names_the_accounts_that_must_not_mail_somebody_from_there(admin_client: Client):
    flow, contact = make_live_flow(), make_contact(region="US")
    EspAccount.objects.update(key="europe", region="EU")

    page = admin_client.get(why_url(contact), {"flow": flow.pk}).content.decode()

    assert "the contact&#x27;s region is not to be mailed by europe" in page


def test_from_a_mail_it_is_asked_of_its_contact_and_flow(admin_client: Client):
    flow, contact = make_live_flow(), make_contact()
    message = make_message(contact=contact, flow_version=flow.live_version)

    response = press(admin_client, message, "ask_why")

    assert response.url == f"{why_url(contact)}?flow={flow.pk}"
    assert admin_client.get(response.url).context["flow"] == flow


def test_a_mail_of_no_flow_is_not_asked_about(admin_client: Client):
    message = make_message(contact=make_contact())

    assert "Why, or why not?" not in admin_client.get(url(Message, "change", message.pk)).content.decode()
    assert press(admin_client, message, "ask_why").url == url(Message, "change", message.pk)


def test_from_a_flow_one_says_of_whom(admin_client: Client):
    flow, contact = make_live_flow(), make_contact(external_id="u-1")

    found = press(admin_client, flow, "ask_why", contact="u-1")
    unknown = press(admin_client, flow, "ask_why", contact="nobody")

    assert found.url == f"{why_url(contact)}?flow={flow.pk}"
    assert "No such contact is known." in unknown.content.decode()


def test_who_may_not_look_at_contacts_is_not_offered_it(client: Client, db: None):
    flow = make_live_flow()
    viewer = User.objects.create(username="viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_flow"))
    client.force_login(viewer)

    assert "Why, or why not?" not in client.get(url(Flow, "change", flow.pk)).content.decode()
    assert press(client, flow, "ask_why", contact="u-1").status_code == 403
