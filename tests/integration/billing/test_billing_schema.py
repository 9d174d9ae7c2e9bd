"""The migrated tables are the ones the models tell, and their triggers are there."""

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint
from sqlalchemy.exc import IntegrityError

from billing.db import Base
from billing.escrow import models as escrow_models
from billing.ledger import models as ledger_models
from billing.ledger.models import Account
from billing.payments import models as payment_models
from market import schema

MODELS = (escrow_models, ledger_models, payment_models)


def ours(_object, name, kind, *_rest):
    return kind != "table" or name.startswith("billing_")


def test_the_migrated_tables_equal_the_models(engine):
    with engine.connect() as connection:
        options = {"include_object": ours, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_every_check_of_the_models_was_migrated(engine):
    inspector = sa.inspect(engine)
    for table in Base.metadata.tables.values():
        told = {
            engine.dialect.identifier_preparer.format_constraint(one)
            for one in table.constraints
            if isinstance(one, CheckConstraint)
        }
        assert {one["name"] for one in inspector.get_check_constraints(table.name)} == told


def test_names_of_all_constraints_are_the_same(engine):
    inspector = sa.inspect(engine)
    for table in Base.metadata.tables.values():
        kept = {one["name"] for one in inspector.get_unique_constraints(table.name)}
        kept |= {one["name"] for one in inspector.get_foreign_keys(table.name)}
        kept |= {one["name"] for one in inspector.get_indexes(table.name)}
        kept.add(inspector.get_pk_constraint(table.name)["name"])
        prepare = engine.dialect.identifier_preparer
        told = {
            prepare.format_constraint(one)
            for one in table.constraints
            if not isinstance(one, CheckConstraint)
        } | {one.name for one in table.indexes}
        assert kept == told, table.name


def test_the_triggers_exist(engine):
    if engine.dialect.name == "postgresql":
        query = (
            "SELECT DISTINCT event_object_table FROM information_schema.triggers"
            " WHERE trigger_name LIKE 'billing_%'"
        )
    else:
        query = (
            "SELECT DISTINCT tbl_name FROM sqlite_master"
            " WHERE type = 'trigger' AND name LIKE 'billing_%'"
        )
    with engine.connect() as connection:
        found = set(connection.execute(sa.text(query)).scalars())
    assert found == {"billing_journal", "billing_transfer"}


def test_the_database_itself_guards_accounts(session):
    session.add(Account(code="escrow:x", kind="liability", guard="credit", currency="CNY"))
    session.commit()
    for change in (
        {"credits_posted": -1},
        {"debits_posted": 1},
        {"debits_pending": 1},
        {"kind": sa.literal_column("'gift'")},
        {"guard": sa.literal_column("'maybe'")},
    ):
        with pytest.raises(IntegrityError):
            session.execute(sa.update(Account).values(change))
        session.rollback()


def test_the_tables_go_away_and_come_back(engine):
    def tables():
        return {name for name in sa.inspect(engine).get_table_names() if "billing" in name}

    before = tables()
    assert before == set(Base.metadata.tables)
    schema.downgrade(engine, "0001")
    assert tables() == set()
    schema.upgrade(engine)
    assert tables() == before
