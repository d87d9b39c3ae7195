"""A script in every field, bytes that are no text, sessions that are over: everything stays text, and nothing is lost."""

import re
import sqlite3
import urllib.error
import urllib.request

from moves import NUMBER, Others, act, find_case, unfold
from visitor import Visitor, variants

SCRIPT = '"><script>document.title="taken"</script><img src=x onerror=document.title="taken">\'`${7*7}{{7*7}}'


def fill_everything(visitor: Visitor, form) -> int:
    """Types the script into every field of a form that takes words; returns into how many."""
    fields = form.locator("textarea, input:not([type]), input[type=text], input[type=search]")
    count = 0
    for index in range(fields.count()):
        field = fields.nth(index)
        unfold(visitor, field)
        if field.get_attribute("list") or not field.is_editable():
            continue
        limit = int(field.get_attribute("maxlength") or 2000)
        field.fill((SCRIPT + "楼道灯坏了")[:limit])
        count += 1
    return count


def not_taken(visitor: Visitor) -> None:
    assert visitor.page.title() != "taken", f"a script ran on {visitor.page.url}"
    assert visitor.page.locator('img[src="x"]').count() == 0, f"markup came through on {visitor.page.url}"


@variants("phone", "desktop_english")
def story_hostile_script_in_every_field(visitor: Visitor, desktop: Visitor):
    """Of the resident, on the desk, in administration, in the search: and where it is shown afterwards."""
    page = visitor.page
    visitor.goto("/report")
    form = page.locator("form#report")
    assert fill_everything(visitor, form) >= 4
    page.fill("#phone", "13912340055")
    with page.expect_navigation():
        page.click(".submit button")
    not_taken(visitor)
    number = NUMBER.search(page.inner_text("main"))
    assert number, page.inner_text("main")[:300]
    receipt = re.sub(r"\?.*", "", page.url)
    act(visitor, receipt, "note", text=SCRIPT)
    not_taken(visitor)

    staff = desktop
    staff.sign_in("dispatcher")
    case = find_case(staff, number.group())
    staff.goto(case)
    not_taken(staff)
    act(staff, case, "note", text=SCRIPT)
    not_taken(staff)
    for path in ("/desk", f"/desk?case={case.rsplit('/', 1)[-1]}"):
        staff.goto(path)
        not_taken(staff)
    staff.goto("/desk/search")
    staff.page.locator('main input[name="q"]').fill(SCRIPT)
    with staff.page.expect_navigation():
        staff.page.locator('main input[name="q"]').press("Enter")
    not_taken(staff)
    staff.goto("/desk/new")
    main = staff.page.locator('main form[action$="/desk/new"]')
    assert fill_everything(staff, main) >= 2
    with staff.page.expect_navigation():
        main.locator("button:not([type=button])").last.click()
    not_taken(staff)


def story_hostile_script_in_administration(desktop: Visitor, site):
    administrator = desktop
    administrator.sign_in("administrator")
    page = administrator.page
    administrator.goto("/admin/accounts/new")
    page.fill("#name", SCRIPT[:40])
    page.fill("#phone", "19900000870")
    page.locator("#unit").select_option(index=1)
    with page.expect_navigation():
        page.locator('form[action$="/admin/accounts/new"] button').last.click()
    not_taken(administrator)
    administrator.goto("/admin/accounts?q=%3Cscript%3Ealert(1)%3C/script%3E")
    not_taken(administrator)
    administrator.goto("/admin/divisions?under=110101001902000")
    form = page.locator('form[action$="/add"]')
    unfold(administrator, form)
    form.locator('[name="name"]').fill(SCRIPT[:30])
    form.locator('[name="number"]').fill("088")
    with page.expect_navigation():
        form.locator("button").last.click()
    not_taken(administrator)
    administrator.goto("/admin/divisions?under=110101001902000")
    not_taken(administrator)


