"""What the environment says of this forum."""

import os
from pathlib import Path

HOME = Path(os.environ["FORUM_HOME"])
SECRET_KEY = os.environ["SECRET_KEY"]
ALLOWED_HOSTS = os.environ["FORUM_HOSTS"].split(",")
TITLE = os.environ.get("FORUM_TITLE", "Forum")
DEBUG = False
INSTALLED_APPS = ["django.contrib.staticfiles", "django.contrib.sessions", "forum"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
]
ROOT_URLCONF = "forum.urls"
WSGI_APPLICATION = "forum.wsgi.application"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = os.environ.get("FORUM_HTTPS_ONLY") == "yes"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": HOME / "data" / "forum.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache",
        "LOCATION": os.environ.get("FORUM_CACHE", "127.0.0.1:11211"),
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cache"
STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
TIME_ZONE = os.environ.get("TZ", "UTC")
USE_TZ = True
