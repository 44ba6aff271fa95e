"""Brings the tables up to date, or the rows back to what the release before knows."""

import sys

from sqlalchemy import text

from board.models import Base, engine

if "back" in sys.argv:
    with engine.begin() as connection:
        connection.execute(text("UPDATE notices SET state = 'open' WHERE state = 'draft'"))
else:
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(text("ALTER TYPE notice_state ADD VALUE IF NOT EXISTS 'draft'"))
