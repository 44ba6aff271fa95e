"""Where Alembic finds the database."""

from alembic import context

from board.database import engine

with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
