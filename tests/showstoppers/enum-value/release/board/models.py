"""The notices of the board."""

import enum
import os

from sqlalchemy import Enum, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:"))


class Base(DeclarativeBase):
    pass


class State(enum.Enum):
    open = 1
    closed = 2
    draft = 3


class Notice(Base):
    __tablename__ = "notices"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    state: Mapped[State] = mapped_column(Enum(State, name="notice_state"), default=State.draft)
