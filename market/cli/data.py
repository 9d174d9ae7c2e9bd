"""Schema and demo data."""

import click

from market import schema
from market.act import SYSTEM
from market.catalogue.load import read_catalogue
from market.catalogue.sync import sync_catalogue
from market.cli.program import Program
from market.db import make_engine
from market.demo.draws import load_demo_draws
from market.demo.load import load_demo


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


@click.command()
@click.pass_obj
def demo(program: Program) -> None:
    """Load the demo data once; refuses production."""
    if not program.settings.demo:
        raise click.ClickException("SUNLIT_DEMO is off")
    bring_to_head(program)
    click.echo("loaded" if load(program) else "there already", err=True)


def load(program: Program) -> bool:
    """Load what is missing of the demo; gives whether anything was."""
    world = program.open_world()
    people = world.runtime.act(SYSTEM, lambda act: load_demo(act, world.passwords.hash))
    draws = load_demo_draws(world.runtime, world.draws)
    return people is not None or draws


def prepare(program: Program) -> None:
    """Make ready what serving needs: the schema, the catalogue, and the demo where it is on."""
    bring_to_head(program)
    if program.settings.demo:
        load(program)
        return
    program.open_world().runtime.act(SYSTEM, lambda act: sync_catalogue(act, read_catalogue()))
