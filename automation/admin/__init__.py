"""The marketers' and operators' door: everything can be seen and, where it is not a log, edited.

Django finds the pages through this package; one module for each kind of thing, and none knows another's page.
"""

from django.contrib.admin import site

from automation.admin import (  # noqa: F401  # Importing registers.
    accounts,
    caps,
    contacts,
    double_opt_in,
    enrollments,
    event_types,
    events,
    flow_versions,
    flows,
    hooks,
    house_rules,
    keys,
    messages,
    occurrences,
    people,
    routes,
    schedules,
    segments,
    warmup,
)

site.index_template = "admin/automation/dashboard.html"
