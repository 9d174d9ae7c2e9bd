"""Material and messages of an order."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select, update

from market import audit, outbox
from market.act import SYSTEM, Act, Role
from market.errors import ConflictError, InvalidInputError, NotFoundError
from market.files import Document, FileStore, Upload, get_order_document, keep_document
from market.handling.models import ChecklistItem, DefectNotice, ItemState, Message
from market.orders.models import Order
from market.orders.moving import hand_over, require_text, take_order, write_event
from market.orders.services import accept_order, start_service
from market.orders.states import TERMINAL, Holder, OrderState

LONGEST_MESSAGE = 2_000
LONGEST_REASON = 500
LONGEST_ITEM = 200


class ItemStateError(ConflictError):
    """The item is not in a state in which this can be done."""

    code = "handling.wrong_item_state"


class NotCollectingError(ConflictError):
    """Material is taken only while it is being collected."""

    code = "handling.not_collecting"


class RoomClosedError(ConflictError):
    """The order has ended; its room can be read but not written."""

    code = "handling.room_closed"


def take_on_order(
    act: Act, order_id: UUID, *, handler_name: str, handler_user_id: UUID | None = None
) -> Order:
    """Accept an order and lay out its checklist in the same act.

    Raises:
        OrderStateError: it does not wait for acceptance.
    """
    order = accept_order(act, order_id, handler_name=handler_name, handler_user_id=handler_user_id)
    open_checklist(act, order)
    return order


def open_checklist(act: Act, order: Order) -> list[ChecklistItem]:
    """Lay out the material that the order's frozen terms name; safe to repeat.

    An order that needs no material starts at once.
    """
    items = _load_items(act, order.id)
    if items or order.state is not OrderState.COLLECTING:
        return items
    for position, (name, required) in enumerate(materials_of(order)):
        act.session.add(
            ChecklistItem(
                order_id=order.id,
                position=position,
                name=name,
                required=required,
                state=ItemState.WAITING,
            )
        )
    act.session.flush()
    items = _load_items(act, order.id)
    _start_when_complete(act, order, items)
    return items


def materials_of(order: Order) -> list[tuple[str, bool]]:
    """Read the material list of the frozen terms: (name, is required), each name once."""
    found: dict[str, bool] = {}
    for entry in order.snapshot.get("materials") or []:
        if isinstance(entry, Mapping):
            name, required = str(entry.get("name", "")), bool(entry.get("required", True))
        else:
            name, required = str(entry), True
        if name.strip():
            found.setdefault(name.strip()[:LONGEST_ITEM], required)
    return list(found.items())


def upload_item(
    act: Act, store: FileStore, order_id: UUID, item_id: UUID, upload: Upload
) -> ChecklistItem:
    """Hand in one item of material.

    Raises:
        NotFoundError: no such item in this order.
        NotCollectingError: material is not being collected.
        ItemStateError: the item was accepted already.
        MarketError: the file is refused, see ``market.files``.
    """
    order = take_order(act, order_id, Role.APPLICANT)
    _require_collecting(order)
    items = open_checklist(act, order)
    item = _find_item(items, item_id)
    if item.state is ItemState.OK:
        raise ItemStateError(state=item.state.value)
    document = keep_document(
        act, store, upload, owner_org_id=order.applicant_org_id, order_id=order.id
    )
    item.document_id, item.submitted_at = document.id, act.at
    item.state, item.reason = ItemState.RECEIVED, None
    _tell(act, order, "item_received", item=item.name)
    if all(i.state in (ItemState.RECEIVED, ItemState.OK) for i in items if i.required):
        hand_over(act, order, Holder.AGENCY)
    return item


def accept_item(act: Act, order_id: UUID, item_id: UUID) -> ChecklistItem:
    """Accept one item; with the last required one the promise clock starts.

    Raises:
        NotFoundError: no such item in this order.
        NotCollectingError: material is not being collected.
        ItemStateError: nothing was handed in for it.
    """
    order = take_order(act, order_id, Role.AGENCY, Role.SYSTEM)
    _require_collecting(order)
    items = _load_items(act, order_id)
    item = _find_item(items, item_id)
    if item.state is not ItemState.RECEIVED:
        raise ItemStateError(state=item.state.value)
    item.state, item.decided_at = ItemState.OK, act.at
    _tell(act, order, "item_accepted", item=item.name)
    _start_when_complete(act, order, items)
    return item


def reject_items(act: Act, order_id: UUID, reasons: Mapping[UUID, str]) -> DefectNotice:
    """Tell all defects at once: ``reasons`` maps item ids to what is wrong with them.

    The first list is the one complete list. A later list is a breach that is recorded and shown,
    unless it only names items that an earlier list named and that are still not right.

    Raises:
        InvalidInputError: an empty list, or an item without a reason.
        NotFoundError: an item of another order.
        NotCollectingError: material is not being collected.
        ItemStateError: an item was neither handed in nyet, or is decided already.
    """
    order = take_order(act, order_id, Role.AGENCY)
    _require_collecting(order)
    if not reasons:
        raise InvalidInputError(field="reasons", reason="empty")
    items = _load_items(act, order_id)
    rejected = [_find_item(items, item_id) for item_id in reasons]
    for item in rejected:
        if item.state is not ItemState.RECEIVED:
            raise ItemStateError(state=item.state.value)
        item.reason = require_text("reasons", reasons[item.id], longest=LONGEST_REASON)
        item.state, item.decided_at = ItemState.REJECTED, act.at
    notice = _write_notice(act, order, sorted(item.name for item in rejected))
    hand_over(act, order, Holder.APPLICANT)
    return notice


def _write_notice(act: Act, order: Order, names: list[str]) -> DefectNotice:
    statement = select(DefectNotice).where(DefectNotice.order_id == order.id)
    earlier = act.session.execute(statement).scalars().all()
    named = {name for notice in earlier for name in notice.item_names}
    is_breach = bool(earlier) and not set(names) <= named
    notice = DefectNotice(
        order_id=order.id,
        position=len(earlier) + 1,
        at=act.at,
        is_breach=is_breach,
        item_names=names,
    )
    act.session.add(notice)
    _tell(act, order, "items_rejected", count=len(names), is_breach=is_breach)
    if is_breach:
        audit.record(act, "handling.late_demand", subject=order.id, count=len(names))
    return notice


def add_document(act: Act, store: FileStore, order_id: UUID, upload: Upload) -> Document:
    """Put a file into the room, for a message or as the result.

    Raises:
        RoomClosedError: the order has ended.
        MarketError: the file is refused, see ``market.files``.
    """
    order = take_order(act, order_id, Role.APPLICANT, Role.AGENCY)
    _require_open(order)
    return keep_document(act, store, upload, owner_org_id=_own_org(act), order_id=order.id)


def send_message(
    act: Act, order_id: UUID, *, body: str, document_id: UUID | None = None
) -> Message:
    """Write to the other side of the order.

    Raises:
        InvalidInputError: no text, or more than 2,000 characters.
        NotFoundError: the document is not of this order.
        RoomClosedError: the order has ended.
    """
    order = take_order(act, order_id, Role.APPLICANT, Role.AGENCY)
    _require_open(order)
    body = require_text("body", body.replace("\r\n", "\n"), longest=LONGEST_MESSAGE)
    if document_id is not None:
        get_order_document(act.session, order.id, document_id)
    message = Message(
        order_id=order.id,
        at=act.at,
        role=act.actor.role,
        author_org_id=_own_org(act),
        author_user_id=act.actor.user_id,
        author_name=act.actor.name,
        body=body,
        document_id=document_id,
    )
    act.session.add(message)
    act.session.flush()
    audit.record(act, "message.sent", subject=order.id)
    outbox.put(
        act,
        "message.sent",
        order_id=str(order.id),
        message_id=str(message.id),
        applicant_org_id=str(order.applicant_org_id),
        agency_id=str(order.agency_id),
        actor_role=act.actor.role.value,
    )
    return message


def mark_read(act: Act, order_id: UUID) -> int:
    """Note that the actor has seen what the other side wrote; gives how many were new."""
    order = take_order(act, order_id, Role.APPLICANT, Role.AGENCY)
    statement = (
        update(Message)
        .where(
            Message.order_id == order.id,
            Message.role != act.actor.role,
            Message.read_at.is_(None),
        )
        .values(read_at=act.at)
        .returning(Message.id)
    )
    return len(act.session.execute(statement).all())


def _start_when_complete(act: Act, order: Order, items: Sequence[ChecklistItem]) -> None:
    if all(item.state is ItemState.OK for item in items if item.required):
        start_service(replace(act, actor=SYSTEM), order.id)


def _load_items(act: Act, order_id: UUID) -> list[ChecklistItem]:
    statement = select(ChecklistItem).where(ChecklistItem.order_id == order_id)
    return list(act.session.execute(statement.order_by(ChecklistItem.position)).scalars())


def _find_item(items: Sequence[ChecklistItem], item_id: UUID) -> ChecklistItem:
    for item in items:
        if item.id == item_id:
            return item
    raise NotFoundError(kind="checklist_item")


def _require_collecting(order: Order) -> None:
    if order.state is not OrderState.COLLECTING:
        raise NotCollectingError(state=order.state.value)


def _require_open(order: Order) -> None:
    if order.state in TERMINAL and order.state is not OrderState.SETTLED:
        raise RoomClosedError(state=order.state.value)


def _own_org(act: Act) -> UUID:
    if act.actor.organisation_id is None:
        raise NotFoundError(kind="organisation")
    return act.actor.organisation_id


def _tell(act: Act, order: Order, kind: str, **params: str | int | bool) -> None:
    write_event(act, order, kind, from_state=order.state, **params)
    safe = {key: value for key, value in params.items() if not isinstance(value, str)}
    audit.record(act, f"handling.{kind}", subject=order.id, **safe)
    outbox.put(
        act,
        f"handling.{kind}",
        run_at=None,
        dedup=None,
        order_id=str(order.id),
        applicant_org_id=str(order.applicant_org_id),
        agency_id=str(order.agency_id),
        **params,
    )
