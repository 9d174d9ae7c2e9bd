"""Tables of escrow: refunds, payouts, disputes. Each open row owns one ledger reservation."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from billing.db import Base, new_id, text_enum
from billing.escrow.states import DisputeState, ReservationState


class Refund(Base):
    """Money on its way back to the payer."""

    __tablename__ = "billing_refund"
    __table_args__ = (CheckConstraint("amount_fen > 0", name="amount_positive"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("billing_payment.id"), index=True)
    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("billing_payment_attempt.id"), index=True)
    psp_pi: Mapped[str] = mapped_column(String(80))  # the intent that is refunded
    source: Mapped[str] = mapped_column(String(120))  # account the money is taken from
    amount_fen: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    reason: Mapped[str] = mapped_column(String(40))
    state: Mapped[ReservationState] = mapped_column(
        text_enum(ReservationState, "state"), default=ReservationState.RESERVED
    )
    idem_key: Mapped[str] = mapped_column(String(100), unique=True)
    psp_ref: Mapped[str | None] = mapped_column(String(80), unique=True)
    pending_transfer_id: Mapped[UUID] = mapped_column(
        ForeignKey("billing_transfer.id"), unique=True
    )
    created_at: Mapped[datetime]
    first_sent_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(300))


class Payout(Base):
    """Money on its way to an agency."""

    __tablename__ = "billing_payout"
    __table_args__ = (CheckConstraint("amount_fen > 0", name="amount_positive"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    payee: Mapped[str] = mapped_column(String(64), index=True)
    amount_fen: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[ReservationState] = mapped_column(
        text_enum(ReservationState, "state"), default=ReservationState.RESERVED
    )
    idem_key: Mapped[str] = mapped_column(String(100), unique=True)
    psp_ref: Mapped[str | None] = mapped_column(String(80), unique=True)
    pending_transfer_id: Mapped[UUID] = mapped_column(
        ForeignKey("billing_transfer.id"), unique=True
    )
    created_at: Mapped[datetime]
    first_sent_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(300))


class Dispute(Base):
    """Money frozen until somebody has decided."""

    __tablename__ = "billing_dispute"
    __table_args__ = (
        CheckConstraint(
            "frozen_fen > 0 AND released_fen >= 0 AND refunded_fen >= 0"
            " AND released_fen + refunded_fen <= frozen_fen",
            name="parts_within_whole",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("billing_payment.id"), index=True)
    frozen_fen: Mapped[int]
    released_fen: Mapped[int] = mapped_column(default=0)
    refunded_fen: Mapped[int] = mapped_column(default=0)
    state: Mapped[DisputeState] = mapped_column(
        text_enum(DisputeState, "state"), default=DisputeState.OPEN
    )
    idem_key: Mapped[str] = mapped_column(String(100), unique=True)
    pending_transfer_id: Mapped[UUID] = mapped_column(
        ForeignKey("billing_transfer.id"), unique=True
    )
    opened_at: Mapped[datetime]
    executed_at: Mapped[datetime | None]
