"""The one-on-one room: material, defects, messages, documents."""

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from market.act import SYSTEM
from market.audit import AuditRecord
from market.errors import InvalidInputError, NotAllowedError, NotFoundError
from market.files import FileMismatchError, FileStore, Upload, get_own_document
from market.handling import services as handling
from market.handling.models import ItemState, Message
from market.handling.queries import count_unread, get_room, open_document
from market.handling.reactions import on_order_accepted
from market.handling.timers import tick_accept_unchecked
from market.orders import services as orders
from market.orders.states import Holder, OrderState
from tests.support.shop import PDF, make_shop


@pytest.fixture
def shop(runtime):
    return make_shop(runtime)


@pytest.fixture
def store(tmp_path):
    return FileStore(tmp_path / "files")


def room_of(shop, order_id, actor=None):
    with shop.runtime.reading() as session:
        return get_room(session, actor or shop.applicant, order_id)


def hand_in(shop, store, order_id, item, upload=None):
    upload = upload or Upload("总平面图.pdf", PDF)
    return shop.do(shop.applicant, handling.upload_item, store, order_id, item.id, upload)


def test_accepting_lays_out_the_frozen_material(shop):
    order = shop.collecting()
    room = room_of(shop, order.id)
    assert [(i.name, i.state) for i in room.items] == [
        ("立项文件", ItemState.WAITING),
        ("总平面图", ItemState.WAITING),
    ]
    assert room.open_count == 2
    shop.do(SYSTEM, on_order_accepted, {"order_id": str(order.id)})
    assert len(room_of(shop, order.id).items) == 2


def test_an_order_accepted_elsewhere_gets_its_list_by_the_message(shop):
    order = shop.paid()
    shop.do(shop.agency, orders.accept_order, order.id, handler_name="演示")
    shop.do(SYSTEM, on_order_accepted, {"order_id": str(order.id)})
    assert len(room_of(shop, order.id).items) == 2


def test_an_order_without_material_starts_at_once(runtime):
    shop = make_shop(runtime, materials=[])
    assert shop.read(shop.collecting().id).order.state is OrderState.IN_SERVICE


def test_the_ball_goes_to_the_agency_with_the_last_item_and_the_promise_starts(shop, store):
    order = shop.collecting()
    first, second = shop.items(order.id)
    hand_in(shop, store, order.id, first)
    assert shop.read(order.id).order.holder is Holder.APPLICANT
    hand_in(shop, store, order.id, second)
    assert shop.read(order.id).order.holder is Holder.AGENCY
    shop.do(shop.agency, handling.accept_item, order.id, first.id)
    assert shop.read(order.id).order.state is OrderState.COLLECTING
    shop.do(shop.agency, handling.accept_item, order.id, second.id)
    detail = shop.read(order.id)
    assert detail.order.state is OrderState.IN_SERVICE
    assert detail.order.due_at is not None


def test_one_list_of_defects_is_complete_and_a_later_new_demand_is_a_breach(shop, store, runtime):
    order = shop.collecting()
    first, second = shop.items(order.id)
    for item in (first, second):
        hand_in(shop, store, order.id, item)
    notice = shop.do(shop.agency, handling.reject_items, order.id, {first.id: "缺公章"})
    assert not notice.is_breach
    assert shop.read(order.id).order.holder is Holder.APPLICANT
    hand_in(shop, store, order.id, first)
    notice = shop.do(shop.agency, handling.reject_items, order.id, {first.id: "仍缺公章"})
    assert not notice.is_breach
    notice = shop.do(shop.agency, handling.reject_items, order.id, {second.id: "比例尺不符"})
    assert notice.is_breach
    with runtime.sessions() as session:
        kinds = session.execute(select(AuditRecord.kind)).scalars().all()
    assert kinds.count("handling.late_demand") == 1
    assert room_of(shop, order.id).notices[-1].item_names == ["总平面图"]


def test_defects_need_reasons_and_items_that_were_handed_in(shop, store):
    order = shop.collecting()
    first, second = shop.items(order.id)
    hand_in(shop, store, order.id, first)
    with pytest.raises(InvalidInputError):
        shop.do(shop.agency, handling.reject_items, order.id, {})
    with pytest.raises(InvalidInputError):
        shop.do(shop.agency, handling.reject_items, order.id, {first.id: " "})
    with pytest.raises(handling.ItemStateError):
        shop.do(shop.agency, handling.reject_items, order.id, {second.id: "缺"})
    with pytest.raises(NotFoundError):
        shop.do(shop.agency, handling.reject_items, order.id, {order.id: "缺"})


