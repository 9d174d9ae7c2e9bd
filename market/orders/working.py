"""An order in work: accepted, started, suspended, before the department, with its result."""

from uuid import UUID

from sqlalchemy import func, select

from market.act import Act, Role
from market.calendar.cn import CN
from market.errors import InvalidInputError
from market.orders.clock import late_workdays
from market.orders.models import DepartmentReturn, Order, Suspension
from market.orders.moving import (
    hand_over,
    move,
    recount_promise,
    require_text,
    take_order,
)
from market.orders.placing import ask_refund
from market.orders.states import Fault, Holder, Move
from market.orders.suspensions import MAX_NOTE_LENGTH, SuspensionCode, require_may_suspend

LONGEST_NAME = 60
LONGEST_NUMBER = 120
MOST_REASONS = 50
HOLDER_OF_FAULT = {
    Fault.AGENCY: Holder.AGENCY,  # the promise clock goes on, and is not reset
    Fault.APPLICANT: Holder.APPLICANT,
    Fault.DEPARTMENT: Holder.DEPARTMENT,
}


def accept_order(
    act: Act, order_id: UUID, *, handler_name: str, handler_user_id: UUID | None = None
) -> Order:
    """Take an order and name the person 经办人 who answers for it.

    Raises:
        OrderStateError: it does not wait for acceptance.
    """
    order = take_order(act, order_id, Role.AGENCY)
    order.handler_name = require_text("handler_name", handler_name, longest=LONGEST_NAME)
    order.handler_user_id = handler_user_id
    order.accepted_at = act.at
    move(act, order, Move.ACCEPTED, handler=order.handler_name)
    return order


def start_service(act: Act, order_id: UUID) -> Order:
    """Start the promise clock: the material is complete.

    Raises:
        OrderStateError: material is not being collected.
        CalendarMissingError: the promise would end in a year without a calendar.
    """
    order = take_order(act, order_id, Role.AGENCY, Role.SYSTEM)
    order.started_at = act.at
    recount_promise(order, [])
    move(act, order, Move.STARTED, due_at=_text(order), provisional=order.due_is_provisional)
    return order


def pass_ball(act: Act, order_id: UUID, holder: Holder) -> Order:
    """Say who has to act next while material is being collected; no state changes."""
    order = take_order(act, order_id, Role.AGENCY, Role.APPLICANT, Role.SYSTEM)
    hand_over(act, order, holder)
    return order


def suspend_service(act: Act, order_id: UUID, *, code: SuspensionCode, note: str) -> Order:
    """Let the promise clock stand still for a reason of the closed list.

    Raises:
        SuspensionRefusedError: after the deadline, the third time, or not for this actor.
        OrderStateError: the order is not in service.
    """
    order = take_order(act, order_id, Role.AGENCY, Role.SYSTEM)
    note = require_text("note", note, longest=MAX_NOTE_LENGTH)
    rule = require_may_suspend(
        code,
        by_platform=act.actor.role is Role.SYSTEM,
        at=act.at,
        due_at=order.due_at,
        earlier_same_code=_count_suspensions(act, order_id, code),
    )
    resume_by = CN.deadline(act.at, rule.cap_workdays).at
    move(
        act,
        order,
        Move.SUSPENDED,
        holder=rule.holder,
        code=code.value,
        note=note,
        resume_by=resume_by.isoformat(),
    )
    act.session.add(
        Suspension(order_id=order.id, code=code, note=note, started_at=act.at, resume_by=resume_by)
    )
    return order


def _count_suspensions(act: Act, order_id: UUID, code: SuspensionCode) -> int:
    statement = select(func.count()).where(Suspension.order_id == order_id, Suspension.code == code)
    return act.session.execute(statement).scalar_one()


