import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from templates_app.models import Block, Template, TemplateVersion
from templates_app.publish import publish
from tests.templates_app.factories import make_template, make_version

pytestmark = pytest.mark.django_db
ADD = reverse("admin:templates_app_template_add")


def url(name, row):
    return reverse(f"admin:templates_app_{name}", args=[row.pk])


def form(*, variants=(), variables=(), **fields):
    """What the browser would send: rows without an id are new."""
    sent = {"name": "Welcome", "key": "welcome", "description": "", "format": "html", **fields}
    for prefix, rows in (("variants", variants), ("variables", variables), ("versions", ())):
        sent |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
        for number, row in enumerate(rows):
            sent |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return sent


def told(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_a_template_is_written_as_rows(admin_client):
    response = admin_client.post(
        ADD,
        form(
            variants=[{"language": "", "subject": "Hi {{ name }}", "preheader": "", "html": "<p>x</p>", "text": ""}],
            variables=[
                {
                    "name": "name",
                    "path": "contact.attributes.name",
                    "missing": "default",
                    "default": "you",
                    "sample": "Ana",
                },
                {
                    "name": "items",
                    "path": "event.payload.items",
                    "missing": "skip",
                    "default": "",
                    "sample": '[{"a": 1}]',
                },
            ],
        ),
    )

    assert response.status_code == 302, response.context["errors"]
    template = Template.objects.get()
    assert [str(variant) for variant in template.variants.all()] == ["default"]
    assert {v.name: (v.default, v.sample) for v in template.variables.all()} == {
        "name": ("you", "Ana"),
        "items": (None, [{"a": 1}]),
    }


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ({"variants": [{"language": "portuguese!", "subject": "x", "html": "x"}]}, "language code such as"),
        ({"variants": [{"language": "", "subject": "x", "html": "x"}] * 2}, "duplicate data for language"),
        ({"variables": [{"name": "1st", "path": "a.b", "missing": "skip"}]}, "begin with a letter"),
        ({"variables": [{"name": "a", "path": "total", "missing": "skip"}]}, "Write a path such as"),
        ({"variables": [{"name": "a", "path": "a.b", "missing": "skip", "sample": "\0"}]}, "null character"),
    ],
)
def test_rows_that_make_no_sense_are_explained(admin_client, rows, complaint):
    good = {"variants": [{"language": "", "subject": "x", "html": "x"}]}

    response = admin_client.post(ADD, form(**{**good, **rows}))

    assert response.status_code == 200
    assert complaint in response.content.decode()
    assert not Template.objects.exists()


def test_the_forms_and_lists_are_shown(admin_client):
    template = make_template(names="name", languages={"pt": {}})
    version = publish(template=template)
    block = Block.objects.create(key="foot", name="Foot", source="x")

    for address in (
        ADD,
        reverse("admin:templates_app_template_changelist"),
        reverse("admin:templates_app_templateversion_changelist"),
        reverse("admin:templates_app_block_changelist"),
        url("template_change", template),
        url("templateversion_change", version),
        url("block_change", block),
    ):
        assert admin_client.get(address).status_code == 200, address


def test_the_list_of_templates_costs_the_same_however_long_it_is(admin_client):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(reverse("admin:templates_app_template_changelist"))
        return len(captured)

    def make_live():
        template = make_template()
        template.live_version = make_version(template)
        template.save()

    make_live()
    queries()
    one = queries()
    make_live()
    make_live()

    assert queries() == one


def test_a_draft_is_previewed_in_a_frame_that_can_do_nothing(admin_client):
    template = make_template(subject="Hi {{ name }}", html="<p>{{ name }}</p>", names="name")
    template.variables.update(sample='"><script>alert(1)</script>')

    page = admin_client.get(url("template_preview_and_publish", template)).content.decode()

    assert page.count('sandbox=""') == 2
    assert "<script>alert(1)</script>" not in page
    assert "&amp;lt;script&amp;gt;" in page
    assert "There is no link to" in page


def test_what_is_wrong_is_said_where_it_is(admin_client):
    template = make_template(html="<p>\n{{ nam }}</p>")

    page = admin_client.get(url("template_preview_and_publish", template)).content.decode()

    assert "default, html, line 2: “nam” is not declared as a variable." in page
    assert "<iframe" not in page
    assert ">Publish<" not in page


def test_the_draft_that_was_seen_is_published(admin_client, admin_user):
    template = make_template()
    address = url("template_preview_and_publish", template)
    seen = admin_client.get(address).context["preview"].draft

    response = admin_client.post(address, {"draft": seen})

    assert response.url == url("template_change", template)
    assert TemplateVersion.objects.get().published_by == admin_user
    assert told(response)[0] == f"“{template}” is live as version 1."
    assert "This draft is live." in admin_client.get(address).content.decode()


@pytest.mark.parametrize("draft", ["stale", "", None])
def test_a_draft_that_was_not_seen_is_not_published(admin_client, draft):
    template = make_template()
    address = url("template_preview_and_publish", template)

    response = admin_client.post(address, {} if draft is None else {"draft": draft})

    assert response.url == address
    assert "Look again" in told(response)[0]
    assert not TemplateVersion.objects.exists()


def test_looking_publishes_nothing(admin_client):
    template = make_template()

    admin_client.get(url("template_preview_and_publish", template))

    assert not TemplateVersion.objects.exists()


def test_who_may_only_look_may_not_publish(client):
    user = User.objects.create_user("ben", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_template"))
    client.force_login(user)
    template = make_template()
    address = url("template_preview_and_publish", template)

    page = client.get(address)
    response = client.post(address, {"draft": page.context["preview"].draft})

    assert ">Publish<" not in page.content.decode()
    assert response.status_code == 403
    assert not TemplateVersion.objects.exists()


def test_who_may_not_look_sees_nothing(client):
    client.force_login(User.objects.create_user("eve", is_staff=True))

    assert client.get(url("template_preview_and_publish", make_template())).status_code == 403


def test_a_version_is_shown_and_cannot_be_edited(admin_client):
    version = make_version(subject="Hello version")
    change = url("templateversion_change", version)

    assert "Hello version" in admin_client.get(url("templateversion_show", version)).content.decode()
    assert admin_client.post(change, {"number": 7}).status_code == 403
    assert admin_client.post(url("templateversion_delete", version), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("name", ["template_preview_and_publish", "templateversion_show"])
def test_what_is_not_there_is_not_found(admin_client, name):
    assert admin_client.get(reverse(f"admin:templates_app_{name}", args=[999])).status_code == 404


def test_an_unknown_language_shows_what_its_readers_get(admin_client):
    response = admin_client.get(url("template_preview_and_publish", make_template()), {"language": "xx"})

    assert response.context["preview"].language == ""
    assert response.context["preview"].rendering.subject == "Hello"
