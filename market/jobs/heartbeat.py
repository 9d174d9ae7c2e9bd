"""A sign of life of the worker, so that /readyz can tell when it has died."""

from datetime import datetime, timedelta

from sqlalchemy import String
from sqlalchemy.orm import Mapped, Session, mapped_column

from market.act import Act
from market.db import Base

STALE_AFTER = timedelta(seconds=60)


class WorkerHeartbeat(Base):
    """When a worker was last seen."""

    __tablename__ = "worker_heartbeats"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    seen_at: Mapped[datetime]


def beat(act: Act, name: str = "worker") -> None:
    """Write down that the worker lives."""
    row = act.session.get(WorkerHeartbeat, name)
    if row is None:
        act.session.add(WorkerHeartbeat(name=name, seen_at=act.at))
    else:
        row.seen_at = act.at


def is_alive(session: Session, *, now: datetime, name: str = "worker") -> bool:
    """Tell whether the worker was seen within the last minute."""
    row = session.get(WorkerHeartbeat, name)
    return row is not None and now - row.seen_at < STALE_AFTER
