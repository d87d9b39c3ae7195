"""Case types as data: repairs and grid events are told, and an administrator changes what a repair asks and how long it may take."""

import re

from moves import PHOTO, answer
from visitor import Visitor, variants

REPAIR = "/admin/case-types/repair"
FLOOR = "  floor: { name: { zh: 在几层, en: Which floor }, kind: number, required: true, limit: 40 }\n"
CLOCKS = ("minutes: 4320, kind: natural, urgentMinutes: 120", "minutes: 2880, kind: natural, urgentMinutes: 120")


def told(visitor: Visitor) -> str:
    """Sends the report form and gives the receipt's number."""
    with visitor.page.expect_navigation() as navigation:
        visitor.page.click(".submit button")
    answer(visitor, navigation.value)
    number = re.search(r"[A-Z]{2}\d{8}-\d{4,}", visitor.page.inner_text("main"))
    assert number, visitor.page.inner_text("main")[:300]
    return number.group()


def press(visitor: Visitor, word: str, status: int = 200) -> None:
    with visitor.page.expect_navigation() as navigation:
        visitor.page.locator(f'form button[name="do"][value="{word}"]').click()
    assert navigation.value.status == status, f"{word}: {navigation.value.status}"
    visitor.look()


def put_in_force(administrator: Visitor, reason: str, number: int) -> None:
    """Stores the draft and makes it the version that new cases begin with."""
    page = administrator.page
    press(administrator, "save")
    page.fill("#reason", reason)
    page.locator("form", has=page.locator("#reason")).locator("button").click()
    dialog = page.locator("dialog[open]")
    dialog.wait_for()
    with page.expect_navigation() as navigation:
        dialog.locator("button").last.click()
    answer(administrator, navigation.value)
    administrator.look()
    words = page.inner_text("main")
    assert reason in words and f"第 {number} 版" in words, words[:600]


def asks_for_the_floor(resident: Visitor, expected: bool) -> None:
    """Opens the form of repairs: what is asked is read anew every two seconds."""
    for _ in range(20):
        resident.goto("/report?type=repair")
        if ("在几层" in resident.page.inner_text("main")) == expected:
            return
        resident.page.wait_for_timeout(250)
    raise AssertionError(f"who comes now is {'not ' if expected else 'still '}asked for the floor")


@variants("phone", "phone_nojs", "desktop_english")
def story_repair_is_told(visitor: Visitor):
    page = visitor.page
    visitor.goto("/report")
    visitor.look()
    page.locator('nav.types a[href="/report?type=repair"]').click()
    page.wait_for_load_state()
    visitor.ready()
    visitor.look()
    day = page.locator('[name="answers.appointment"]')
    assert day.is_visible() != visitor.has_scripts, "what depends on another answer stands there only without scripts"
    page.fill("#text", "厨房水龙头关不上，一直滴水")
    page.locator('[name="answers.entry"][value="appointment"]').check(force=True)
    assert day.is_visible()
    with page.expect_response(lambda answer: answer.request.method == "POST") as sent:
        page.click(".submit button")
    assert sent.value.status == 422, "a day was not asked for"
    # Where scripts run, the answer takes the place of the page without a second journey.
    page.locator("main .alert.bad").wait_for()
    visitor.look()
    assert page.input_value("#text") == "厨房水龙头关不上，一直滴水", "what was typed is gone"
    assert page.locator('[name="answers.entry"][value="appointment"]').is_checked()
    day.fill("2026-12-01")
    assert told(visitor).startswith("BX")
    assert "2026-12-01" in page.inner_text("main"), "the answer does not stand on the case"
    visitor.look()


def story_grid_event_is_told(phone: Visitor):
    phone.sign_in("gridWorker1")
    phone.goto("/grid")
    phone.page.locator('a[href="/grid/report?type=gridEvent"]').click()
    phone.page.wait_for_load_state()
    phone.look()
    phone.page.set_input_files('input[name="photos"]', PHOTO)
    phone.page.fill("#text", "便道上的井盖翘起来了，绊人")
    phone.page.fill("#location", "小区北门外公交站旁")
    phone.page.locator("#spot").select_option("street")
    phone.page.locator('form#grid-report button.wide').click()
    phone.page.wait_for_url(re.compile("reported="))
    assert "WG" in phone.page.inner_text("main"), phone.page.inner_text("main")[:200]


def story_administrator_changes_a_case_type(desktop: Visitor, phone: Visitor, narrow_nojs: Visitor):
    administrator, resident, later = desktop, phone, narrow_nojs
    page = administrator.page
    resident.goto("/report?type=repair")
    resident.page.fill("#text", "楼道灯不亮")
    resident.page.locator('[name="answers.entry"][value="shared"]').check(force=True)
    told(resident)
    receipt = re.sub(r"\?.*", "", resident.page.url)

    administrator.sign_in("administrator")
    administrator.goto("/admin/case-types")
    administrator.look()
    page.locator(f'a[href="{REPAIR}"]').click()
    page.wait_for_load_state()
    administrator.look()
    assert page.locator(".graph svg .node").count() == 8
    press(administrator, "start")
    text = page.input_value("#yaml")
    number = int(re.search(r"^version: (\d+)$", text, re.MULTILINE).group(1))
    changed = text.replace("  entry:\n", FLOOR + "  entry:\n", 1).replace(*CLOCKS, 1)
    broken = changed.replace("owner: dispatcher", "owner: nobody", 1)
    page.fill("#yaml", broken)
    press(administrator, "check")
    line = broken.splitlines().index("    owner: nobody") + 1
    assert f"第 {line} 行" in page.inner_text("main"), page.inner_text("main")[:600]
    assert "owner: nobody" in page.input_value("#yaml"), "what was typed is gone"
    page.fill("#yaml", changed)
    press(administrator, "try")
    words = page.inner_text("main")
    for said in ("试算", "新增字段“在几层”", "状态“维修中”的时限", "请填写：在几层"):
        assert said in words, f"the page does not say {said}: {words[:1500]}"
    put_in_force(administrator, "上门前要知道楼层", number)

    asks_for_the_floor(later, True)
    later.look()
    later.page.fill("#text", "单元门关不上")
    later.page.locator('[name="answers.entry"][value="shared"]').check(force=True)
    later.page.locator('[name="answers.floor"]').fill("3")
    told(later)
    assert "在几层" in later.page.inner_text("main")
    resident.goto(receipt)
    assert "在几层" not in resident.page.inner_text("main"), "a running case changed its form"
    administrator.goto("/admin/case-types")
    assert re.search(rf"旧版：第 {number - 1} 版 \d+ 件", page.inner_text("main")), page.inner_text("main")[:400]

    # Taken back by the version after it: whoever tells a repair later is asked what was asked before.
    administrator.goto(REPAIR)
    press(administrator, "start")
    page.fill("#yaml", page.input_value("#yaml").replace(FLOOR, "", 1).replace(*reversed(CLOCKS), 1))
    put_in_force(administrator, "师傅到了再问", number + 1)
    asks_for_the_floor(later, False)


# What a repair asks changes and changes back.
for story in (story_repair_is_told, story_administrator_changes_a_case_type):
    story.shares = "repairs"
