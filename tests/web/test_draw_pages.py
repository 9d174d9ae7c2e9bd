"""The pages of public draws, from the draft to the receipt and the verdict."""

import io
import re
import zipfile
from dataclasses import replace

import pytest
from sqlalchemy import update

from market import outbox
from market.accounts.models import User
from market.act import SYSTEM
from market.draws import services
from market.outbox import MessageState, OutboxMessage
from market.web.public.draws import judge
from market.web.public.verdicts import Verdict
from tests.support.draws import LONG_AGO, make_draft, make_draw_world
from tests.support.visitors import Visitor, visit

NAMES = [f"演示机构{number}" for number in range(1, 5)]


@pytest.fixture
def hall(runtime, clock):
    return make_draw_world(runtime, clock)


@pytest.fixture
def anyone(app):
    return Visitor(app.test_client())


@pytest.fixture
def sign_in(app, world):
    """Give a browser in which the actor of a draw world is signed in."""

    def open_browser(actor):
        def account(act):
            if act.session.get(User, actor.user_id) is None:
                login = f"{actor.user_id.hex}@demo"
                act.session.add(
                    User(
                        id=actor.user_id,
                        login=login,
                        name=actor.name,
                        password_hash="",
                        created_at=LONG_AGO,
                    )
                )

        world.runtime.act(SYSTEM, account)
        return visit(app, world, actor)

    return open_browser


def enrolled(hall, count=4, **changes):
    draw_id = hall.announced(**changes)
    for agency in hall.agencies[:count]:
        hall.enrol(agency, draw_id)
    hall.integrate()
    return draw_id


def drawn(hall, **changes):
    draw_id = enrolled(hall, **changes)
    hall.drawn(draw_id)
    return draw_id


def test_a_notice_stands_in_the_list_with_what_comes_next(hall, anyone):
    assert "还没有公告" in anyone.text("/projects")
    draw_id = hall.announced(title="演示道路工程环评")
    page = anyone.text("/projects?stage=enrolling")
    assert "演示道路工程环评" in page
    assert "报名截止" in page
    assert draw_id.rpartition("/")[0] in page
    assert "没有符合条件的项目" in anyone.text("/projects?stage=awarded")
    assert "演示道路工程环评" in anyone.text("/projects?stage=nonsense")
    assert "演示道路工程环评" not in anyone.text("/projects?q=别的")


def test_a_draft_is_nobody_elses_business(hall, anyone, sign_in):
    project_no = hall.draft().project_no
    assert anyone.get(f"/projects/{project_no}").status_code == 404
    other = sign_in(hall.other_owner)
    assert other.get(f"/owner/projects/{project_no}").status_code == 404
    assert sign_in(hall.owner).get(f"/owner/projects/{project_no}").status_code == 200


def test_before_the_freeze_no_page_names_or_counts_entrants(hall, anyone, sign_in):
    draw_id = enrolled(hall)
    project_no = draw_id.rpartition("/")[0]
    pages = [
        anyone.text(path)
        for path in (
            f"/projects/{project_no}",
            f"/draws/{draw_id}",
            f"/draws/{draw_id}/live",
            f"/draws/{draw_id}/live.json",
            "/draws",
        )
    ]
    pages.append(sign_in(hall.owner).text(f"/owner/projects/{project_no}"))
    pages.append(sign_in(hall.operator).text("/operator/desk"))
    for page in pages:
        assert not any(name in page for name in NAMES)
        assert "4 家" not in page
    bundle = anyone.get(f"/draws/{draw_id}/bundle.zip").data
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        assert not any("演示机构".encode() in archive.read(name) for name in archive.namelist())


def test_the_frozen_list_is_shown_without_a_ranking(hall, anyone):
    draw_id = enrolled(hall)
    hall.to_frozen(draw_id)
    page = anyone.text(f"/draws/{draw_id}")
    assert "冻结名单，共 4 家" in page
    assert all(name in page for name in NAMES)
    assert "摇号排名" not in page


def test_the_result_is_verified_on_the_page_and_can_be_recomputed(hall, anyone):
    draw_id = drawn(hall)
    page = anyone.text(f"/draws/{draw_id}")
    assert "已核验，但尚无见证" in page
    assert "演示信标，不具公信力" in page
    assert len(re.findall(r"<summary>0\.\d{6}…</summary>", page)) == 4
    assert page.count("yaohao/v1/ticket") >= 4
    assert "python -m lottery.verify bundle.zip" in page
    assert page.count("checks__row--") == 17
    assert "checks__row--fail" not in page


