"""Fixtures that every kind of test may use: real databases, a fixed clock, no outside network."""

import shutil
import socket
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import sessionmaker

from market import schema, start
from market.db import make_engine
from market.runtime import Runtime
from market.settings import read_settings
from market.web import create_app
from tests.support.databases import PostgresServer, copy_database, migrated_template

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # Tuesday 10:00 北京时间
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class MovableClock:
    """The product's clock in the hands of a test."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **delta: float) -> datetime:
        self.at += timedelta(**delta)
        return self.at


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch):
    """A test that reaches for another machine fails at once."""
    real = socket.socket.connect

    def connect(self, address):
        if isinstance(address, tuple) and address[0] not in LOOPBACK:
            raise AssertionError(f"a test tried to reach {address[0]}")
        return real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture(scope="session")
def postgres():
    """A throw-away PostgreSQL on loopback, one for each test process."""
    server = PostgresServer.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    """A migrated SQLite file; tests work on copies of it."""
    path = tmp_path_factory.mktemp("template") / "sunlit.sqlite"
    engine = make_engine(f"sqlite:///{path}")
    schema.upgrade(engine)
    with engine.connect() as connection:
        connection.commit()
        connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres):
    """The name of a migrated database that PostgreSQL copies for each test."""
    return migrated_template(postgres)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """The address of a migrated, empty database: each test runs on both kinds."""
    if request.param == "sqlite":
        target = tmp_path / "sunlit.sqlite"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), target)
        yield f"sqlite:///{target}"
        return
    server = request.getfixturevalue("postgres")
    with copy_database(server, request.getfixturevalue("postgres_template")) as url:
        yield url


@pytest.fixture
def clock():
    return MovableClock()


@pytest.fixture
def settings(tmp_path, database_url):
    return read_settings(
        {
            "DATA": str(tmp_path / "data"),
            "SUNLIT_DATABASE_URL": database_url,
            "SUNLIT_ARGON2_MEMORY_KIB": "64",
        }
    )


@pytest.fixture
def engine(database_url):
    engine = make_engine(database_url, pool_size=4)
    yield engine
    engine.dispose()


@pytest.fixture
def runtime(settings, engine, clock):
    """The product on an empty migrated database with a clock that the test moves."""
    sessions = sessionmaker(engine, expire_on_commit=False)
    return Runtime(settings=settings, sessions=sessions, read_sessions=sessions, now=clock)


@pytest.fixture
def session(runtime):
    with runtime.sessions() as session:
        yield session


@pytest.fixture
def world(runtime):
    """The product with its development providers."""
    return start.make_world(runtime)


@pytest.fixture
def app(world):
    return create_app(world)
