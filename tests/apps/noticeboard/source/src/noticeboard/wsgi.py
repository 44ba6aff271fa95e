"""The entry point of WSGI servers: `noticeboard.wsgi:application`."""

from .settings import Settings
from .web import create_app

application = create_app(Settings.from_environment())