def test_a_stored_ranking_that_does_not_follow_is_called_out(hall, app):
    forged = replace(hall.read(drawn(hall)), recomputes=False)
    good = Verdict("unwitnessed", "", forged.draw.draw_id, True, ())
    with app.test_request_context():
        assert judge(good, forged).kind == "fail"
        assert judge(good, replace(forged, recomputes=True)).kind == "unwitnessed"


def test_the_bundle_is_downloaded_once_and_verifies_when_brought_back(hall, anyone):
    draw_id = drawn(hall)
    path = f"/draws/{draw_id}/bundle.zip"
    first = anyone.get(path)
    assert first.headers["Content-Type"] == "application/zip"
    again = anyone.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    report = anyone.post("/verify", bundle=("bundle.zip", first.data))
    assert report.status_code == 200
    assert "已核验，但尚无见证" in report.get_data(as_text=True)


def test_a_changed_bundle_fails_with_the_checks_that_saw_it(hall, anyone):
    data = anyone.get(f"/draws/{drawn(hall)}/bundle.zip").data
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content.replace("机构1".encode(), "机构9".encode()))
    answer = anyone.post("/verify", bundle=("bundle.zip", target.getvalue()))
    page = answer.get_data(as_text=True)
    assert "核验不通过" in page
    assert "不通过的项目：V1、V7" in page


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("hello.zip", b"hello", "这个文件打不开"),
        ("empty.zip", b"", "请选择一个核验包"),
        ("large.zip", b"x" * (10 * 1024 * 1024 + 1), "文件太大"),
    ],
)
def test_what_is_no_bundle_gets_a_clear_answer(anyone, name, data, sentence):
    answer = anyone.post("/verify", bundle=(name, data))
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)


def test_the_log_is_served_as_files(hall, anyone):
    enrolled(hall)
    checkpoint = anyone.get("/log/checkpoint")
    assert checkpoint.mimetype == "text/plain"
    assert "max-age=1" in checkpoint.headers["Cache-Control"]
    origin, size, root = checkpoint.get_data(as_text=True).split("\n")[:3]
    assert (origin, len(root)) == ("sunlit.example/log1", 44)
    tile = anyone.get(f"/log/tile/0/000.p/{size}")
    assert tile.mimetype == "application/octet-stream"
    assert len(tile.data) == 32 * int(size)
    assert "immutable" not in tile.headers["Cache-Control"]
    assert anyone.get(f"/log/tile/entries/000.p/{size}").status_code == 200
    assert anyone.get("/log/policy").get_data(as_text=True).startswith("log sunlit.example/log1+")


@pytest.mark.parametrize(
    "path",
    ["0/000", "0/000.p/0", "../log.key", "%2e%2e/log.key", "0/../../log.key", "entries/000.p/999"],
)
def test_the_log_gives_nothing_else(hall, anyone, path):
    enrolled(hall)
    assert anyone.get(f"/log/tile/{path}").status_code == 404


def test_a_voided_attempt_stays_beside_the_next_one(hall, anyone):
    draw_id = enrolled(hall, count=2)
    hall.to_screened(draw_id)
    hall.do(hall.operator, services.freeze, hall.office.setup, draw_id)
    hall.integrate()
    hall.settle()
    project_no = draw_id.rpartition("/")[0]
    page = anyone.text(f"/projects/{project_no}")
    assert "本项目共摇号 2 次，作废 1 次" in page
    assert "已作废" in page
    assert "有效报名不足" in page
    assert "已逐条核对，首尾相连" in page
    assert "本次摇号已作废" in anyone.text(f"/draws/{project_no}/1")
    assert project_no in anyone.text("/draws?stage=void")


def test_the_live_answer_changes_only_when_something_happened(hall, anyone):
    draw_id = enrolled(hall)
    path = f"/draws/{draw_id}/live.json"
    before = anyone.get(path).get_json()
    assert anyone.get(path).get_json() == before
    hall.drawn(draw_id)
    after = anyone.get(path).get_json()
    assert after["version"] != before["version"]
    assert after["is_over"] is True
    assert NAMES[0] in after["body"]
    assert "刷新" in anyone.text(f"/draws/{draw_id}/live")


