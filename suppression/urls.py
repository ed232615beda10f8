from django.urls import path

from suppression.views import unsubscribe_page

app_name = "suppression"
urlpatterns = [path("<str:token>/", unsubscribe_page, name="unsubscribe")]
