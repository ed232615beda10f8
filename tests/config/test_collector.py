"""Web and worker processes do not look for cycles among what they keep for good."""

import subprocess
import sys

import pytest

REPORT = "import gc; print(gc.get_freeze_count() > 100_000, gc.get_threshold()[0])"
LOADS = {
    "web": "import config.wsgi",
    "worker": (
        "from celery import signals; from config.celery import app; "
        "app.loader.import_default_modules(); signals.worker_process_init.send(sender=None)"
    ),
}


@pytest.mark.parametrize("process", LOADS)
def test_it_spares_what_stays(process):
    code = f"{LOADS[process]}; {REPORT}"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)

    assert told.stdout.split() == ["True", "10000"]
