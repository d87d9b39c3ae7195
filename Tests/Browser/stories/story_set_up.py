"""From nothing to a working community without the demo: the first administrator's link from the command line, then
everything in the browser, in the order of docs/operations/install.md; at the end a resident's need finds its unit."""

import base64
import hashlib
import hmac
import json
import re
import struct
import time
from pathlib import Path

from site_under_test import Site
from visitor import Visitor

PHONE = "13900001234"
PASSWORD = "Linli-2026"


def code_of(secret: str) -> str:
    """The six digits of an authenticator, RFC 6238."""
    key = base64.b32decode(secret.replace(" ", "") + "=" * (-len(secret.replace(" ", "")) % 8))
    mac = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    offset = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[offset:offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


class Office:
    """Somebody at the desk of a street office with a server of its own."""

    def __init__(self, visitor: Visitor, site: Site):
        self.visitor, self.page, self.site = visitor, visitor.page, site

    def open(self, path: str) -> None:
        answer = self.page.goto(self.site.url + path)
        assert answer and answer.status == 200, f"{path} answered {answer.status if answer else 'nothing'}"

    def send(self, action: str, button: str | None = None, **fields: str) -> str:
        """Fills the form that goes to `action` and sends it; what the page says afterwards."""
        form = self.page.locator(f'form[action="{action}"]')
        form = form.filter(has=self.page.locator("button", has_text=button)).last if button else form.last
        summary = form.locator("xpath=ancestor::details[1]/summary")
        if summary.count() > 0 and not form.is_visible():
            summary.click()
        for name, value in fields.items():
            field = form.locator(f'[name="{name}"]').first
            if field.evaluate("node => node.tagName") == "SELECT":
                field.select_option(label=value)
            elif field.get_attribute("type") == "checkbox":
                field.check()
            else:
                field.fill(value)
        (form.locator("button", has_text=button) if button else form.locator("button").last).first.click()
        self.page.wait_for_load_state()
        words = self.page.inner_text("main")
        assert self.page.locator('[aria-invalid="true"], .alert.bad').count() == 0, f"{action}: {words[:400]}"
        return words

    def follow(self, text: str) -> None:
        self.page.locator("main a", has_text=text).first.click()
        self.page.wait_for_load_state()


def begin(office: Office) -> None:
    said = office.site.command(
        "user", "add", "--phone", PHONE, "--name", "钱进", "--role", "administrator", "--division", "110101"
    )
    path = re.sub(r"^https?://[^/]+", "", said.strip().splitlines()[-1])
    office.open(path)
    office.visitor.axe()
    office.visitor.no_overflow()
    words = office.send(path, password=PASSWORD, again=PASSWORD)
    assert "密码设好了" in words, words
    office.page.fill("#phone", PHONE)
    office.page.fill("#password", PASSWORD)
    office.page.press("#password", "Enter")
    office.page.wait_for_load_state()
    secret = office.page.inner_text(".secret")
    office.visitor.axe()
    office.page.fill("#code", code_of(secret))
    office.page.press("#code", "Enter")
    office.page.wait_for_load_state()
    assert "/admin/" in office.page.url, f"not let in: {office.page.inner_text('main')[:300]}"
    # The secret was shown once.
    office.open("/sign-in/second")
    assert secret not in office.page.content()


def add_divisions_and_units(office: Office) -> None:
    office.open("/admin/places")
    assert "还没有社区" in office.page.inner_text("main")
    office.open("/admin/divisions?under=110101001")
    office.send("/admin/divisions/110101001000000/add", name="和平社区", number="905")
    office.open("/admin/divisions?under=110101001905")
    office.send("/admin/divisions/110101001905000/add", name="第1网格", number="1")
    office.open("/admin/divisions?under=110101001905")
    office.send("/admin/divisions/110101001905000/add", name="第2网格", number="2")
    for kind, name, division, phone in [
        ("居民委员会", "和平社区居委会", "110101001905", "010-6555-0301"),
        ("市民诉求处置中心", "东华门街道市民诉求处置中心", "110101001", "010-6555-0302"),
        ("物业服务企业", "和平物业", "110101001905", "010-6555-0303"),
        ("供水", "东城供水站", "110101", "010-6555-0304"),
    ]:
        office.open("/admin/units/new")
        words = office.send("/admin/units/new", kind=kind, name=name, division=division, phone=phone)
        assert "单位已加上" in words, words
    action = re.sub(r".*(/admin/units/[^?]+).*", r"\1", office.page.url) + "/services"
    assert "服务范围已改" in office.send(action, service="110101")


def add_people(office: Office) -> str:
    """A handler of the property company; returns their link's path."""
    office.open("/admin/accounts/new")
    office.send("/admin/accounts/new", button="建账号", name="王师傅", phone="13900005678", unit="和平物业")
    base = re.sub(r".*(/admin/accounts/[^?]+).*", r"\1", office.page.url)
    office.send(base + "/grants", role="承办人员", unit="和平物业")
    office.send(base + "/setup")
    link = office.page.inner_text(".secret")
    assert "/setup/" in link
    office.visitor.axe()
    office.visitor.no_overflow()
    return re.sub(r"^https?://[^/]+", "", link.strip())


def add_places_and_roster(office: Office) -> None:
    office.open("/admin/places?under=110101001905")
    office.send(
        "/admin/places/new", kind="小区", name="和平里小区", division="和平社区 第1网格", right="商品房", manager="和平物业",
        latitude="39.9123", longitude="116.4021",
    )
    base = re.sub(r".*(/admin/places/[^?]+).*", r"\1", office.page.url)
    office.send(base + "/inside", names="1号楼\n2号楼")
    office.follow("1号楼")
    base = re.sub(r".*(/admin/places/[^?]+).*", r"\1", office.page.url)
    office.send(base + "/inside", names="1单元\n2单元\n3单元")
    office.open("/admin/places/import?under=110101001905")
    table = "种类,名称,上级地址,网格,产权\n公共空间,和平广场,,2,公共空间\n"
    assert "新加 1 个" in office.send("/admin/places/import", button="先看看", table=table)
    office.visitor.axe()
    assert "都已加上" in office.send("/admin/places/import", button="导入这 1 个")

    office.open("/admin/rosters")
    office.follow("和平物业")
    today = office.page.input_value('input[name="first"]')
    action = re.sub(r".*(/admin/rosters/[^?]+).*", r"\1", office.page.url) + "/shifts"
    words = office.send(action, account="王师傅", first=today, start="00:00", end="23:59")
    assert "现在值班：王师傅" in words, words


def add_borders(office: Office, folder: Path) -> None:
    def grid(number: int, west: float) -> dict:
        ring = [[west, 39.91], [west + 0.004, 39.91], [west + 0.004, 39.915], [west, 39.915], [west, 39.91]]
        return {
            "type": "Feature", "properties": {"name": f"第{number}网格"},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }

    file = folder / "borders.geojson"
    office.open("/admin/grids?under=110101001905")
    overlapping = {"type": "FeatureCollection", "features": [grid(1, 116.4), grid(2, 116.403)]}
    file.write_text(json.dumps(overlapping, ensure_ascii=False))
    office.page.set_input_files('input[name="file"]', file)
    office.page.locator('form[action="/admin/grids/look"] button').click()
    office.page.wait_for_load_state()
    assert "重叠 47468 平方米" in office.page.inner_text("main") and office.page.locator('form[action="/admin/grids"]').count() == 0
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [grid(1, 116.4), grid(2, 116.404)]}))
    office.page.set_input_files('input[name="file"]', file)
    office.page.locator('form[action="/admin/grids/look"] button').click()
    office.page.wait_for_load_state()
    assert "没有重叠，没有空隙" in office.page.inner_text("main")
    office.visitor.axe()
    office.visitor.no_overflow()
    assert "边界已存好" in office.send("/admin/grids")


