"""The three doors: admin for marketers, API for backend services, webhooks for ESPs. And readers' pages."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from config import health
from suppression.views import gpc

urlpatterns = [
    path("", RedirectView.as_view(url="/admin/")),
    path("admin/conditions/", include("automation.admin.conditions.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("automation.api.urls")),
    path("webhooks/", include("webhooks.urls")),
    path("u/", include("suppression.urls")),
    path(".well-known/gpc.json", gpc),
    path("health/live", health.live),
    path("health/ready", health.ready),
]
