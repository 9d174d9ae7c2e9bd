"""Tables of the ledger. Journals and transfers are append-only (triggers of migration 0002)."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from billing.chart import Guard, Kind
from billing.db import Base, new_id, text_enum


class Mode(StrEnum):
    """What a transfer does: move at once, reserve, or resolve a reservation."""

    POSTED = "posted"
    PENDING = "pending"
    POST = "post"
    VOID = "void"


class Account(Base):
    """Running totals of one code; every figure equals the sum of its transfers."""

    __tablename__ = "billing_account"
    __table_args__ = (
        CheckConstraint(
            "debits_posted >= 0 AND credits_posted >= 0"
            " AND debits_pending >= 0 AND credits_pending >= 0",
            name="not_negative",
        ),
        CheckConstraint(
            "guard <> 'credit' OR debits_posted + debits_pending <= credits_posted",
            name="credit_guard",
        ),
        CheckConstraint(
            "guard <> 'debit' OR credits_posted + credits_pending <= debits_posted",
            name="debit_guard",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[Kind] = mapped_column(text_enum(Kind, "kind"))
    currency: Mapped[str] = mapped_column(String(3))
    guard: Mapped[Guard] = mapped_column(text_enum(Guard, "guard"))
    debits_posted: Mapped[int] = mapped_column(default=0)
    credits_posted: Mapped[int] = mapped_column(default=0)
    debits_pending: Mapped[int] = mapped_column(default=0)
    credits_pending: Mapped[int] = mapped_column(default=0)


class ChainHead(Base):
    """One row: number and hash of the last journal. Locking it puts journals in order."""

    __tablename__ = "billing_chain_head"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))  # SHA-256, hex


class Journal(Base):
    """One indivisible entry in the book; its lines are transfers."""

    __tablename__ = "billing_journal"
    __table_args__ = (CheckConstraint("seq > 0", name="seq_positive"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    seq: Mapped[int] = mapped_column(unique=True)  # 1, 2, 3 ... without gaps
    kind: Mapped[str] = mapped_column(String(40))
    ref: Mapped[str] = mapped_column(String(80), index=True)
    idem_key: Mapped[str] = mapped_column(String(160), unique=True)
    request_hash: Mapped[str] = mapped_column(String(64))  # over kind, ref and lines
    created_at: Mapped[datetime]
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    reverses_id: Mapped[UUID | None] = mapped_column(ForeignKey("billing_journal.id"), unique=True)


class Transfer(Base):
    """One amount from one credit to one debit account: balanced by construction."""

    __tablename__ = "billing_transfer"
    __table_args__ = (
        UniqueConstraint("journal_id", "line"),
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint("debit_id <> credit_id", name="two_accounts"),
        CheckConstraint(
            "(mode IN ('post', 'void')) = (pending_id IS NOT NULL)", name="resolves_pending"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    journal_id: Mapped[UUID] = mapped_column(ForeignKey("billing_journal.id"))
    line: Mapped[int] = mapped_column(SmallInteger)
    debit_id: Mapped[UUID] = mapped_column(ForeignKey("billing_account.id"), index=True)
    credit_id: Mapped[UUID] = mapped_column(ForeignKey("billing_account.id"), index=True)
    amount_fen: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    mode: Mapped[Mode] = mapped_column(text_enum(Mode, "mode"))
    pending_id: Mapped[UUID | None] = mapped_column(ForeignKey("billing_transfer.id"), unique=True)
