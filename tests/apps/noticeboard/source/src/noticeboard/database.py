"""The PostgreSQL database: connections and versioned migrations."""

from pathlib import Path

import psycopg
from psycopg.rows import dict_row

MIGRATIONS = Path(__file__).parent / "migrations"
# Any number will do, as long as nothing else in this database takes it.
MIGRATION_LOCK = 20261123


def connect(url: str) -> psycopg.Connection:
    """Opens a connection; as a context manager it commits, or rolls back after an exception."""
    return psycopg.connect(url, row_factory=dict_row, connect_timeout=3)


def pending(connection: psycopg.Connection) -> list:
    """Returns the names of the migrations of this release that the database lacks, in order."""
    done = set()
    if connection.execute("SELECT to_regclass('migrations') AS found").fetchone()["found"]:
        done = {row["name"] for row in connection.execute("SELECT name FROM migrations")}
    return [path.stem for path in sorted(MIGRATIONS.glob("*.sql")) if path.stem not in done]


def migrate(connection: psycopg.Connection) -> list:
    """Applies what is pending, all or nothing, and returns the names."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [MIGRATION_LOCK])
    connection.execute(
        "CREATE TABLE IF NOT EXISTS migrations"
        " (name text PRIMARY KEY, applied timestamptz NOT NULL DEFAULT now())"
    )
    names = pending(connection)
    for name in names:
        connection.execute((MIGRATIONS / f"{name}.sql").read_text(encoding="utf-8"))
        connection.execute("INSERT INTO migrations (name) VALUES (%s)", [name])
    return names
