"""Workers that are killed in the middle, and many at once: everybody enters once all the same."""

import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from random import Random
from threading import Barrier
from time import sleep
from urllib.parse import quote

import pytest
from django.db import connection

from automation.enrollments.models import Enrollment
from automation.enrollments.occurrences import Occurrence
from automation.enrollments.schedule import enter as pump
from automation.enrollments.schedule.enter import enter_scheduled_contacts
from automation.enrollments.schedule.plan import plan
from tests.automation.enrollments.schedule.scheduled import make_contacts, make_scheduled_flow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]
CONTACTS, CHUNK, KILLS = 6_000, 20, 12
WORKER = f"""
import django
django.setup()
from automation.enrollments.schedule import enter
enter.CHUNK = {CHUNK}
print("ready", flush=True)
while enter.enter_scheduled_contacts():
    pass
"""


@pytest.fixture
def broadcast(transactional_db):
    make_contacts(CONTACTS)
    return make_scheduled_flow(published_at=datetime(2026, 1, 1, tzinfo=UTC), day=date(2026, 1, 2))


def worker() -> subprocess.Popen[str]:
    """A process of its own at the test's database, which has begun to work."""
    told = connection.settings_dict
    url = f"postgres://{quote(told['USER'])}:{quote(told['PASSWORD'])}@{told['HOST']}:{told['PORT']}/{told['NAME']}"
    env = {**os.environ, "DATABASE_URL": url}
    process = subprocess.Popen([sys.executable, "-c", WORKER], stdout=subprocess.PIPE, text=True, env=env)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def at_once(count, work):
    barrier = Barrier(count)

    def run(_):
        barrier.wait()
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(run, range(count)))


def assert_everybody_entered_once():
    occurrence = Occurrence.objects.get()
    assert (occurrence.status, occurrence.looked_at, occurrence.entered) == ("done", CONTACTS, CONTACTS)
    times = Counter(Enrollment.objects.values_list("contact_id", flat=True))
    assert len(times) == CONTACTS
    assert set(times.values()) == {1}


def test_killed_again_and_again_it_goes_on_exactly_where_it_was(broadcast):
    random = Random(4)
    seen = []
    for _ in range(KILLS):
        process = worker()
        sleep(random.uniform(0.02, 0.12))
        process.kill()
        process.communicate()
        occurrence = Occurrence.objects.filter(status="running").first()
        if occurrence:
            assert occurrence.entered == occurrence.looked_at == Enrollment.objects.count()
            seen.append(occurrence.entered)

    assert seen, "It was never killed in the middle."
    while enter_scheduled_contacts():
        pass
    assert_everybody_entered_once()


def test_many_workers_at_one_run_enter_everybody_once(broadcast, monkeypatch):
    monkeypatch.setattr(pump, "CHUNK", 100)

    def work():
        for _ in range(200):
            enter_scheduled_contacts()

    at_once(4, work)

    assert_everybody_entered_once()


def test_schedulers_at_once_make_one_occurrence(broadcast):
    for _ in range(20):
        Occurrence.objects.all().delete()

        at_once(4, plan)

        assert Occurrence.objects.count() == 1
