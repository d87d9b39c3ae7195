"""Visits on the phone, moved by the household; a round that finds a hazard; a warning that is answered."""

import re
import uuid

from moves import unfold
from visitor import Visitor


def due_household(worker: Visitor) -> str:
    """The page that announces a visit to a household that is due and has none announced."""
    worker.goto("/grid/visits")
    announced = set(worker.page.locator('section[aria-labelledby="h-open"] .ttl').all_inner_texts())
    for row in worker.page.locator('section[aria-labelledby="h-due"] li a').all():
        if row.locator(".ttl").inner_text().split(" ")[0].strip() not in {text.strip() for text in announced}:
            return row.get_attribute("href")
    raise AssertionError("the demo has nobody to visit")


def announce(worker: Visitor) -> tuple[str, str]:
    """Announces a visit; returns its page and the code of its note."""
    for _ in range(5):
        worker.goto(due_household(worker))
        worker.look()
        worker.page.fill("#reason", "看看暖气热不热")
        with worker.page.expect_navigation():
            worker.page.click('form[action="/grid/visits/new"] button')
        # Another story may have announced one to the same household in this moment.
        if "已经约过一次" not in worker.page.inner_text("main"):
            break
    worker.page.wait_for_url(re.compile("done=announced"))
    worker.look()
    path = re.sub(r"\?.*", "", worker.page.url.removeprefix(worker.site.url))
    worker.goto(f"{path}/slip")
    worker.look()
    return path, worker.page.inner_text(".secret").strip()


def story_visit_moved_by_the_household(phone: Visitor, narrow_elder_nojs: Visitor):
    worker, household = phone, narrow_elder_nojs
    worker.sign_in("gridWorker1")
    worker.goto("/grid/visits")
    worker.look()
    path, code = announce(worker)
    household.goto("/visit")
    household.look()
    household.page.fill("#code", "aaaa-bbbb-cccc")
    with household.page.expect_navigation():
        household.page.click("main form button")
    assert "没有这个走访码" in household.page.inner_text("main")
    household.page.fill("#code", code)
    household.page.click("main form button")
    household.page.wait_for_url(re.compile(r"/visit/[0-9a-z]{12}"))
    household.look()
    household.page.select_option("#part", "evening")
    household.page.locator('input[name="way"][value="call"]').check(force=True)
    household.page.fill("#wish", "晚上在家")
    household.page.click('form[action$="/move"] button')
    household.page.wait_for_url(re.compile("done=move"))
    household.look()
    worker.goto(path)
    assert "晚上在家" in worker.page.inner_text("main")
    worker.page.click('form[action$="/unchanged"] button')
    worker.page.wait_for_url(re.compile("done=unchanged"))


def story_visit_is_signed(phone: Visitor, phone_nojs: Visitor, desktop: Visitor):
    """Drawn with a finger, or typed and ticked without a script; on the ledger of the month both stand."""
    for worker in (phone, phone_nojs):
        worker.sign_in("gridWorker1")
        path, _ = announce(worker)
        worker.goto(path)
        worker.ready()
        unfold(worker, worker.page.locator("#signer"))
        worker.look()
        if worker.has_scripts:
            box = worker.page.locator("canvas.sign").bounding_box()
            worker.page.mouse.move(box["x"] + 40, box["y"] + 40)
            worker.page.mouse.down()
            worker.page.mouse.move(box["x"] + 160, box["y"] + 70, steps=5)
            worker.page.mouse.up()
            worker.page.wait_for_function("() => document.querySelector('input[name=signature]').files.length === 1")
        else:
            worker.page.fill("#signer", "王建国")
            worker.page.check('input[name="signed"]')
        worker.page.click('#visit-form button[value="no"]')
        worker.page.wait_for_url(re.compile("done=done"))
        worker.goto(path)
        worker.look()
        assert "住户签名" in worker.page.inner_text("main")
        drawn = worker.page.locator("img.signature")
        assert drawn.count() == (1 if worker.has_scripts else 0)
        if worker.has_scripts:
            drawn.scroll_into_view_if_needed()
            worker.page.wait_for_function("() => document.querySelector('img.signature').naturalWidth > 0")
    desktop.sign_in("head")
    desktop.goto("/desk/visits/ledger")
    desktop.look()
    assert desktop.page.locator("tbody tr").count() >= 2
    desktop.page.fill("#purpose", "走访工作检查")
    with desktop.page.expect_download() as taken:
        desktop.page.click('button[value="csv"]')
    assert "走访工作检查" in taken.value.path().read_text()


def story_visit_not_at_home(phone: Visitor, phone_nojs: Visitor):
    worker, household = phone, phone_nojs
    worker.sign_in("gridWorker1")
    path, code = announce(worker)
    worker.goto(path)
    worker.page.click('form[action$="/miss"] button')
    worker.page.wait_for_url(re.compile("/slip"))
    assert "您不在家" in worker.page.inner_text(".sheet")
    household.goto(f"/visit?code={code}")
    household.page.click('form[action$="/well"] button')
    household.page.wait_for_url(re.compile("done=well"))
    worker.goto(path)
    assert "平安" in worker.page.inner_text("main")


