"""The agency's own listings: price, out of the shop and back."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import DecimalField
from wtforms.validators import InputRequired, NumberRange

from market.act import Act
from market.calendar.cn import CN
from market.catalogue.details import get_listing
from market.catalogue.own_listings import list_own_listings
from market.catalogue.rows import ListingDetail
from market.catalogue.services import change_price, pause_listing, publish_listing
from market.errors import MarketError, NotFoundError
from market.web.agency.blueprint import bp
from market.web.form import Form, succeeds
from market.web.i18n import _
from market.web.messages import sentence
from market.web.orders.days import until
from market.web.request import current_actor, perform, reading, world

NOTICE_WORKDAYS = 5
"""A new price is announced this many working days before; orders keep the price they froze."""
MOST_YUAN = 10_000_000


class PriceForm(Form):
    """A new price in yuan."""

    price = DecimalField(
        "新价格（元）",
        places=2,
        validators=[
            InputRequired("请填写大于零的价格，最多两位小数。"),
            NumberRange(
                min=Decimal("0.01"), max=MOST_YUAN, message="价格应大于零，不超过 1000 万元。"
            ),
        ],
    )

    @property
    def price_fen(self) -> int:
        """The price in fen."""
        return int((self.price.data * 100).to_integral_value())


@bp.route("/listings")
def listings() -> ResponseReturnValue:
    """List the agency's own listings."""
    agency_id = _own_organisation()
    with reading() as session:
        rows = list_own_listings(session, agency_id)
    return render_template("agency/listings.html", rows=rows)


@bp.route("/listings/<uuid:listing_id>/price", methods=["GET", "POST"])
def price(listing_id: UUID) -> ResponseReturnValue:
    """Announce a new price; it is in force after the working days of notice."""
    listing = _own_listing(listing_id)
    effective_at = CN.deadline(world().runtime.now(), NOTICE_WORKDAYS).at
    form = PriceForm()

    def work(act: Act) -> None:
        change_price(act, listing_id, price_fen=form.price_fen, effective_at=effective_at)

    if form.validate_on_submit() and succeeds(form, work):
        text = _("新价格已公告，{at} 起生效。已有订单不受影响。")
        flash(text.format(at=_from_when(effective_at)), "success")
        return redirect(url_for("agency.listings"))
    page = render_template(
        "agency/price.html", form=form, listing=listing, effective=_from_when(effective_at)
    )
    return page, 422 if form.errors else 200


@bp.route("/listings/<uuid:listing_id>/pause", methods=["GET", "POST"])
def pause(listing_id: UUID) -> ResponseReturnValue:
    """Take a listing out of the shop; orders of it go on."""
    return _switch(listing_id, is_shown=False)


@bp.route("/listings/<uuid:listing_id>/publish", methods=["GET", "POST"])
def publish(listing_id: UUID) -> ResponseReturnValue:
    """Bring a listing into the shop."""
    return _switch(listing_id, is_shown=True)


def _switch(listing_id: UUID, *, is_shown: bool) -> ResponseReturnValue:
    listing = _own_listing(listing_id)
    form = Form()
    if form.validate_on_submit():
        move = publish_listing if is_shown else pause_listing
        done = _("“{title}”已上架。") if is_shown else _("“{title}”已下架，已有订单继续办理。")
        try:
            perform(lambda act: move(act, listing_id))
        except NotFoundError:
            raise
        except MarketError as error:
            flash(sentence(error), "error")
        else:
            flash(done.format(title=listing.title), "success")
        return redirect(url_for("agency.listings"))
    return render_template("agency/switch.html", form=form, listing=listing, is_shown=is_shown)


def _own_listing(listing_id: UUID) -> ListingDetail:
    agency_id = _own_organisation()
    with reading() as session:
        listing = get_listing(session, listing_id, agency_id=agency_id)
    if listing.agency_id != agency_id:
        raise NotFoundError(kind="listing")
    return listing


def _own_organisation() -> UUID:
    found = current_actor().organisation_id
    if found is None:
        raise NotFoundError(kind="organisation")
    return found


def _from_when(at: datetime) -> str:
    """Write from when a price is in force: the moment the last day of notice has ended."""
    return until(at)
