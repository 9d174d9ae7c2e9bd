"""From what is known of an attempt to what its page shows: boxes, ranking, lines to recompute."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from flask import url_for

from market.draws.rows import AttemptDetail, BeaconBox, RankRow, RecordBox
from market.draws.states import AttemptState, CandidateState, EnrolmentState
from market.web.draw_words import reason_of
from market.web.i18n import _

A = AttemptState
HOLDING = frozenset({CandidateState.PROPOSED, CandidateState.CONFIRMED, CandidateState.AWARDED})
SHOWN_DIGITS = 8  # of the 12 digits that the record has: 0.056233…


class Box(NamedTuple):
    """One of the four steps, in the order in which the macro takes its parts."""

    title: str
    text: str
    state: str  # done, current, todo
    value: str | None
    at: datetime | None
    position: int | None
    check_url: str | None


class Place(NamedTuple):
    """One line of the ranking, in the order in which the macro takes its parts."""

    rank: int
    name: str
    url: str | None
    number: str
    hexed: str
    fate: str  # winner, reserve, other


@dataclass(frozen=True, slots=True)
class Proof:
    """A record of the log with the line that recomputes its leaf hash."""

    title: str
    box: RecordBox
    line: str


def boxes_of(found: AttemptDetail) -> list[Box]:
    """Give the four boxes: what is fixed, what is being waited for, what is to come."""
    steps = (_commitment(found), _freeze(found), _beacon(found), _seed(found))
    first_open = next((i for i, box in enumerate(steps) if box.state != "done"), None)
    if first_open is None or found.draw.state is A.VOID:
        return list(steps)
    return [
        box._replace(state="current") if i == first_open else box for i, box in enumerate(steps)
    ]


def _commitment(found: AttemptDetail) -> Box:
    record = found.announce
    return Box(
        _("公告承诺"),
        _("公告时锁定时间、轮次和秘密数的指纹"),
        "done" if record else "todo",
        found.operator_commit,
        record.at if record else None,
        record.position if record else None,
        "#commit",
    )


def _freeze(found: AttemptDetail) -> Box:
    record = found.freeze
    text = _("名单锁定，秘密数亮出，结果还没有人知道") if record else _("报名截止后锁定名单")
    return Box(
        _("名单冻结"),
        text,
        "done" if record else "todo",
        found.roster_root or None,
        record.at if record else found.freeze_by_at,
        record.position if record else None,
        "#freeze" if record else None,
    )


def _beacon(found: AttemptDetail) -> Box:
    beacon = found.beacon
    name = _("公共网络") if beacon.is_public else _("演示信标")
    text = _("%(name)s第 %(round)s 轮") % {"name": name, "round": beacon.round}
    return Box(
        _("公共信标"),
        text,
        "done" if beacon.signature else "todo",
        beacon.randomness or None,
        beacon.at,
        None,
        "#beacon" if beacon.signature else None,
    )


def _seed(found: AttemptDetail) -> Box:
    record = found.result
    return Box(
        _("种子"),
        _("由前三项算出，决定每一家的摇号数"),
        "done" if found.seed else "todo",
        found.seed or None,
        record.at if record else None,
        record.position if record else None,
        "#seed" if found.seed else None,
    )


def places_of(found: AttemptDetail) -> list[Place]:
    """Give the ranking as the table shows it."""
    return [
        Place(
            row.rank, row.name, agency_url(row.agency_id), short_number(row), row.ticket, fate(row)
        )
        for row in found.ranking
    ]


def agency_url(agency_id: UUID) -> str:
    """Lead to the public page of an agency."""
    return url_for("public.agency", agency_id=agency_id)


def short_number(row: RankRow) -> str:
    """Cut a 摇号数 for the table; the whole of it is one click away."""
    return row.number[:SHOWN_DIGITS] + "…"


def fate(row: RankRow) -> str:
    """Say what became of a place today."""
    if row.state in HOLDING:
        return "winner"
    return "reserve" if row.state is CandidateState.RESERVE else "other"


def refused_of(found: AttemptDetail) -> list[tuple[str, str]]:
    """List who is not in the roster, and why; from the freeze on."""
    return [
        (
            row.name,
            " ".join(part for part in (reason_of(row.reason_code), row.reason_detail) if part),
        )
        for row in found.entrants
        if row.state is not EnrolmentState.ENROLLED
    ]


def roster_of(found: AttemptDetail) -> list[tuple[str, str]]:
    """List the frozen roster: name and code."""
    return [(row.name, row.uscc) for row in found.entrants if row.state is EnrolmentState.ENROLLED]


def counts_text(found: AttemptDetail) -> str:
    """Say how many enrolled, once that may be told."""
    if not found.entrants:
        is_void = found.draw.state is A.VOID
        return _("名单没有冻结，不公开") if is_void else _("名单冻结后公开")
    listed = len(roster_of(found))
    return _("报名 %(all)s 家，入围 %(listed)s 家") % {"all": len(found.entrants), "listed": listed}


def next_of(found: AttemptDetail) -> tuple[str, datetime | None]:
    """Say what the attempt waits for, and until when."""
    draw = found.draw
    waits: dict[AttemptState, tuple[str, datetime | None]] = {
        A.ENROLLING: (_("报名截止"), draw.enroll_close_at),
        A.CLOSED: (_("最迟冻结名单"), found.freeze_by_at),
        A.FROZEN: (_("公共信标出现"), found.beacon.at),
        A.GO: (_("公共信标出现"), found.beacon.at),
    }
    return waits.get(draw.state, ("", None))


def proofs_of(found: AttemptDetail) -> list[Proof]:
    """List the records of the log with the line that recomputes each leaf hash."""
    titles = (
        (_("公告记录"), found.announce),
        (_("截止记录"), found.close),
        (_("冻结记录"), found.freeze),
        (_("放行记录"), found.go),
        (_("结果记录"), found.result),
        (_("作废记录"), found.void),
    )
    return [Proof(title, box, leaf_line(box)) for title, box in titles if box is not None]


def leaf_line(box: RecordBox) -> str:
    """Give the shell line whose result is the leaf hash: SHA-256 of a zero byte and the record."""
    quoted = box.text.replace("'", "'\\''")
    return f"(printf '\\000'; printf '%s' '{quoted}') | sha256sum"


def commit_line(found: AttemptDetail) -> str:
    """Give the shell line that opens the operator's commitment."""
    if not found.operator_secret:
        return ""
    return hash_line("operator-commit", found.draw.draw_id, found.operator_secret)


def randomness_line(beacon: BeaconBox) -> str:
    """Give the shell line that turns the signature into the randomness."""
    return f"printf {beacon.signature} | xxd -r -p | sha256sum"


def seed_line(found: AttemptDetail) -> str:
    """Give the shell line that recomputes the seed."""
    beacon, announce, freeze = found.beacon, found.announce, found.freeze
    if announce is None or freeze is None or not found.seed:
        return ""
    line = f"drand/{beacon.chain_hash}/{beacon.round}/{beacon.randomness}"
    leaves = (announce.leaf_sha256, freeze.leaf_sha256)
    return hash_line("seed", found.draw.draw_id, *leaves, "1", line)


def hash_line(purpose: str, *fields: str) -> str:
    """Give the shell line for SHA-256 over a tag and fields, each ended by a line feed."""
    form = r"%s\n" * (len(fields) + 1)
    return f"printf '{form}' yaohao/v1/{purpose} {' '.join(fields)} | sha256sum"