def story_set_up_without_the_demo(site: Site, desktop: Visitor, phone_nojs: Visitor, phone: Visitor):
    own = Site(site.binary)
    try:
        own.command("migrate")
        own.run()
        office = Office(desktop, own)
        begin(office)
        add_divisions_and_units(office)
        link = add_people(office)
        add_places_and_roster(office)
        add_borders(office, own.data)
        office.open("/admin/holidays")
        assert "个工作日" in office.page.inner_text("main")

        # A resident without an account and without scripts: the lift at 1号楼 goes to the company that manages it.
        page = phone_nojs.page
        page.goto(own.url + "/report")
        page.fill("#text", "1号楼2单元的电梯坏了，老人上不了楼")
        places = page.locator("select, input[type=radio]")
        assert "和平里小区" in page.content() and places.count() > 0
        option = page.locator("select option", has_text=re.compile("1号楼")).first
        if option.count() > 0:
            select = option.locator("xpath=ancestor::select")
            select.select_option(value=option.get_attribute("value") or "")
        page.click(".submit button")
        page.wait_for_load_state()
        words = page.inner_text("main")
        assert "和平物业" in words, f"it was not sent to the property company: {words[:500]}"

        # Its handler chooses a password on the phone, signs in and finds it.
        handler = Office(phone, own)
        handler.open(link)
        handler.send(link, password=PASSWORD, again=PASSWORD)
        handler.page.fill("#phone", "13900005678")
        handler.page.fill("#password", PASSWORD)
        handler.page.press("#password", "Enter")
        handler.page.wait_for_load_state()
        handler.page.fill("#code", code_of(handler.page.inner_text(".secret")))
        handler.page.press("#code", "Enter")
        handler.page.wait_for_load_state()
        assert "电梯坏了" in handler.page.inner_text("main"), handler.page.inner_text("main")[:400]
    finally:
        own.stop()
        own.remove()


story_set_up_without_the_demo.is_long = True
