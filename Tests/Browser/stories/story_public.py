"""What neighbours see: a list, a map and a page per case that staff cleared, and nothing of any other."""

import re
import urllib.error
import urllib.request
import xml.etree.ElementTree as ElementTree
from email.utils import parsedate_to_datetime

from visitor import Visitor, variants

AREA = "/neighbourhood?area=110101001901000"


@variants("phone", "narrow_elder", "desktop", "phone_english_dark", "phone_nojs")
def story_public_list_map_and_page(visitor: Visitor):
    page = visitor.page
    for path in [AREA, AREA + "&view=map", AREA + "&kind=C01", AREA + "&open=no", AREA + "&kind=R29"]:
        visitor.goto(path)
        visitor.no_overflow()
        if visitor.has_scripts:
            page.wait_for_selector("html[data-ready]")
            if "view=map" in path:
                page.locator(".map.leaflet-container .pin").first.wait_for()
            visitor.axe()
    assert page.locator(".empty").is_visible(), "an empty list says nothing"
    visitor.goto(AREA + "&view=map")
    assert page.locator(".map").is_visible()
    assert page.locator("ul.lines a.cell").count() >= 5, "the map has no list beside it"
    if visitor.has_scripts:
        page.locator(".map.leaflet-container .pin").first.wait_for()
    else:
        assert page.locator(".map svg a.pin").count() >= 3, "without scripts no pin is a link"
    page.locator("ul.lines a.cell").first.click()
    page.wait_for_url(re.compile(r"/neighbourhood/SJ\d{8}-\d{4,}$"))
    visitor.no_overflow()
    if visitor.has_scripts:
        visitor.axe()
    same = page.locator('a[href^="/report?"], a[href^="/join/"]').first
    joins = "/join/" in same.get_attribute("href")
    with page.expect_navigation():
        same.click()
    page.locator("#text").wait_for()
    if not joins:
        assert page.locator('select[name="minor"]').input_value() != "", "the kind is not taken along"


def to_clear(head: Visitor, number: str):
    """The row of a case that waits for clearing: the oldest come first, and those of other stories wait too."""
    head.goto("/desk/publication")
    head.no_overflow()
    head.axe()
    row = head.page.locator("tr", has_text=number)
    while row.count() == 0:
        later = head.page.locator('main nav.pg a[href*="after="]')
        assert later.count() == 1, f"{number} does not wait: {head.page.inner_text('main')[-400:]}"
        with head.page.expect_navigation():
            later.click()
    return row


def story_public_staff_clear_a_case_and_it_appears(phone_nojs: Visitor, desktop: Visitor, narrow: Visitor):
    resident, head, neighbour = phone_nojs, desktop, narrow
    resident.goto("/report")
    resident.page.fill("#text", "口袋书屋门口的路灯一闪一闪，电话13812345678，我住3号楼2单元")
    resident.page.locator('input[name="spot"][value="street"]').check(force=True)
    resident.page.locator('input[name="publish"]').check()
    resident.page.click(".submit button")
    resident.page.wait_for_url(re.compile("/r/"))
    number = re.search(r"SJ\d{8}-\d{4,}", resident.page.inner_text("main")).group()
    receipt = re.sub(r"\?.*", "", resident.page.url)
    neighbour.goto(f"/neighbourhood/{number}", status=404)

    head.sign_in("dispatcher")
    to_clear(head, number).locator("a").click()
    head.page.wait_for_url(re.compile("/desk/cases/"))
    card = head.page.locator("#publication")
    card.locator('[name="title"]').fill("口袋书屋门口路灯一闪一闪")
    card.locator('[name="words"]').fill("书屋门口的路灯一闪一闪。")
    card.locator('button[value="preview"]').click()
    head.page.locator("#publication .alert", has_text="书屋门口的路灯一闪一闪。").wait_for()
    neighbour.goto(f"/neighbourhood/{number}", status=404)
    head.page.locator('#publication button[value="publish"]').click()
    head.page.locator("#publication .tag", has_text="已公开").wait_for()
    head.axe()

    neighbour.goto(AREA)
    neighbour.page.locator("a.cell", has_text="口袋书屋门口路灯").click()
    neighbour.page.wait_for_url(re.compile(number))
    words = neighbour.page.content()
    assert "书屋门口的路灯一闪一闪。" in words
    for secret in ["13812345678", "138****5678", "3号楼2单元", "我住"]:
        assert secret not in words, f"{secret} is public"
    neighbour.no_overflow()
    neighbour.axe()

    resident.goto(receipt)
    with resident.page.expect_navigation():
        resident.page.locator('form[action$="/publicity"] button').click()
    assert "您选了不公开" in resident.page.inner_text("main")
    neighbour.goto(f"/neighbourhood/{number}", status=404)
    neighbour.goto(AREA)
    assert "口袋书屋门口路灯" not in neighbour.page.content()


