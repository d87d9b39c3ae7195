"""The desk of who is on duty: the dispatcher takes over, the community's staff look at the morning, the city looks on."""

import re

from moves import Others, act, answer, find_case, send, unfold
from visitor import Visitor, variants


def number_of(others: Others, case: str) -> str:
    return others.call("dispatcher", f"/api/v1/cases/{case}")["number"]


def entrance(others: Others) -> str:
    """An entrance of 幸福里小区: what is wrong with its shared parts goes to the property company."""
    places = others.call("tenant", "/api/v1/report-options?division=110101001901")["places"]
    return next(place["id"] for place in places if place["address"].endswith("3号楼2单元"))


@variants("desktop", "phone")
def story_dispatcher_on_duty(visitor: Visitor, site):
    others = Others(site)
    case = others.tell("tenant", "值班这天：小区西门的路灯一闪一闪", category="C0118", spot="street")
    visitor.sign_in("dispatcher")
    page = visitor.page
    visitor.goto("/desk/handover")
    visitor.look()
    page.fill("#text", "西门路灯已约维修，明早到，联系 13800138000")
    send(visitor, page.locator('form[action="/desk/handover/note"]'))
    assert "13800138000" not in page.inner_text("main"), "a number stands in a note"
    send(visitor, page.locator('form[action="/desk/handover/take"]'))
    assert "已接班" in page.inner_text("main")
    # Taken under supervision by hand, with what is asked.
    path = find_case(visitor, number_of(others, case))
    act(visitor, path, "supervise", text="路口黑，今天先拉警示带")
    visitor.goto("/desk/supervised")
    visitor.look()
    line = page.locator(f'#s-{case}')
    assert "今天先拉警示带" in line.inner_text()
    lift = line.locator('form[action$="/lift"]')
    unfold(visitor, lift)
    lift.locator("textarea").fill("警示带已拉好，照片看过")
    send(visitor, lift)
    assert page.locator(f"#s-{case}").count() == 0
    visitor.goto("/desk/alerts")
    visitor.look()


@variants("desktop", "desktop_english")
def story_many_at_once(visitor: Visitor, site):
    others = Others(site)
    place = entrance(others)
    own = {
        others.tell("tenant", f"批量{name}：单元门口的灯泡坏了", category="R0104", spot="shared", place=place)
        for name in ("甲", "乙")
    }
    visitor.sign_in("propertyHandler")
    page = visitor.page
    visitor.goto("/desk?order=newest")
    page.wait_for_selector("html[data-ready]")
    # By keyboard: down to its own two, each ticked; those of other stories stand between them and are left alone.
    ticked: set[str] = set()
    for _ in range(50):
        page.keyboard.press("j")
        case = page.evaluate("() => document.querySelector('tr[data-case][aria-current]')?.dataset.case")
        if case in own - ticked:
            page.keyboard.press("x")
            ticked.add(case)
        if ticked == own:
            break
    assert page.locator("tbody input:checked").count() == 2, f"{ticked} of {own}"
    visitor.look()
    # By its address: the case that comes to the pane meanwhile is written into the list's own, which counts as one too.
    with page.expect_navigation(url=re.compile("/desk/bulk")) as navigation:
        page.locator(".picked button").click()
    answer(visitor, navigation.value)
    note = page.locator('form:has(input[name="do"][value="note"])')
    unfold(visitor, note)
    note.locator("textarea").fill("周三一起换灯泡")
    send(visitor, note)
    assert page.locator("main .tag.ok").count() == 2, page.inner_text("main")
    # A list of one's own, kept under a name and taken away again.
    visitor.goto("/desk?tab=handling&order=newest")
    page.locator("details:has(#view-name) summary").click()
    # Both visitors are the same person: each takes away the list that bears its own name.
    name = f"新件 {visitor.name}"
    page.fill("#view-name", name)
    send(visitor, page.locator('form[action="/desk/views"]'))
    kept = page.locator(".views li", has_text=re.compile(re.escape(name) + r"(?!_)"))
    assert kept.locator('a[href="/desk?tab=handling&order=newest"]').count() == 1
    send(visitor, kept.locator('form[action$="/remove"]'))
    assert kept.count() == 0


@variants("phone", "phone_nojs")
def story_many_at_once_on_a_phone(visitor: Visitor, site):
    others = Others(site)
    place = entrance(others)
    own = [
        others.tell("tenant", f"手机批量{name}：单元门口的灯泡坏了", category="R0104", spot="shared", place=place)
        for name in ("甲", "乙")
    ]
    visitor.sign_in("propertyHandler")
    page = visitor.page
    visitor.goto("/desk?order=newest")
    for case in own:
        square = page.locator(f'tr[data-case="{case}"] .tick')
        box = square.bounding_box() or {}
        assert min(box.get("width", 0), box.get("height", 0)) >= 44, f"{box} is no size for a thumb"
        square.click()
    assert page.locator("tbody input:checked").count() == 2
    visitor.look()
    bar = page.locator(".picked button").bounding_box() or {}
    assert bar.get("height", 0) >= 44, bar
    with page.expect_navigation(url=re.compile("/desk/bulk")) as navigation:
        page.locator(".picked button").click()
    answer(visitor, navigation.value)
    assert page.locator('form:has(input[name="do"][value="accept"])').count() == 1
    assert page.locator('form:has(input[name="do"][value="supervise"])').count() == 0, "a step that is not theirs"


