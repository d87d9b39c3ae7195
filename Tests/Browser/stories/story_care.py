"""Families to look after: staff tell of a service, it is accepted and reaches the person; a form from above is filled."""

import re

from visitor import Visitor


def steps(head: Visitor) -> None:
    """Told at the door, said yes, delivered with who signed: for the first person who may have meals."""
    head.goto("/desk/care/services/meals")
    head.no_overflow()
    head.axe()
    person = head.page.locator("main li a.ttl").first
    name = person.inner_text()
    person.click()
    head.page.wait_for_url(re.compile("/desk/care/people/"))
    assert re.search("因为：19|Because: born in 19", head.page.inner_text("main")), "no reason is given"
    head.no_overflow()
    head.axe()
    if head.page.locator('li form[action$="/offer"]').count():
        head.page.locator('li form[action$="/offer"] button').first.click()
        head.page.wait_for_url(re.compile("done=offer"))
    if head.page.locator('form[action$="/answer"]').count():
        answer = head.page.locator('form[action$="/answer"]').first
        assert answer.locator('[name="consent"]').input_value() == "", "an answer is chosen before anybody was asked"
        answer.locator('[name="consent"]').select_option("oral")
        answer.locator('button[value="yes"]').click()
        head.page.wait_for_url(re.compile("done=answer"))
    deliver = head.page.locator('form[action$="/deliver"]').first
    if head.has_scripts:
        head.page.locator("summary", has_text=re.compile("登记送达|Note a delivery")).first.click()
    else:
        head.page.locator("details:has(form[action$='/deliver'])").first.evaluate("node => node.open = true")
    deliver.locator('[name="signer"]').fill("本人")
    deliver.locator("button").first.click()
    head.page.wait_for_url(re.compile("done=deliver"))
    assert re.search("已送到|Delivered", head.page.inner_text("main"))
    head.no_overflow()
    head.goto("/desk/care/services/meals")
    assert name not in head.page.inner_text("main"), "who was reached is still listed"


def story_care_reaches_somebody(desktop: Visitor):
    desktop.sign_in("head")
    desktop.goto("/desk/care")
    desktop.no_overflow()
    desktop.axe()
    # The names of labels stand among those the list may go by; on the list nobody has a closer one.
    shown = desktop.page.locator("main li .tag").all_inner_texts()
    assert "高龄独居" not in shown, "kept closely, shown without a purpose"
    opener = desktop.page.locator('form[method="post"][action="/desk/care"]')
    with desktop.page.expect_navigation() as navigation:
        opener.locator("button").click()
    assert navigation.value.status == 200 and opener.count() == 0, "not opened for a purpose"
    desktop.axe()
    steps(desktop)


def story_care_on_a_phone(narrow: Visitor):
    narrow.sign_in("head")
    steps(narrow)


def story_form_is_filled(desktop: Visitor):
    """A heading is pasted once; what nobody knows is typed once; the file comes out in its own layout."""
    head, page = desktop, desktop.page
    head.sign_in("head")
    head.goto("/desk/forms/new")
    head.no_overflow()
    head.axe()
    page.fill("#title", "高龄老人冬季取暖摸底表")
    page.fill("#issuer", "街道民生保障办公室")
    page.select_option("#label", "aged")
    page.fill("#table", "序号\t姓名\t年龄\t现住址\t是否独居\t取暖方式")
    page.click("main form button.btn")
    page.wait_for_url(re.compile(r"/desk/forms/[^/]+\?done=register"))
    assert "不认得，要人填" in page.inner_text("main")
    head.no_overflow()
    head.axe()
    page.fill("#period", "２０２６－１１")
    page.click('form[action$="/rounds"] button')
    page.wait_for_url(re.compile("/desk/forms/rounds/"))
    head.axe()
    cells = page.locator('input[name^="c-"]')
    count = cells.count()
    assert count > 0, "nobody is asked"
    for index in range(count):
        cells.nth(index).fill("集中供暖")
    page.click('form[action$="/answers"] button')
    page.wait_for_url(re.compile("done=answers"))
    left = page.locator('input[name^="c-"]').count()
    assert left == 0 or count >= 30, f"{left} cells are asked again"
    with page.expect_download() as download:
        page.click('button[value="csv"]')
    text = open(download.value.path(), encoding="utf-8-sig").read()
    lines = text.strip().split("\n")
    assert "导出，用途：填报" in lines[0], lines[0]
    assert lines[1].startswith("序号,姓名,年龄"), lines[1]
    assert "集中供暖" in text


# Whoever may have meals and has none stands on one list; the unit's story takes them from it too.
for story in (story_care_reaches_somebody, story_care_on_a_phone):
    story.shares = "meals"
