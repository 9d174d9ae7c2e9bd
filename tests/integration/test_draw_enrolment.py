"""Enrolment: commitments, receipts, withdrawal, and who is screened out."""

import subprocess
import sys
from datetime import date

import pytest
import sqlalchemy as sa

from lottery.commitments import enroll_commit
from lottery.log.note import NoteVerifier
from lottery.log.proof import parse_proof, verify_proof
from lottery.records import Enroll
from market.agencies.models import Agency, AgencyState, Qualification
from market.draws import services
from market.draws.queries import my_enrolments
from market.draws.services import Avoidance
from market.draws.states import (
    AlreadyEnrolledError,
    EnrolmentClosedError,
    EnrolmentState,
    NotQualifiedError,
)
from market.errors import InvalidInputError, NotFoundError
from tests.support.draws import make_draw_world


@pytest.fixture
def world(runtime, clock):
    return make_draw_world(runtime, clock, agencies=6)


def change_agency(runtime, actor, **values):
    with runtime.sessions() as session, session.begin():
        session.execute(
            sa.update(Agency)
            .where(Agency.organisation_id == actor.organisation_id)
            .values(**values)
        )


def refused(world, draw_id) -> dict[str, tuple[str, str]]:
    return {
        row.name: (row.reason_code, row.reason_detail)
        for row in world.read(draw_id).entrants
        if row.state is EnrolmentState.REJECTED
    }


