"""The search index of listings: one ordinary table, and an inverted index of either database.

Python writes only ``listing_search``. SQLite keeps an FTS5 index of its ``terms`` by trigger,
PostgreSQL a stored vector with a GIN index. Neither splits words by a dictionary or a locale: on
SQLite the ``ascii`` tokenizer takes every character above U+007F as part of a term, on PostgreSQL
an array of terms becomes the vector without any parser.
"""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Integer, Text, event
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Session, mapped_column

from market.catalogue.search_terms import index_terms, normalise
from market.db import Base

VECTOR = "array_to_tsvector(string_to_array(terms, ' '))"

FTS_TABLE = (
    "CREATE VIRTUAL TABLE listing_search_fts USING fts5("
    "terms, content='listing_search', content_rowid='row_no', tokenize='ascii', detail=none)"
)
FTS_ADD = "INSERT INTO listing_search_fts(rowid, terms) VALUES (new.row_no, new.terms); "
FTS_REMOVE = (
    "INSERT INTO listing_search_fts(listing_search_fts, rowid, terms) "
    "VALUES ('delete', old.row_no, old.terms); "
)
FTS_CHANGE = FTS_REMOVE + FTS_ADD
SQLITE_DDL = (
    FTS_TABLE,
    f"CREATE TRIGGER listing_search_added AFTER INSERT ON listing_search BEGIN {FTS_ADD}END",
    f"CREATE TRIGGER listing_search_removed AFTER DELETE ON listing_search BEGIN {FTS_REMOVE}END",
    f"CREATE TRIGGER listing_search_changed AFTER UPDATE ON listing_search BEGIN {FTS_CHANGE}END",
)
POSTGRESQL_DDL = (
    f"ALTER TABLE listing_search ADD COLUMN vector tsvector GENERATED ALWAYS AS ({VECTOR}) STORED",
    "CREATE INDEX ix_listing_search_vector ON listing_search USING gin (vector)",
)


class ListingSearch(Base):
    """The searchable text of a published listing; a listing without a row is not found."""

    __tablename__ = "listing_search"

    row_no: Mapped[int] = mapped_column(Integer, primary_key=True)  # row of the FTS5 index
    listing_id: Mapped[UUID] = mapped_column(ForeignKey("listings.id"), unique=True)
    content: Mapped[str] = mapped_column(Text)  # normalised, to prove a substring
    terms: Mapped[str] = mapped_column(Text)


def _add_index(_table: sa.Table, connection: Connection, **_options: object) -> None:
    is_sqlite = connection.dialect.name == "sqlite"
    for statement in SQLITE_DDL if is_sqlite else POSTGRESQL_DDL:
        connection.exec_driver_sql(statement)


event.listen(ListingSearch.__table__, "after_create", _add_index)


def put_search_row(session: Session, listing_id: UUID, texts: list[str]) -> None:
    """Make a listing findable by ``texts``, replacing what it was findable by before."""
    content = normalise("\n".join(texts))
    terms = index_terms(content)
    row = session.execute(
        sa.select(ListingSearch).where(ListingSearch.listing_id == listing_id)
    ).scalar_one_or_none()
    if row is None:
        session.add(ListingSearch(listing_id=listing_id, content=content, terms=terms))
        return
    row.content = content
    row.terms = terms


def drop_search_row(session: Session, listing_id: UUID) -> None:
    """Make a listing unfindable; harmless when it is so already."""
    session.execute(sa.delete(ListingSearch).where(ListingSearch.listing_id == listing_id))


def hits(connection: Connection, terms: list[str]) -> tuple[sa.FromClause, sa.ColumnElement[bool]]:
    """Give what to select from, and the condition that a row has all ``terms`` (one or more)."""
    if connection.dialect.name == "sqlite":
        fts = sa.table("listing_search_fts", sa.column("rowid", Integer))
        query = sa.bindparam("fts", " ".join(f'"{term}"' for term in terms), sa.String)
        source = sa.join(fts, ListingSearch.__table__, ListingSearch.row_no == fts.c.rowid)
        return source, sa.literal_column("listing_search_fts").op("MATCH")(query)
    query = sa.bindparam("fts", " & ".join(f"'{term}'" for term in terms), sa.String)
    vector = sa.literal_column("listing_search.vector", TSVECTOR)
    return ListingSearch.__table__, vector.op("@@")(sa.cast(query, TSQUERY))
