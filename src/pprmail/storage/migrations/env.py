"""Runs the migrations on the connection that it is handed."""

from alembic import context

from pprmail.storage.tables import Record

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Record.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
