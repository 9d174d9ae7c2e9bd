"""``python -m market COMMAND``: the environment becomes settings, the settings a program."""

import os
import sys

import click

from market import start
from market.cli import data, ledger, serving
from market.cli.program import Program
from market.logs import set_up_logs
from market.settings import SettingsError, read_settings


@click.group()
@click.pass_context
def main(context: click.Context) -> None:
    """Sunlit 阳光中介超市: a shop for agency services and a public draw."""
    set_up_logs()
    try:
        settings = read_settings(os.environ)
    except SettingsError as error:
        for fault in error.faults:
            print(f"settings: {fault}", file=sys.stderr)
        sys.exit(78)  # EX_CONFIG
    context.obj = Program(
        settings=settings,
        open_world=lambda: start.make_world(start.make_runtime(settings)),
        open_worker=start.make_worker,
        serve_sandbox=lambda: start.serve_sandbox(settings),
    )


for command in (
    serving.serve,
    serving.worker,
    serving.sandbox,
    data.migrate,
    data.demo,
    ledger.ledger,
):
    main.add_command(command)

if __name__ == "__main__":
    main()
