"""Make the tables of orders, documents, the one-on-one room, shipments and ratings.

Nothing stood here before: expand step only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

INSTANT = sa.DateTime(timezone=True)
ROLES = (
    "anonymous",
    "applicant",
    "owner",
    "agency",
    "regulator",
    "supervisor",
    "operator",
    "system",
)
STATES = (
    "await_pay",
    "closed_unpaid",
    "escrowed",
    "collecting",
    "in_service",
    "suspended",
    "at_dept",
    "rework",
    "delivering",
    "in_accept",
    "dispute",
    "settled",
    "closed",
    "outcome_fail",
    "refunding",
    "refunded",
)
HOLDERS = ("agency", "applicant", "department", "external")
SHIPMENT_STATUSES = (
    "unknown",
    "pending",
    "picked_up",
    "in_transit",
    "on_hold",
    "delivery_delayed",
    "out_for_delivery",
    "ready_for_pickup",
    "delivery_failed",
    "delivered",
    "return_to_sender",
    "cancelled",
)
TABLES = (
    "orders",
    "order_events",
    "clock_segments",
    "suspensions",
    "department_returns",
    "documents",
    "checklist_items",
    "defect_notices",
    "messages",
    "delivery_addresses",
    "shipments",
    "shipment_events",
    "reviews",
)
APPEND_ONLY = ("order_events", "department_returns", "defect_notices", "shipment_events")


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    _orders()
    _order_records()
    _files()
    _handling()
    _courier()
    _reviews()
    for table in APPEND_ONLY:
        _forbid_changes(table)


def _orders() -> None:
    op.create_table(
        "orders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.String(6), nullable=False),
        sa.Column("applicant_org_id", sa.Uuid(), nullable=False),
        sa.Column("applicant_user_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("listing_version", sa.BigInteger(), nullable=False),
        sa.Column("service_code", sa.String(20), nullable=False),
        sa.Column("matter_code", sa.String(40), nullable=True),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.Column(
            "fund_source", _enum("ck_orders_fund_source", "private", "government"), nullable=False
        ),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("promised_days", sa.BigInteger(), nullable=False),
        sa.Column("idempotency_key", sa.String(80), nullable=False),
        sa.Column("state", _enum("ck_orders_order_state", *STATES), nullable=False),
        sa.Column("holder", _enum("ck_orders_holder", *HOLDERS), nullable=True),
        sa.Column("handler_user_id", sa.Uuid(), nullable=True),
        sa.Column("handler_name", sa.String(60), nullable=True),
        sa.Column("trade_no", sa.String(120), nullable=True),
        sa.Column("receipt_no", sa.String(120), nullable=True),
        sa.Column("document_no", sa.String(120), nullable=True),
        sa.Column("result_document_id", sa.Uuid(), nullable=True),
        sa.Column(
            "delivery_method",
            _enum("ck_orders_delivery_method", "electronic", "courier"),
            nullable=True,
        ),
        sa.Column("waybill_no", sa.String(60), nullable=True),
        sa.Column("return_count", sa.BigInteger(), nullable=False),
        sa.Column("disputed_from", sa.String(40), nullable=True),
        sa.Column("disputed_by", _enum("ck_orders_role", *ROLES), nullable=True),
        sa.Column("cancel_reason", sa.String(500), nullable=True),
        sa.Column("placed_at", INSTANT, nullable=False),
        sa.Column("pay_by", INSTANT, nullable=False),
        sa.Column("paid_at", INSTANT, nullable=True),
        sa.Column("accept_by", INSTANT, nullable=True),
        sa.Column("accepted_at", INSTANT, nullable=True),
        sa.Column("started_at", INSTANT, nullable=True),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("due_is_provisional", sa.Boolean(), nullable=False),
        sa.Column("submitted_at", INSTANT, nullable=True),
        sa.Column("late_days", sa.BigInteger(), nullable=False),
        sa.Column("result_at", INSTANT, nullable=True),
        sa.Column("delivered_at", INSTANT, nullable=True),
        sa.Column("confirm_by", INSTANT, nullable=True),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("net_workdays", sa.BigInteger(), nullable=True),
        sa.Column("span_days", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("length(region) = 6", name="ck_orders_region_six_digits"),
        sa.CheckConstraint("price_fen > 0", name="ck_orders_price_positive"),
        sa.CheckConstraint("promised_days > 0", name="ck_orders_promised_days_positive"),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
        sa.ForeignKeyConstraint(["agency_id"], ["organisations.id"], name="fk_orders_agency_id"),
        sa.ForeignKeyConstraint(
            ["applicant_org_id"], ["organisations.id"], name="fk_orders_applicant_org_id"
        ),
        sa.ForeignKeyConstraint(
            ["applicant_user_id"], ["users.id"], name="fk_orders_applicant_user_id"
        ),
        sa.ForeignKeyConstraint(
            ["handler_user_id"], ["users.id"], name="fk_orders_handler_user_id"
        ),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name="fk_orders_listing_id"),
        sa.UniqueConstraint(
            "applicant_org_id", "idempotency_key", name="uq_orders_applicant_org_id_idempotency_key"
        ),
        sa.UniqueConstraint("trade_no", name="uq_orders_trade_no"),
    )
    op.create_index("ix_orders_agency_id_placed_at", "orders", ["agency_id", "placed_at"])
    op.create_index(
        "ix_orders_applicant_org_id_placed_at", "orders", ["applicant_org_id", "placed_at"]
    )
    op.create_index("ix_orders_listing_id_settled_at", "orders", ["listing_id", "settled_at"])
    op.create_index("ix_orders_state_accept_by", "orders", ["state", "accept_by"])
    op.create_index("ix_orders_state_confirm_by", "orders", ["state", "confirm_by"])
    op.create_index("ix_orders_state_pay_by", "orders", ["state", "pay_by"])


def _order_records() -> None:
    op.create_table(
        "order_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("role", _enum("ck_order_events_role", *ROLES), nullable=False),
        sa.Column("actor_name", sa.String(120), nullable=False),
        sa.Column("from_state", sa.String(40), nullable=True),
        sa.Column("to_state", _enum("ck_order_events_order_state", *STATES), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_order_events"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_order_events_order_id"),
    )
    op.create_index("ix_order_events_order_id_at", "order_events", ["order_id", "at"])
    op.create_table(
        "clock_segments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("holder", _enum("ck_clock_segments_holder", *HOLDERS), nullable=False),
        sa.Column("state", _enum("ck_clock_segments_order_state", *STATES), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_clock_segments"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_clock_segments_order_id"),
        sa.UniqueConstraint("order_id", "position", name="uq_clock_segments_order_id_position"),
    )
    op.create_table(
        "suspensions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column(
            "code",
            _enum("ck_suspensions_suspension_code", "S1", "S2", "S3", "S4", "S5", "S6", "S7"),
            nullable=False,
        ),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("resume_by", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_suspensions"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_suspensions_order_id"),
    )
    op.create_index("ix_suspensions_ended_at_resume_by", "suspensions", ["ended_at", "resume_by"])
    op.create_index("ix_suspensions_order_id_code", "suspensions", ["order_id", "code"])
    op.create_table(
        "department_returns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column(
            "fault",
            _enum("ck_department_returns_fault", "agency", "applicant", "department"),
            nullable=False,
        ),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("is_new_point", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_department_returns"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_department_returns_order_id"),
    )
    op.create_index("ix_department_returns_order_id", "department_returns", ["order_id"])


def _files() -> None:
    op.create_table(
        "documents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("owner_org_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("size > 0", name="ck_documents_size_positive"),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.ForeignKeyConstraint(
            ["owner_org_id"], ["organisations.id"], name="fk_documents_owner_org_id"
        ),
    )
    op.create_index("ix_documents_order_id", "documents", ["order_id"])
    op.create_index("ix_documents_owner_org_id", "documents", ["owner_org_id"])


def _handling() -> None:
    op.create_table(
        "checklist_items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            _enum("ck_checklist_items_item_state", "waiting", "received", "rejected", "ok"),
            nullable=False,
        ),
        sa.Column("reason", sa.String(500), nullable=True),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", INSTANT, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_checklist_items"),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name="fk_checklist_items_document_id"
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_checklist_items_order_id"),
        sa.UniqueConstraint("order_id", "name", name="uq_checklist_items_order_id_name"),
    )
    op.create_index(
        "ix_checklist_items_state_submitted_at", "checklist_items", ["state", "submitted_at"]
    )
    op.create_table(
        "defect_notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("is_breach", sa.Boolean(), nullable=False),
        sa.Column("item_names", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_defect_notices"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_defect_notices_order_id"),
        sa.UniqueConstraint("order_id", "position", name="uq_defect_notices_order_id_position"),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("role", _enum("ck_messages_role", *ROLES), nullable=False),
        sa.Column("author_org_id", sa.Uuid(), nullable=False),
        sa.Column("author_user_id", sa.Uuid(), nullable=False),
        sa.Column("author_name", sa.String(120), nullable=False),
        sa.Column("body", sa.String(2000), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("read_at", INSTANT, nullable=True),
        sa.CheckConstraint("length(body) <= 2000", name="ck_messages_body_length"),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.ForeignKeyConstraint(
            ["author_org_id"], ["organisations.id"], name="fk_messages_author_org_id"
        ),
        sa.ForeignKeyConstraint(
            ["author_user_id"], ["users.id"], name="fk_messages_author_user_id"
        ),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_messages_document_id"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_messages_order_id"),
    )
    op.create_index("ix_messages_order_id_at", "messages", ["order_id", "at"])


def _courier() -> None:
    op.create_table(
        "delivery_addresses",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("order_id", name="pk_delivery_addresses"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_delivery_addresses_order_id"),
    )
    op.create_table(
        "shipments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("carrier", sa.String(40), nullable=False),
        sa.Column("waybill_no", sa.String(60), nullable=True),
        sa.Column(
            "status", _enum("ck_shipments_shipment_status", *SHIPMENT_STATUSES), nullable=False
        ),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("contents", sa.String(200), nullable=False),
        sa.Column("fee_fen", sa.BigInteger(), nullable=True),
        sa.Column("failure", sa.String(200), nullable=True),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("ordered_at", INSTANT, nullable=True),
        sa.Column("heard_at", INSTANT, nullable=False),
        sa.Column("delivered_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_shipments"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_shipments_order_id"),
        sa.UniqueConstraint("carrier", "waybill_no", name="uq_shipments_carrier_waybill_no"),
    )
    op.create_index("ix_shipments_order_id", "shipments", ["order_id"])
    op.create_index("ix_shipments_status_heard_at", "shipments", ["status", "heard_at"])
    op.create_table(
        "shipment_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shipment_id", sa.Uuid(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("raw_code", sa.String(40), nullable=False),
        sa.Column(
            "status",
            _enum("ck_shipment_events_shipment_status", *SHIPMENT_STATUSES),
            nullable=False,
        ),
        sa.Column("text", sa.String(300), nullable=False),
        sa.Column("place", sa.String(120), nullable=False),
        sa.Column("text_sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_shipment_events"),
        sa.ForeignKeyConstraint(
            ["shipment_id"], ["shipments.id"], name="fk_shipment_events_shipment_id"
        ),
        sa.UniqueConstraint(
            "shipment_id",
            "at",
            "raw_code",
            "text_sha256",
            name="uq_shipment_events_shipment_id_at_raw_code_text_sha256",
        ),
    )


def _reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("side", _enum("ck_reviews_side", "applicant", "agency"), nullable=False),
        sa.Column("author_org_id", sa.Uuid(), nullable=False),
        sa.Column("author_user_id", sa.Uuid(), nullable=False),
        sa.Column("rated_org_id", sa.Uuid(), nullable=False),
        sa.Column("quality", sa.BigInteger(), nullable=False),
        sa.Column("speed", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("manner", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.String(500), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("seal_ends_at", INSTANT, nullable=False),
        sa.Column("unsealed_at", INSTANT, nullable=True),
        sa.CheckConstraint("fee BETWEEN 1 AND 5", name="ck_reviews_fee_range"),
        sa.CheckConstraint("manner BETWEEN 1 AND 5", name="ck_reviews_manner_range"),
        sa.CheckConstraint("quality BETWEEN 1 AND 5", name="ck_reviews_quality_range"),
        sa.CheckConstraint("speed BETWEEN 1 AND 5", name="ck_reviews_speed_range"),
        sa.PrimaryKeyConstraint("id", name="pk_reviews"),
        sa.ForeignKeyConstraint(
            ["author_org_id"], ["organisations.id"], name="fk_reviews_author_org_id"
        ),
        sa.ForeignKeyConstraint(["author_user_id"], ["users.id"], name="fk_reviews_author_user_id"),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name="fk_reviews_listing_id"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_reviews_order_id"),
        sa.ForeignKeyConstraint(
            ["rated_org_id"], ["organisations.id"], name="fk_reviews_rated_org_id"
        ),
        sa.UniqueConstraint("order_id", "side", name="uq_reviews_order_id_side"),
    )
    op.create_index(
        "ix_reviews_listing_id_side_unsealed_at", "reviews", ["listing_id", "side", "unsealed_at"]
    )
    op.create_index(
        "ix_reviews_rated_org_id_side_unsealed_at",
        "reviews",
        ["rated_org_id", "side", "unsealed_at"],
    )
    op.create_index(
        "ix_reviews_unsealed_at_seal_ends_at", "reviews", ["unsealed_at", "seal_ends_at"]
    )


def _forbid_changes(table: str) -> None:
    """Refuse UPDATE and DELETE in the database itself: the application is not the last word."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(  # the function is of the first migration
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
