import os

import requests


def test_page(status):
    assert requests.get(os.environ["STAGECTL_URL"], timeout=10).status_code == status
