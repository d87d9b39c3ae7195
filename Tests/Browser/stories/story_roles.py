"""The whole job as each of those who have a part in it, on the screens they use; every page on the way is looked at."""

import re

from moves import NUMBER, PHOTO, Others, act, find_case, tell, unfold
from visitor import Visitor, variants

WATER = "一层水表间的自来水管漏水，地上都是水"
# Each who works here: both screens in both languages, and on each screen once in elder mode.
EVERYWHERE = ("desktop", "phone_english", "phone_elder", "desktop_elder_english")


def english(visitor: Visitor) -> bool:
    return "english" in visitor.name


def says(visitor: Visitor, zh: str, en: str) -> None:
    """Insists on what the page says, in this reader's language."""
    words = visitor.page.inner_text("main")
    assert (en if english(visitor) else zh) in words, f"the page does not say {zh} / {en}: {words[:500]}"


@variants("phone_nojs", "desktop_nojs_english", "phone_elder_nojs", "phone_english", "desktop", "phone_elder_english")
def story_role_resident(visitor: Visitor, desktop: Visitor, site):
    """Tells a need, adds to it, contests what was done, and is satisfied in the end."""
    resident, dispatcher, others = visitor, desktop, Others(site)
    resident.goto("/")
    resident.look()
    resident.sign_in("youngMother")
    resident.goto("/")
    resident.look()
    number, receipt = tell(resident, WATER, ("幸福里小区", "6号楼", "1单元"), photo=True, category="R03")
    case = case_of(number, others)
    resident.goto("/mine")
    resident.look()
    resident.page.locator("nav.seg a", has_text=re.compile("没办完|Open")).click()
    resident.page.locator(f'a[href^="/cases/{case}"]').first.click()
    resident.page.wait_for_url(re.compile("/cases/"))
    resident.look()
    act(resident, f"/cases/{case}", "note", text="阀门关不上，水一直流", photo=True)
    others.step("waterHandler", case, "accept")
    resident.goto(receipt)
    says(resident, "正在办", "Being handled")
    resident.look()
    others.step("waterHandler", case, "finish", text="换了阀门，试压不漏")
    resident.goto(receipt)
    says(resident, "办完了", "Done")
    resident.look()
    act(resident, receipt, "contest", text="晚上又漏了")
    dispatcher.sign_in("dispatcher")
    dispatch(dispatcher, f"/desk/cases/{case}", "自来水|Water")
    others.step("waterHandler", case, "accept")
    others.step("waterHandler", case, "finish", text="换了整段水管")
    act(resident, f"/cases/{case}", "confirm", stars="5", text="这次好了")
    resident.goto(receipt)
    resident.look()
    assert resident.page.locator('form[action*="/confirm"]').count() == 0, "it can be confirmed twice"


def dispatch(dispatcher: Visitor, case: str, unit: str) -> None:
    """Sends a case to the unit whose name has a word."""
    dispatcher.goto(case)
    option = dispatcher.page.locator('form[action$="/dispatch"] select[name=unit] option', has_text=re.compile(unit)).first
    # A contested case goes back to who had it only with a reason.
    act(dispatcher, case, "dispatch", unit=option.get_attribute("value") or "", text="请到现场看过再办")


def case_of(number: str, others: Others, role: str = "waterHandler") -> str:
    """The identifier of a case that lies with somebody, by its number."""
    for row in others.call(role, "/api/v1/cases?tab=open&order=newest")["cases"]:
        if row["number"] == number:
            return row["id"]
    raise AssertionError(f"{number} did not reach {role}")


@variants(*EVERYWHERE)
def story_role_grid_worker(visitor: Visitor, site):
    """Reports on the way with the place of the phone, settles one thing on the spot, takes another up."""
    worker, others = visitor, Others(site)
    worker.sign_in("gridWorker1")
    worker.goto("/grid")
    worker.look()
    number = report_on_the_way(worker, "花坛边的井盖松动，踩上去会响")
    case = find_case(worker, number)
    worker.goto(case)
    worker.look()
    settled = report_on_the_way(worker, "健身器材旁有一堆装修垃圾", settled="联系物业当场清走了")
    worker.goto(find_case(worker, settled))
    worker.look()
    worker.goto("/grid")
    worker.look()
    act(worker, case, "note", text="先放了警示锥")
    for path in ("/desk", "/desk?tab=late", "/me"):
        worker.goto(path)
        worker.look()


