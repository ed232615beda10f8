"""The page of a published version: what runs, in words."""

from datetime import timedelta

import pytest

from automation.flows.models import FlowVersion, Step
from tests.automation.admin.pages import url
from tests.factories import make_event_type, make_live_flow, send, wait

pytestmark = pytest.mark.django_db


def test_a_version_says_what_ends_it_and_what_becomes_of_late_mail(admin_client):
    bought = make_event_type(name="OrderCompleted")
    left = {"field": "contact.attributes.plan", "op": "eq", "value": "none"}
    flow = make_live_flow(
        goal_event=bought, exit_rule=left, late_policy="skip", late_after=timedelta(hours=6), rollout_percent=20.0
    )

    settings, _ = admin_client.get(url(FlowVersion, "change", flow.live_version_id)).context["tables"]

    said = {name: str(words) for name, words in settings.rows}
    assert (said["Goal"], said["Rollout"]) == ("OrderCompleted", "20 %")
    assert "contact.attributes.plan" in said["Reason to stop"]
    assert said["Mail after a wait that ends late"] == "pass it over if it is later than due by 6 hours"


def test_a_version_is_read_in_the_order_in_which_it_runs(admin_client):
    flow = make_live_flow(
        send(key="zz"),
        {"kind": "branch", "key": "m", "rule": {"field": "contact.region", "op": "eq", "value": "EU"}, "else_key": "a"},
        {**wait(hours=3), "key": "b"},
        send(key="a"),
    )

    table = admin_client.get(url(FlowVersion, "change", flow.live_version_id)).context["tables"][1]

    assert [(row[0], row[3]) for row in table.rows] == [
        ("zz (first)", "m"),
        ("m", "b, else a"),
        ("b", "a"),
        ("a", "the end"),
    ]
    assert "contact.region is “EU”" in table.rows[1][2]
    assert table.rows[2][2] == "wait 3 hours"
    assert Step.objects.filter(key="zz").get().template.name in table.rows[0][2]
