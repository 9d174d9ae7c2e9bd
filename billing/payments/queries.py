"""Reading payments."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from billing.errors import NotFoundError
from billing.payments.models import Alarm, Payment, PaymentAttempt, WebhookEvent
from billing.payments.states import OPEN, AttemptState


def find_payment(session: Session, reference: str) -> Payment | None:
    """Find the payment of a reference."""
    query = select(Payment).where(Payment.reference == reference)
    return session.scalar(query.execution_options(populate_existing=True))


def lock_payment(session: Session, reference: str) -> Payment:
    """Lock the payment of a reference; lock it before any posting about it.

    Raises:
        NotFoundError: nothing was ever asked for this reference.
    """
    payment = _locked(session, Payment.reference == reference)
    if payment is None:
        raise NotFoundError(payment=reference)
    return payment


def lock_payment_of(session: Session, attempt: PaymentAttempt) -> Payment:
    """Lock the payment that an attempt belongs to."""
    payment = _locked(session, Payment.id == attempt.payment_id)
    if payment is None:
        raise NotFoundError(payment=str(attempt.payment_id))
    return payment


def _locked(session: Session, condition: ColumnElement[bool]) -> Payment | None:
    query = select(Payment).where(condition).with_for_update()
    return session.scalar(query.execution_options(populate_existing=True))


def get_attempt(session: Session, attempt_id: UUID) -> PaymentAttempt:
    """Get an attempt.

    Raises:
        NotFoundError: no such attempt.
    """
    query = select(PaymentAttempt).where(PaymentAttempt.id == attempt_id)
    attempt = session.scalar(query.execution_options(populate_existing=True))
    if attempt is None:
        raise NotFoundError(attempt=str(attempt_id))
    return attempt


def find_attempt_of_intent(session: Session, intent: str) -> PaymentAttempt | None:
    """Find the attempt that a payment intent belongs to."""
    query = select(PaymentAttempt).where(PaymentAttempt.psp_pi == intent)
    return session.scalar(query.execution_options(populate_existing=True))


def list_attempts(session: Session, payment_id: UUID) -> list[PaymentAttempt]:
    """List the attempts of a payment, first one first."""
    query = (
        select(PaymentAttempt)
        .where(PaymentAttempt.payment_id == payment_id)
        .order_by(PaymentAttempt.n)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def list_open_attempts(
    session: Session, *, expired_since: datetime | None = None, limit: int = 100
) -> list[PaymentAttempt]:
    """List attempts whose end is not known, oldest first: re-read each at the provider.

    Args:
        session: for reading.
        expired_since: also those that were given up and whose time ended after this instant,
            since their payer may have paid nevertheless.
        limit: longest list.
    """
    wanted: ColumnElement[bool] = PaymentAttempt.state.in_(OPEN)
    if expired_since is not None:
        given_up = PaymentAttempt.state == AttemptState.EXPIRED
        wanted = or_(wanted, and_(given_up, PaymentAttempt.expires_at > expired_since))
    query = (
        select(PaymentAttempt)
        .where(wanted)
        .order_by(PaymentAttempt.created_at, PaymentAttempt.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def list_due_refunds(session: Session, *, limit: int = 100) -> list[PaymentAttempt]:
    """List paid attempts whose money must go back: late or double payments."""
    query = (
        select(PaymentAttempt)
        .where(PaymentAttempt.refund_due)
        .order_by(PaymentAttempt.created_at, PaymentAttempt.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def list_unprocessed_events(
    session: Session, *, before: datetime, limit: int = 100
) -> list[WebhookEvent]:
    """List stored webhooks received before an instant that nobody finished, oldest first."""
    query = (
        select(WebhookEvent)
        .where(WebhookEvent.processed_at.is_(None), WebhookEvent.received_at < before)
        .order_by(WebhookEvent.received_at, WebhookEvent.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def list_alarms(session: Session) -> list[Alarm]:
    """List alarms that nobody has resolved, oldest first."""
    query = select(Alarm).where(Alarm.resolved_at.is_(None)).order_by(Alarm.raised_at, Alarm.id)
    return list(session.scalars(query))
