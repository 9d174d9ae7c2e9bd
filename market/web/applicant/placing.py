"""Placing an order: check the answers, then order; a double press makes one order."""

import secrets
from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError
from wtforms import HiddenField, IntegerField, RadioField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length
from wtforms.widgets import HiddenInput

from market.act import Act
from market.catalogue.details import get_listing
from market.catalogue.models import Commission
from market.catalogue.rows import ListingDetail
from market.courier.carriers.base import Recipient
from market.courier.services import set_address
from market.errors import NotFoundError
from market.orders.models import Order
from market.orders.services import place_order
from market.orders.states import FundSource
from market.web.applicant.blueprint import bp
from market.web.form import Form, attempt
from market.web.i18n import _
from market.web.labels import label_of
from market.web.orders.days import end_if_started
from market.web.orders.forms import short
from market.web.request import reading, world


class OrderForm(Form):
    """What is ordered, whose money pays, and where the result may be sent."""

    key = HiddenField(validators=[InputRequired(), Length(max=80)])
    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    fund_source = RadioField(
        "资金来源",
        choices=[SelectChoice(source.value, label_of(source)) for source in FundSource],
        default=FundSource.PRIVATE.value,
    )
    name = StringField("收件人", short(60))
    phone = StringField("联系电话", short(20))
    address = StringField("收件地址", short(200))

    @property
    def recipient(self) -> Recipient | None:
        """Where to send the result; None where nothing was filled in yet."""
        given = [(field.data or "").strip() for field in (self.name, self.phone, self.address)]
        return Recipient(*given) if any(given) else None


@dataclass(frozen=True, slots=True)
class Wish:
    """What one press of the button asks for."""

    listing_id: UUID
    version: int  # the wording and price that were read
    key: str
    fund_source: FundSource
    recipient: Recipient | None


@bp.route("/orders/new", methods=["GET", "POST"])
def new_order() -> ResponseReturnValue:
    """Show everything once more, then place the order."""
    listing = _asked_listing()
    form = OrderForm(data={"key": secrets.token_urlsafe(24), "version": listing.version})
    if form.validate_on_submit():
        order = _place(form, _wish(form, listing.id))
        if order is not None:
            flash(_("订单已生成，请付款。"), "success")
            return redirect(url_for("applicant.order", order_id=order.id))
        form.version.process_data(listing.version)  # what the next press would order
        form.version.raw_data = None
    page = render_template(
        "applicant/new_order.html",
        form=form,
        listing=listing,
        example=end_if_started(world().runtime.now(), listing.promised_days),
        by_department=listing.commission is Commission.DEPARTMENT,
    )
    return page, 422 if form.errors else 200


def _asked_listing() -> ListingDetail:
    try:
        listing_id = UUID(request.args.get("listing", ""))
    except ValueError as error:
        raise NotFoundError(kind="listing") from error
    with reading() as session:
        return get_listing(session, listing_id)


def _wish(form: OrderForm, listing_id: UUID) -> Wish:
    return Wish(
        listing_id=listing_id,
        version=form.version.data,
        key=form.key.data,
        fund_source=FundSource(form.fund_source.data),
        recipient=form.recipient,
    )


def _place(form: OrderForm, wish: Wish) -> Order | None:
    """Place the order; where two presses arrive at once, the second gets the first one's order."""
    try:
        return attempt(form, lambda act: order_as_wished(act, wish))
    except IntegrityError:
        return attempt(form, lambda act: order_as_wished(act, wish))


def order_as_wished(act: Act, wish: Wish) -> Order:
    """Order the listing at the version that was read, and keep where to send the result.

    Raises:
        MarketError: as ``place_order`` and ``set_address``.
    """
    order = place_order(
        act,
        wish.listing_id,
        idempotency_key=wish.key,
        shown_version=wish.version,
        fund_source=wish.fund_source,
    )
    if wish.recipient is not None:
        set_address(act, world().seal, order.id, wish.recipient)
    return order
