import signal
import subprocess
import sys
import time

import kombu
import psycopg
import pytest
import redis

from deploy.local import lock, tree
from deploy.local.stack import Stack

SERVICES_ONLY = """
import sys, time
from pathlib import Path
from deploy.local.stack import Stack
with Stack(Path(sys.argv[1]), durable=False) as stack:
    print(*(pid for name in stack.services for pid in stack.process(name).pids()), flush=True)
    time.sleep(60)
"""


def query(stack, sql):
    with psycopg.connect(stack.env["DATABASE_URL"], autocommit=True) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def test_data_outlives_a_stop_a_kill_and_a_new_stack_on_the_same_folder(data_dir):
    with Stack(data_dir) as stack:
        query(stack, "CREATE TABLE kept AS SELECT 42 AS answer")
        redis.Redis.from_url(stack.env["REDIS_URL"]).set("kept", "too")
        first = stack.env
        for name in stack.services:
            stack.kill(name)
        stack.start(*stack.services)

    with Stack(data_dir) as stack:
        assert query(stack, "SELECT answer FROM kept") == [(42,)]
        assert redis.Redis.from_url(stack.env["REDIS_URL"]).get("kept") == b"too"
        assert stack.env["SECRET_KEY"] == first["SECRET_KEY"]
        assert stack.env["DATABASE_URL"] == first["DATABASE_URL"]


def test_a_throw_away_folder_and_all_processes_are_gone_after_the_block_even_when_it_raised():
    with pytest.raises(ZeroDivisionError), Stack(durable=False) as stack:  # noqa: PT012 (the block is the subject)
        pids = [pid for name in stack.services for pid in stack.process(name).pids()]
        folder = stack.data_dir
        _ = 1 / 0

    assert not folder.exists()
    assert not {entry.pid for entry in tree.living()} & set(pids)


def test_the_servers_ask_for_a_password():
    with Stack(durable=False) as stack:
        password = stack.secrets.database_password

        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(stack.env["DATABASE_URL"].replace(password, "wrong"))
        with pytest.raises(redis.AuthenticationError):
            redis.Redis.from_url(stack.env["REDIS_URL"].replace(stack.secrets.redis_password, "wrong")).ping()


def test_servers_that_the_user_names_are_used_and_ours_stay_away(data_dir):
    theirs = {"DATABASE_URL": "postgres://app@db.example.com/app", "REDIS_URL": "redis://redis.example.com/3"}

    with Stack(data_dir, external=theirs) as stack:
        assert stack.services == ()
        assert stack.env["DATABASE_URL"] == theirs["DATABASE_URL"]
        assert stack.env["CELERY_BROKER_URL"] == theirs["REDIS_URL"]


def test_a_second_stack_on_the_same_folder_is_refused_and_does_not_disturb_the_first(data_dir):
    with subprocess.Popen([sys.executable, "-c", SERVICES_ONLY, data_dir], stdout=subprocess.PIPE) as first:
        pids = first.stdout.readline().split()

        with pytest.raises(lock.AlreadyRunning):
            Stack(data_dir).__enter__()

        assert {int(pid) for pid in pids} <= {entry.pid for entry in tree.living()}
        first.kill()


def test_a_killed_launcher_leaves_no_server_behind_and_the_next_one_starts_on_its_data(data_dir):
    with subprocess.Popen([sys.executable, "-c", SERVICES_ONLY, data_dir], stdout=subprocess.PIPE) as launcher:
        pids = {int(pid) for pid in launcher.stdout.readline().split()}

        launcher.send_signal(signal.SIGKILL)

    deadline = time.monotonic() + 10
    while {entry.pid for entry in tree.living()} & pids and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not {entry.pid for entry in tree.living()} & pids
    with Stack(data_dir, durable=False) as stack:
        assert query(stack, "SELECT 1") == [(1,)]


def test_rabbitmq_is_a_broker_like_any_other(rabbitmq_url):
    with kombu.Connection(rabbitmq_url) as connection:
        queue = connection.SimpleQueue("greetings")
        queue.put("hello")

        assert queue.get(timeout=5).payload == "hello"
