"""The one way in which an order changes its state: guard, timeline, clock, audit, message."""

import unicodedata
from uuid import UUID

from sqlalchemy import select

from market import audit, outbox
from market.act import Act, Role
from market.calendar.cn import CN
from market.errors import InvalidInputError, NotFoundError
from market.orders.clock import promise_deadline, promise_runs
from market.orders.models import ClockSegment, Order, OrderEvent
from market.orders.states import HOLDERS, TERMINAL, Holder, Move, OrderState, require_move

SEES_ALL = frozenset({Role.SYSTEM, Role.OPERATOR, Role.REGULATOR, Role.SUPERVISOR})

UNPRINTABLE = frozenset({"Cc", "Cs"})
"""Control characters and halves of characters: PostgreSQL refuses them, and nobody can see them."""

Param = str | int | bool | None


def take_order(act: Act, order_id: UUID, *roles: Role) -> Order:
    """Lock an order that the actor is a party of, for one of ``roles``.

    Raises:
        NotFoundError: there is none, or it is somebody else's.
        NotAllowedError: it is the actor's, but the act is another party's.
    """
    statement = select(Order).where(Order.id == order_id).with_for_update()
    statement = statement.execution_options(populate_existing=True)
    order = act.session.execute(statement).scalar_one_or_none()
    if order is None or not is_party(act.actor.role, act.actor.organisation_id, order):
        raise NotFoundError(kind="order")
    act.require_role(*roles)
    return order


def is_party(role: Role, organisation_id: UUID | None, order: Order) -> bool:
    """Tell whether somebody may learn that ``order`` exists."""
    if role in SEES_ALL:
        return True
    if role is Role.APPLICANT:
        return order.applicant_org_id == organisation_id
    return role is Role.AGENCY and order.agency_id == organisation_id


def move(
    act: Act, order: Order, what: Move, *, holder: Holder | None = None, **params: Param
) -> None:
    """Make one move of a locked order, with everything that belongs to a move.

    Raises:
        OrderStateError: the state table has no such move.
        CalendarMissingError: the promise clock restarts into a year without a calendar.
    """
    before = order.state
    order.state = require_move(before, what, came_from=order.disputed_from)
    write_event(act, order, what.value, from_state=before, **params)
    _hand_to(act, order, None if order.state in TERMINAL else holder or HOLDERS[order.state])
    announce(act, order, f"order.{what.value}", **params)


def announce(act: Act, order: Order, kind: str, **params: Param) -> None:
    """Write the audit record of ``kind`` and leave its message."""
    safe = {key: value for key, value in params.items() if not isinstance(value, str)}
    audit.record(act, kind, subject=order.id, state=order.state.value, **safe)
    outbox.put(
        act,
        kind,
        run_at=None,
        dedup=None,
        order_id=str(order.id),
        applicant_org_id=str(order.applicant_org_id),
        agency_id=str(order.agency_id),
        price_fen=order.price_fen,
        late_days=order.late_days,
        actor_role=act.actor.role.value,
        **params,
    )


def write_event(
    act: Act, order: Order, kind: str, *, from_state: OrderState | None = None, **params: Param
) -> None:
    """Add one entry to the timeline at the server's time; there is no other time to enter."""
    act.session.add(
        OrderEvent(
            order_id=order.id,
            at=act.at,
            kind=kind,
            role=act.actor.role,
            actor_name=act.actor.name,
            from_state=from_state,
            to_state=order.state,
            params=params,
        )
    )


def hand_over(act: Act, order: Order, holder: Holder) -> None:
    """Give the ball to somebody else within a state."""
    if order.holder is not holder:
        _hand_to(act, order, holder)


def open_clock(act: Act, order: Order, holder: Holder) -> None:
    """Start the clock chain of a new order."""
    order.holder = holder
    _add_segment(act, order, holder, position=0)


def _hand_to(act: Act, order: Order, holder: Holder | None) -> None:
    segments = load_segments(act, order.id)
    running = segments[-1] if segments and segments[-1].ended_at is None else None
    if running is not None:
        running.ended_at = act.at
    order.holder = holder
    if holder is None:
        return
    _add_segment(act, order, holder, position=len(segments))
    if order.started_at is not None and promise_runs(order.state, holder):
        recount_promise(order, segments)


def _add_segment(act: Act, order: Order, holder: Holder, *, position: int) -> None:
    act.session.add(
        ClockSegment(
            order_id=order.id,
            position=position,
            holder=holder,
            state=order.state,
            started_at=act.at,
        )
    )
    act.session.flush()


def load_segments(act: Act, order_id: UUID) -> list[ClockSegment]:
    """Load the clock chain in order."""
    statement = (
        select(ClockSegment)
        .where(ClockSegment.order_id == order_id)
        .order_by(ClockSegment.position)
    )
    return list(act.session.execute(statement).scalars())


def recount_promise(order: Order, segments: list[ClockSegment]) -> None:
    """Set the deadline of the promise from its start and all pauses so far.

    Raises:
        CalendarMissingError: the deadline lies in a year without a calendar.
    """
    if order.started_at is None:
        return
    spans = [segment.as_span() for segment in segments]
    deadline = promise_deadline(
        CN, spans, started_at=order.started_at, promised_days=order.promised_days
    )
    order.due_at, order.due_is_provisional = deadline.at, deadline.is_provisional


def require_text(field: str, text: str, *, longest: int) -> str:
    """Give ``text`` without blanks around it and without control characters.

    Raises:
        InvalidInputError: nothing is left ("empty"), or too much ("too_long").
    """
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in UNPRINTABLE)
    text = text.strip()
    if not text:
        raise InvalidInputError(field=field, reason="empty")
    if len(text) > longest:
        raise InvalidInputError(field=field, reason="too_long", longest=longest)
    return text
