"""Identifiers: time-ordered, made without asking the database, safe to show."""

import uuid

import uuid_utils.compat


def new_id() -> uuid.UUID:
    """Make a fresh identifier.

    Source: RFC 9562 section 5.7 (UUIDv7): 48 bits of milliseconds, then random bits, so rows of
    one time lie together in an index and no counter tells how much business there is.
    """
    return uuid_utils.compat.uuid7()
