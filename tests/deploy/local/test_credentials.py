import json
import stat

from deploy.local import credentials


def test_secrets_stay_the_same_from_run_to_run_and_only_their_owner_can_read_them(tmp_path):
    file = tmp_path / "secrets.json"

    first, second = credentials.load(file), credentials.load(file)

    assert first == second
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_secret_that_an_older_version_did_not_have_joins_the_others(tmp_path):
    file = tmp_path / "secrets.json"
    first = credentials.load(file)
    older = {key: value for key, value in json.loads(file.read_text()).items() if key != "resend_signing_secret"}
    file.write_text(json.dumps(older))

    second = credentials.load(file)

    assert second.secret_key == first.secret_key
    assert second.resend_signing_secret.startswith("whsec_")


def test_no_two_folders_share_a_secret(tmp_path):
    first, second = credentials.load(tmp_path / "a.json"), credentials.load(tmp_path / "b.json")

    assert not set(vars(first).values()) & set(vars(second).values())
