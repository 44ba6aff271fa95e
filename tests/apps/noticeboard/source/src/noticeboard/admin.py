"""The command `noticeboard-admin`. Every command may be run again: it does what is still missing."""

import argparse
import shutil
import sys
from pathlib import Path

import psycopg

from . import __version__, accounts, database
from .settings import Settings, SettingsError, required

STATIC = Path(__file__).parent / "static"


def migrate(settings: Settings) -> str:
    with database.connect(settings.database_url) as connection:
        applied = database.migrate(connection)
    return "applied " + ", ".join(applied) if applied else "up to date"


def create_admin(settings: Settings) -> str:
    password = required("NOTICEBOARD_ADMIN_PASSWORD")
    with database.connect(settings.database_url) as connection:
        created = accounts.create(connection, "admin", password)
    return "created account `admin`" if created else "account `admin` is there already"


def collect_static(settings: Settings) -> str:
    settings.static.mkdir(parents=True, exist_ok=True)
    settings.static.chmod(0o755)  # the proxy runs as another user
    files = sorted(STATIC.iterdir())
    for file in files:
        shutil.copyfile(file, settings.static / file.name)
        (settings.static / file.name).chmod(0o644)
    return f"{len(files)} files in {settings.static}"


COMMANDS = {
    "migrate": (migrate, "bring the database to the state this release needs"),
    "create-admin": (create_admin, "create the account `admin`"),
    "collectstatic": (collect_static, "copy the static files to where the proxy serves them"),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="noticeboard-admin")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_, summary) in COMMANDS.items():
        commands.add_parser(name, help=summary, description=summary)
    command = parser.parse_args().command
    try:
        print(f"{command}: {COMMANDS[command][0](Settings.from_environment())}")
    except (SettingsError, psycopg.Error, OSError) as error:
        print(f"noticeboard-admin {command}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
