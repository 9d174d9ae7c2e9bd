"""Run migrations on the connection that ``market.schema`` hands over.

One transaction per migration, so that a failure leaves the schema at a revision with a name.
Migrations never import models: a model tells today's shape, a migration tells one step of the way.
"""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes.get("target_metadata"),
    transaction_per_migration=True,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