def story_work_pass_is_checked(phone: Visitor, narrow: Visitor):
    phone.sign_in("gridWorker1")
    phone.goto("/grid/pass")
    phone.look()
    narrow.goto("/pass/0.1.2")
    narrow.look()
    assert "不是本系统" in narrow.page.inner_text("main")


def story_visits_at_the_desk(desktop: Visitor):
    desktop.sign_in("head")
    desktop.goto("/desk/visits")
    desktop.look()
    name = f"节前走访 {uuid.uuid4().hex[:4]}"
    desktop.page.fill("#name", name)
    desktop.page.fill("#everyDays", "0")
    desktop.page.click('form[action="/desk/visits/plans"] button')
    desktop.page.locator("#everyDays-error").wait_for()
    desktop.page.fill("#everyDays", "60")
    desktop.page.click('form[action="/desk/visits/plans"] button')
    desktop.page.wait_for_url(re.compile("done=plan"))
    plan = desktop.page.locator("li", has_text=name)
    plan.locator("button").click()
    desktop.page.locator("dialog[open] button", has_text="停").last.click()
    desktop.page.wait_for_url(re.compile("done=end"))


def story_patrol_finds_a_hazard(desktop: Visitor, phone: Visitor):
    head, worker = desktop, phone
    head.sign_in("head")
    head.goto("/desk/patrols")
    head.look()
    name = f"北门一圈 {uuid.uuid4().hex[:4]}"
    head.page.fill("#name", name)
    head.page.select_option("#division", index=1)
    # Whenever this runs, the round is begun in its window.
    head.page.fill("#from", "00:00")
    head.page.fill("#until", "23:59")
    head.page.fill("#points", "幸福里小区3号楼2单元\n小区北门 @39.9300,116.4200")
    head.page.click('form[action="/desk/patrols"] button')
    head.page.wait_for_url(re.compile("/codes"))
    head.look()
    code = head.page.locator(".secret").first.inner_text().strip()

    worker.sign_in("worker")
    worker.goto("/grid/patrols")
    worker.look()
    worker.page.locator("li", has_text=name).locator("button", has_text="开始巡查").click()
    worker.page.wait_for_url(re.compile(r"/grid/patrols/[0-9a-z]{13}$"))
    worker.look()
    round_ = worker.page.url
    worker.goto(f"/grid/patrols/at/{code}")
    worker.look()
    worker.page.locator('input[name="hazard"][value="stairwell"]').check(force=True)
    worker.page.fill("#text", "二层堆了纸箱")
    worker.page.click("button.danger")
    worker.page.wait_for_url(re.compile("done="))
    assert "工单" in worker.page.inner_text("main")
    # The gate is where this browser says it stands.
    with worker.page.expect_navigation():
        worker.page.locator("a.cell", has_text="小区北门").click()
    worker.ready()
    worker.page.click("[data-locate]")
    worker.page.wait_for_function("() => document.querySelector('[name=lat]').value !== ''")
    worker.page.locator("button", has_text="正常").first.click()
    worker.page.wait_for_url(re.compile("done=normal"))
    worker.page.goto(round_)
    worker.page.click('form[action$="/finish"] button')
    worker.page.locator("dialog[open] button", has_text="巡完了").last.click()
    worker.page.wait_for_url(re.compile("done=finish"))
    head.goto("/desk/patrols")
    assert "二层堆了纸箱" in head.page.inner_text("main")


def story_warning_is_answered(phone: Visitor, desktop_nojs: Visitor):
    worker, head = phone, desktop_nojs
    worker.sign_in("gridWorker1")
    household = due_household(worker)
    for _ in range(2):
        worker.goto(household)
        worker.page.fill("#reason", "看看您有什么需要")
        worker.page.click('form[action="/grid/visits/new"] button')
        worker.page.wait_for_url(re.compile("done=announced"))
        address = worker.page.inner_text(".state h1").strip()
        worker.page.click('form[action$="/miss"] button')
        worker.page.wait_for_url(re.compile("/slip"))
    head.sign_in("head")
    for _ in range(20):
        head.goto("/desk/warnings")
        # Of this kind: something else may be told of the same household.
        card = head.page.locator("section.card", has_text=address).filter(has_text="连续没见到人")
        if card.count() > 0:
            break
        head.page.wait_for_timeout(500)
    assert card.count() > 0, f"nobody is warned of {address}: {head.page.inner_text('main')[:600]}"
    head.look()
    card.first.locator("button", has_text="知道了").click()
    head.page.wait_for_url(re.compile("done=acknowledge"))
    card = card.first
    card.locator("summary").click()
    card.locator('input[name="reason"]').fill("住女儿家，已打电话")
    card.locator('form[action$="/dismiss"] button').click()
    head.page.wait_for_url(re.compile("done=dismiss"))
    head.goto("/desk/warnings?tab=all")
    head.look()
    assert "住女儿家" in head.page.inner_text("main")


# The grid worker goes to whoever is due first, twice in a row to who does not open.
for story in (story_visit_moved_by_the_household, story_visit_is_signed, story_visit_not_at_home, story_warning_is_answered):
    story.shares = "households that are due"
# The community's worker walks one round at a time; another one is walked without a network in story_offline_patrols.py.
story_patrol_finds_a_hazard.shares = "rounds of the worker"
