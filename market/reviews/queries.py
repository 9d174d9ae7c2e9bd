"""Reading ratings: only what is unsealed, and averages only of what was really given."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from market.act import Actor
from market.orders.queries import get_own_order
from market.paging import COUNT_CAP, Page, clamp_page, make_page
from market.reviews.models import Review, Side

PER_PAGE = 10


@dataclass(frozen=True, slots=True)
class RatingSummary:
    """Averages in hundredths of a star; all None where nobody has rated: 未评价, not five stars."""

    count: int
    quality: int | None
    speed: int | None
    fee: int | None
    manner: int | None

    @property
    def overall(self) -> int | None:
        """The average of the four, in hundredths of a star."""
        parts = [self.quality, self.speed, self.fee, self.manner]
        known = [part for part in parts if part is not None]
        return sum(known) // len(known) if known else None


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One rating on a public page; the author stays unnamed."""

    at: datetime
    quality: int
    speed: int
    fee: int
    manner: int
    body: str


@dataclass(frozen=True, slots=True)
class OrderReviews:
    """The ratings of one order as one of its parties may see them."""

    own: Review | None
    other: Review | None  # None while sealed
    is_other_given: bool


def summarise_listing(session: Session, listing_id: UUID) -> RatingSummary:
    """Average what applicants gave for one listing."""
    return _summarise(session, Review.listing_id == listing_id)


def summarise_agency(session: Session, agency_id: UUID) -> RatingSummary:
    """Average what applicants gave an agency over all its listings."""
    return _summarise(session, Review.rated_org_id == agency_id)


def _summarise(session: Session, condition: ColumnElement[bool]) -> RatingSummary:
    scores = (Review.quality, Review.speed, Review.fee, Review.manner)
    statement = select(func.count(), *(func.sum(score) for score in scores)).where(
        condition, Review.side == Side.APPLICANT, Review.unsealed_at.is_not(None)
    )
    count, *sums = session.execute(statement).one()
    averages = [int(total) * 100 // count if count else None for total in sums]
    return RatingSummary(count, *averages)


def list_reviews(session: Session, *, listing_id: UUID, page: int = 1) -> Page[ReviewRow]:
    """List what applicants said about a listing, the newest first."""
    page = clamp_page(page, PER_PAGE)
    shown = (
        Review.listing_id == listing_id,
        Review.side == Side.APPLICANT,
        Review.unsealed_at.is_not(None),
    )
    capped = select(Review.id).where(*shown).limit(COUNT_CAP + 1).subquery()
    counted = session.execute(select(func.count()).select_from(capped)).scalar_one()
    statement = (
        select(Review.at, Review.quality, Review.speed, Review.fee, Review.manner, Review.body)
        .where(*shown)
        .order_by(Review.at.desc(), Review.id.desc())
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    )
    rows = [ReviewRow(*row) for row in session.execute(statement)]
    return make_page(rows, counted=counted, page=page, per_page=PER_PAGE)


def get_order_reviews(session: Session, actor: Actor, order_id: UUID) -> OrderReviews:
    """Read the ratings of an order; the other side's stays sealed until it is opened.

    Raises:
        NotFoundError: there is no such order that this actor may see.
    """
    order = get_own_order(session, actor, order_id)
    statement = select(Review).where(Review.order_id == order.id)
    reviews = session.execute(statement).scalars().all()
    own = next((r for r in reviews if r.author_org_id == actor.organisation_id), None)
    other = next((r for r in reviews if r is not own), None)
    shown = other if other is not None and other.unsealed_at is not None else None
    return OrderReviews(own, shown, other is not None)
