"""Make the tables of the ledger, of payments and of escrow.

New tables only. Journals and transfers refuse every change by trigger, on PostgreSQL also TRUNCATE.
A batch rebuild of one of them on SQLite would lose its triggers: add columns only, or make the
triggers again in the same migration.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

APPEND_ONLY = ("billing_journal", "billing_transfer")
SIDES = ("debits", "credits")
INSTANT = sa.DateTime(timezone=True)
ATTEMPT_STATES = (
    "created",
    "requires_action",
    "processing",
    "succeeded",
    "failed",
    "canceled",
    "expired",
    "mismatched",
)
MONEY_STATES = (
    "unpaid",
    "canceled",
    "held",
    "part_released",
    "released",
    "refund_pending",
    "refunded",
)
RESERVATION_STATES = ("reserved", "sent", "succeeded", "failed", "unknown")
DISPUTE_STATES = ("open", "evidence", "mediation", "decided", "executed")


def upgrade() -> None:
    _accounts()
    _journals()
    _payments()
    _messages()
    _refunds()
    _payouts()
    _disputes()
    _make_append_only()


def downgrade() -> None:
    for table in (
        "billing_dispute",
        "billing_payout",
        "billing_refund",
        "billing_alarm",
        "billing_webhook_event",
        "billing_payment_attempt",
        "billing_payment",
        "billing_transfer",
        "billing_journal",
        "billing_chain_head",
        "billing_account",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION billing_refuse_change()")


def _accounts() -> None:
    op.create_table(
        "billing_account",
        _id(),
        _text("code", 120),
        _text("kind", 20),
        _text("currency", 3),
        _text("guard", 20),
        *(_fen(f"{side}_{mode}") for mode in ("posted", "pending") for side in SIDES),
        sa.PrimaryKeyConstraint("id", name="pk_billing_account"),
        sa.UniqueConstraint("code", name="uq_billing_account_code"),
        _one_of("billing_account", "kind", "asset", "liability", "income", "expense"),
        _one_of("billing_account", "guard", "none", "credit", "debit"),
        sa.CheckConstraint(
            "debits_posted >= 0 AND credits_posted >= 0"
            " AND debits_pending >= 0 AND credits_pending >= 0",
            name="ck_billing_account_not_negative",
        ),
        sa.CheckConstraint(
            "guard <> 'credit' OR debits_posted + debits_pending <= credits_posted",
            name="ck_billing_account_credit_guard",
        ),
        sa.CheckConstraint(
            "guard <> 'debit' OR credits_posted + credits_pending <= debits_posted",
            name="ck_billing_account_debit_guard",
        ),
    )
    op.create_table(
        "billing_chain_head",
        sa.Column("id", sa.SmallInteger(), nullable=False, autoincrement=False),
        _fen("seq"),
        _text("hash", 64),
        sa.PrimaryKeyConstraint("id", name="pk_billing_chain_head"),
        sa.CheckConstraint("id = 1", name="ck_billing_chain_head_single_row"),
    )


def _journals() -> None:
    op.create_table(
        "billing_journal",
        _id(),
        _fen("seq"),
        _text("kind", 40),
        _text("ref", 80),
        _text("idem_key", 160),
        _text("request_hash", 64),
        _instant("created_at"),
        _text("prev_hash", 64),
        _text("hash", 64),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_billing_journal"),
        _foreign("billing_journal", "reverses_id", "billing_journal"),
        *(_unique("billing_journal", one) for one in ("seq", "idem_key", "hash", "reverses_id")),
        sa.CheckConstraint("seq > 0", name="ck_billing_journal_seq_positive"),
    )
    op.create_index("ix_billing_journal_ref", "billing_journal", ["ref"])
    op.create_table(
        "billing_transfer",
        _id(),
        sa.Column("journal_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.SmallInteger(), nullable=False),
        sa.Column("debit_id", sa.Uuid(), nullable=False),
        sa.Column("credit_id", sa.Uuid(), nullable=False),
        _fen("amount_fen"),
        _text("currency", 3),
        _text("mode", 20),
        sa.Column("pending_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_billing_transfer"),
        _foreign("billing_transfer", "journal_id", "billing_journal"),
        _foreign("billing_transfer", "debit_id", "billing_account"),
        _foreign("billing_transfer", "credit_id", "billing_account"),
        _foreign("billing_transfer", "pending_id", "billing_transfer"),
        sa.UniqueConstraint("journal_id", "line", name="uq_billing_transfer_journal_id"),
        _unique("billing_transfer", "pending_id"),
        _one_of("billing_transfer", "mode", "posted", "pending", "post", "void"),
        sa.CheckConstraint("amount_fen > 0", name="ck_billing_transfer_amount_positive"),
        sa.CheckConstraint("debit_id <> credit_id", name="ck_billing_transfer_two_accounts"),
        sa.CheckConstraint(
            "(mode IN ('post', 'void')) = (pending_id IS NOT NULL)",
            name="ck_billing_transfer_resolves_pending",
        ),
    )
    op.create_index("ix_billing_transfer_debit_id", "billing_transfer", ["debit_id"])
    op.create_index("ix_billing_transfer_credit_id", "billing_transfer", ["credit_id"])


def _payments() -> None:
    op.create_table(
        "billing_payment",
        _id(),
        _text("reference", 64),
        _text("payee", 64),
        _fen("amount_fen"),
        _text("currency", 3),
        _text("state", 20),
        _text("psp_ref", 80, nullable=True),
        _fen("released_fen"),
        _fen("refunding_fen"),
        _fen("refunded_fen"),
        sa.Column("version", sa.Integer(), nullable=False),
        _instant("created_at"),
        _instant("paid_at", nullable=True),
        _instant("closed_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_billing_payment"),
        _unique("billing_payment", "reference"),
        _unique("billing_payment", "psp_ref"),
        _one_of("billing_payment", "state", *MONEY_STATES),
        sa.CheckConstraint("amount_fen > 0", name="ck_billing_payment_amount_positive"),
        sa.CheckConstraint(
            "released_fen >= 0 AND refunding_fen >= 0 AND refunded_fen >= 0"
            " AND released_fen + refunding_fen + refunded_fen <= amount_fen",
            name="ck_billing_payment_parts_within_whole",
        ),
        sa.CheckConstraint(
            "(state IN ('unpaid', 'canceled')) = (paid_at IS NULL)",
            name="ck_billing_payment_paid_dated",
        ),
    )
    op.create_index("ix_billing_payment_payee", "billing_payment", ["payee"])
    op.create_table(
        "billing_payment_attempt",
        _id(),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        _text("idem_key", 100),
        _text("psp_pi", 80, nullable=True),
        _text("psp_checkout", 80, nullable=True),
        _text("pay_url", 500, nullable=True),
        _text("state", 20),
        sa.Column("refund_due", sa.Boolean(), nullable=False),
        _instant("created_at"),
        _instant("expires_at"),
        sa.PrimaryKeyConstraint("id", name="pk_billing_payment_attempt"),
        _foreign("billing_payment_attempt", "payment_id", "billing_payment"),
        sa.UniqueConstraint("payment_id", "n", name="uq_billing_payment_attempt_payment_id"),
        *(
            _unique("billing_payment_attempt", one)
            for one in ("idem_key", "psp_pi", "psp_checkout")
        ),
        _one_of("billing_payment_attempt", "state", *ATTEMPT_STATES),
    )


def _messages() -> None:
    op.create_table(
        "billing_webhook_event",
        _text("id", 80),
        _text("type", 80),
        _text("api_version", 40, nullable=True),
        _text("object_id", 80, nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        _instant("received_at"),
        _instant("processed_at", nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _text("error", 300, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_billing_webhook_event"),
    )
    op.create_index("ix_billing_webhook_event_type", "billing_webhook_event", ["type"])
    op.create_index("ix_billing_webhook_event_object_id", "billing_webhook_event", ["object_id"])
    op.create_table(
        "billing_alarm",
        _id(),
        _text("kind", 40),
        _text("subject", 160),
        _text("details", 500),
        _instant("raised_at"),
        _instant("resolved_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_billing_alarm"),
        _unique("billing_alarm", "subject"),
    )
    op.create_index("ix_billing_alarm_kind", "billing_alarm", ["kind"])


def _refunds() -> None:
    op.create_table(
        "billing_refund",
        _id(),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        _text("psp_pi", 80),
        _text("source", 120),
        _fen("amount_fen"),
        _text("currency", 3),
        _text("reason", 40),
        *_reservation(),
        sa.PrimaryKeyConstraint("id", name="pk_billing_refund"),
        _foreign("billing_refund", "payment_id", "billing_payment"),
        _foreign("billing_refund", "attempt_id", "billing_payment_attempt"),
        *_reservation_rules("billing_refund"),
    )
    op.create_index("ix_billing_refund_payment_id", "billing_refund", ["payment_id"])
    op.create_index("ix_billing_refund_attempt_id", "billing_refund", ["attempt_id"])


def _payouts() -> None:
    op.create_table(
        "billing_payout",
        _id(),
        _text("payee", 64),
        _fen("amount_fen"),
        _text("currency", 3),
        *_reservation(),
        sa.PrimaryKeyConstraint("id", name="pk_billing_payout"),
        *_reservation_rules("billing_payout"),
    )
    op.create_index("ix_billing_payout_payee", "billing_payout", ["payee"])


def _disputes() -> None:
    op.create_table(
        "billing_dispute",
        _id(),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        _fen("frozen_fen"),
        _fen("released_fen"),
        _fen("refunded_fen"),
        _text("state", 20),
        _text("idem_key", 100),
        sa.Column("pending_transfer_id", sa.Uuid(), nullable=False),
        _instant("opened_at"),
        _instant("executed_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_billing_dispute"),
        _foreign("billing_dispute", "payment_id", "billing_payment"),
        _foreign("billing_dispute", "pending_transfer_id", "billing_transfer"),
        _unique("billing_dispute", "idem_key"),
        _unique("billing_dispute", "pending_transfer_id"),
        _one_of("billing_dispute", "state", *DISPUTE_STATES),
        sa.CheckConstraint(
            "frozen_fen > 0 AND released_fen >= 0 AND refunded_fen >= 0"
            " AND released_fen + refunded_fen <= frozen_fen",
            name="ck_billing_dispute_parts_within_whole",
        ),
    )
    op.create_index("ix_billing_dispute_payment_id", "billing_dispute", ["payment_id"])


def _make_append_only() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION billing_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$"
            " BEGIN RAISE EXCEPTION USING ERRCODE = 'restrict_violation',"
            " MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$"
        )
        for table in APPEND_ONLY:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE"
                f" ON {table} FOR EACH STATEMENT EXECUTE FUNCTION billing_refuse_change()"
            )
        return
    for table in APPEND_ONLY:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def _id() -> sa.Column:
    return sa.Column("id", sa.Uuid(), nullable=False)


def _text(name: str, length: int, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(length), nullable=nullable)


def _fen(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _instant(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, INSTANT, nullable=nullable)


def _reservation() -> list[sa.Column]:
    return [
        _text("state", 20),
        _text("idem_key", 100),
        _text("psp_ref", 80, nullable=True),
        sa.Column("pending_transfer_id", sa.Uuid(), nullable=False),
        _instant("created_at"),
        _instant("first_sent_at", nullable=True),
        _instant("finished_at", nullable=True),
        _text("error", 300, nullable=True),
    ]


def _reservation_rules(table: str) -> list[sa.Constraint]:
    return [
        _foreign(table, "pending_transfer_id", "billing_transfer"),
        _unique(table, "idem_key"),
        _unique(table, "psp_ref"),
        _unique(table, "pending_transfer_id"),
        _one_of(table, "state", *RESERVATION_STATES),
        sa.CheckConstraint("amount_fen > 0", name=f"ck_{table}_amount_positive"),
    ]


def _foreign(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}")


def _unique(table: str, column: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(column, name=f"uq_{table}_{column}")


def _one_of(table: str, column: str, *values: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=f"ck_{table}_{column}")
