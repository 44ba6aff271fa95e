"""Who wrote them."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"


def upgrade():
    op.add_column("notices", sa.Column("author", sa.String))


def downgrade():
    op.drop_column("notices", "author")
