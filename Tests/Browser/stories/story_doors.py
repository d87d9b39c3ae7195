"""Doors besides the resident's form: a code on a wall, a number on the phone, a chat group."""

import re

from moves import send_need
from visitor import Visitor


def story_doors_wall_code(desktop: Visitor, phone_nojs: Visitor):
    staff, resident = desktop, phone_nojs
    staff.sign_in("dispatcher")
    staff.goto("/desk/wall-codes")
    staff.no_overflow()
    staff.axe()
    page = staff.page
    page.select_option("#place", label="幸福里小区3号楼2单元")
    page.fill("#note", "1层电梯口")
    page.click("aside form button")
    page.wait_for_url(re.compile("/print"))
    staff.no_overflow()
    staff.axe()
    assert page.locator("svg.qrcode").is_visible()
    assert "1层电梯口" in page.inner_text("article")
    assert re.search(r"\d{3,}", page.inner_text("article .tel")), "the committee's phone is missing"
    link = re.search(r"/q/\w+", page.inner_text("article")).group()
    page.emulate_media(media="print")
    assert page.locator("svg.qrcode").is_visible()
    page.emulate_media(media="screen")
    resident.goto(link)
    assert resident.page.url.split("?")[0].endswith("/report")
    chosen = resident.page.locator('select[name="place"]')
    assert "2单元" in chosen.locator("option:checked").inner_text(), "the place is not filled in"
    assert resident.page.input_value("#location") == "1层电梯口", "where exactly the code hangs is lost"
    resident.page.fill("#text", "3号楼2单元一层的灯一直不亮")
    send_need(resident)
    assert "3号楼2单元" in resident.page.inner_text("main") and "1层电梯口" in resident.page.inner_text("main")
    staff.goto("/desk/wall-codes")
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator("tr", has_text=link).locator("form button").click()
    if page.locator("dialog[open]").count():
        page.locator("dialog[open] button.btn").last.click()
    page.wait_for_url(re.compile("done=revoke"))
    resident.goto(link, status=410)
    assert "已经失效" in resident.page.inner_text("h1")


def story_doors_caller_and_group(desktop: Visitor):
    staff = desktop
    staff.sign_in("dispatcher")
    page = staff.page
    staff.goto("/desk/paste")
    staff.no_overflow()
    staff.axe()
    page.fill("#text", "张三 10:20\n幸福里小区3号楼2单元电梯里有人被困，快来救人\n李四 10:21\n好的")
    page.click("main form button.btn:not(.ghost)")
    page.locator('input[name="take-0"]').wait_for()
    staff.no_overflow()
    staff.axe()
    assert page.locator('input[name="take-0"]').is_checked()
    assert not page.locator('input[name="take-1"]').is_checked(), "a word of thanks is ticked"
    assert "3号楼2单元" in page.locator("#place-0 option:checked").inner_text()
    # Enter in a field registers, it does not put a name back into the words.
    page.press("#speaker-0", "Enter")
    reply = page.locator("#reply-0")
    reply.wait_for()
    staff.no_overflow()
    assert re.search(r"编号 SJ\d{8}-\d{4}", reply.inner_text())
    assert "/r/" not in reply.inner_text(), "the receipt must not go into the group"

    staff.goto("/desk/caller")
    staff.no_overflow()
    staff.axe()
    page.fill("#phone", "13900005678")
    page.fill("#purpose", "来电问进度")
    page.click("main form button")
    page.locator("#h-told").wait_for()
    assert "13900005678" not in page.url
    with page.expect_navigation():
        page.click('form[action="/desk/new/caller"] button')
    assert page.locator("#phone").input_value() == "13900005678", "the number is typed twice"
    page.fill("#text", "水管爆了，水流到楼道里")
    page.select_option("#place", label="幸福里小区3号楼2单元")
    with page.expect_navigation():
        page.click("main form .btns .btn:not(.ghost):not([name])")
    if page.locator(".receipt .no").count() == 0:
        staff.look()
        with page.expect_navigation():
            page.click("main form .btns .btn:not(.ghost):not([name])")
    number = page.inner_text(".receipt .no")
    assert number in page.inner_text("#aloud") and "最迟" in page.inner_text("#aloud"), "no deadline to read out"
    staff.goto("/desk/caller")
    page.fill("#phone", "13900005678")
    page.fill("#purpose", "来电问进度")
    page.click("main form button")
    page.locator("#h-told").wait_for()
    staff.no_overflow()
    assert number in page.inner_text("main")
