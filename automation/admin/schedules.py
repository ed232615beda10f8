"""Celery's schedules, which wake the pumps: django-celery-beat's pages in our look."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django_celery_beat import admin as beat
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

for model in (ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule):
    admin.site.unregister(model)


class TaskSelectWidget(UnfoldAdminSelectWidget, beat.TaskSelectWidget):
    """Both are selects: the look of one, the choices of the other."""


class PeriodicTaskForm(beat.PeriodicTaskForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "task" in self.fields:  # Not in the page of someone who may only look.
            self.fields["task"].widget = UnfoldAdminTextInputWidget()
            self.fields["regtask"].widget = TaskSelectWidget()


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(beat.PeriodicTaskAdmin, ModelAdmin):
    form = PeriodicTaskForm
    list_display = ["name", "enabled", "interval", "last_run_at", "total_run_count"]
    list_filter = ["enabled"]
    date_hierarchy = None

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Its actions stop and start the engine's heartbeat, and say nothing of permissions."""
        return super().get_actions(request) if self.has_change_permission(request) else {}


class TasksInline(TabularInline, beat.PeriodicTaskInline):
    tab = False


class ScheduleAdmin(ModelAdmin):
    inlines = [TasksInline]


admin.site.register([ClockedSchedule, CrontabSchedule, IntervalSchedule, SolarSchedule], ScheduleAdmin)