def test_a_renamed_program_is_refused_and_changes_nothing(shop, store):
    order = shop.collecting()
    item = shop.items(order.id)[0]
    with pytest.raises(FileMismatchError):
        hand_in(shop, store, order.id, item, Upload("合同.pdf", b"MZ\x90\0" + b"\0" * 60))
    assert shop.items(order.id)[0].state is ItemState.WAITING


def test_material_is_taken_only_while_it_is_collected(shop, store):
    order = shop.in_service(store)
    with pytest.raises(handling.NotCollectingError):
        hand_in(shop, store, order.id, shop.items(order.id)[0])
    with pytest.raises(NotAllowedError):
        shop.do(
            shop.agency,
            handling.upload_item,
            store,
            order.id,
            shop.items(order.id)[0].id,
            Upload("a.pdf", PDF),
        )


def test_an_agency_silent_for_a_working_day_has_accepted_the_material(shop, store, clock):
    order = shop.collecting()
    for item in shop.items(order.id):
        hand_in(shop, store, order.id, item)
    clock.advance(hours=25)
    shop.do(SYSTEM, tick_accept_unchecked)
    assert shop.read(order.id).order.state is OrderState.COLLECTING
    clock.advance(hours=24)
    shop.do(SYSTEM, tick_accept_unchecked)
    assert shop.read(order.id).order.state is OrderState.IN_SERVICE


def test_messages_go_both_ways_and_are_unread_until_read(shop, runtime):
    order = shop.collecting()
    body = "<script>alert(1)</script> ' OR 1=1 --"
    shop.do(shop.applicant, handling.send_message, order.id, body=body)
    shop.do(shop.agency, handling.send_message, order.id, body="已收到")
    assert [m.body for m in room_of(shop, order.id).messages] == [body, "已收到"]
    with runtime.reading() as session:
        assert count_unread(session, shop.agency) == {order.id: 1}
        assert count_unread(session, shop.other_agency) == {}
        assert count_unread(session, shop.operator) == {}
    assert shop.do(shop.agency, handling.mark_read, order.id) == 1
    assert shop.do(shop.agency, handling.mark_read, order.id) == 0
    assert room_of(shop, order.id, shop.agency).unread_count == 0
    assert room_of(shop, order.id).unread_count == 1


def test_a_message_has_text_and_at_most_two_thousand_characters(shop, runtime):
    order = shop.collecting()
    shop.do(shop.applicant, handling.send_message, order.id, body="字" * 2000)
    for body, reason in (("字" * 2001, "too_long"), (" \n", "empty")):
        with pytest.raises(InvalidInputError) as refused:
            shop.do(shop.applicant, handling.send_message, order.id, body=body)
        assert refused.value.params["reason"] == reason
    with runtime.sessions() as session:
        assert session.scalar(select(sa.func.count()).select_from(Message)) == 1


def test_a_room_of_others_does_not_exist(shop, store):
    order = shop.collecting()
    item = shop.items(order.id)[0]
    for actor in (shop.stranger, shop.other_agency):
        with pytest.raises(NotFoundError):
            room_of(shop, order.id, actor)
        with pytest.raises(NotFoundError):
            shop.do(actor, handling.send_message, order.id, body="x")
    with pytest.raises(NotFoundError):
        shop.do(shop.stranger, handling.upload_item, store, order.id, item.id, Upload("a.pdf", PDF))


def test_documents_open_for_the_parties_only(shop, store, runtime):
    order = shop.collecting()
    item = hand_in(shop, store, order.id, shop.items(order.id)[0])
    given = {"order_id": order.id, "document_id": item.document_id}
    with runtime.reading() as session:
        for actor in (shop.applicant, shop.agency, shop.operator, shop.regulator):
            document, data = open_document(session, store, actor, **given)
            assert (document.name, data) == ("总平面图.pdf", PDF)
        for actor in (shop.stranger, shop.other_agency):
            with pytest.raises(NotFoundError):
                open_document(session, store, actor, **given)
        assert get_own_document(session, shop.applicant, item.document_id)
        with pytest.raises(NotFoundError):
            get_own_document(session, shop.agency, item.document_id)


def test_a_document_of_another_order_cannot_be_attached(shop, store):
    one, two = shop.collecting("a"), shop.collecting("b")
    document = shop.do(shop.applicant, handling.add_document, store, one.id, Upload("a.pdf", PDF))
    shop.do(shop.applicant, handling.send_message, one.id, body="附件", document_id=document.id)
    with pytest.raises(NotFoundError):
        shop.do(shop.applicant, handling.send_message, two.id, body="附件", document_id=document.id)


def test_an_ended_order_takes_no_more_messages(shop):
    order = shop.do(shop.applicant, orders.cancel_order, shop.place().id, reason="r")
    with pytest.raises(handling.RoomClosedError):
        shop.do(shop.applicant, handling.send_message, order.id, body="还在吗")