def test_an_owner_drafts_submits_and_sees_why_the_route_says_draw(hall, sign_in):
    owner = sign_in(hall.owner)
    assert "还没有项目" in owner.text("/owner/projects")
    fields = {"title": "演示学校环评", "service_code": "HJ-01", "fee": "38000", "days": "15"}
    fields |= {"winners": "1", "reserves": "2"}
    missing = owner.post("/owner/projects/new", **fields)
    assert missing.status_code == 422
    assert "预算文件" in missing.get_data(as_text=True)
    assert "演示学校环评" in missing.get_data(as_text=True)
    budget = ("预算.pdf", b"%PDF-1.4\n%%EOF")
    late = owner.post("/owner/projects/new", budget=budget, **{**fields, "days": "99"})
    assert "时限上限 30 个工作日" in late.get_data(as_text=True)
    saved = owner.post("/owner/projects/new", budget=budget, **fields)
    assert saved.status_code == 302
    avoid = {"avoidance-0-uscc": "91360700000000001X", "avoidance-0-h_code": "H5"}
    groundless = owner.post("/owner/projects/new", budget=budget, **fields, **avoid)
    assert groundless.status_code == 422
    changed = owner.post(f"{saved.location}/edit", **{**fields, "title": "演示中学环评"})
    assert changed.status_code == 302
    assert owner.post(f"{saved.location}/submit").status_code == 302
    page = owner.text(saved.location)
    assert "演示中学环评" in page
    assert "待运营方审核" in page
    assert "以上都不是：公开摇号" in page
    assert "¥38,000.00" in page


def test_an_emergency_goes_to_the_regulator_with_its_ground(hall, sign_in):
    project_no = hall.draft().project_no
    owner = sign_in(hall.owner)
    owner.post(f"/owner/projects/{project_no}/submit", is_emergency="y")
    page = owner.text(f"/owner/projects/{project_no}")
    assert "待主管部门核定" in page
    assert "抢险救灾等应急" in page


def test_the_operator_publishes_or_returns_and_cannot_close_early(hall, sign_in, anyone):
    returned, published = hall.submitted(), hall.submitted(title="演示桥梁环评")
    operator = sign_in(hall.operator)
    assert "演示桥梁环评" in operator.text("/operator/desk")
    empty = operator.post(f"/operator/projects/{returned}/return", reason="")
    assert empty.status_code == 422
    operator.post(f"/operator/projects/{returned}/return", reason="请补充规模")
    assert "请补充规模" in sign_in(hall.owner).text(f"/owner/projects/{returned}")
    assert "发布公告" in operator.text(f"/operator/projects/{published}")
    assert operator.post(f"/operator/projects/{published}/publish").status_code == 302
    hall.integrate()
    assert "报名中" in anyone.text(f"/projects/{published}")
    assert operator.post(f"/operator/draws/{published}/1/close").status_code == 409
    assert operator.post(f"/operator/draws/{published}/1/choose").status_code == 404


def test_the_operator_takes_the_steps_that_are_due_and_refuses_with_evidence(hall, sign_in):
    draw_id = enrolled(hall)
    operator = sign_in(hall.operator)
    assert operator.get(f"/operator/draws/{draw_id}/screening").status_code == 404
    hall.clock.at = hall.attempt(draw_id).enroll_close_at
    for step in ("close", "screen"):
        assert f"/{step}" in operator.text("/operator/desk")
        assert operator.post(f"/operator/draws/{draw_id}/{step}").status_code == 302
        hall.integrate()
    page = operator.text(f"/operator/draws/{draw_id}/screening")
    assert all(name in page for name in NAMES)
    target = re.findall(rf'action="(/operator/draws/{draw_id}/screening/[^"]+)"', page)[0]
    assert operator.post(target, code="not_qualified", evidence="").status_code == 422
    assert operator.post(target, code="not_qualified", evidence="证书已注销").status_code == 302
    hall.integrate()
    assert operator.post(f"/operator/draws/{draw_id}/freeze").status_code == 302
    assert "证书已注销" in operator.text(f"/draws/{draw_id}")


