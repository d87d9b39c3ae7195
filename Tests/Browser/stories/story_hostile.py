"""Bad input gets the right status and a clear sentence, and loses nothing that was typed."""

import re
import urllib.error
import urllib.request

from visitor import Visitor

SCRIPT = '<script>document.title="taken"</script><img src=x onerror=alert(1)>'


def story_hostile_script_stays_text(phone: Visitor):
    phone.goto("/report")
    phone.page.fill("#text", SCRIPT + "楼道灯坏了")
    phone.page.fill("#location", SCRIPT)
    phone.page.click(".submit button")
    phone.page.wait_for_url(re.compile("/r/"))
    assert phone.page.title() != "taken"
    assert "<script>document.title" in phone.page.inner_text("main"), "what was typed is not shown as text"


def story_hostile_empty_form_says_what_is_missing(phone_nojs: Visitor):
    page = phone_nojs.page
    phone_nojs.goto("/report")
    page.fill("#location", "三单元门口")
    with page.expect_navigation() as sent:
        page.click(".submit button")
    assert sent.value.status == 422, f"answered {sent.value.status}"
    assert page.input_value("#location") == "三单元门口"
    assert page.locator(".alert.bad").is_visible()


def answer(site_url: str, path: str, body: bytes | None = None, kind: str = "") -> tuple[int, str]:
    request = urllib.request.Request(site_url + path, data=body, headers={"Content-Type": kind} if kind else {})
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def check_hostile_requests(site):
    """Broken, forged and twisted requests, without a browser."""
    status, text = answer(site.url, "/report", b"--x\r\nContent-Disposition: form-data; name=", "multipart/form-data; boundary=x")
    assert status == 422 and "没有传完整" in text, (status, text[:200])
    status, text = answer(site.url, "/report", b"text=%E4%BD%A0&csrf=forged", "application/x-www-form-urlencoded")
    assert status == 403 and "刷新后再提交" in text, (status, text[:200])
    for path in [
        "/assets/x/..%2f..%2f..%2fetc%2fpasswd", "/assets/x/%2e%2e/%2e%2e/etc/passwd", "/cases/../../etc/passwd",
        "/vendor/leaflet/..%2f..%2fpasswd", "/r/00000000000000000000000000000000", "/%ff%fe",
    ]:
        status, text = answer(site.url, path)
        assert status == 404 and "root:" not in text, (path, status)


def story_hostile_replayed_form_is_one_case(phone_nojs: Visitor):
    page = phone_nojs.page
    phone_nojs.goto("/report")
    fields = page.evaluate(
        "() => Object.fromEntries([...new FormData(document.querySelector('form#report'))].filter(e => typeof e[1] === 'string'))"
    )
    fields["text"] = "健身器材的螺丝松了"
    first = phone_nojs.context.request.post("/report", form=fields)
    again = phone_nojs.context.request.post("/report", form=fields)
    assert first.status == 200 and again.status == 200, (first.status, again.status)
    number = re.compile(r"SJ\d{8}-\d{4,}")
    assert number.search(first.text()).group() == number.search(again.text()).group(), "sent twice, two cases"


def story_hostile_old_page_gives_the_words_back(phone_nojs: Visitor):
    page = phone_nojs.page
    phone_nojs.goto("/report")
    page.fill("#text", "南门口的地砖翘起来了，绊倒过人")
    page.fill("#location", "南门岗亭旁")
    # A page from before the browser was closed: its visit is forgotten, its token belongs to nobody.
    phone_nojs.context.clear_cookies()
    with page.expect_navigation():
        page.click(".submit button")
    assert "南门口的地砖翘起来了" in page.inner_text("main"), page.inner_text("main")[:300]
    phone_nojs.no_overflow()
    page.click("main form button")
    page.wait_for_url(re.compile("/r/"))
    assert "南门口的地砖翘起来了" in page.inner_text("main")
    assert "南门岗亭旁" in page.inner_text("main")


def story_hostile_session_that_is_over_keeps_the_words(phone_nojs: Visitor):
    page = phone_nojs.page
    person = phone_nojs.sign_in("tenant", fresh=True)
    phone_nojs.goto("/report")
    page.fill("#text", "二号楼门禁刷卡没反应")
    with page.expect_navigation(url=re.compile("/r/")):
        page.click(".submit button")
    # Its own: the tenant has others, and other stories handle those.
    phone_nojs.goto("/mine?tab=all")
    page.locator("main a.mycase", has_text="二号楼门禁").first.click()
    page.wait_for_url(re.compile("/cases/"))
    page.click("summary >> text=补充情况")
    page.fill("#note-text", "下班回家的人都堵在门口")
    phone_nojs.context.clear_cookies(name="linli_session")
    with page.expect_navigation():
        page.click("button >> text=发给经办人")
    assert "/sign-in" in page.url, page.url
    page.goto(page.url + "&by=password")
    page.fill('input[name="phone"]', person["phone"])
    page.fill('input[name="password"]', person["password"])
    # Not the address of the page before, which may name where it goes on.
    with page.expect_navigation(url=re.compile(r"^[^?]*/continue/")):
        page.press('input[name="password"]', "Enter")
    assert "下班回家的人都堵在门口" in page.inner_text("main")
    page.click("main form button")
    page.wait_for_url(re.compile("/cases/"))
    assert "下班回家的人都堵在门口" in page.inner_text("main")
