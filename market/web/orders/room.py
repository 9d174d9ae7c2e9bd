"""One order as its page shows it to the reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from market.act import Actor, Role
from market.courier.queries import DeliveryPage, get_delivery
from market.files import Document
from market.handling.models import ItemState
from market.handling.queries import Room, get_room
from market.handling.services import mark_read
from market.orders.lights import Light
from market.orders.queries import OrderDetail, get_order
from market.orders.states import OrderState
from market.reviews.queries import OrderReviews, get_order_reviews
from market.web.orders.ball import ball_text, headline, holder_word
from market.web.orders.progress import (
    HolderShare,
    MoneyRow,
    StepRow,
    clocks_of,
    is_mine,
    money_of,
    shares_of,
    steps_of,
)
from market.web.orders.story import Entry, tell
from market.web.request import current_actor, perform, reading, world

PAPER_STATES = {
    ItemState.WAITING: "todo",
    ItemState.RECEIVED: "received",
    ItemState.REJECTED: "returned",
    ItemState.OK: "accepted",
}
PARTIES = frozenset({Role.APPLICANT, Role.AGENCY})


@dataclass(frozen=True, slots=True)
class OrderScene:
    """Everything that the page of one order shows."""

    detail: OrderDetail
    room: Room
    delivery: DeliveryPage
    reviews: OrderReviews
    result: Document | None  # the document that the department decided
    role: Role

    @property
    def order(self) -> object:
        """The order itself."""
        return self.detail.order

    @property
    def moves(self) -> frozenset[str]:
        """What the reader may do now, by the name of the move."""
        return frozenset(move.value for move in self.detail.moves)

    @property
    def light(self) -> str | None:
        """The light as the macros name it; None while no clock runs."""
        light = self.detail.light
        return None if light is Light.OFF else light.value

    @property
    def is_mine(self) -> bool:
        """Whether the reader is the one to act."""
        return is_mine(self.detail.order, self.role)

    @property
    def holder(self) -> str:
        """Who holds the ball."""
        return holder_word(self.detail)

    @property
    def headline(self) -> str:
        """What the banner says instead where nobody holds the ball."""
        return headline(self.detail)

    @property
    def text(self) -> str:
        """What is waited for."""
        return ball_text(self.detail, self.role, missing=self.room.open_count)

    @property
    def clocks(self) -> list[tuple[str, str]]:
        """The clocks of the banner."""
        return clocks_of(self.detail.order, self.detail.clock, at=world().runtime.now())

    @property
    def shares(self) -> list[HolderShare]:
        """How long each party held the ball."""
        return shares_of(self.detail.clock)

    @property
    def steps(self) -> list[StepRow]:
        """The steps from placing to rating."""
        return steps_of(self.detail.order)

    @property
    def money(self) -> list[MoneyRow]:
        """Where the money is."""
        return money_of(self.detail.order)

    @property
    def timeline(self) -> list[Entry]:
        """What happened, the newest first."""
        return tell(self.detail.events)

    @property
    def is_collecting(self) -> bool:
        """Whether material is taken now."""
        return self.detail.order.state is OrderState.COLLECTING

    @property
    def can_write(self) -> bool:
        """Whether the room is open for messages."""
        ended = (OrderState.CLOSED, OrderState.CLOSED_UNPAID, OrderState.REFUNDED)
        return self.detail.order.state not in ended

    @property
    def can_rate(self) -> bool:
        """Whether the reader may rate now."""
        return self.detail.order.state is OrderState.SETTLED and self.reviews.own is None

    def paper_state(self, state: ItemState) -> str:
        """Name the state of one item as the macro does."""
        return PAPER_STATES[state]


def load_scene(order_id: UUID) -> OrderScene:
    """Read an order for the viewer; for a party, what the other side wrote is read with it.

    Raises:
        NotFoundError: there is no such order that the viewer may see.
    """
    actor = current_actor()
    with reading() as session:
        scene = read_scene(session, actor, order_id)
    if actor.role in PARTIES and scene.room.unread_count:
        perform(lambda act: mark_read(act, order_id))
    return scene


def read_scene(session: Session, actor: Actor, order_id: UUID) -> OrderScene:
    """Read an order for one actor.

    Raises:
        NotFoundError: there is no such order that the actor may see.
    """
    detail = get_order(session, actor, order_id, at=world().runtime.now())
    room = get_room(session, actor, order_id)
    wanted = detail.order.result_document_id
    return OrderScene(
        detail=detail,
        room=room,
        delivery=get_delivery(session, world().seal, actor, order_id),
        reviews=get_order_reviews(session, actor, order_id),
        result=room.documents.get(wanted) if wanted else None,
        role=actor.role,
    )


def item_names(scene: OrderScene, *states: ItemState) -> Sequence[tuple[str, str]]:
    """List the items in ``states``: (id, name)."""
    return [(str(item.id), item.name) for item in scene.room.items if item.state in states]
