"""The main job: a need is told, taken, handled, judged by who asked, and contested once, by the people whose turn it is."""

import re

from moves import PHOTO, act, find_case
from visitor import Visitor

PHONE = "13812345678"


def story_need_from_telling_to_closing(phone_nojs: Visitor, desktop: Visitor, desktop_english: Visitor):
    resident, handler, dispatcher = phone_nojs, desktop, desktop_english
    resident.goto("/report")
    resident.page.fill("#text", f"3号楼2单元一层水表间的自来水管漏水，打我电话{PHONE}")
    resident.page.set_input_files('input[name="photos"]', PHOTO)
    resident.page.click(".submit button")
    resident.page.wait_for_load_state()
    receipt = re.sub(r"\?.*", "", resident.page.url)
    words = resident.page.inner_text("main")
    number = re.search(r"SJ\d{8}-\d{4,}", words)
    assert number, f"no number on the receipt: {words[:300]}"
    assert PHONE not in resident.page.content() and "138****5678" in words, "the phone number is not masked"
    assert resident.page.locator("svg.qrcode").count() == 1, "the receipt has no QR code"
    resident.no_overflow()

    handler.sign_in("waterHandler")
    case = find_case(handler, number.group())
    assert PHONE not in handler.page.content()
    act(handler, case, "accept")
    act(handler, case, "finish", text="换了阀门和一段水管，试压不漏。")

    resident.goto(receipt)
    words = resident.page.inner_text("main")
    assert "办完了" in words and "换了阀门" in words, f"the resident does not see that it is done: {words[:400]}"
    contest = resident.page.locator('form[action$="/contest"]')
    contest.locator("xpath=ancestor::details[1]/summary").click()
    contest.locator('textarea[name="text"]').fill("晚上又开始漏了，地上一摊水。")
    contest.locator("button").last.click()
    resident.page.wait_for_load_state()

    dispatcher.sign_in("dispatcher")
    case = find_case(dispatcher, number.group())
    dispatcher.goto(case)
    assert "晚上又开始漏了" in dispatcher.page.inner_text("main"), "the dispatcher does not see why it is contested"
    form = dispatcher.page.locator('form[action$="/dispatch"]')
    unit = form.locator("select[name=unit] option", has_text=re.compile("自来水|[Ww]ater")).first.get_attribute("value")
    # It goes back to who did it only with a reason, and says so.
    act(dispatcher, case, "dispatch", unit=unit or "", text="管网只有它能修，请复查接头")
    act(handler, case, "accept")
    act(handler, case, "finish", text="重新做了接头，观察两小时不漏。")

    resident.goto(receipt)
    confirm = resident.page.locator('form[action*="/confirm"]')
    confirm.locator('input[name="stars"][value="5"]').check(force=True)
    confirm.locator("button").last.click()
    resident.page.wait_for_load_state()
    resident.goto(receipt)
    assert confirm.count() == 0, "it can be confirmed twice"

    # Contested once: the street checks it, whatever its share of samples.
    act(dispatcher, case, "pass", text="")
    resident.goto(receipt)
    assert "已办结" in resident.page.inner_text("main"), resident.page.inner_text("main")[:300]


def story_live_page_changes_by_itself(phone: Visitor, desktop: Visitor):
    resident, handler = phone, desktop
    resident.sign_in("youngMother")
    resident.goto("/report")
    resident.page.fill("#text", "5号楼1单元的自来水水压太小，上不来水")
    resident.page.click(".submit button")
    resident.page.wait_for_url(re.compile("/r/"))
    number = re.search(r"SJ\d{8}-\d{4,}", resident.page.inner_text("main"))
    assert number
    resident.goto("/mine")
    # What waits for the resident's word comes first; the new one stands under what is not done yet.
    resident.page.locator("nav.seg a", has_text="没办完").click()
    resident.page.locator("a.mycase", has_text="水压太小").first.click()
    resident.page.wait_for_url(re.compile("/cases/"))
    handler.sign_in("waterHandler")
    act(handler, find_case(handler, number.group()), "accept")
    resident.page.locator("main", has_text="正在办").wait_for(timeout=15_000)
    resident.page.locator('li[aria-current="step"]', has_text="正在办").wait_for(timeout=15_000)


def story_complaint_is_hidden_from_the_unit_named(phone: Visitor, desktop: Visitor, desktop_dark: Visitor):
    resident, property_staff, dispatcher = phone, desktop, desktop_dark
    resident.sign_in("retiredTeacher")
    resident.goto("/report")
    resident.page.fill("#text", "安居物业的保安半夜在岗亭里打牌，叫门不开，说话难听")
    resident.page.locator('input[name="nature"][value="complaint"]').check(force=True)
    against = resident.page.locator('select[name="against"]')
    details = against.locator("xpath=ancestor::details")
    if details.count() > 0 and not against.is_visible():
        details.first.locator("summary").first.click()
    value = against.locator("option", has_text="安居物业").first.get_attribute("value")
    against.select_option(value)
    resident.page.click(".submit button")
    resident.page.wait_for_url(re.compile("/r/"))
    number = re.search(r"SJ\d{8}-\d{4,}", resident.page.inner_text("main"))
    assert number

    dispatcher.sign_in("dispatcher")
    case = find_case(dispatcher, number.group())

    property_staff.sign_in("propertyHandler")
    property_staff.goto(f"/desk/search?q={number.group()}")
    assert number.group() not in property_staff.page.inner_text("table, .empty"), "search shows it to the unit named"
    property_staff.goto(case, status=404)
    property_staff.goto("/desk")
    assert "半夜在岗亭里打牌" not in property_staff.page.content()
