"""Messages that were given up: shown to the operator, who may have them tried again."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from market import audit
from market.act import Act, Role
from market.errors import NotFoundError
from market.outbox import MessageState, OutboxMessage

MOST_SHOWN = 100


def list_dead(session: Session) -> list[OutboxMessage]:
    """List the messages that were given up, the oldest first."""
    statement = (
        select(OutboxMessage)
        .where(OutboxMessage.state == MessageState.DEAD)
        .order_by(OutboxMessage.put_at)
        .limit(MOST_SHOWN)
    )
    return list(session.execute(statement).scalars())


def retry_message(act: Act, message_id: UUID) -> None:
    """Let the worker try a given-up message again, from the first try on.

    Raises:
        NotAllowedError: not the operator.
        NotFoundError: there is no such dead message.
    """
    act.require_role(Role.OPERATOR)
    statement = (
        select(OutboxMessage)
        .where(OutboxMessage.id == message_id, OutboxMessage.state == MessageState.DEAD)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    message = act.session.execute(statement).scalar_one_or_none()
    if message is None:
        raise NotFoundError(kind="message")
    message.state = MessageState.WAITING
    message.tries = 0
    message.run_at = act.at
    audit.record(act, "message.retried", subject=message.id, message=message.kind)
