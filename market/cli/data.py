"""Schema and demo data."""

import click

from market import schema
from market.cli.program import Program
from market.db import make_engine


@click.command()
@click.pass_obj
def migrate(program: Program) -> None:
    """Bring the database to the newest schema; safe to repeat."""
    bring_to_head(program)
    click.echo(f"schema at {schema.head_revision()}", err=True)


def bring_to_head(program: Program) -> None:
    """Migrate the database of the settings."""
    program.settings.data.mkdir(parents=True, exist_ok=True)
    engine = make_engine(program.settings.database_url)
    with engine.connect() as connection:
        at_head = schema.current_revision(connection) == schema.head_revision()
    if not at_head:
        schema.upgrade(engine)
    engine.dispose()


def prepare(program: Program) -> None:
    """Make ready what serving needs: the schema."""
    bring_to_head(program)
