"""Base class, metadata and column types of the tables ``billing_*``.

The library opens no transaction and commits none: that is the caller's business. On SQLite the
caller's engine must begin writers with BEGIN IMMEDIATE; on PostgreSQL rows are locked here.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import cast
from uuid import UUID

import uuid_utils.compat
from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Enum,
    MetaData,
    Table,
    TypeDecorator,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session
from typing_extensions import override

from billing.errors import InstantError


class UtcInstant(TypeDecorator[datetime]):
    """An aware instant; stored in UTC and given back in UTC on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise InstantError(value=value.isoformat())
        in_utc = value.astimezone(UTC)
        return in_utc if dialect.name == "postgresql" else in_utc.replace(tzinfo=None)

    @override
    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all billing tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcInstant, int: BigInteger}  # noqa: RUF012 - read by the base


def text_enum(kind: type[StrEnum], name: str) -> Enum:
    """Store the values of ``kind`` as text of 20 with a CHECK; ``name`` is the column's."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=20,
        name=name,
        values_callable=lambda members: [member.value for member in members],
    )


def new_id() -> UUID:
    """Make an id that sorts by time of creation (UUIDv7)."""
    return uuid_utils.compat.uuid7()


def insert_once(session: Session, table: type[Base], values: dict[str, object]) -> bool:
    """Insert a row unless a unique key of it exists; tell whether it is new.

    Waits for a concurrent inserter of the same key, so the row is visible afterwards.
    """
    target = cast("Table", table.__table__)
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(target).values(values).on_conflict_do_nothing()
    # The number of rows is not told by every driver; a returned key is.
    key = next(iter(target.primary_key))
    return session.execute(statement.returning(key)).first() is not None
