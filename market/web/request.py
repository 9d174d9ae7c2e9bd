"""What a view may ask of the request: the world, a reading session, and to act."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from flask import current_app
from flask import session as cookie
from flask_login import current_user
from sqlalchemy.orm import Session

from market.act import ANYONE, Act, Actor
from market.world import World

T = TypeVar("T")

OWN_WRITES_SECONDS = 10
"""How long after a write this browser reads from the primary: longer than a replica lags."""


def world() -> World:
    """Give the running product."""
    found: World = current_app.extensions["world"]
    return found


def current_actor() -> Actor:
    """Give the actor of this request: the person signed in, or anyone."""
    if not current_user.is_authenticated:
        return ANYONE
    found: Actor = current_user.signed_in.actor
    return found


def perform(work: Callable[[Act], T]) -> T:
    """Run ``work`` as one act of the viewer, repeated where the database asks for it."""
    runtime = world().runtime
    result = runtime.act(current_actor(), work)
    cookie["wrote_at"] = int(runtime.now().timestamp())
    return result


@contextmanager
def reading() -> Iterator[Session]:
    """Open a session that only reads; it sees what this browser has just written."""
    runtime = world().runtime
    wrote_at = int(cookie.get("wrote_at", 0))
    fresh = runtime.now().timestamp() - wrote_at < OWN_WRITES_SECONDS
    with runtime.reading(fresh=fresh) as session:
        yield session
