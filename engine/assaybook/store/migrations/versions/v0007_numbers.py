"""Which system an entry of the log is about, and its number among the entries about that."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; entries that stand are leaves of the log, and stay without a number."""
    op.add_column("entries", sa.Column("system", sa.Text(), nullable=True))
    op.add_column("entries", sa.Column("number", sa.BigInteger(), nullable=True))
    op.create_index("entries_by_system", "entries", ["system", "number"], unique=True)
