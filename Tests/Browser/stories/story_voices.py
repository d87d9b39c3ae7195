"""Several who told the same: joining before sending, one's own page, staff who merge and take out again."""

import re

from visitor import Visitor


def tell(visitor: Visitor, words: str) -> str:
    visitor.goto("/report")
    visitor.page.fill("#text", words)
    visitor.page.locator('input[name="spot"][value="street"]').check(force=True)
    visitor.page.click(".submit button")
    visitor.page.wait_for_url(re.compile("/r/"))
    return re.search(r"SJ\d{8}-\d{4,}", visitor.page.inner_text("main")).group()


def story_voices_join_and_follow(phone_nojs: Visitor, narrow_elder: Visitor, desktop: Visitor):
    first, second, head = phone_nojs, narrow_elder, desktop
    number = tell(first, "北街菜店斜对面路面塌了一块，能掉进一只脚")
    second.goto(f"/join/{number}")
    second.no_overflow()
    assert "菜店" not in second.page.inner_text("main"), "words that nobody cleared are shown"
    second.page.click(".submit button")
    # Joining without a word is not taken.
    second.page.locator("#text-error").wait_for()
    second.page.fill("#text", "我骑车也颠了一下")
    second.page.fill("#home", "3号楼2单元1203")
    second.page.fill("#phone", "13900001234")
    second.page.click(".submit button")
    second.page.wait_for_url(re.compile("/r/"))
    second.no_overflow()
    assert "菜店" not in second.page.inner_text("main")
    assert "反映" in second.page.inner_text(".state"), "how many told it is not said"

    head.sign_in("dispatcher")
    head.goto(f"/desk/search?q={number}")
    head.page.locator(f'tr:has-text("{number}") a.ttl').first.click()
    head.page.wait_for_url(re.compile("/desk/cases/"))
    head.no_overflow()
    head.axe()
    assert "我骑车也颠了一下" in head.page.inner_text("main")
    mine = re.search(r"SJ\d{8}-\d{4,}", second.page.inner_text("main")).group()
    head.page.locator("main a", has_text=mine).click()
    head.page.locator("summary", has_text="拆出来单独办").click()
    head.page.fill("#split-text", "说的是另一处")
    head.page.click('form[action$="/split"] button')
    head.page.wait_for_url(re.compile("done=split"))
    head.page.locator("summary", has_text="并到另一件一起办").click()
    head.page.fill("#into", number)
    head.page.fill("#merge-text", "去看过，是同一处")
    head.page.click('form[action$="/merge"] button')
    head.page.wait_for_url(re.compile("done=merge"))
    assert number in head.page.inner_text("main")


def story_voices_hint_offers_to_join(phone: Visitor):
    page = phone.page
    phone.goto("/report")
    page.fill("#text", "菜店门口的路面塌了个坑")
    page.select_option("#estate", label="北街")
    page.locator('input[name="category"][value="street"]').check(force=True)
    hint = page.locator("[data-similar]")
    button = hint.locator('button[formaction^="/join/"]').first
    button.wait_for()
    # The demo's pothole was cleared by staff; what nobody cleared says no address here.
    assert "户反映" in hint.inner_text(), "how many homes told it is not said"
    phone.no_overflow()
    number = button.get_attribute("formaction").rsplit("/", 1)[-1]
    button.click()
    page.wait_for_url(re.compile("/r/"))
    mine = re.search(r"SJ\d{8}-\d{4,}", page.inner_text("main")).group()
    assert mine != number, "a voice has its own number"
    assert re.search(r"\d+ [户人]反映", page.inner_text(".state")), "it was told by itself"
    assert "菜店门口的路面塌了个坑" in page.inner_text("main"), "what was typed is lost"