def resume_service(act: Act, order_id: UUID) -> Order:
    """Let the promise clock run again; its deadline moves by the working days of the pause.

    Raises:
        OrderStateError: the order is not suspended.
    """
    order = take_order(act, order_id, Role.AGENCY, Role.APPLICANT, Role.SYSTEM)
    move(act, order, Move.RESUMED, by_cap=act.actor.role is Role.SYSTEM)
    statement = select(Suspension).where(
        Suspension.order_id == order_id, Suspension.ended_at.is_(None)
    )
    for suspension in act.session.execute(statement).scalars():
        suspension.ended_at = act.at
    return order


def submit_to_department(act: Act, order_id: UUID, *, receipt_no: str) -> Order:
    """Hand the work to the department; its clock starts with the receipt 回执.

    Raises:
        OrderStateError: the order is not in service.
    """
    order = take_order(act, order_id, Role.AGENCY)
    return _submit(act, order, Move.SUBMITTED, receipt_no)


def resubmit_to_department(act: Act, order_id: UUID, *, receipt_no: str) -> Order:
    """Hand corrected work to the department again, free of charge.

    Raises:
        OrderStateError: the order is not in rework.
    """
    order = take_order(act, order_id, Role.AGENCY)
    return _submit(act, order, Move.RESUBMITTED, receipt_no)


def _submit(act: Act, order: Order, what: Move, receipt_no: str) -> Order:
    order.receipt_no = require_text("receipt_no", receipt_no, longest=LONGEST_NUMBER)
    order.submitted_at = act.at
    if order.due_at is not None and order.holder is Holder.AGENCY:
        order.late_days = late_workdays(CN, due_at=order.due_at, at=act.at)
    move(act, order, what, receipt_no=order.receipt_no)
    return order


def record_return(
    act: Act, order_id: UUID, *, reasons: list[str], fault: Fault, is_new_point: bool = False
) -> Order:
    """Record that the department returned the work, point by point.

    Raises:
        InvalidInputError: no reason, or more than can be told apart.
        OrderStateError: the order is not at the department.
    """
    order = take_order(act, order_id, Role.AGENCY, Role.REGULATOR)
    points = [require_text("reasons", text, longest=MAX_NOTE_LENGTH) for text in reasons]
    if not 1 <= len(points) <= MOST_REASONS:
        raise InvalidInputError(field="reasons", reason="count", longest=MOST_REASONS)
    order.return_count += 1
    act.session.add(
        DepartmentReturn(
            order_id=order.id,
            at=act.at,
            fault=fault,
            reasons=points,
            is_new_point=is_new_point and order.return_count > 1,
        )
    )
    move(
        act,
        order,
        Move.RETURNED,
        holder=HOLDER_OF_FAULT[fault],
        fault=fault.value,
        count=order.return_count,
        reasons="\n".join(points),
    )
    return order


def record_result(
    act: Act, order_id: UUID, *, document_no: str, document_id: UUID | None = None
) -> Order:
    """Record the department's decision that the applicant waits for.

    Raises:
        OrderStateError: the order is not at the department.
    """
    order = take_order(act, order_id, Role.AGENCY, Role.REGULATOR)
    order.document_no = require_text("document_no", document_no, longest=LONGEST_NUMBER)
    order.result_document_id = document_id
    order.result_at = act.at
    move(act, order, Move.RESULT_RECORDED, document_no=order.document_no)
    return order


def record_refusal(act: Act, order_id: UUID, *, reason: str) -> Order:
    """Record that the department finally refused; the money goes back.

    Raises:
        OrderStateError: the order is not at the department.
    """
    order = take_order(act, order_id, Role.AGENCY, Role.REGULATOR)
    order.cancel_reason = require_text("reason", reason, longest=MAX_NOTE_LENGTH)
    move(act, order, Move.REFUSED, reason=order.cancel_reason)
    move(act, order, Move.FAILED)
    ask_refund(act, order)
    return order


def _text(order: Order) -> str | None:
    return order.due_at.isoformat() if order.due_at else None
