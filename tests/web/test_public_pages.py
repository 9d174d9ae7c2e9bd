"""The shop's pages as an anonymous reader gets them, on the demo's catalogue."""

import re

import pytest

from market.act import SYSTEM
from market.demo.load import load_demo

UUID = r"[0-9a-f-]{36}"

once = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what the database cannot change; the rest runs on both kinds."""


@pytest.fixture
def reader(app, runtime):
    """A browser without a session in front of a filled market."""
    runtime.act(SYSTEM, lambda act: load_demo(act, lambda _password: "no sign-in here"))
    return app.test_client()


def page(client, path, status=200):
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.get_data(as_text=True)


def listings_on(html):
    return list(dict.fromkeys(re.findall(rf'href="/services/({UUID})"', html)))


def prices_on(html):
    yuan = re.findall(r'price__yuan">([\d,]+)<', html)
    return [int(text.replace(",", "")) for text in yuan]


@once
def test_an_empty_market_teaches_instead_of_failing(app):
    client = app.test_client()
    assert "货架还空着" in page(client, "/")
    assert "没有同时符合这些条件的服务" in page(client, "/services")
    assert "事项目录还没有导入" in page(client, "/matters")
    assert "没有符合条件的机构" in page(client, "/agencies")
    assert "还没有要对比的服务" in page(client, "/compare")


@once
def test_every_link_of_the_home_page_into_the_shop_opens(reader):
    html = page(reader, "/")
    shop = r'href="(/(?:services|agencies|matters|compare)[^"#]*)"'
    for path in dict.fromkeys(re.findall(shop, html)):
        page(reader, path.replace("&amp;", "&"))


@once
def test_no_page_carries_script_or_style_within_it(reader):
    listing = listings_on(page(reader, "/services"))[0]
    paths = ("/", "/services", f"/services/{listing}", f"/compare?id={listing}", "/matters")
    for path in (*paths, "/agencies"):
        html = page(reader, path)
        assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=", html), path


def test_search_filters_and_sort_narrow_the_list_and_stay_in_the_address(reader):
    html = page(reader, "/services?category=environment&max_fee=30000&sort=price")
    shown = prices_on(html)
    assert shown == sorted(shown)
    assert shown
    assert max(shown) <= 30_000
    assert "30,000 元以内" in html
    assert 'href="/services?category=environment&amp;sort=price"' in html  # the chip drops one


def test_a_search_without_result_names_the_filter_to_drop(reader):
    html = page(reader, "/services?q=环评&max_fee=1")
    assert "去掉其中一个条件就能看到" in html
    assert "去掉“1 元以内”" in html


@once
def test_nonsense_in_the_address_does_not_break_the_list(reader):
    for query in ("max_fee=-1", "max_fee=9e99", "max_days=٣", "page=99999", "sort=x", "region=中"):
        page(reader, f"/services?{query}")
    assert "&lt;b&gt;" in page(reader, "/services?q=<b>")


@once
def test_a_service_shows_price_days_self_help_and_an_end_date(reader):
    listing = listings_on(page(reader, "/services?q=报告表"))[0]
    html = page(reader, f"/services/{listing}?start=2026-12-01")
    assert "price__yuan" in html
    assert re.search(r"最迟 <b>202[67]年\d+月\d+日</b> 办结", html)
    assert "不买也能办吗" in html
    assert f'href="/applicant/orders/new?listing={listing}"' in html
    assert "暂时算不出日期" in page(reader, f"/services/{listing}?start=2399-01-01")
    page(reader, f"/services/{listing}?start=tomorrow")


@once
def test_a_service_that_the_department_pays_for_cannot_be_bought(reader):
    html = page(reader, "/services?category=review")
    pages = [page(reader, f"/services/{listing}") for listing in listings_on(html)]
    paid_by_department = [text for text in pages if "此项由审批部门委托并付费" in text]
    assert paid_by_department
    assert all("立即下单" not in text for text in paid_by_department)


def test_comparison_marks_differences_and_takes_four_at_most(reader):
    ids = listings_on(page(reader, "/services?category=environment"))[:5]
    html = page(reader, "/compare?" + "&".join(f"id={one}" for one in ids))
    assert html.count("compare__head") == 4
    assert "compare__diff" in html
    assert "更有利" in html
    assert "一次最多对比 4 项" in html
    assert "还没有要对比的服务" in page(reader, "/compare?id=nonsense")


@once
def test_an_agency_shows_its_certificates_and_hides_half_of_its_phone(reader):
    agency = re.search(rf"/agencies/({UUID})", page(reader, "/agencies"))[1]
    html = page(reader, f"/agencies/{agency}")
    assert "资质证书" in html
    assert "0797****" in html
    assert listings_on(html)


def test_a_matter_leads_to_the_services_it_needs(reader):
    assert "/matters/SP-HJ-01" in page(reader, "/matters?q=环境影响")
    html = page(reader, "/matters/SP-HJ-01")
    assert "自己办" in html
    path = re.search(r'href="(/services\?service=[^"]+)"', html)[1]
    assert listings_on(page(reader, path))


@once
@pytest.mark.parametrize(
    "path",
    [
        "/services/019376a0-0000-7000-8000-000000000000",
        "/services/1",
        "/agencies/019376a0-0000-7000-8000-000000000000",
        "/matters/NOPE",
    ],
)
def test_what_is_not_there_is_said_in_words_with_a_way_back(reader, path):
    html = page(reader, path, status=404)
    assert "没有找到" in html
    assert 'href="/services"' in html


@once
def test_the_large_type_edition_and_the_theme_are_one_press_away(app, reader):
    app.config["WTF_CSRF_ENABLED"] = False
    assert 'class="care"' not in page(reader, "/")
    reader.post("/preferences", data={"care": "1", "theme": "dark", "next": "/services?q=x"})
    html = page(reader, "/services?q=x")
    assert 'class="care"' in html
    assert 'data-theme="dark"' in html
    assert "退出关怀版" in html
