"""What alembic runs: it is given an open connection, and whoever opened it commits."""

from alembic import context

from assaybook.store import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.SQLModel.metadata,
)
context.run_migrations()
