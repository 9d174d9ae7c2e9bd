"""Reading the room of an order."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.act import Actor, Role
from market.files import Document, FileStore, get_order_document
from market.handling.models import ChecklistItem, DefectNotice, ItemState, Message
from market.orders.models import Order
from market.orders.queries import get_own_order, scope_of

MOST_MESSAGES = 500


@dataclass(frozen=True, slots=True)
class Room:
    """Everything in the room of one order."""

    items: Sequence[ChecklistItem]
    notices: Sequence[DefectNotice]
    messages: Sequence[Message]  # the oldest first
    documents: dict[UUID, Document]  # of items and messages, by id
    unread_count: int

    @property
    def open_count(self) -> int:
        """How many required items are not accepted yet."""
        return sum(1 for item in self.items if item.required and item.state is not ItemState.OK)


def get_room(session: Session, actor: Actor, order_id: UUID) -> Room:
    """Read the room of an order.

    Raises:
        NotFoundError: there is no such order that this actor may see.
    """
    order = get_own_order(session, actor, order_id)
    return Room(
        items=list_items(session, order),
        notices=_list_notices(session, order),
        messages=_list_messages(session, order),
        documents=_load_documents(session, order),
        unread_count=_count_unread(session, actor, order),
    )


def list_items(session: Session, order: Order) -> Sequence[ChecklistItem]:
    """List the material of an order that the caller has checked the right to."""
    statement = select(ChecklistItem).where(ChecklistItem.order_id == order.id)
    return session.execute(statement.order_by(ChecklistItem.position)).scalars().all()


def _list_notices(session: Session, order: Order) -> Sequence[DefectNotice]:
    statement = select(DefectNotice).where(DefectNotice.order_id == order.id)
    return session.execute(statement.order_by(DefectNotice.position)).scalars().all()


def _list_messages(session: Session, order: Order) -> Sequence[Message]:
    statement = (
        select(Message)
        .where(Message.order_id == order.id)
        .order_by(Message.at.desc(), Message.id.desc())
        .limit(MOST_MESSAGES)
    )
    return session.execute(statement).scalars().all()[::-1]


def _load_documents(session: Session, order: Order) -> dict[UUID, Document]:
    statement = select(Document).where(Document.order_id == order.id)
    return {document.id: document for document in session.execute(statement).scalars()}


def _count_unread(session: Session, actor: Actor, order: Order) -> int:
    statement = select(func.count()).where(
        Message.order_id == order.id, Message.role != actor.role, Message.read_at.is_(None)
    )
    return session.execute(statement).scalar_one()


def count_unread(session: Session, actor: Actor) -> dict[UUID, int]:
    """Count what the actor has not read yet, by order; orders without news are left out."""
    if actor.role not in (Role.APPLICANT, Role.AGENCY):
        return {}
    statement = (
        select(Message.order_id, func.count())
        .join(Order, Order.id == Message.order_id)
        .where(scope_of(actor), Message.role != actor.role, Message.read_at.is_(None))
        .group_by(Message.order_id)
    )
    return dict(session.execute(statement).all())


def open_document(
    session: Session, store: FileStore, actor: Actor, *, order_id: UUID, document_id: UUID
) -> tuple[Document, bytes]:
    """Open a document of an order for one of its parties, or for who supervises it.

    Raises:
        NotFoundError: no such order or document for this actor, or the file is damaged.
    """
    order = get_own_order(session, actor, order_id)
    document = get_order_document(session, order.id, document_id)
    return document, store.read(document.sha256)
