"""An optional cache in Redis. A cache that is down makes the board slower, never wrong or dead."""

import json
import logging
from typing import Any, Optional

import redis

log = logging.getLogger("noticeboard.cache")


class Cache:
    def __init__(self, url: Optional[str]):
        self._redis = None
        if url:
            self._redis = redis.Redis.from_url(
                url, socket_connect_timeout=1, socket_timeout=1, decode_responses=True
            )

    def state(self) -> Optional[bool]:
        """Returns whether the cache answers; None if the site has none."""
        if self._redis is None:
            return None
        return self._try("ping", lambda: self._redis.ping()) is True

    def get(self, key: str) -> Any:
        """Returns what is there, or None."""
        text = self._redis and self._try("read", lambda: self._redis.get(key))
        return json.loads(text) if text else None

    def put(self, key: str, value: Any, seconds: int) -> None:
        if self._redis:
            self._try("write", lambda: self._redis.set(key, json.dumps(value), ex=seconds))

    def forget(self, key: str) -> None:
        if self._redis:
            self._try("delete", lambda: self._redis.delete(key))

    @staticmethod
    def _try(operation: str, action) -> Any:
        try:
            return action()
        except redis.RedisError as error:
            log.warning("%s: %s", operation, error)
            return None
