"""Out of reach: an administrator of one community at another's doors, staff whose session ends while they type, addresses
that are twisted. The right status, a sentence in the reader's language, a line in the audit, and nothing typed is lost."""

import re
import sqlite3
import tempfile
from contextlib import closing

from moves import NUMBER, PHOTO, Others, act, totp, unfold
from phones import crockford
from site_under_test import Site
from visitor import Visitor, variants

PASSWORD = "Linli-2026-reach"
OWN, OTHER = 110101001902000, 110101001901000
HAN = re.compile("[\u4e00-\u9fff]")


def ask(site: Site, sql: str, *values) -> list:
    with closing(sqlite3.connect(f"file:{site.store}/linli.db?mode=ro", uri=True, timeout=30)) as store:
        return store.execute(sql, values).fetchall()


def speaks(visitor: Visitor, words: str) -> None:
    """What is read is in the reader's language, says something, and shows nothing of the program."""
    assert len(words.strip()) > 10, f"no sentence at {visitor.page.url}: {words!r}"
    assert bool(HAN.search(words)) == ("english" not in visitor.name), f"{visitor.name}: {words[:200]}"
    assert re.search(r"Optional\(|Error\(|\.swift|SELECT ", words) is None, words[:300]


def local_administrator(visitor: Visitor, site: Site) -> str:
    """An administrator of one community only, made by the operator; signs in for the first time."""
    names = ("desktop", "phone_english", "phone_elder")
    phone = "1990000077" + str(names.index(visitor.name))
    said = site.command("user", "add", "--phone", phone, "--name", "槐荫里管理员", "--role", "administrator",
                        "--division", str(OWN))
    page = visitor.page
    visitor.goto(re.sub(r"^https?://[^/]+", "", said.strip().splitlines()[-1]))
    visitor.look()
    for field in page.locator('main input[type="password"]').all():
        field.fill(PASSWORD)
    with page.expect_navigation():
        page.locator("main form button").last.click()
    visitor.goto("/sign-in?by=password")
    page.fill('input[name="phone"]', phone)
    page.fill('input[name="password"]', PASSWORD)
    with page.expect_navigation():
        page.press('input[name="password"]', "Enter")
    page.fill("#code", totp(page.inner_text(".secret")))
    with page.expect_navigation():
        page.press("#code", "Enter")
    assert "/sign-in" not in page.url, page.inner_text("main")[:300]
    return phone


@variants("desktop", "phone_english", "phone_elder")
def story_hostile_administrator_of_another_division(visitor: Visitor, site: Site):
    """Every kind of page and form of administration, about the neighbouring community: as if it did not exist."""
    phone = local_administrator(visitor, site)
    page = visitor.page
    person = site.person("worker")["phone"]
    account = crockford(ask(site, "SELECT id FROM account WHERE phone_mask = ?", person[:3] + "****" + person[-4:])[0][0])
    unit = crockford(ask(site, "SELECT id FROM unit WHERE division = ? AND name = '幸福里社区居委会'", OTHER)[0][0])
    place = crockford(ask(site, "SELECT min(id) FROM place WHERE division / 1000 * 1000 = ?", OTHER)[0][0])
    for path in ("/admin/accounts", "/admin/divisions", "/admin/units", "/admin/places", "/admin/rosters"):
        visitor.goto(path)
        visitor.look()
        assert "幸福里社区居委会" not in page.inner_text("main"), f"{path} shows the neighbours' committee"
    for path in (f"/admin/accounts/{account}", f"/admin/divisions?under={OTHER}", f"/admin/units/{unit}",
                 f"/admin/places/{place}", f"/admin/rosters/{unit}", f"/admin/grids?under={OTHER}"):
        visitor.goto(path, status=404)
        visitor.look()
        speaks(visitor, page.inner_text("main"))
    visitor.goto("/admin/accounts")
    token = page.locator('input[name="csrf"]').first.get_attribute("value")
    before = store_of(site, account, unit, place)
    for path, fields in (
        (f"/admin/accounts/{account}/close", {}), (f"/admin/accounts/{account}/second-factor/reset", {}),
        (f"/admin/divisions/{OTHER}/rename", {"name": "别处"}), (f"/admin/divisions/{OTHER}/add", {"name": "别处", "number": "099"}),
        (f"/admin/units/{unit}/close", {}), (f"/admin/places/{place}/end", {}),
        (f"/admin/rosters/{unit}/shifts", {"account": account, "from": "2026-12-01T08:00", "until": "2026-12-01T18:00"}),
    ):
        taken = visitor.context.request.post(
            path, form={"csrf": token or "", **fields},
            headers={"Accept-Language": "en-GB" if "english" in visitor.name else "zh-CN"})
        assert taken.status == 404, f"{path} answered {taken.status}"
        speaks(visitor, re.sub(r"<[^>]+>", " ", re.search(r"<main.*?</main>", taken.text(), re.S).group()))
    assert store_of(site, account, unit, place) == before, "something of the neighbours' was changed"
    # Seven lines for the auditor: who, which route, and nothing of what was typed.
    me = ask(site, "SELECT id FROM account WHERE phone_mask = ?", phone[:3] + "****" + phone[-4:])[0][0]
    tried = ask(site, "SELECT fields FROM audit_entry WHERE command = 'access.outside' AND actor_id = ?", me)
    assert len(tried) == 7 and any("/admin/divisions/:code/rename" in fields for (fields,) in tried), tried
    assert "别处" not in str(tried)


