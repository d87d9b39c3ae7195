"""A case is done, the resident says nothing, the street's centre calls, and the rates say so."""

import re

from visitor import Visitor


def act(staff: Visitor, case: str, step: str, text: str | None = None) -> None:
    """Takes a step on the staff page of a case."""
    staff.goto(case)
    form = staff.page.locator(f'form[action$="/{step}"]')
    summary = form.locator("xpath=ancestor::details[1]/summary")
    if summary.count() > 0 and not form.is_visible():
        summary.click()
    if text is not None:
        form.locator('[name="text"]').fill(text)
    form.locator("button").last.click()
    staff.page.wait_for_load_state()


def find_case(staff: Visitor, number: str) -> str:
    """The address of a case on the desk, found by its number."""
    staff.goto(f"/desk/search?q={number}")
    path = staff.page.locator('main a[href^="/desk/cases/"]').first.get_attribute("href")
    assert path, f"{number} is not on the desk"
    return path


def story_follow_up_and_rates(phone_nojs: Visitor, desktop: Visitor, desktop_english: Visitor):
    resident, dispatcher, handler = phone_nojs, desktop, desktop_english
    resident.goto("/report")
    resident.page.fill("#text", "3号楼2单元二层的自来水管接头渗水，打我电话13812345678")
    resident.page.click(".submit button")
    resident.page.wait_for_load_state()
    receipt = re.sub(r"\?.*", "", resident.page.url)
    number = re.search(r"SJ\d{8}-\d{4,}", resident.page.inner_text("main"))
    assert number

    handler.sign_in("waterHandler")
    case = find_case(handler, number.group())
    act(handler, case, "accept")
    act(handler, case, "finish", text="换了接头。")
    handler.goto("/desk/rates")
    handler.axe()
    assert "/" in handler.page.locator(".stat small").first.inner_text(), "a rate stands without its denominator"
    assert handler.goto("/desk/follow-up", status=403), "who handles must not follow up"

    dispatcher.sign_in("dispatcher")
    dispatcher.goto("/desk/follow-up?tab=waiting")
    dispatcher.axe()
    dispatcher.goto(case.replace("/desk/cases/", "/desk/follow-up/"))
    dispatcher.axe()
    dispatcher.page.check('input[name="solved"][value="no"]')
    dispatcher.page.click('button[value="answered"]')
    dispatcher.page.wait_for_load_state()
    assert "请写明情况" in dispatcher.page.inner_text("main"), "what is missing need not be said"
    assert dispatcher.page.is_checked('input[name="solved"][value="no"]'), "what was chosen is gone"
    dispatcher.page.check('input[name="solved"][value="yes"]')
    dispatcher.page.select_option('select[name="grade"]', "4")
    dispatcher.page.fill('textarea[name="text"]', "师傅来得快")
    dispatcher.page.click('button[value="answered"]')
    dispatcher.page.wait_for_load_state()
    assert "算作本人答复" in dispatcher.page.inner_text("main")

    resident.goto(receipt)
    words = resident.page.inner_text("main")
    assert "电话回访" in words and "师傅来得快" in words, f"the resident does not see the call: {words[:500]}"

    for path in ("/desk/rates", "/desk/rates/heat", "/desk/rates/cases", "/desk/rates/cases?what=silent"):
        dispatcher.goto(path)
        dispatcher.axe()
        dispatcher.no_overflow()
        assert "本系统自测" in dispatcher.page.inner_text("main"), f"{path} does not say whose figures these are"


def story_rates_on_a_phone(narrow: Visitor, phone_elder: Visitor):
    narrow.sign_in("dispatcher")
    for path in ("/desk/rates", "/desk/rates/heat", "/desk/rates/cases", "/desk/follow-up"):
        narrow.goto(path)
        narrow.no_overflow()
        narrow.axe()
    phone_elder.goto("/rates")
    phone_elder.no_overflow()
    phone_elder.axe()
    assert "本系统自测" in phone_elder.page.inner_text("main")
