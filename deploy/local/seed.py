"""`python -m deploy.local.seed FILE...`: bring a database up to date, in one process since a start costs a second."""

import sys

import django
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

ADMIN = "admin"


def main(files: list[str]) -> None:
    django.setup()
    call_command("migrate", interactive=False, verbosity=1)
    # Only if missing: in a database that was here before us, the password is not ours to set.
    if not get_user_model().objects.filter(username=ADMIN).exists():
        call_command("createsuperuser", interactive=False, username=ADMIN, email="admin@example.com")
    for file in files:
        call_command("apply", file)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except CommandError as error:
        sys.exit(str(error))