def store_of(site: Site, account: str, unit: str, place: str) -> list:
    """The things an administrator asked to change, as they stand."""
    return [
        ask(site, "SELECT status, totp_sealed IS NULL FROM account WHERE id = ?", number_of(account)),
        ask(site, "SELECT * FROM unit WHERE id = ?", number_of(unit)),
        ask(site, "SELECT * FROM place WHERE id = ?", number_of(place)),
        ask(site, "SELECT count(*) FROM division WHERE name = '别处'"),
    ]


# Somebody else each time: a one-time code opens one door only, and the next one comes half a minute later.
AT_THE_COUNTER = {"desktop_english": "head", "phone_elder": "locustHead", "desktop_nojs": "worker"}


@variants(*AT_THE_COUNTER)
def story_hostile_staff_session_over(visitor: Visitor, site: Site):
    """A long note at the counter, and the session is over: after signing in it is there and is sent."""
    page = visitor.page
    person = visitor.sign_in(AT_THE_COUNTER[visitor.name], fresh=True)
    visitor.goto("/desk/new")
    words = f"王大爷来窗口说：北门外的下水井盖响，夜里车一过全家睡不着（{visitor.name}）"
    page.fill("#text", words)
    place = page.locator("#place option", has_text="号楼").first.get_attribute("value")
    page.select_option("#place", place)
    unfold(visitor, page.locator('[name="phone"]').first)
    page.fill('[name="phone"]', "13912340088")
    visitor.context.clear_cookies(name="linli_session")
    with page.expect_navigation():
        page.locator("main form button:not([type=button])").last.click()
    assert "/sign-in" in page.url, page.url
    visitor.look()
    speaks(visitor, page.inner_text("main"))
    page.goto(page.url + ("&" if "?" in page.url else "?") + "by=password")
    page.fill('input[name="phone"]', person["phone"])
    page.fill('input[name="password"]', person["password"])
    with page.expect_navigation(url=re.compile(r"^[^?]*/continue/")):
        page.press('input[name="password"]', "Enter")
    visitor.look()
    assert words in page.inner_text("main"), page.inner_text("main")[:300]
    # It goes on from there: sent, or asked for the kind with every word in its place.
    with page.expect_navigation():
        page.click("main form button")
    if ask(site, "SELECT count(*) FROM case_item WHERE instr(text, ?) > 0", words) == [(0,)]:
        assert page.input_value("#text") == words, "what was typed is lost"
        assert page.input_value('[name="phone"]') == "13912340088", "what was typed is lost"


@variants("phone_english_nojs", "desktop_nojs", "phone_elder", "desktop_english")
def story_hostile_photo_of_thirty_megabytes(visitor: Visitor):
    """Too large a photo is told in the reader's language (before it is sent, where scripts run), and what was typed is
    there for the next try."""
    page = visitor.page
    visitor.goto("/report")
    visitor.ready()
    page.fill("#text", "围墙裂了一道缝，靠着学校")
    page.fill("#location", "操场东边")
    with tempfile.NamedTemporaryFile(suffix=".jpg") as large:
        large.write(b"\xff\xd8\xff" + bytes(30 << 20))
        large.flush()
        page.set_input_files('input[name="photos"]', large.name)
        if visitor.has_scripts:
            page.wait_for_selector(".toast.bad")
            assert page.locator(".photos img").count() == 0, "the photo seems to be chosen"
        else:
            with page.expect_response(lambda answer: answer.request.method == "POST", timeout=30_000) as sent:
                page.click(".submit button")
            assert sent.value.status in (413, 422), f"answered {sent.value.status}"
            page.wait_for_load_state()
    assert page.input_value("#text") == "围墙裂了一道缝，靠着学校"
    assert page.input_value("#location") == "操场东边"
    said = page.locator(".alert.bad, .err, .toast.bad").all_inner_texts()
    assert any("20 MB" in words for words in said), said
    assert bool(HAN.search("".join(said))) == ("english" not in visitor.name), said
    visitor.no_overflow()
    page.set_input_files('input[name="photos"]', PHOTO)
    with page.expect_navigation(url=re.compile("/r/")):
        page.click(".submit button")
    assert "围墙裂了一道缝" in page.inner_text("main")


