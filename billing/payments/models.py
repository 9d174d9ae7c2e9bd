"""Tables of payments: what is owed, attempts to pay it, webhooks as received, alarms."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from billing.db import Base, new_id, text_enum
from billing.payments.states import AttemptState, MoneyState


class Payment(Base):
    """What is owed under one reference, and what became of the money."""

    __tablename__ = "billing_payment"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint(
            "released_fen >= 0 AND refunding_fen >= 0 AND refunded_fen >= 0"
            " AND released_fen + refunding_fen + refunded_fen <= amount_fen",
            name="parts_within_whole",
        ),
        CheckConstraint("(state IN ('unpaid', 'canceled')) = (paid_at IS NULL)", name="paid_dated"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    reference: Mapped[str] = mapped_column(String(64), unique=True)  # such as "order:<uuid>"
    payee: Mapped[str] = mapped_column(String(64), index=True)  # id of the agency
    amount_fen: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[MoneyState] = mapped_column(
        text_enum(MoneyState, "state"), default=MoneyState.UNPAID
    )
    psp_ref: Mapped[str | None] = mapped_column(String(80), unique=True)  # the intent that paid
    released_fen: Mapped[int] = mapped_column(default=0)
    refunding_fen: Mapped[int] = mapped_column(default=0)
    refunded_fen: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]  # closed unpaid

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read by the mapper


class PaymentAttempt(Base):
    """One conversation with the provider about one payment."""

    __tablename__ = "billing_payment_attempt"
    __table_args__ = (UniqueConstraint("payment_id", "n"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("billing_payment.id"))
    n: Mapped[int] = mapped_column(Integer)  # 1, 2, 3 ... per payment
    idem_key: Mapped[str] = mapped_column(String(100), unique=True)
    psp_pi: Mapped[str | None] = mapped_column(String(80), unique=True)
    psp_checkout: Mapped[str | None] = mapped_column(String(80), unique=True)
    pay_url: Mapped[str | None] = mapped_column(String(500))
    state: Mapped[AttemptState] = mapped_column(
        text_enum(AttemptState, "state"), default=AttemptState.CREATED
    )
    refund_due: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class WebhookEvent(Base):
    """A signed message of the provider, exactly as received, once."""

    __tablename__ = "billing_webhook_event"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)  # evt_...
    type: Mapped[str] = mapped_column(String(80), index=True)
    api_version: Mapped[str | None] = mapped_column(String(40))
    object_id: Mapped[str | None] = mapped_column(String(80), index=True)
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]
    processed_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    error: Mapped[str | None] = mapped_column(String(300))


class Alarm(Base):
    """Something about money that a person must look at."""

    __tablename__ = "billing_alarm"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(40), index=True)
    subject: Mapped[str] = mapped_column(String(160), unique=True)  # one alarm per thing
    details: Mapped[str] = mapped_column(String(500))
    raised_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
