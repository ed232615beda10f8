import os
from pathlib import Path

import pytest

from deploy.local import rootless
from deploy.local.stack import Stack

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")


@pytest.fixture
def refused_namespaces(monkeypatch):
    """As in a chroot, and in containers with Docker's default seccomp profile."""
    monkeypatch.setattr(rootless, "choose_identity", lambda data_dir: "nobody")


def owner(stack):
    return Path(f"/proc/{stack.process('postgres').pid}").stat().st_uid


def test_root_runs_postgresql_as_another_user_or_in_a_namespace_of_its_own(data_dir):
    with Stack(data_dir, durable=False) as stack:
        parent, server = (Path(f"/proc/{pid}/ns/user").readlink() for pid in ("self", stack.process("postgres").pid))

        assert server != parent or owner(stack) != 0


@pytest.mark.usefixtures("refused_namespaces")
def test_where_namespaces_are_refused_nobody_keeps_the_database_and_finds_it_again(data_dir):
    for _ in range(2):
        with Stack(data_dir, durable=False) as stack:
            assert owner(stack) != 0
    home = (data_dir / "postgres").resolve()
    rootless.remove(data_dir)

    assert home.parent == rootless.NOBODYS_HOMES
    assert not home.exists()


@pytest.mark.usefixtures("refused_namespaces")
def test_a_data_folder_that_was_deleted_by_hand_leaves_nothing_that_a_new_one_would_trip_over(data_dir):
    with Stack(data_dir, durable=False):
        pass
    for file in ("secrets.json", "postgres"):
        (data_dir / file).unlink()

    with Stack(data_dir, durable=False) as stack:
        assert stack.process("postgres").running