@variants("phone", "desktop_english")
def story_hostile_addresses(visitor: Visitor):
    """Twisted addresses, bytes that are no text, numbers beyond every number: a page that says so, in the reader's language."""
    twisted = [
        ("/cases/..%2f..%2fetc%2fpasswd", (303, 404)), ("/r/%2e%2e%2f%2e%2e", 404), ("/assets/x/..%5c..%5cwindows", 404), ("/%ff%fe", 404),
        ("/r/%00", 404), ("/q/" + "a" * 3000, 404), ("/report?place=%ff&category=%00", 200), ("/neighbourhood?area=%ff", (200, 404, 422)),
        ("/find?number=%e4%bd", 200), ("/cases/99999999999999999999", (303, 404)), ("/report?place=zzzzzzzzzzzzz", 200),
    ]
    language = "en-GB" if "english" in visitor.name else "zh-CN"
    for path, status in twisted:
        answer = visitor.context.request.get(path, max_redirects=0, headers={"Accept-Language": language})
        expected = status if isinstance(status, tuple) else (status,)
        assert answer.status in expected, f"{path[:60]} answered {answer.status}"
        assert "root:" not in answer.text(), path
        if answer.status >= 400:
            main = re.search(r"<main.*?</main>", answer.text(), re.S)
            assert main, f"{path[:60]}: no page"
            speaks(visitor, re.sub(r"<[^>]+>", " ", main.group()))
    visitor.sign_in("dispatcher")
    for path in ("/desk/search?q=%ff%fe", "/desk?tab=%ff&grid=x&after=%00", "/desk/search?q=%00", "/desk?case=../../etc"):
        answer = visitor.context.request.get(path)
        assert answer.status in (200, 422), f"{path} answered {answer.status}"
    visitor.goto("/desk/cases/..%2f..%2fetc", status=404)
    visitor.look()
    speaks(visitor, visitor.page.inner_text("main"))


def story_hostile_bytes_in_a_form_with_a_photo(phone_nojs: Visitor):
    """The same as in a plain form: marks in place of what is no text, and the photo is kept."""
    page = phone_nojs.page
    phone_nojs.goto("/report")
    token = page.input_value('form#report input[name="csrf"]') or ""
    cut = b"--x\r\nContent-Disposition: form-data; name="
    body = (cut + b'"csrf"\r\n\r\n' + token.encode() + b"\r\n" + cut + b'"text"\r\n\r\n\xe6\xa5\xbc\xff\xfe\xc3( light\r\n' + cut
            + b'"photos"; filename="\xff.png"\r\nContent-Type: image/png\r\n\r\n' + PHOTO.read_bytes() + b"\r\n--x--\r\n")
    taken = phone_nojs.context.request.post("/report", data=body, headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert taken.status == 200 and NUMBER.search(taken.text()), (taken.status, taken.text()[:300])
    assert "\ufffd" in taken.text() and " light" in taken.text()


def story_hostile_step_sent_twice(desktop: Visitor, phone_english: Visitor, site: Site):
    """A step of a case whose page is old: who sends it again is told, and it is done once."""
    others = Others(site)
    case = others.tell("elderAlone", "自来水管漏水，地上都是水", category="R0301")
    handler = phone_english
    handler.sign_in("waterHandler")
    address = f"/desk/cases/{case}"
    if handler.page.goto(address).status == 404:
        desktop.sign_in("dispatcher")
        desktop.goto(address)
        unit = desktop.page.locator('form[action$="/dispatch"] select[name=unit] option', has_text="自来水").first
        act(desktop, address, "dispatch", unit=unit.get_attribute("value") or "", text="请处理")
        handler.goto(address)
    fields = handler.page.evaluate(
        "() => Object.fromEntries([...new FormData(document.querySelector('form[action$=\"/accept\"]'))].filter(e => typeof e[1] === 'string'))")
    first = handler.context.request.post(f"{address}/accept", form=fields)
    again = handler.context.request.post(f"{address}/accept", form=fields)
    assert first.status == 200, first.status
    assert again.status in (200, 409, 422), again.status
    if again.status != 200:
        speaks(handler, re.sub(r"<[^>]+>", " ", re.search(r'class="alert.*?</', again.text(), re.S).group()))
    accepted = ask(site, "SELECT count(*) FROM case_entry e JOIN case_item c ON c.id = e.case_id"
                   " WHERE e.transition = 'accept' AND c.id = ?", number_of(case))
    assert accepted == [(1,)], accepted


def number_of(identifier: str) -> int:
    """The number that thirteen letters stand for."""
    value = 0
    for letter in identifier:
        value = value << 5 | "0123456789abcdefghjkmnpqrstvwxyz".index(letter)
    return value
