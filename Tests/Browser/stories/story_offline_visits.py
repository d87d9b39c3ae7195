"""Announced visits on a phone without a network: done in one tap, with answers, photos and a signature, missed with the code
of the slip; what the desk did meanwhile is shown beside it. What is half filled in outlives the page, and the lease."""

import sqlite3
import time
from contextlib import closing

from phones import PIN, RAW, all_sent, comes, crockford, drafts, inspect, picture
from site_under_test import Site
from visitor import Visitor

GRID = 110101001901001
FIRST, COUNT = 4000, 5


class Announced:
    """Five visits of today, put into the store by hand, and what became of them."""

    def __init__(self, site: Site, who: str):
        self.path = site.store / "linli.db"
        phone = site.person(who)["phone"]
        now = int(time.time() * 1000)
        with closing(sqlite3.connect(self.path, timeout=30)) as store, store:
            account, unit, name = store.execute(
                "SELECT id, unit_id, name FROM account WHERE phone_mask = ?",
                (phone[:3] + "****" + phone[-4:],)).fetchone()
            store.execute("INSERT INTO duty_shift (id, unit_id, account_id, starts_at, ends_at) VALUES (?, ?, ?, ?, ?)",
                          (FIRST, unit, account, now - 60_000, now + 86_400_000))
            place = store.execute("SELECT min(id) FROM place WHERE division = ?", (GRID,)).fetchone()[0]
            for row in range(FIRST, FIRST + COUNT):
                store.execute(
                    "INSERT INTO dwelling (id, place_id, kind, number, floor, address, division, community, occupancy,"
                    " sort_key, source, valid_from, version) VALUES (?, ?, 'flat', ?, 1, ?, ?, ?, 'owner', ?, 'test', ?, 1)",
                    (row, place, f"{row}", f"走访试验楼{row}", GRID, GRID // 1000 * 1000, row, now))
                store.execute(
                    "INSERT INTO household (id, dwelling_id, division, community, kind, source, valid_from, version)"
                    " VALUES (?, ?, ?, ?, 'family', 'test', ?, 1)", (row, row, GRID, GRID // 1000 * 1000, now))
                store.execute(
                    "INSERT INTO visit (id, household_id, division, community, way, reason, state, is_open, starts_at,"
                    " ends_at, worker_id, worker_name, unit_id, code_hash, moves, wish, note, announced_at)"
                    " VALUES (?, ?, ?, ?, 'door', '看看暖气热不热', 'announced', 1, ?, ?, ?, ?, ?, ?, 0, '', '', ?)",
                    (row, row, GRID, GRID // 1000 * 1000, now - 60_000, now + 7_200_000, account, name, unit,
                     row.to_bytes(8, "big"), now))

    def ask(self, sql: str, *values) -> list:
        with closing(sqlite3.connect(self.path, timeout=30)) as store, store:
            return store.execute(sql, values).fetchall()

    def pictures(self, row: int) -> list[tuple]:
        return self.ask("SELECT kind, count(*) FROM visit_photo WHERE visit_id = ? GROUP BY kind ORDER BY kind", row)

    def state(self, row: int) -> tuple:
        return self.ask("SELECT state, result, note FROM visit WHERE id = ?", row)[0]


def open_visit(visitor: Visitor, row: int) -> None:
    visitor.page.evaluate(f"location.hash = '#visit/{crockford(row)}'")
    visitor.page.wait_for_function(f"() => document.querySelector('h2.pagehead')?.innerText.endsWith('{row}')")


def draw(visitor: Visitor) -> None:
    """A stroke with a finger, in the middle of the screen: below lies the bar."""
    page = visitor.page
    field = page.locator("canvas.sign")
    field.evaluate("node => node.scrollIntoView({ block: 'center' })")
    box = field.bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 70, steps=5)
    page.mouse.up()


def fill_in(visitor: Visitor) -> None:
    """Two photos, and a signature drawn with a finger, with the name of who signs."""
    page = visitor.page
    page.set_input_files('[data-visit-form] input[type="file"]', [
        {"name": f"{each}.png", "mimeType": "image/png", "buffer": picture(100 + each)} for each in range(2)])
    page.wait_for_function("() => document.querySelectorAll('[data-photos] img').length === 2")
    if page.locator("[data-visit-sign]:not([open])").count():
        page.click("[data-visit-sign] summary")
    draw(visitor)
    page.fill("#signer", "王建国")


def ink(visitor: Visitor) -> int:
    """How many points of the field are drawn on."""
    return visitor.page.evaluate("""() => {
        const canvas = document.querySelector('canvas.sign');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        return data.filter((value, index) => index % 4 === 0 && value < 128).length;
    }""")


def draft_is_kept(visitor: Visitor, row: int, pictures: int) -> None:
    """Waits until the words of a visit, its photos and its ink are kept."""
    for _ in range(100):
        found = drafts(visitor)
        if f"d/{crockford(row)}" in found and len(found) == pictures + 1:
            return
        visitor.page.wait_for_timeout(100)
    raise AssertionError(f"kept: {found}")


def reopen(visitor: Visitor) -> None:
    """The page is closed, another one opened, and the PIN given."""
    visitor.page.close()
    visitor.page = visitor.context.new_page()
    visitor.page.goto(visitor.site.url + "/grid/phone")
    visitor.page.wait_for_selector("[data-phone-unlock]")
    visitor.page.fill("#pin", PIN)
    visitor.page.click("[data-phone-unlock] button")
    visitor.page.wait_for_selector(".phone .tab")


def signed_and_photographed(visitor: Visitor, row: int) -> None:
    """On the desk: two photos and the drawing, all of which can be seen."""
    visitor.goto(f"/grid/visits/{crockford(row)}")
    visitor.look()
    words = visitor.page.inner_text("main")
    assert "住户签名" in words and "王建国" in words, words
    pictures = visitor.page.locator(".shots img, img.signature")
    assert pictures.count() == 3, pictures.count()
    for number in range(3):
        pictures.nth(number).scroll_into_view_if_needed()
    visitor.page.wait_for_function(
        "() => [...document.querySelectorAll('.shots img, img.signature')].every((each) => each.naturalWidth > 0)")


def story_offline_visits(phone: Visitor, desktop: Visitor, site: Site):
    announced = Announced(site, "gridWorker1")
    phone.sign_in("gridWorker1")
    page = phone.page
    phone.goto("/grid/phone")
    page.wait_for_selector("[data-phone-take]")
    page.fill("#pin", PIN)
    page.fill("#again", PIN)
    page.click("[data-phone-take] button")
    page.wait_for_selector("[data-visits]")
    inspect(phone)
    page.evaluate("""async () => {
        await navigator.serviceWorker.ready;
        for (let tries = 0; tries < 500 && !await caches.match('/grid/phone'); tries += 1)
          await new Promise((go) => setTimeout(go, 20));
    }""")
    phone.context.set_offline(True)

    # In the stairwell: one tap, one with answers, one where nobody opened, one that the desk withdraws meanwhile.
    open_visit(phone, FIRST)
    inspect(phone)
    page.click("[data-visit-same]")
    page.wait_for_function("() => !document.querySelector('[data-visit-same]')")
    open_visit(phone, FIRST + 1)
    page.locator('input[name="q.gasAlarm"][value="坏了"]').check(force=True)
    page.fill("#note", "报警器不响，电话 13900001111")
    fill_in(phone)
    inspect(phone)
    # The page is closed before it is noted: with the PIN all of it is back.
    draft_is_kept(phone, FIRST + 1, 3)
    raw = page.evaluate(RAW)["words"]
    for word in ("报警器不响", "王建国", "走访试验楼", "IHDR"):
        assert word not in raw, f"{word} lies on the phone in clear"
    drawn = ink(phone)
    assert drawn > 100, drawn
    reopen(phone)
    page = phone.page
    page.wait_for_selector("[data-visits]")
    assert "没记完" in page.inner_text("[data-visits]")
    open_visit(phone, FIRST + 1)
    page.wait_for_function("() => document.querySelectorAll('[data-photos] img').length === 2")
    inspect(phone)
    assert page.input_value("#note").startswith("报警器不响") and page.input_value("#signer") == "王建国"
    assert page.locator('input[name="q.gasAlarm"][value="坏了"]').is_checked()
    assert comes(phone, lambda: abs(ink(phone) - drawn) <= drawn // 10), "the drawing is not what it was"
    # Half a signature is told here, not when it is too late to ask.
    page.locator("[data-visit-sign] .btns button").click()
    page.click('[data-visit-form] button[value="yes"]')
    page.wait_for_selector("#signer-error:not([hidden])")
    draw(phone)
    # Pressed twice in a hurry it is noted once.
    page.evaluate("""() => {
        const button = document.querySelector('[data-visit-form] button[value="yes"]');
        button.click();
        button.click();
    }""")
    page.wait_for_function("() => !document.querySelector('[data-visit-form]')")
    assert drafts(phone) == [], "noted, and still a draft"
    open_visit(phone, FIRST + 2)
    page.click("[data-visit-missed]")
    page.wait_for_selector("[data-slip] .no")
    inspect(phone)
    assert len(page.inner_text("[data-slip] .no")) == 14, "twelve characters in three groups"
    open_visit(phone, FIRST + 3)
    # One tap takes along what is filled in below it.
    fill_in(phone)
    page.click("[data-visit-same]")
    page.wait_for_function("() => !document.querySelector('[data-visit-same]')")
    desktop.sign_in("head")
    desktop.goto(f"/grid/visits/{crockford(FIRST + 3)}")
    desktop.page.click('form[action$="/withdraw"] button')
    desktop.page.locator("dialog[open] button").last.click()
    desktop.page.wait_for_url("**done=withdrawn")

    phone.context.set_offline(False)
    page.evaluate("location.hash = '#unsent'")
    all_sent(phone)
    page.wait_for_selector("[data-conflict]")
    inspect(phone)
    assert announced.state(FIRST) == ("done", "unchanged", "")
    state, result, note = announced.state(FIRST + 1)
    assert (state, result) == ("done", "changed") and "报警器不响" in note and "13900001111" not in note
    assert announced.ask("SELECT value FROM visit_answer WHERE visit_id = ?", FIRST + 1) == [("坏了",)]
    assert announced.state(FIRST + 2)[0] == "missed"
    assert announced.state(FIRST + 3)[0] == "withdrawn"
    words = page.inner_text("[data-conflict]")
    assert "没变化" in words and "已取消" in words and "2 张照片、住户签名（王建国）" in words, words
    assert announced.pictures(FIRST + 1) == [("photo", 2), ("signature", 1)]
    assert announced.pictures(FIRST + 3) == [], "not decided yet"
    page.locator("[data-conflict] button").first.click()
    page.wait_for_function("() => !document.querySelector('[data-conflict]')")
    all_sent(phone)
    assert announced.state(FIRST + 3)[:2] == ("done", "unchanged")
    entries = announced.ask("SELECT outcome, settled_at IS NULL FROM offline_entry WHERE part = 'visits' ORDER BY id")
    assert sorted(entries) == [("conflict", 0), *[("taken", 1)] * 4], entries
    for row in (FIRST + 1, FIRST + 3):
        assert announced.pictures(row) == [("photo", 2), ("signature", 1)]
        signed_and_photographed(desktop, row)
    lease_ends_while_signing(phone, announced, desktop)


def lease_ends_while_signing(phone: Visitor, announced: Announced, desktop: Visitor) -> None:
    """The lease runs out while somebody signs: the grid goes, the visit stays on the screen until it is noted, and is taken.
    It was left half filled in and opened again: what of it goes with the copy gives way to what is noted."""
    page, row = phone.page, FIRST + 4
    phone.context.set_offline(True)
    open_visit(phone, row)
    fill_in(phone)
    draft_is_kept(phone, row, 3)
    page.evaluate("location.hash = '#today'")
    page.wait_for_selector("[data-visits]")
    open_visit(phone, row)
    page.wait_for_function("() => document.querySelectorAll('[data-photos] img').length === 2")
    assert page.locator("[data-visit-form] .queue").count(), "it does not say that it is back"
    # Only this grid's: other stories have phones of their own in the same store.
    announced.ask("UPDATE offline_lease SET expires_at = ? WHERE ended_at IS NULL AND division = ?",
                  int(time.time() * 1000) - 1, GRID)
    phone.context.set_offline(False)
    page.wait_for_function("() => document.querySelector('h2.pagehead').innerText.includes('还没记下')")
    inspect(phone)
    assert "先前存下的" in page.inner_text("main")
    assert drafts(phone) == [], "the draft ends with the copy"
    page.click('[data-visit-form] button[value="no"]')
    page.wait_for_selector("[data-phone-take]")
    all_sent(phone)
    for _ in range(100):
        if announced.state(row)[0] == "done":
            break
        page.wait_for_timeout(100)
    assert announced.state(row)[:2] == ("done", "unchanged")
    left = "SELECT outcome FROM offline_entry WHERE part = 'visits' AND outcome <> 'taken' AND settled_at IS NULL"
    assert comes(phone, lambda: announced.ask(left) == []), f"it is to be done twice: {announced.ask(left)}"
    signed_and_photographed(desktop, row)
