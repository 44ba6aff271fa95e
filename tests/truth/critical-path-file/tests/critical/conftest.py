import pytest


@pytest.fixture
def status():
    return 200
