"""A small page for each act on an order: it works without script and keeps what was typed."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.act import Act
from market.orders.states import Move, OrderStateError
from market.web.form import Form, succeeds
from market.web.i18n import _
from market.web.orders.forms import ACCEPTED_FILES, FILE_HINT
from market.web.orders.room import OrderScene, load_scene


@dataclass(frozen=True, slots=True)
class ActWords:
    """What the page of an act says; ``move`` is what the order must allow for it."""

    title: str
    lead: str
    button: str
    done: str
    kind: str = "primary"
    move: Move | None = None
    hints: tuple[tuple[str, str], ...] = ()


def order_url(order_id: UUID, anchor: str | None = None) -> str:
    """Lead to the order's page of the reader's audience."""
    return url_for(f"{request.blueprint}.order", order_id=order_id, _anchor=anchor)


def act_on_order(
    order_id: UUID, form: Form, words: ActWords, work: Callable[[Act], object]
) -> ResponseReturnValue:
    """Show the page of an act, or do it and go back to the order.

    Raises:
        NotFoundError: there is no such order that the viewer may see.
        OrderStateError: the order does not allow it now.
    """
    scene = load_scene(order_id)
    if form.validate_on_submit() and succeeds(form, work):
        flash(_(words.done), "success")
        return redirect(order_url(order_id))
    require_offered(scene, words, has_typed=request.method == "POST")
    page = render_template(
        "order/act.html",
        scene=scene,
        form=form,
        words=words,
        hints={"file": _(FILE_HINT), **{name: _(text) for name, text in words.hints}},
        accept=ACCEPTED_FILES,
        back=order_url(order_id),
    )
    return page, 422 if form.errors else 200


def require_offered(scene: OrderScene, words: ActWords, *, has_typed: bool) -> None:
    """Refuse to show a form for what the order does not allow; what was typed is shown always.

    Raises:
        OrderStateError: the move is not open to the viewer now.
    """
    if words.move is None or has_typed or words.move in scene.detail.moves:
        return
    raise OrderStateError(state=scene.detail.order.state.value, move=words.move.value)
