"""What the environment variables say, read once when the process starts."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Optional
from urllib.parse import urlsplit

THEMES = ("paper", "harbour", "night")


class SettingsError(Exception):
    """A variable is missing or makes no sense."""


@dataclass(frozen=True)
class Settings:
    database_url: str
    secret_key: str
    public_url: str  # without a slash at the end
    redis_url: Optional[str]
    mail_server: Optional[str]  # HOST or HOST:PORT
    editors: str  # their mail address
    weather_url: Optional[str]
    data: Path
    static: Path
    theme: str
    behind_proxy: bool

    @property
    def url_prefix(self) -> str:
        """Returns the path under which the board lives; starts and ends with a slash."""
        return urlsplit(self.public_url).path + "/"

    @classmethod
    def from_environment(cls) -> "Settings":
        theme = os.environ.get("NOTICEBOARD_THEME", THEMES[0])
        if theme not in THEMES:
            raise SettingsError(f"NOTICEBOARD_THEME: {theme!r} is none of {', '.join(THEMES)}")
        return cls(
            database_url=required("DATABASE_URL"),
            secret_key=required("SECRET_KEY"),
            public_url=required("NOTICEBOARD_PUBLIC_URL").rstrip("/"),
            redis_url=os.environ.get("REDIS_URL") or None,
            mail_server=os.environ.get("NOTICEBOARD_MAIL_SERVER") or None,
            editors=os.environ.get("NOTICEBOARD_EDITORS", "editors@localhost"),
            weather_url=os.environ.get("NOTICEBOARD_WEATHER_URL") or None,
            data=folder("NOTICEBOARD_DATA", "data"),
            static=folder("NOTICEBOARD_STATIC", "static"),
            theme=theme,
            behind_proxy=os.environ.get("NOTICEBOARD_BEHIND_PROXY") == "yes",
        )


def required(variable: str) -> str:
    value = os.environ.get(variable)
    if not value:
        raise SettingsError(f"{variable} is not set")
    return value


def folder(variable: str, in_home: str) -> Path:
    return Path(os.environ.get(variable) or Path.home() / in_home)
