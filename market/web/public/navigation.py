"""What the frame of every page needs of the catalogue: categories and hot words."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from market.catalogue.queries import hot_words, list_categories
from market.catalogue.rows import CategoryCount
from market.web.public.blueprint import bp
from market.web.request import world

KEEP = timedelta(seconds=60)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Navigation:
    """The category list and the suggestions below the search bar."""

    categories: list[CategoryCount]
    hot_words: list[str]
    read_at: datetime


@bp.app_context_processor
def frame_navigation() -> dict[str, object]:
    """Give every template the categories of the search bar."""
    found = navigation()
    return {"nav_categories": found.categories, "hot_words": found.hot_words}


def navigation() -> Navigation:
    """Give what was read within the last minute, or read anew.

    A database that does not answer must not take the error page down with it: then the frame
    stands without its menu.
    """
    now = world().runtime.now()
    kept: Navigation | None = current_app.extensions.get("navigation")
    if kept is not None and timedelta() <= now - kept.read_at < KEEP:
        return kept
    try:
        with world().runtime.reading() as session:
            fresh = Navigation(list_categories(session), hot_words(session), now)
    except SQLAlchemyError as error:
        log.warning("navigation unread", error=type(error).__name__)
        return kept or Navigation([], [], now)
    if fresh.categories:  # an empty catalogue is about to be filled: look again next time
        current_app.extensions["navigation"] = fresh
    return fresh
