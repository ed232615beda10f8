"""The API of backend services, mounted at /api/. What is not found here is told as a problem, not as a page."""

from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from automation.api.contacts import ContactView
from automation.api.events import BatchView, EventsView
from automation.api.nowhere import Nowhere
from automation.api.privacy import PrivacyView

urlpatterns = [
    path("v1/events/", EventsView.as_view()),
    path("v1/events/batch/", BatchView.as_view()),
    # Not `<path:…>`, which takes slashes but no line breaks: an id is whatever a client calls its people.
    re_path(r"^v1/contacts/(?P<external_id>[\s\S]+)/\Z", ContactView.as_view()),
    re_path(r"^v1/privacy/(?P<external_id>[\s\S]+)/\Z", PrivacyView.as_view()),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="schema")),
    re_path("", Nowhere.as_view()),
]
