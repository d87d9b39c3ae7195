"""The registers: a grid worker updates a household on the phone, also without scripts; a resident sees who read."""

import re

from moves import answer, send, unfold
from site_under_test import Site
from visitor import Visitor

HOME = "幸福里小区3号楼2单元"
NUMBER = "110100198507200050"


def open_home(walker: Visitor, number: str) -> None:
    """From the overview to a flat, as one walks: estate, building, entrance, door."""
    walker.goto("/registers")
    walker.no_overflow()
    for name in ("幸福里小区", "3号楼", "2单元", number):
        with walker.page.expect_navigation() as navigation:
            walker.page.locator("a.cell", has=walker.page.get_by_text(name, exact=True)).first.click()
        answer(walker, navigation.value)
        walker.no_overflow()


def fill(walker: Visitor, **values: str) -> None:
    for name, value in values.items():
        field = walker.page.locator(f'[name="person.{name}"]')
        if field.evaluate("node => node.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def update_household(site: Site, walker: Visitor, door: str, phone: str) -> str:
    """Enters a household at a door, corrects somebody, says who moved away; returns the page of who stays."""
    walker.sign_in("gridWorker1")
    open_home(walker, door)
    with walker.page.expect_navigation() as navigation:
        walker.page.get_by_text("加一户").click()
    answer(walker, navigation.value)
    walker.look()
    # A wrong number comes back with everything that was typed.
    fill(walker, name="陈静姝", number=NUMBER[:-1] + "1", phone=phone, education="本科")
    with walker.page.expect_navigation() as navigation:
        walker.page.click("form#register button.btn.wide")
    assert navigation.value.status == 422, "a wrong number was taken"
    assert walker.page.input_value('[name="person.name"]') == "陈静姝", "what was typed is gone"
    assert walker.page.locator('[name="person.number"][aria-invalid]').count() == 1
    fill(walker, number=NUMBER)
    with walker.page.expect_navigation() as navigation:
        walker.page.click("form#register button.btn.wide")
    # The other story may have entered the same number at another door: who enters it again says that they looked.
    if walker.page.locator('[name="checked"]').count():
        assert navigation.value.status == 422 and "已经登记过" in walker.page.inner_text("main")
        walker.page.check('[name="checked"]')
        with walker.page.expect_navigation() as navigation:
            walker.page.click("form#register button.btn.wide")
    answer(walker, navigation.value)
    page = re.sub(r"https?://[^/]+|\?.*", "", walker.page.url)
    shown = walker.page.inner_text("main")
    assert "110***********0050" in shown and NUMBER not in walker.page.content()
    walker.no_overflow()
    walker.look()
    walker.goto(page + "/change")
    fill(walker, chronicDiseases="高血压", education="硕士")
    with walker.page.expect_navigation() as navigation:
        walker.page.click("form#register button.btn.wide")
    answer(walker, navigation.value)
    shown = walker.page.inner_text("main")
    assert "硕士" in shown and "高血压" not in walker.page.content(), "a closely kept value stands on the page"
    assert "慢性病" in shown and "更正" in shown
    return page


def look_at_history(visitor: Visitor, page: str) -> None:
    """Who came to a household is told by name: a link that more than its colour tells apart."""
    visitor.sign_in("worker")
    visitor.goto(page)
    visitor.goto(visitor.page.locator('main a[href^="/registers/household/"]').first.get_attribute("href"))
    assert visitor.page.locator(".tl b a").count() > 0, "nobody is told to have come"
    visitor.axe()


def story_registers(site: Site, phone: Visitor, phone_english: Visitor, desktop: Visitor, desktop_english: Visitor):
    walker, resident, worker = phone, phone_english, desktop
    owner = site.person("waterHandler")
    page = update_household(site, walker, "101", owner["phone"])

    look_at_history(desktop_english, page)

    # Reading needs a purpose, is shown once, and not to who walks elsewhere.
    worker.sign_in("worker")
    worker.goto(page)
    worker.axe()
    form = worker.page.locator('form[action$="/reveal"]')
    form.locator('input[value="person.phone"]').check(force=True)
    with worker.page.expect_navigation() as navigation:
        form.locator("button").click()
    assert navigation.value.status == 422, "read without saying why"
    form = worker.page.locator('form[action$="/reveal"]')
    assert form.locator('input[value="person.phone"]').is_checked(), "what was chosen is gone"
    form.locator('[name="purpose"]').select_option("handling")
    form.locator('[name="note"]').fill("电梯报修，约时间")
    with worker.page.expect_navigation() as navigation:
        form.locator("button").click()
    answer(worker, navigation.value)
    assert owner["phone"] in worker.page.inner_text("main")
    assert navigation.value.headers["cache-control"] == "no-store"
    worker.goto(page)
    assert owner["phone"] not in worker.page.content(), "shown more than once"

    resident.sign_in("waterHandler")
    resident.goto("/me/data")
    resident.no_overflow()
    resident.axe()
    resident.page.fill("#number", NUMBER)
    with resident.page.expect_navigation() as navigation:
        resident.page.click('form[action="/me/data/link"] button')
    answer(resident, navigation.value)
    with resident.page.expect_navigation() as navigation:
        resident.page.locator('a[href^="/me/data/readings"]').first.click()
    answer(resident, navigation.value)
    resident.no_overflow()
    resident.axe()
    shown = resident.page.inner_text("main")
    assert "To handle a need of theirs" in shown and "电梯报修，约时间" in shown and "赵婷" in shown
    resident.goto("/me/data")
    send(resident, resident.page.locator('form[action="/me/data/consents"]').first)
    assert "Agreed since" in resident.page.inner_text("main")
    form = resident.page.locator('form[action="/me/data/requests"]').first
    form.locator('textarea[name="text"]').fill("工作单位换了")
    send(resident, form)

    worker.goto("/registers/requests")
    worker.axe()
    send(worker, worker.page.locator('form[action$="/words"]').first)
    assert "工作单位换了" in worker.page.inner_text("main")


def story_registers_without_scripts(site: Site, narrow_nojs: Visitor):
    walker = narrow_nojs
    page = update_household(site, walker, "102", site.person("enforcementHandler")["phone"])
    form = walker.page.locator('form[action$="/end"]')
    unfold(walker, form)
    form.locator('[name="reason"]').select_option("moved")
    send(walker, form)
    assert "已注销" in walker.page.inner_text("main")
    send(walker, walker.page.locator('form[action$="/reopen"]'))
    assert page.split("/")[-1] in walker.page.url and "已恢复" in walker.page.inner_text("main")
