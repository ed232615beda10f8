import os
import subprocess
import sys

IMPORT = "import django; django.setup(); import automation.delivery.window"


def test_a_lease_that_no_call_fits_into_is_refused_at_the_start():
    done = subprocess.run(
        [sys.executable, "-c", IMPORT],
        env={**os.environ, "DELIVERY_LEASE_S": "40"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert done.returncode == 1
    assert "DELIVERY_LEASE_S must be over 40" in done.stderr
