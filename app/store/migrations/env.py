"""Alembic's entry: run the revisions in the transaction of the connection that app.store.migrate hands over."""

from alembic import context

from app.store.tables import Row

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Row.metadata,
    **context.config.attributes.get("writing", {}),
)
with context.begin_transaction():
    context.run_migrations()
