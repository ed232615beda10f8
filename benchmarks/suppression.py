"""The policy's question against a list of ten million, and taking in a list of a million, as its command does."""

import resource
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter

from django.db import connection
from django.utils import timezone

from benchmarks.ground import Ground
from benchmarks.run import Figures
from deploy.local.process import ROOT
from suppression.keys import domain_hash
from suppression.models import ListImport, Topic
from suppression.policy import Addressee, check_many

ROWS = 1_000_000  # Of the list, and of consents.
LISTED = 10_000_000
ASKED = 1_000
TIMES = 30
DOMAINS = [domain_hash(f"d{n}.example", "bench") for n in range(200)]


def run(ground: Ground) -> Figures:
    took, peak_mb = import_list(ground)
    ground.say(f"  {ROWS:,} rows taken in within {took:.0f} s, {peak_mb:.0f} MB at most")
    topic = fill()
    ground.rest()
    warm()
    once = [ask(topic, number) for number in range(TIMES)]
    ground.say(f"  {ASKED:,} addresses of {LISTED:,}: {median(once):.1f} ms, {max(once):.1f} ms at most")
    forget(topic)
    return {
        "suppression_check_1000_ms": median(once),
        "import_1m_s": took,
        "import_1m_peak_mb": peak_mb,
    }


def import_list(ground: Ground) -> tuple[float, float]:
    """Seconds, and the most memory of the process that read it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "list.csv"
        with file.open("w") as lines:
            lines.write("email\n")
            lines.writelines(f"person{n}@d{n % 1000}.example\n" for n in range(ROWS))
        began = perf_counter()
        command = [sys.executable, "manage.py", "import_suppressions", str(file)]
        subprocess.run(command, cwd=ROOT, env=ground.stack.env, check=True, capture_output=True)
        took = perf_counter() - began
    taken = ListImport.objects.with_progress().latest("pk").news
    if taken != ROWS:
        raise RuntimeError(f"{taken} of {ROWS} rows were taken in")
    return took, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def fill() -> Topic:
    """Up to LISTED suppressions, and ROWS grants of a topic that needs them. Its index is built after."""
    topic = Topic.objects.create(key="bench-suppression", name="Bench", requires_opt_in=True)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE suppression_suppression DROP CONSTRAINT suppression_once")
        cursor.execute(_SUPPRESS, [LISTED - ROWS])
        cursor.execute(_UNIQUE)
        cursor.execute(_GRANT, [topic.pk, ROWS])
    return topic


def warm() -> None:
    """Have the indexes in memory, as where every claim asks them: what the disk costs is not what is measured."""
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        for table in ("suppression_suppression", "suppression_consent"):
            cursor.execute(f"SELECT count(address_hash) FROM {table}")
        cursor.execute("RESET enable_seqscan")


def ask(topic: Topic, number: int) -> float:
    """Milliseconds for other addresses each time: most may be mailed, one in ten is suppressed."""
    chance = Random(number)
    names = [f"s{n}" if n % 10 == 0 else f"c{n}" for n in (chance.randrange(1, ROWS) for _ in range(ASKED))]
    hashes = [sha256(name.encode()).digest() for name in names]
    addressees = [Addressee(one, topic.pk, "", (chance.choice(DOMAINS),)) for one in hashes]
    began = perf_counter()
    verdicts = check_many(addressees, at=timezone.now())
    took = (perf_counter() - began) * 1e3
    if [one.allowed for one in verdicts] != [name[0] == "c" for name in names]:
        raise RuntimeError("a verdict is wrong")
    return took


def forget(topic: Topic) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE kept AS SELECT * FROM suppression_suppression WHERE source = 'benchmarks'"
        )
        cursor.execute("TRUNCATE suppression_suppression, suppression_consent")
        cursor.execute("INSERT INTO suppression_suppression SELECT * FROM kept")
    ListImport.objects.all().delete()
    topic.delete()


_SUPPRESS = """
INSERT INTO suppression_suppression (address_hash, key_version, scope, reason, source, evidence, note, created_at)
SELECT sha256(('s' || n)::bytea), 1, 'all', 'complaint', 'bench', '{}', '', now() FROM generate_series(1, %s) AS n
"""
_UNIQUE = """
ALTER TABLE suppression_suppression ADD CONSTRAINT suppression_once
UNIQUE NULLS NOT DISTINCT (address_hash, topic_id, scope, reason)
"""
_GRANT = """
INSERT INTO suppression_consent (
    address_hash, key_version, topic_id, decision, purpose, wording_version, source, user_agent, proof, at
)
SELECT sha256(('c' || n)::bytea), 1, %s, 'granted', '', '', 'bench', '', '{}', now() FROM generate_series(1, %s) AS n
"""
