"""The database, and its tables as this release needs them."""

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

URL = "sqlite:////srv/shop/data/board.sqlite3"
engine = create_engine(URL)
config = Config()
config.set_main_option("script_location", "board:migrations")


def migrate():
    command.upgrade(config, "head")