def report_on_the_way(worker: Visitor, text: str, settled: str = "") -> str:
    page = worker.page
    worker.goto("/grid/report")
    worker.ready()
    worker.look()
    page.fill("#text", text)
    page.set_input_files('input[name="photos"]', PHOTO)
    locate = page.locator("[data-locate]")
    if locate.count() and locate.is_visible():
        locate.click()
        page.locator("[data-locate-status]", has_text=re.compile(r"\d")).wait_for()
    if settled:
        page.check('input[name="settled"]', force=True)
        page.fill("#settledWith", settled)
    with page.expect_navigation():
        page.locator("form#grid-report button:not([type=button])").last.click()
    worker.look()
    number = NUMBER.search(page.inner_text("main"))
    assert number, f"no number: {page.inner_text('main')[:400]}"
    return number.group()


@variants(*EVERYWHERE)
def story_role_community_worker(visitor: Visitor, site):
    """Writes down what an elder says on the phone, takes it up, notes, finishes."""
    worker = visitor
    worker.sign_in("worker")
    worker.goto("/desk")
    worker.look()
    number = take_down(worker, "王奶奶来电：想办老年餐卡，不知道怎么办理", phone="13912340099")
    case = find_case(worker, number)
    worker.goto(case)
    worker.look()
    act(worker, case, "note", text="已经约好明天上门")
    if worker.page.locator('form[action$="/accept"]').count():
        act(worker, case, "accept")
        act(worker, case, "finish", text="餐卡办好，送到家里", photo=True)


def take_down(staff: Visitor, text: str, **fields: str) -> str:
    """Registers a need at the counter; returns its number."""
    page = staff.page
    staff.goto("/desk/new")
    staff.look()
    page.fill("#text", text)
    place = page.locator("#place option", has_text="3号楼").first.get_attribute("value")
    page.select_option("#place", place)
    for name, value in fields.items():
        unfold(staff, page.locator(f'[name="{name}"]').first)
        page.fill(f'[name="{name}"]', value)
    with page.expect_navigation():
        page.locator("main form button:not([type=button])").last.click()
    staff.look()
    asked = page.locator('main input[name="similar"]').count() > 0
    if asked or not NUMBER.search(page.inner_text("main")):
        # Not sure what it is about, or there is something like it nearby: the person at the counter looks once.
        assert page.locator("#category").input_value(), "no kind was proposed"
        with page.expect_navigation():
            page.locator("main form button:not([type=button])").last.click()
        staff.look()
    number = NUMBER.search(page.inner_text("main"))
    assert number, f"no number: {page.inner_text('main')[:400]}"
    return number.group()


@variants(*EVERYWHERE)
def story_role_community_head(visitor: Visitor, site):
    """Sends what waits in the community to who can act."""
    head, others = visitor, Others(site)
    head.sign_in("head")
    case = "/desk/cases/" + others.tell("elderAlone", "楼下常有人遛狗不牵绳，孩子害怕", category="R0502")
    head.goto(case)
    head.look()
    for path in ("/desk", "/desk?tab=received", "/desk?tab=closed", "/desk/search?q=电梯"):
        head.goto(path)
        head.look()
    dispatch(head, case, "安居物业|Anju")


@variants(*EVERYWHERE)
def story_role_property_handler(visitor: Visitor, desktop_english: Visitor, site):
    """Accepts and finishes one with photos, sends another back with a reason."""
    handler, others = visitor, Others(site)
    handler.sign_in("propertyHandler")
    first = "/desk/cases/" + others.tell("elderAlone", "3号楼2单元三层楼道灯不亮", category="R0104")
    second = "/desk/cases/" + others.tell("elderAlone", "2号楼门口的楼道灯一直闪", category="R0104")
    dispatcher = desktop_english
    dispatcher.sign_in("dispatcher")
    for case in (first, second):
        if handler.page.goto(case).status == 404:
            dispatch(dispatcher, case, "安居物业|Anju")
    handler.goto(first)
    handler.look()
    act(handler, first, "accept")
    act(handler, first, "note", text="灯泡已经买好")
    act(handler, first, "finish", text="换了灯和声控开关", photo=True)
    reason = "不属于本单位职责" if not english(handler) else "Not our duty"
    act(handler, second, "refuse", reasonClass=reason, text="这盏灯归供电站")
    handler.goto("/desk")
    handler.look()
    dispatcher.goto(second)
    dispatcher.look()
    assert "这盏灯归供电站" in dispatcher.page.inner_text("main")


