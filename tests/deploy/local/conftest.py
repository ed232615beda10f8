import pytest

from deploy.local import rootless


@pytest.fixture
def data_dir(tmp_path):
    """A data folder; what PostgreSQL may keep elsewhere for it is gone after the test as well."""
    yield tmp_path / "var"
    rootless.remove(tmp_path / "var")
