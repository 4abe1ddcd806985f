"""What Alembic runs: the migrations, on the connection and in the transaction that ``dialer.store.migrate`` opened."""

from alembic import context

from dialer.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
