"""Make the tables of agencies, the catalogue, listings and their search.

Nothing stood here before: expand step only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

INSTANT = sa.DateTime(timezone=True)
FTS_TABLE = (
    "CREATE VIRTUAL TABLE listing_search_fts USING fts5("
    "terms, content='listing_search', content_rowid='row_no', tokenize='ascii', detail=none)"
)
FTS_ADD = "INSERT INTO listing_search_fts(rowid, terms) VALUES (new.row_no, new.terms); "
FTS_REMOVE = (
    "INSERT INTO listing_search_fts(listing_search_fts, rowid, terms) "
    "VALUES ('delete', old.row_no, old.terms); "
)


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def upgrade() -> None:
    _agencies()
    _catalogue()
    _listings()
    _listing_records()
    _forbid_changes("listing_versions")
    _search()
    _search_index()


def _agencies() -> None:
    op.create_table(
        "agencies",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("licence_no", sa.String(40), nullable=False),
        sa.Column("legal_person", sa.String(60), nullable=False),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("phone", sa.String(30), nullable=False),
        sa.Column("founded_on", sa.Date(), nullable=False),
        sa.Column("staff_count", sa.BigInteger(), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=False),
        sa.Column("credit_score", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            _enum("ck_agencies_agency_state", "active", "paused", "removed"),
            nullable=False,
        ),
        sa.Column("paused_until", INSTANT, nullable=True),
        sa.Column("intro", sa.Text(), nullable=False),
        sa.Column("region", sa.String(6), nullable=False),
        sa.Column("registered_at", INSTANT, nullable=False),
        sa.CheckConstraint("capacity > 0", name="ck_agencies_capacity_positive"),
        sa.CheckConstraint("credit_score BETWEEN 0 AND 100", name="ck_agencies_credit_score_range"),
        sa.CheckConstraint("length(region) = 6", name="ck_agencies_region_six_digits"),
        sa.CheckConstraint("staff_count > 0", name="ck_agencies_staff_count_positive"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_agencies_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_agencies"),
    )
    op.create_index("ix_agencies_state_credit_score", "agencies", ["state", "credit_score"])
    op.create_table(
        "qualifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("level", sa.String(40), nullable=False),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("service_codes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.organisation_id"], name="fk_qualifications_agency_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_qualifications"),
        sa.UniqueConstraint("number", name="uq_qualifications_number"),
    )
    op.create_index("ix_qualifications_agency_id", "qualifications", ["agency_id"])
    op.create_index("ix_qualifications_valid_until", "qualifications", ["valid_until"])


def _catalogue() -> None:
    op.create_table(
        "categories",
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("listing_count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_categories"),
    )
    op.create_table(
        "matters",
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("department", sa.String(60), nullable=False),
        sa.Column("legal_basis", sa.String(300), nullable=False),
        sa.Column("statutory_days", sa.BigInteger(), nullable=False),
        sa.Column("promised_days", sa.BigInteger(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("materials", sa.JSON(), nullable=False),
        sa.Column("self_possible", sa.Boolean(), nullable=False),
        sa.Column("self_note", sa.String(300), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_matters"),
    )
    op.create_table(
        "service_kinds",
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("category_code", sa.String(20), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("short_name", sa.String(20), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("qualification", sa.String(200), nullable=False),
        sa.Column("qualification_required", sa.Boolean(), nullable=False),
        sa.Column("regulator", sa.String(60), nullable=False),
        sa.Column(
            "commission",
            _enum("ck_service_kinds_commission", "applicant", "department", "either"),
            nullable=False,
        ),
        sa.Column("self_possible", sa.Boolean(), nullable=False),
        sa.Column("self_note", sa.String(300), nullable=False),
        sa.Column(
            "fee_basis",
            _enum("ck_service_kinds_fee_basis", "government_set", "government_guided", "market"),
            nullable=False,
        ),
        sa.Column("fee_unit", sa.String(40), nullable=False),
        sa.Column("fee_formula", sa.String(300), nullable=False),
        sa.Column("fee_min_fen", sa.BigInteger(), nullable=False),
        sa.Column("fee_max_fen", sa.BigInteger(), nullable=False),
        sa.Column("typical_days", sa.BigInteger(), nullable=False),
        sa.Column("cap_days", sa.BigInteger(), nullable=False),
        sa.Column("materials", sa.JSON(), nullable=False),
        sa.Column("stages", sa.JSON(), nullable=False),
        sa.Column("result_document", sa.String(120), nullable=False),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("data_version", sa.BigInteger(), nullable=False),
        sa.Column("band_p25_fen", sa.BigInteger(), nullable=True),
        sa.Column("band_median_fen", sa.BigInteger(), nullable=True),
        sa.Column("band_p75_fen", sa.BigInteger(), nullable=True),
        sa.Column("band_count", sa.BigInteger(), nullable=False),
        sa.Column("sold_12m", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_code"], ["categories.code"], name="fk_service_kinds_category_code"
        ),
        sa.PrimaryKeyConstraint("code", name="pk_service_kinds"),
    )
    op.create_index("ix_service_kinds_category_code", "service_kinds", ["category_code"])
    op.create_table(
        "matter_services",
        sa.Column("matter_code", sa.String(20), nullable=False),
        sa.Column("service_code", sa.String(20), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["matter_code"], ["matters.code"], name="fk_matter_services_matter_code"
        ),
        sa.ForeignKeyConstraint(
            ["service_code"], ["service_kinds.code"], name="fk_matter_services_service_code"
        ),
        sa.PrimaryKeyConstraint("matter_code", "service_code", name="pk_matter_services"),
    )
    op.create_index("ix_matter_services_service_code", "matter_services", ["service_code"])


def _listings() -> None:
    op.create_table(
        "listings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("service_code", sa.String(20), nullable=False),
        sa.Column("category_code", sa.String(20), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("summary", sa.String(300), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("price_unit", sa.String(40), nullable=False),
        sa.Column(
            "fee_basis",
            _enum("ck_listings_fee_basis", "government_set", "government_guided", "market"),
            nullable=False,
        ),
        sa.Column("fee_formula", sa.String(300), nullable=False),
        sa.Column("includes", sa.Text(), nullable=False),
        sa.Column("excludes", sa.Text(), nullable=False),
        sa.Column("promised_days", sa.BigInteger(), nullable=False),
        sa.Column("stages", sa.JSON(), nullable=False),
        sa.Column("materials", sa.JSON(), nullable=False),
        sa.Column("refund_text", sa.Text(), nullable=False),
        sa.Column("self_possible", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            _enum("ck_listings_listing_state", "draft", "published", "paused", "suspended"),
            nullable=False,
        ),
        sa.Column("region", sa.String(6), nullable=False),
        sa.Column("published_at", INSTANT, nullable=True),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("pending_version", sa.BigInteger(), nullable=True),
        sa.Column("pending_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "(pending_version IS NULL) = (pending_at IS NULL)", name="ck_listings_pending_complete"
        ),
        sa.CheckConstraint("length(region) = 6", name="ck_listings_region_six_digits"),
        sa.CheckConstraint("price_fen > 0", name="ck_listings_price_positive"),
        sa.CheckConstraint("promised_days > 0", name="ck_listings_promised_days_positive"),
        sa.ForeignKeyConstraint(["agency_id"], ["organisations.id"], name="fk_listings_agency_id"),
        sa.ForeignKeyConstraint(
            ["category_code"], ["categories.code"], name="fk_listings_category_code"
        ),
        sa.ForeignKeyConstraint(
            ["service_code"], ["service_kinds.code"], name="fk_listings_service_code"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_listings"),
    )
    op.create_index("ix_listings_agency_id_state", "listings", ["agency_id", "state"])
    op.create_index("ix_listings_pending_at", "listings", ["pending_at"])
    op.create_index(
        "ix_listings_service_code_state_price_fen",
        "listings",
        ["service_code", "state", "price_fen"],
    )
    op.create_index(
        "ix_listings_state_category_code_price_fen",
        "listings",
        ["state", "category_code", "price_fen"],
    )
    op.create_index("ix_listings_state_price_fen", "listings", ["state", "price_fen"])
    op.create_index("ix_listings_state_promised_days", "listings", ["state", "promised_days"])
    op.create_index("ix_listings_state_published_at", "listings", ["state", "published_at"])
    op.create_table(
        "listing_regions",
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.String(6), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name="fk_listing_regions_listing_id"
        ),
        sa.PrimaryKeyConstraint("listing_id", "region", name="pk_listing_regions"),
    )
    op.create_index(
        "ix_listing_regions_region_listing_id", "listing_regions", ["region", "listing_id"]
    )


def _listing_records() -> None:
    op.create_table(
        "listing_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("announced_at", INSTANT, nullable=False),
        sa.Column("effective_at", INSTANT, nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name="fk_listing_versions_listing_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_listing_versions"),
        sa.UniqueConstraint("listing_id", "version", name="uq_listing_versions_listing_id_version"),
    )
    op.create_table(
        "listing_figures",
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("category_code", sa.String(20), nullable=False),
        sa.Column("is_shown", sa.Boolean(), nullable=False),
        sa.Column("sold_12m", sa.BigInteger(), nullable=False),
        sa.Column("median_days", sa.BigInteger(), nullable=True),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name="fk_listing_figures_listing_id"
        ),
        sa.ForeignKeyConstraint(
            ["category_code"], ["categories.code"], name="fk_listing_figures_category_code"
        ),
        sa.PrimaryKeyConstraint("listing_id", name="pk_listing_figures"),
    )
    op.create_index(
        "ix_listing_figures_is_shown_sold_12m_listing_id",
        "listing_figures",
        ["is_shown", "sold_12m", "listing_id"],
    )
    op.create_index(
        "ix_listing_figures_category_code_is_shown_sold_12m_listing_id",
        "listing_figures",
        ["category_code", "is_shown", "sold_12m", "listing_id"],
    )


def _search() -> None:
    op.create_table(
        "listing_search",
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name="fk_listing_search_listing_id"
        ),
        sa.PrimaryKeyConstraint("row_no", name="pk_listing_search"),
        sa.UniqueConstraint("listing_id", name="uq_listing_search_listing_id"),
    )


def _forbid_changes(table: str) -> None:
    """Refuse UPDATE and DELETE: an order is proved by the version that it froze."""
    if _is_sqlite():
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _search_index() -> None:
    """Index the terms: FTS5 kept by trigger on SQLite, GIN on PostgreSQL."""
    if not _is_sqlite():
        op.execute(
            "ALTER TABLE listing_search ADD COLUMN vector tsvector "
            "GENERATED ALWAYS AS (array_to_tsvector(string_to_array(terms, ' '))) STORED"
        )
        op.execute("CREATE INDEX ix_listing_search_vector ON listing_search USING gin (vector)")
        return
    op.execute(FTS_TABLE)
    for name, verb, effect in (
        ("added", "INSERT", FTS_ADD),
        ("removed", "DELETE", FTS_REMOVE),
        ("changed", "UPDATE", FTS_REMOVE + FTS_ADD),
    ):
        op.execute(
            f"CREATE TRIGGER listing_search_{name} AFTER {verb} ON listing_search BEGIN {effect}END"
        )


def downgrade() -> None:
    if _is_sqlite():
        op.execute("DROP TABLE listing_search_fts")
    for table in (
        "listing_search",
        "listing_figures",
        "listing_versions",
        "listing_regions",
        "listings",
        "matter_services",
        "service_kinds",
        "matters",
        "categories",
        "qualifications",
        "agencies",
    ):
        op.drop_table(table)
