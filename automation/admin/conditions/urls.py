from django.contrib import admin
from django.urls import path

from automation.admin.conditions import views

app_name = "conditions"

urlpatterns = [
    path("offer/", admin.site.admin_view(views.offered), name="offer"),
    path("sentence/", admin.site.admin_view(views.said), name="sentence"),
]
