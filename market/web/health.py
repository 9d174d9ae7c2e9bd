"""Probes for the operator: alive, ready, and figures for the collector."""

import time

import structlog
from flask import Blueprint, Flask, Response, g, request
from flask.typing import ResponseReturnValue
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from market import schema
from market.jobs.heartbeat import is_alive
from market.outbox import MessageState, OutboxMessage
from market.web.guard import AnyoneGuard, LoopbackGuard
from market.web.request import world

log = structlog.get_logger()

REQUESTS = Counter("sunlit_http_requests", "Answers given", ["endpoint", "method", "status"])
SECONDS = Histogram("sunlit_http_seconds", "Time to answer", ["endpoint"])

bp = Blueprint("health", __name__)
bp.before_request(AnyoneGuard())
metrics_bp = Blueprint("metrics", __name__)
metrics_bp.before_request(LoopbackGuard())


@bp.route("/healthz")
def healthz() -> ResponseReturnValue:
    """Say that this process answers."""
    return {"status": "ok"}


@bp.route("/readyz")
def readyz() -> ResponseReturnValue:
    """Say whether database, schema and worker are as this code needs them."""
    runtime = world().runtime
    try:
        with runtime.reading(fresh=True) as session:
            revision = schema.current_revision(session.connection())
            worker = is_alive(session, now=runtime.now())
    except SQLAlchemyError:
        return {"status": "unavailable", "database": "unreachable"}, 503
    at_head = revision == schema.head_revision()
    state = {
        "database": "ok",
        "migrations": "ok" if at_head else f"at {revision}, need {schema.head_revision()}",
        "worker": "ok" if worker else "no sign of life for 60 s",
    }
    ready = at_head and worker
    return {"status": "ok" if ready else "unavailable", **state}, 200 if ready else 503


@metrics_bp.route("/metrics")
def metrics() -> ResponseReturnValue:
    """Give the figures in Prometheus' text form."""
    queue = CollectorRegistry()
    with world().runtime.reading(fresh=True) as session:
        _gauge_outbox(queue, session)
    return Response(
        generate_latest(_request_figures()) + generate_latest(queue),
        content_type=CONTENT_TYPE_LATEST,
    )


def _request_figures() -> CollectorRegistry:
    """Sum over the processes where the collector's folder is set, else this process alone."""
    registry = CollectorRegistry()
    try:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # no types there
    except ValueError:
        return REGISTRY
    return registry


def _gauge_outbox(registry: CollectorRegistry, session: Session) -> None:
    gauge = Gauge("sunlit_outbox_messages", "Messages by state", ["state"], registry=registry)
    counts = select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state)
    found = {row[0]: row[1] for row in session.execute(counts)}
    for state in MessageState:
        gauge.labels(state.value).set(found.get(state, 0))


def measure(app: Flask) -> None:
    """Count and log each answer: the rule, never the path, the query or the person."""

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def stop(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        seconds = time.perf_counter() - g.get("started", time.perf_counter())
        REQUESTS.labels(endpoint, request.method, str(response.status_code)).inc()
        SECONDS.labels(endpoint).observe(seconds)
        if endpoint != "static":
            log.info(
                "answered",
                request_id=g.get("request_id", ""),
                endpoint=endpoint,
                method=request.method,
                status=response.status_code,
                ms=round(seconds * 1000, 1),
            )
        return response