@variants(*EVERYWHERE)
def story_role_dispatcher(visitor: Visitor, site):
    """Dispatches, looks at who reported for a stated purpose, checks what was contested: once no, once yes."""
    dispatcher, others = visitor, Others(site)
    dispatcher.sign_in("dispatcher")
    case = "/desk/cases/" + others.tell(
        "tenant", WATER + "，已经漏电了", category="R0301", reporterName="赵明", reporterPhone="13912340077"
    )
    dispatch(dispatcher, case, "自来水|Water")
    act(dispatcher, case, "reveal", purpose="约上门时间")
    assert "13912340077" in dispatcher.page.content(), "the number is not shown to who may see it"
    others.step("waterHandler", case, "accept")
    others.step("waterHandler", case, "finish", text="换了接头")
    others.step("tenant", case, "confirm")
    act(dispatcher, case, "fail", text="照片上还在滴水")
    others.step("waterHandler", case, "finish", text="换了整段水管")
    others.step("tenant", case, "confirm")
    act(dispatcher, case, "pass")
    dispatcher.goto(case)
    dispatcher.look()
    assert dispatcher.page.locator('form[action$="/pass"]').count() == 0


@variants(*EVERYWHERE)
def story_role_district_officer(visitor: Visitor, desktop: Visitor, site):
    """Decides whose it is when a case was sent back twice."""
    officer, others, dispatcher = visitor, Others(site), desktop
    officer.sign_in("districtOfficer")
    dispatcher.sign_in("dispatcher")
    case = "/desk/cases/" + others.tell("tenant", WATER, category="R0301")
    for _ in range(2):
        dispatch(dispatcher, case, "自来水|Water")
        others.step("waterHandler", case, "refuse", reasonClass="notOurs", text="表后的管子归产权单位")
    officer.goto(case)
    officer.look()
    option = officer.page.locator('form[action$="/rule"] select[name=unit] option', has_text=re.compile("安居物业|Anju")).first
    act(officer, case, "rule", unit=option.get_attribute("value") or "", text="共用部位归物业管理")
    for path in ("/desk", "/desk?tab=late"):
        officer.goto(path)
        officer.look()


@variants(*EVERYWHERE)
def story_role_auditor(visitor: Visitor, site):
    """Finds out who looked at a reporter's number and why, follows one thing through the audit, looks after the server."""
    auditor, others = visitor, Others(site)
    case = others.tell("tenant", WATER, category="R0301", reporterName="赵明", reporterPhone="13912340066")
    others.call("dispatcher", f"/api/v1/cases/{case}/reporter", {"purpose": "核对住址"})
    auditor.sign_in("auditor")
    auditor.goto("/me")
    auditor.look()
    auditor.page.locator('a[href="/admin/audit"]').first.click()
    auditor.page.wait_for_url(re.compile("/admin/audit"))
    auditor.look()
    form = auditor.page.locator('form[action="/admin/audit"]')
    form.locator('[name="command"]').fill("secrets.reveal")
    with auditor.page.expect_navigation():
        form.locator("button").click()
    auditor.look()
    says(auditor, "核对住址", "核对住址")
    says(auditor, "诉求处置中心调度员", "Dispatcher")
    assert "13912340066" not in auditor.page.content(), "the audit shows what was read"
    auditor.goto(f"/admin/audit?kind=case&id={case}")
    auditor.look()
    words = auditor.page.inner_text("main")
    assert "cases.report" in words and "secrets.reveal" in words, words[:800]
    auditor.goto("/admin/audit?command=audit.read")
    says(auditor, "安全审计员", "Auditor")
    auditor.goto("/admin/audit?id=nothing", status=422)
    auditor.look()
    auditor.goto("/admin/operations")
    auditor.look()
    says(auditor, "定时任务", "Regular jobs")
    auditor.goto("/desk", status=403)
    auditor.look()
    auditor.goto("/admin/accounts", status=403)
