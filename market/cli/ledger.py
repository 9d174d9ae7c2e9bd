"""Look at the ledger."""

import sys

import click

from market.cli.program import Program
from market.payments.queries import check_ledger, list_balances


@click.group()
def ledger() -> None:
    """Look at the ledger; nothing here changes it."""


@ledger.command()
@click.pass_obj
def verify(program: Program) -> None:
    """Walk the whole book; exit 0 and totals, or name the first bad row."""
    with program.open_world().runtime.reading(fresh=True) as session:
        report = check_ledger(session)
        balances = list_balances(session)
    for account in balances:
        click.echo(f"{account.posted:>16,d} fen  {account.code}")
    if not report.is_sound:
        click.echo(f"NOT SOUND: {report.first_bad}", err=True)
        sys.exit(1)
    click.echo(f"sound: {report.journals} journals")
