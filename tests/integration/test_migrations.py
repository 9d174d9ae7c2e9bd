"""Migrations: up, down and up again on both databases, and the models say the same."""

import pytest
import sqlalchemy as sa

from market import schema
from market.db import make_engine
from tests.support.databases import empty_database


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_engines(request, tmp_path):
    """Two empty databases: one to migrate, one to make from the models."""
    if request.param == "sqlite":
        engines = [make_engine(f"sqlite:///{tmp_path / name}.sqlite") for name in "ab"]
        yield engines
    else:
        server = request.getfixturevalue("postgres")
        with empty_database(server) as one, empty_database(server) as two:
            engines = [make_engine(one), make_engine(two)]
            yield engines
            for engine in engines:
                engine.dispose()
    for engine in engines:
        engine.dispose()


def test_migrations_go_up_down_and_up_again(empty_engines):
    engine = empty_engines[0]
    schema.upgrade(engine)
    schema.downgrade(engine, "base")
    left = set(sa.inspect(engine).get_table_names()) - {"alembic_version"}
    assert left == set()
    schema.upgrade(engine)
    with engine.connect() as connection:
        assert schema.current_revision(connection) == schema.head_revision()