@variants("phone_nojs", "desktop")
def story_prepared_answer(visitor: Visitor, site):
    others = Others(site)
    case = others.tell("tenant", "答复模板：家里水龙头没水", category="R0301", spot="home")
    others.step("waterHandler", case, "accept")
    visitor.sign_in("waterHandler")
    page = visitor.page
    visitor.goto("/desk/templates")
    name = f"通水了 {visitor.name}"
    page.fill("#name", name[:40])
    page.fill("#text", "您好，{number} 反映的水已通。")
    send(visitor, page.locator('form[action="/desk/templates"]'))
    path = find_case(visitor, number_of(others, case))
    visitor.goto(path)
    form = page.locator('form[action$="/finish"]').first
    unfold(visitor, form)
    form.locator('select[name="template"]').select_option(label=name[:40])
    with page.expect_navigation():
        form.locator('button[name="insert"]').click()
    visitor.look()
    form = page.locator('form[action$="/finish"]').first
    words = form.locator("textarea").input_value()
    assert re.search(r"您好，SJ\d{8}-\d+ 反映的水已通。", words), words


@variants("phone", "desktop_english")
def story_community_morning(visitor: Visitor, site):
    visitor.sign_in("worker")
    page = visitor.page
    visitor.goto("/desk/alerts")
    visitor.look()
    told = page.locator('form input[name="notice"]')
    if told.count() > 0:
        # This one goes; more may come meanwhile.
        notice = page.locator(f'form:has(input[name="notice"][value="{told.first.get_attribute("value")}"])')
        send(visitor, notice)
        assert notice.count() == 0, "what was seen is still told"
    visitor.goto("/desk/handover")
    visitor.look()


@variants("desktop_english", "phone")
def story_city_officer(visitor: Visitor, site):
    visitor.sign_in("cityOfficer")
    page = visitor.page
    visitor.goto("/desk")
    visitor.look()
    tiles = page.locator('a.stat[href^="/desk?grid="]')
    assert tiles.count() == 16, "a tile per district of Beijing"
    rows = page.locator("tr[data-case]").count()
    assert rows > 10
    with page.expect_navigation():
        tiles.first.click()
    inside = page.locator("tr[data-case]").count()
    # The whole city again: other stories tell and close meanwhile.
    visitor.goto("/desk")
    rows = max(rows, page.locator("tr[data-case]").count())
    assert inside <= rows, f"{inside} in one district, {rows} in the city"
    visitor.goto("/desk/supervised")
    visitor.look()


def story_desk_by_keyboard(desktop: Visitor):
    """The list and the details beside it by single keys; the page by Enter; nothing of it while typing or when switched off."""
    desktop.sign_in("severalDuties")
    page = desktop.page
    desktop.goto("/desk")
    desktop.ready()
    marked = page.locator('[data-desk] tr[aria-current="true"]')

    def shown() -> str:
        """The case of the marked row, when the details are there."""
        marked.wait_for()
        case = marked.get_attribute("data-case") or ""
        page.wait_for_function("wanted => document.getElementById('pane').dataset.case === wanted", arg=case)
        return case

    page.keyboard.press("j")
    first = shown()
    desktop.look()
    page.keyboard.press("j")
    assert shown() != first, "j does not go on"
    page.keyboard.press("k")
    assert shown() == first, "k does not go back"
    box = marked.locator('.pick input[type="checkbox"]')
    page.keyboard.press("x")
    assert box.is_checked()
    page.keyboard.press("x")
    assert not box.is_checked()
    page.keyboard.press("/")
    assert page.evaluate("() => document.activeElement.matches('[data-search]')"), "/ does not lead to the search"
    page.keyboard.type("j")
    assert page.input_value("[data-search]") == "j" and shown() == first, "a key that is typed moves the list"
    page.fill("[data-search]", "")
    page.locator("[data-search]").blur()
    page.keyboard.press("?")
    page.locator("#keys[open]").wait_for()
    desktop.look()
    page.locator("[data-keys-toggle]").evaluate("box => box.click()")
    page.keyboard.press("Escape")
    page.locator("#keys[open]").wait_for(state="detached")
    page.keyboard.press("j")
    assert shown() == first, "keys that are switched off still move the list"
    marked.locator("a.ttl").focus()
    with page.expect_navigation(url=re.compile(f"/desk/cases/{first}")):
        page.keyboard.press("Enter")
    desktop.look()


# Both variants are the same worker, and see the same notices away.
story_community_morning.shares = "notices of the worker"