def test_a_message_given_up_is_tried_again(hall, runtime, sign_in):
    def give_up(act):
        outbox.put(act, "thing.happened")
        act.session.flush()
        act.session.execute(
            update(OutboxMessage).values(state=MessageState.DEAD, tries=12, error="no answer")
        )

    runtime.act(SYSTEM, give_up)
    operator = sign_in(hall.operator)
    page = operator.text("/operator/desk")
    assert "no answer" in page
    path = re.search(r'action="(/operator/messages/[^"]+/retry)"', page).group(1)
    assert operator.post(path).status_code == 302
    assert operator.post(path).status_code == 404
    assert "no answer" not in operator.text("/operator/desk")


def test_an_agency_pledges_enrols_and_carries_its_receipt_home(hall, sign_in):
    project_no = hall.announced().rpartition("/")[0]
    first, second = sign_in(hall.agencies[0]), sign_in(hall.agencies[1])
    assert "符合条件" in first.text("/agency/enrolments")
    path = f"/agency/enrolments/{project_no}"
    unpledged = first.post(path)
    assert unpledged.status_code == 422
    assert "请阅读并勾选承诺" in unpledged.get_data(as_text=True)
    done = first.post(path, pledge="y")
    assert "临时回执" in first.text(done.location)
    assert first.get(f"{done.location}/receipt.tlog-proof").status_code == 409
    hall.integrate()
    assert "下载正式回执" in first.text(done.location)
    receipt = first.get(f"{done.location}/receipt.tlog-proof")
    assert receipt.get_data(as_text=True).startswith("c2sp.org/tlog-proof@v1\n")
    assert second.get(done.location).status_code == 404
    assert second.get(f"{done.location}/receipt.tlog-proof").status_code == 404
    assert first.get(path).location == done.location
    assert first.post(f"{done.location}/withdraw").status_code == 302
    assert "已撤回" in first.text(done.location)


def test_a_winner_confirms_and_a_loser_is_not_asked(hall, sign_in):
    draw_id = drawn(hall)
    winner = hall.winner(draw_id)
    page = (browser := sign_in(winner)).text("/agency/enrolments")
    mine = re.search(r"/agency/enrolments/mine/[0-9a-f-]+", page).group(0)
    assert "拟中选，请确认" in browser.text("/agency/")
    assert "确认承接" in browser.text(mine)
    assert browser.post(f"{mine}/confirm").status_code == 302
    assert "已确认" in browser.text(mine)
    loser = next(agency for agency in hall.agencies if agency != winner)
    other = sign_in(loser)
    theirs = re.search(r"/agency/enrolments/mine/[0-9a-f-]+", other.text("/agency/enrolments"))
    assert "确认承接" not in other.text(theirs.group(0))
    assert other.post(f"{mine}/confirm").status_code == 404


def test_a_winner_who_declines_is_followed_by_the_next_of_the_same_ranking(hall, sign_in, anyone):
    draw_id = drawn(hall)
    browser = sign_in(hall.winner(draw_id))
    mine = re.search(
        r"/agency/enrolments/mine/[0-9a-f-]+", browser.text("/agency/enrolments")
    ).group(0)
    silent = browser.post(f"{mine}/decline", ground="none", statement="")
    assert silent.status_code == 422
    browser.post(f"{mine}/decline", ground="key_staff_lost", statement="负责人离职")
    hall.integrate()
    page = anyone.text(f"/draws/{draw_id}")
    assert "第 2 名递补" in page
    assert "主要人员变动" in page
    assert "已核验，但尚无见证" in page


def test_supervision_teaches_when_empty_and_counts_draws(hall, anyone):
    assert "现在没有在办订单" in anyone.text("/supervision")
    assert "还没有摇号" in anyone.text("/supervision")
    drawn(hall)
    assert "涉及项目 1 个" in anyone.text("/supervision")
    assert "监督" in anyone.text("/supervision/screen")


def test_html_in_a_title_is_only_text(hall, anyone):
    project = hall.do(
        hall.owner, services.draft_project, make_draft(title="<script>alert(1)</script>")
    )
    hall.do(hall.owner, services.submit_project, project.project_no, services.RouteClaims())
    hall.do(hall.operator, services.publish_notice, hall.office.setup, project.project_no)
    hall.integrate()
    for path in ("/projects", f"/projects/{project.project_no}", "/draws"):
        page = anyone.text(path)
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
