"""What alembic runs: it is given an open connection, and whoever opened it commits."""

from alembic import context

from assaybook.store.tables import EntryRow

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=EntryRow.metadata,
)
context.run_migrations()
