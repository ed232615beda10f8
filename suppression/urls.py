from django.urls import path

from suppression.views import confirmation_page, preference_page, unsubscribe_page

app_name = "suppression"
urlpatterns = [
    path("<str:token>/", unsubscribe_page, name="unsubscribe"),
    path("<str:token>/preferences/", preference_page, name="preferences"),
    path("<str:token>/confirm/", confirmation_page, name="confirm"),
]