def verdict(world, draw_id, tmp_path) -> int:
    path = tmp_path / "bundle.zip"
    path.write_bytes(world.bundle(draw_id))
    command = [sys.executable, "-m", "lottery.verify", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    sys.stdout.write(done.stdout + done.stderr)
    return done.returncode


def test_a_receipt_proves_the_enrolment_without_us(world, runtime):
    draw_id = world.announced()
    agency = world.agencies[0]
    given = world.enrol(agency, draw_id)
    assert enroll_commit(draw_id, given.uscc, 1, given.nonce) == given.commitment
    world.integrate()
    with runtime.reading() as session:
        proof = world.office.files.receipt(session, agency, given.enrolment_id)
        with pytest.raises(NotFoundError):
            world.office.files.receipt(session, world.agencies[1], given.enrolment_id)
    entry = Enroll(commit=given.commitment, contribution_commit="").to_bytes()
    log = NoteVerifier.from_vkey(world.office.setup.log_vkey)
    checkpoint, _ = verify_proof(parse_proof(proof), entry, log)
    assert checkpoint.size > 0


def test_an_agency_may_bring_its_own_nonce(world):
    draw_id = world.announced()
    given = world.enrol(world.agencies[0], draw_id, nonce="ab" * 16)
    assert given.commitment == enroll_commit(draw_id, given.uscc, 1, "ab" * 16)


@pytest.mark.parametrize(
    "choice",
    [
        {"nonce": "zz"},
        {"commitment": "12"},
        {"nonce": "ab" * 16, "commitment": "00" * 32},
        {"has_pledged": False},
    ],
)
def test_a_malformed_choice_is_refused(world, choice):
    draw_id = world.announced()
    with pytest.raises(InvalidInputError):
        world.enrol(world.agencies[0], draw_id, **choice)


def test_a_commitment_that_is_never_opened_is_rejected_and_one_that_is_takes_part(world, tmp_path):
    draw_id = world.announced()
    codes = [f"9136070000000000{number:02}" for number in (1, 2)]
    for agency, code in zip(world.agencies, codes, strict=False):
        world.enrol(agency, draw_id, commitment=enroll_commit(draw_id, code, 1, "cd" * 16))
    for agency in world.agencies[2:]:
        world.enrol(agency, draw_id)
    setup = world.office.setup
    world.do(world.agencies[0], services.open_enrolment, setup, draw_id, "cd" * 16)
    with pytest.raises(InvalidInputError):
        world.do(world.agencies[1], services.open_enrolment, setup, draw_id, "ee" * 16)
    world.integrate()
    world.drawn(draw_id)
    assert refused(world, draw_id) == {"演示机构2": ("not_opened", "")}
    assert verdict(world, draw_id, tmp_path) == 3


def test_enrolling_twice_is_refused_and_withdrawing_is_final(world, tmp_path):
    draw_id = world.announced()
    for agency in world.agencies:
        world.enrol(agency, draw_id)
    first = world.agencies[0]
    with pytest.raises(AlreadyEnrolledError):
        world.enrol(first, draw_id)
    world.integrate()
    world.do(first, services.withdraw, draw_id)
    with pytest.raises(AlreadyEnrolledError):
        world.enrol(first, draw_id)
    with pytest.raises(NotFoundError):
        world.do(first, services.withdraw, draw_id)
    world.integrate()
    world.drawn(draw_id)
    assert len(world.read(draw_id).ranking) == 5
    assert verdict(world, draw_id, tmp_path) == 3


def test_an_unfit_agency_cannot_enrol(world, runtime):
    draw_id = world.announced()
    change_agency(runtime, world.agencies[0], state=AgencyState.PAUSED)
    change_agency(runtime, world.agencies[1], credit_score=59)
    with runtime.sessions() as session, session.begin():
        session.execute(
            sa.update(Qualification)
            .where(Qualification.agency_id == world.agencies[2].organisation_id)
            .values(valid_until=date(2026, 11, 30))
        )
    for agency, reason in zip(
        world.agencies, ("suspended", "suspended", "not_qualified"), strict=False
    ):
        with pytest.raises(NotQualifiedError) as caught:
            world.enrol(agency, draw_id)
        assert caught.value.params["reason"] == reason


def test_screening_refuses_linked_paused_and_avoided_agencies(world, runtime, tmp_path):
    avoided = Avoidance("913607000000000003", "H1", "编制过同一项目的可研报告")
    draw_id = world.announced(avoidance=(avoided,))
    assert world.project(draw_id).avoidance == ()
    for agency in world.agencies:
        world.enrol(agency, draw_id)
    world.integrate()
    change_agency(runtime, world.agencies[1], legal_person="演示法人1")
    change_agency(runtime, world.agencies[3], state=AgencyState.PAUSED)
    world.drawn(draw_id)
    assert refused(world, draw_id) == {
        "演示机构2": ("affiliated", "H3"),
        "演示机构3": ("conflict_of_interest", "H1"),
        "演示机构4": ("suspended", "H6"),
    }
    assert world.project(draw_id).avoidance[0]["h_code"] == "H1"
    assert len(world.read(draw_id).ranking) == 3
    assert verdict(world, draw_id, tmp_path) == 3


def test_the_operator_rejects_by_hand_only_with_a_listed_reason(world, runtime):
    draw_id = world.announced()
    for agency in world.agencies:
        world.enrol(agency, draw_id)
    world.integrate()
    world.to_screened(draw_id)
    with runtime.reading() as session:
        mine = my_enrolments(session, world.agencies[0])[0]
    reject = services.reject_enrolment
    with pytest.raises(InvalidInputError):
        world.do(world.operator, reject, draw_id, mine.id, code="low_rank", evidence="x")
    world.do(world.operator, reject, draw_id, mine.id, code="false_materials", evidence="证书伪造")
    world.integrate()
    with runtime.reading() as session:
        assert my_enrolments(session, world.agencies[0])[0].state is EnrolmentState.ENROLLED
    world.to_frozen(draw_id)
    with runtime.reading() as session:
        told = my_enrolments(session, world.agencies[0])[0]
    assert (told.state, told.reason_code) == (EnrolmentState.REJECTED, "false_materials")


def test_nobody_enrols_before_the_announcement_is_in_the_log(world):
    project_no = world.submitted()
    setup = world.office.setup
    attempt = world.do(world.operator, services.publish_notice, setup, project_no)
    with pytest.raises(EnrolmentClosedError):
        world.enrol(world.agencies[0], attempt.draw_id)
