"""Alembic's entry: run the revisions in the transaction of the connection that app.store.migrate hands over."""

from alembic import context

from app.store.metadata import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    **context.config.attributes.get("writing", {}),
)
with context.begin_transaction():
    context.run_migrations()
