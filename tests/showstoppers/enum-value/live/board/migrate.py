"""Brings the tables up to date."""

from board.models import Base, engine

Base.metadata.create_all(engine)
