from django.urls import path

from webhooks.views import receive_webhook

urlpatterns = [
    path("<slug:account_key>/", receive_webhook, name="webhook"),
    path("<slug:account_key>", receive_webhook),  # ESPs do not follow a redirect that adds the slash.
]
