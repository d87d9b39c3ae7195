"""The community whistles: a worker drafts, the secretary says yes on a phone, an office comes, and is scored."""

import re
from datetime import date, timedelta

from moves import Others, answer, unfold
from site_under_test import Site
from visitor import Visitor


def press(visitor: Visitor, step: str, index: int = 0, **fields: str) -> None:
    """Fills the form of a step on a whistle's page and sends it."""
    form = visitor.page.locator(f'form[action$="/{step}"]').nth(index)
    assert form.count() == 1, f"{step} is not offered: {visitor.page.inner_text('main')[:600]}"
    unfold(visitor, form)
    for name, value in fields.items():
        field = form.locator(f'[name="{name}"]')
        if field.evaluate("node => node.tagName") == "SELECT":
            if re.fullmatch(r"[1-5]", value):
                field.select_option(value)
            else:
                field.select_option(label=value)
        else:
            field.fill(value)
    with visitor.page.expect_navigation() as navigation:
        form.locator("button").last.click()
    answer(visitor, navigation.value)


def story_whistle(site: Site, desktop: Visitor, phone: Visitor, narrow_nojs: Visitor, desktop_english: Visitor):
    worker, head, officer, dispatcher = desktop, phone, narrow_nojs, desktop_english
    case = Others(site).tell("elderAlone", "3号楼2单元楼道灯不亮，门口还堆着摊贩的箱子", category="R0104")

    worker.sign_in("worker")
    worker.goto(f"/desk/cases/{case}")
    worker.page.click('a[href$="/whistle"]')
    worker.page.wait_for_load_state()
    worker.axe()
    worker.page.check('input[name="kind"][value="daily"]', force=True)
    worker.page.fill("#purpose", "便道占道反复，请到场一起定办法")
    worker.page.fill("#location", "小区北门")
    with worker.page.expect_navigation() as navigation:
        worker.page.click('form[action$="/whistle"] button')
    assert navigation.value.status == 422, "a whistle went out that calls nobody"
    assert worker.page.input_value("#location") == "小区北门", "what was typed is gone"
    for name in ("综合行政执法队", "城市管理办公室"):
        worker.page.locator("label.check", has_text=name).locator("input").check(force=True)
    with worker.page.expect_navigation() as navigation:
        worker.page.click('form[action$="/whistle"] button')
    answer(worker, navigation.value)
    whistle = re.sub(r"https?://[^/]+|\?.*", "", worker.page.url)
    assert "等书记确认" in worker.page.inner_text("main")

    officer.sign_in("enforcementHandler")
    officer.goto(whistle, status=404)

    head.sign_in("head")
    head.goto("/desk/whistles")
    head.no_overflow()
    with head.page.expect_navigation() as navigation:
        head.page.click(f'form[action="{whistle}/confirm"] button')
    answer(head, navigation.value)
    head.no_overflow()
    head.axe()
    shown = re.search(r"\b\d{6}\b", head.page.locator(".qr p").first.inner_text())
    assert shown, "the whistler sees no code"
    assert head.page.locator(".qr svg").count() == 1

    officer.goto("/desk/whistles?tab=toAnswer")
    officer.no_overflow()
    assert officer.page.locator(f'a[href="{whistle}"]').count() == 1, "the unit is not told"
    officer.goto(whistle)
    assert officer.page.locator(f'a[href="/desk/cases/{case}"]').count() == 0, "who is called reads the case"
    press(officer, "answer", name="冯刚", phone="13812345678")
    assert "138****5678" in officer.page.inner_text("main") and "13812345678" not in officer.page.content()
    # As the QR code leads there: the code stands in the form.
    officer.goto(f"{whistle}?code={shown.group()}")
    officer.no_overflow()
    assert officer.page.input_value('input[name="code"]') == shown.group()
    press(officer, "sign-in")
    assert "扫码或输码签到" in officer.page.inner_text("main")

    worker.goto(whistle)
    press(worker, "sign-in-for", unit="城市管理办公室", name="杜建军")
    press(worker, "minutes", lead="东华门街道综合行政执法队", minutes="先劝离，再装隔离桩")
    head.goto(whistle)
    soon = (date.today() + timedelta(days=5)).isoformat()
    press(head, "task", unit="东华门街道综合行政执法队", text="劝离摊贩，装隔离桩", by=soon)
    assert "劝离摊贩" in head.page.inner_text("main") and "待签收" in head.page.inner_text("main")
    officer.goto(whistle)
    task = officer.page.locator("a.ttl", has_text="劝离摊贩").get_attribute("href")
    assert task, "the unit is not led to its task"
    officer.goto(task)
    press(head, "close")
    press(head, "score", index=0, stars="5")
    press(head, "score", index=0, stars="3")
    assert head.page.locator('form[action$="/score"]').count() == 0

    dispatcher.sign_in("dispatcher")
    dispatcher.goto(f"/desk/cases/{case}")
    history = dispatcher.page.inner_text("main")
    for words in ("Whistled: units are called to the spot", "Agreed on the spot who leads", "A called unit was scored"):
        assert words in history, f"the case does not say: {words}"
    dispatcher.goto("/desk/whistles/units")
    dispatcher.axe()
    assert "东华门街道综合行政执法队" in dispatcher.page.inner_text("main") or "Enforcement" in dispatcher.page.inner_text("main")


def story_whistle_scores(phone: Visitor, desktop: Visitor, desktop_english: Visitor):
    phone.sign_in("head")
    desktop.sign_in("dispatcher")
    desktop_english.sign_in("districtOfficer")
    for visitor in (phone, desktop, desktop_english):
        for path in ("/desk/whistles", "/desk/whistles?tab=all", "/desk/whistles/units"):
            visitor.goto(path)
            visitor.no_overflow()
            visitor.axe()


story_whistle.is_long = story_whistle_scores.is_long = True
