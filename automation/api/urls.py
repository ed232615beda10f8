"""The API of backend services, mounted at /api/. What is not found here is told as a problem, not as a page."""

from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from automation.api.consents import ConsentsView
from automation.api.contacts import ContactView
from automation.api.events import BatchView, EventsView
from automation.api.nowhere import Nowhere
from automation.api.privacy import PrivacyView
from automation.api.segments import MembersView, SegmentsView, SegmentView
from automation.api.suppressions import CheckView, LiftView, SuppressionsView
from automation.api.why import WhyView

urlpatterns = [
    path("v1/events/", EventsView.as_view()),
    path("v1/events/batch/", BatchView.as_view()),
    re_path(r"^v1/contacts/(?P<external_id>[\s\S]+)/why/\Z", WhyView.as_view()),
    # Not `<path:…>`, which takes slashes but no line breaks: an id is whatever a client calls its people.
    re_path(r"^v1/contacts/(?P<external_id>[\s\S]+)/\Z", ContactView.as_view()),
    re_path(r"^v1/privacy/(?P<external_id>[\s\S]+)/\Z", PrivacyView.as_view()),
    path("v1/segments/", SegmentsView.as_view()),
    path("v1/segments/<slug:key>/", SegmentView.as_view()),
    path("v1/segments/<slug:key>/members/", MembersView.as_view()),
    path("v1/suppressions/", SuppressionsView.as_view()),
    path("v1/suppressions/check/", CheckView.as_view()),
    path("v1/suppressions/lift/", LiftView.as_view()),
    path("v1/consents/", ConsentsView.as_view()),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="schema")),
    re_path("", Nowhere.as_view()),
]
