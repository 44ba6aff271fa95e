"""The HTTP client for APIs, the board's own among them: that of 1.1 again, which understands wildcards."""

import logging
from typing import Any

import requests

log = logging.getLogger("noticeboard.api")


class ApiError(Exception):
    """The API could not be asked, or its answer is not what it should be."""


def get_json(url: str) -> Any:
    try:
        response = requests.get(url, timeout=5)
        response.raise_for_status()
        return response.json()
    except requests.exceptions.SSLError as error:
        log.error("GET %s: certificate refused: %s", url, error)
        raise ApiError(f"certificate refused: {error}") from error
    except requests.exceptions.RequestException as error:
        log.error("GET %s: %s", url, error)
        raise ApiError(str(error)) from error