def story_public_following_a_place(phone: Visitor, desktop: Visitor):
    neighbour, head = phone, desktop
    neighbour.goto(AREA)
    assert neighbour.page.locator('a[href^="/sign-in?next="]').is_visible()
    neighbour.sign_in("tenant")
    neighbour.goto(AREA)
    neighbour.page.locator('form[action="/neighbourhood/following"] button').click()
    neighbour.page.wait_for_url(re.compile("/neighbourhood/following$"))
    neighbour.no_overflow()
    neighbour.axe()
    head.sign_in("dispatcher")
    head.goto("/desk/publication")
    head.page.locator('table a[href*="/desk/cases/"]').first.click()
    head.page.locator('#publication [name="title"]').fill("跟着看的一件事")
    head.page.locator('#publication button[value="publish"]').click()
    head.page.locator("#publication .tag", has_text="已公开").wait_for()
    for _ in range(20):
        neighbour.goto("/neighbourhood/following")
        news = neighbour.page.locator("a.cell", has_text="跟着看的一件事").locator(".tag", has_text=re.compile("新|刚办结"))
        if news.count() > 0:
            break
        neighbour.page.wait_for_timeout(250)
    assert news.count() > 0, neighbour.page.inner_text("main")[:600]
    neighbour.axe()
    with neighbour.page.expect_navigation():
        neighbour.page.locator('form[action$="/seen"] button').click()
    assert neighbour.page.locator("a.cell .tag", has_text="新").count() == 0


def check_public_feed(site):
    """The feed is RSS 2.0, absolute, dated, and not sent twice to who has it."""
    address = site.url + "/neighbourhood/feed.rss?area=110101001000000"
    with urllib.request.urlopen(address, timeout=10) as reply:
        assert reply.headers["Content-Type"].startswith("application/rss+xml"), reply.headers["Content-Type"]
        etag, changed = reply.headers["ETag"], reply.headers["Last-Modified"]
        root = ElementTree.fromstring(reply.read())
    assert parsedate_to_datetime(changed)
    assert root.tag == "rss" and root.get("version") == "2.0"
    link = root.find("channel/{http://www.w3.org/2005/Atom}link")
    assert link is not None and link.get("href") == address and link.get("rel") == "self", link
    items = root.findall("channel/item")
    assert len(items) >= 5
    dates = [parsedate_to_datetime(item.findtext("pubDate")) for item in items]
    assert dates == sorted(dates, reverse=True), "the newest is not first"
    assert all(item.findtext("guid").startswith(site.url + "/neighbourhood/SJ") for item in items)
    for condition, name, mark in [("If-None-Match", "ETag", etag), ("If-Modified-Since", "Last-Modified", changed)]:
        not_sent_twice(address, condition, name, mark)


def not_sent_twice(address: str, condition: str, name: str, mark: str) -> None:
    """Who says what they have is sent nothing, unless the feed has changed: other stories publish meanwhile."""
    for _ in range(10):
        again = urllib.request.Request(address, headers={condition: mark})
        try:
            with urllib.request.urlopen(again, timeout=10) as reply:
                assert reply.headers[name] != mark, f"{condition}: {mark} was answered {reply.status} with the same"
                mark = reply.headers[name]
        except urllib.error.HTTPError as error:
            assert error.code == 304, error.code
            return
    raise AssertionError(f"{address} never stood still")


# What one of them publishes and takes back stands first in the list of the others.
for story in (story_public_list_map_and_page, story_public_staff_clear_a_case_and_it_appears, story_public_following_a_place):
    story.shares = "what is public"