def raw(site, path: str, body: bytes, kind: str, language: str = "zh-CN", cookie: str = "") -> tuple[int, str]:
    headers = {"Content-Type": kind, "Accept-Language": language, **({"Cookie": cookie} if cookie else {})}
    request = urllib.request.Request(site.url + path, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def words(html: str) -> str:
    """What people read of a page's main part."""
    main = re.search(r"<main.*?</main>", html, re.S)
    return re.sub(r"<[^>]+>", " ", main.group() if main else html)


def check_hostile_bytes_get_a_sentence(site):
    """Whatever the bytes: a status of the 400s, a sentence in the reader's language, never a fault of ours."""
    form, part = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
    bodies = [
        ("/report", b"text=%ff%fe&csrf=x", form, 403), ("/report", b"\xff\xfe\x00=\x00", form, 403),
        ("/report", b"%", form, 403), ("/report", b"&&&===", form, 403), ("/report", b"", form, 403),
        ("/report", b"--x\r\nContent-Disposition: form-data; name=", part, 422),
        ("/report", b"--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n\xff\xfe\r\n--x--\r\n", part, 403),
        ("/report", b"no boundary anywhere", part, 422), ("/report", b"x", "multipart/form-data", 422),
        ("/report", b"--x\r\n" * 5000, part, 422), ("/report", b"a=b&" * 100_000, form, 413),
        ("/desk/new", b"text=x", form, 401), ("/sign-in", b"phone=%00&password=%00", form, 403),
    ]
    for path, body, kind, status in bodies:
        for language in ("zh-CN", "en-GB"):
            got, html = raw(site, path, body, kind, language)
            assert got == status, f"{path} {body[:40]!r} answered {got}, not {status}"
            has_chinese = re.search("[\u4e00-\u9fff]", words(html)) is not None
            assert has_chinese == (language == "zh-CN"), f"{path} {body[:40]!r} in {language}: {words(html)[:200]}"
            assert re.search(r"Optional\(|Error\(|\.swift|SQL", html) is None, f"{path}: {words(html)[:300]}"


def story_hostile_text_that_is_no_text(phone_nojs: Visitor):
    """Bytes that are not UTF-8 in a form that is ours become marks, not a failure."""
    page = phone_nojs.page
    phone_nojs.goto("/report")
    token = page.input_value('form#report input[name="csrf"]')
    cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in phone_nojs.context.cookies())
    body = f"csrf={token}&text=".encode() + b"%E6%A5%BC%FF%FE%C3%28 light" + b"&location=%80"
    status, html = raw(phone_nojs.site, "/report", body, "application/x-www-form-urlencoded", cookie=cookies)
    assert status == 200 and NUMBER.search(html), (status, words(html)[:300])
    status, html = raw(
        phone_nojs.site, "/report", f"csrf={token}&text=a%00b".encode(), "application/x-www-form-urlencoded",
        cookie=cookies,
    )
    assert status in (200, 422), (status, words(html)[:300])


def story_hostile_second_tap_is_one_case(phone: Visitor):
    """The button pressed twice quickly is one case."""
    page = phone.page
    phone.goto("/report")
    page.fill("#text", "快递柜挡住了消防通道")
    sent: list[str] = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    with page.expect_navigation(url=re.compile("/r/")):
        page.locator(".submit button").dblclick()
    others = Others(phone.site)
    found = [
        row for row in others.call("dispatcher", "/api/v1/cases?tab=open&order=newest&limit=100")["cases"]
        if row["title"].startswith("快递柜挡住了消防通道")
    ]
    assert len(found) == 1, f"{len(found)} cases from {len(sent)} requests"


def story_hostile_attempts_are_in_the_audit(phone_nojs: Visitor, site):
    """A wrong password leaves a trace that names no password and no phone, and the page does not tell who exists."""
    page = phone_nojs.page
    told = []
    for number in ("19900000121", "19912345678"):
        phone_nojs.goto("/sign-in?by=password")
        page.fill('input[name="phone"]', number)
        page.fill('input[name="password"]', "wrong-password-1")
        with page.expect_navigation() as navigation:
            page.press('input[name="password"]', "Enter")
        told.append((navigation.value.status, page.inner_text(".alert.bad")))
    assert told[0] == told[1], f"the page tells whether a phone has an account: {told}"
    with sqlite3.connect(f"file:{site.store}/linli.db?mode=ro", uri=True) as store:
        # Of the one that exists: other people of the stories give wrong codes meanwhile.
        rows = store.execute(
            "SELECT * FROM audit_entry WHERE command = 'access.refuse' AND subject_kind = 'account'"
            " AND subject_id = (SELECT id FROM account WHERE phone_mask = '199****0121')").fetchall()
    assert len(rows) == 1, f"{len(rows)} entries"
    assert "19900000121" not in str(rows) and "wrong-password" not in str(rows)
