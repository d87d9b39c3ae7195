"""What a phone notes and the server cannot take: told while somebody stands at the door where the phone can know it, else kept
with all that was typed, to be corrected. Half-written work outlives other pages; a network that does not answer is none."""

import sqlite3
import time
from contextlib import closing

from phones import PIN, RAW, all_sent, comes, crockford, drafts, inspect, picture, take, take_along
from site_under_test import Site
from visitor import Visitor

GRID = 110101001902002
ROW = 7000
# Identifiers are of one thing only, in the copy on the phone too.
DWELLING = 7001


class Home:
    """A household of one, put into the store by hand, and what stands there afterwards."""

    def __init__(self, site: Site, who: str):
        self.path = site.store / "linli.db"
        phone = site.person(who)["phone"]
        now = int(time.time() * 1000)
        community = GRID // 1000 * 1000
        with closing(sqlite3.connect(self.path, timeout=30)) as store, store:
            account, unit = store.execute(
                "SELECT id, unit_id FROM account WHERE phone_mask = ?", (phone[:3] + "****" + phone[-4:],)).fetchone()
            store.execute("INSERT INTO duty_shift (id, unit_id, account_id, starts_at, ends_at) VALUES (?, ?, ?, ?, ?)",
                          (ROW, unit, account, now - 60_000, now + 86_400_000))
            place = store.execute("SELECT min(id) FROM place WHERE division = ?", (GRID,)).fetchone()[0]
            store.execute(
                "INSERT INTO dwelling (id, place_id, kind, number, floor, address, division, community, occupancy,"
                " sort_key, source, valid_from, version) VALUES (?, ?, 'flat', '7', 1, '更正试验楼7', ?, ?, 'owner', ?, 'test', ?, 1)",
                (DWELLING, place, GRID, community, ROW, now))
            store.execute(
                "INSERT INTO household (id, dwelling_id, division, community, kind, source, valid_from, version)"
                " VALUES (?, ?, ?, ?, 'family', 'test', ?, 1)", (ROW, DWELLING, GRID, community, now))
            store.execute(
                "INSERT INTO person (id, name, sex, born, number_kind, number_mask, phone_mask, division,"
                " community, source, valid_from, is_profiled, version)"
                " VALUES (?, '更正民', 1, 19600101, 'none', '', '', ?, ?, 'test', ?, 1, 1)", (ROW, GRID, community, now))
            store.execute(
                "INSERT INTO residence (id, person_id, household_id, dwelling_id, tie, relation, valid_from)"
                " VALUES (?, ?, ?, ?, 'family', 'head', ?)", (ROW, ROW, ROW, DWELLING, now))

    def ask(self, sql: str, *values) -> list:
        with closing(sqlite3.connect(self.path, timeout=30)) as store, store:
            return store.execute(sql, values).fetchall()

    def fact(self, field: str) -> list:
        return self.ask("SELECT value FROM register_fact WHERE subject_id = ? AND field = ?", ROW, field)

    def undecided(self) -> list:
        return self.ask(
            "SELECT outcome FROM offline_entry WHERE outcome <> 'taken' AND settled_at IS NULL"
            " AND lease_id IN (SELECT id FROM offline_lease WHERE division = ?)", GRID)


def go(visitor: Visitor, view: str, shown: str) -> None:
    visitor.page.evaluate(f"location.hash = '#{view}'")
    visitor.page.wait_for_selector(shown, state="attached")


def change(visitor: Visitor, **values: str) -> None:
    """Types into the form of the one person, and saves."""
    page = visitor.page
    form = page.locator(f'form[data-member="{crockford(ROW)}"]')
    if not form.is_visible():
        page.locator("details", has=form).locator("summary").click()
    for field, value in values.items():
        form.locator(f'[name="person.{field}"]').fill(value)


def save(visitor: Visitor) -> None:
    visitor.page.locator(f'form[data-member="{crockford(ROW)}"] button.wide').click()


def story_offline_corrected(phone: Visitor, site: Site):
    home = Home(site, "severalDuties")
    take_along(phone, "severalDuties", GRID, fresh=True)
    page, view = phone.page, f"home/{crockford(ROW)}"
    member = f'form[data-member="{crockford(ROW)}"]'

    # What the phone can know it says at once; what is typed is there again after another page.
    go(phone, view, member)
    change(phone, education="高中", contactName="老伴", phone="12345")
    save(phone)
    page.wait_for_selector('[data-fault="phone"]')
    inspect(phone)
    assert comes(phone, lambda: f"d/edit-{crockford(ROW)}" in drafts(phone)), drafts(phone)
    go(phone, "today", "[data-phone-lock]")
    go(phone, view, member)
    page.wait_for_selector(f"{member} .queue")
    assert page.input_value(f'{member} [name="person.phone"]') == "12345"
    change(phone, phone="13912340077")
    save(phone)
    # With a network it goes at once.
    assert comes(phone, lambda: home.fact("person.contactName") == [("老伴",)]), home.fact("person.contactName")
    all_sent(phone)

    # What the server cannot take keeps all that was typed: the person moved away on the desk meanwhile.
    phone.context.set_offline(True)
    page.wait_for_function("() => !navigator.onLine")
    go(phone, view, member)
    change(phone, education="大专")
    save(phone)
    page.click("[data-phone-unsent] button")
    page.wait_for_selector(".toast:has-text('没有网络，有网了自动传')")
    home.ask("UPDATE residence SET valid_to = ? WHERE id = ?", int(time.time() * 1000), ROW)
    phone.context.set_offline(False)
    go(phone, "unsent", '[data-line="refused"]')
    words = page.inner_text('[data-line="refused"]')
    assert "大专" in words and "改好再传" in words, words
    inspect(phone)
    # It stands in nobody's way, and 'sent' is not said of it.
    page.wait_for_selector("[data-phone-unsent] a")
    assert "没有收下" in page.inner_text("[data-phone-unsent]")
    home.ask("UPDATE residence SET valid_to = NULL WHERE id = ?", ROW)
    page.click('[data-line="refused"] a')
    page.wait_for_selector("[data-phone-fix]")
    inspect(phone)
    page.fill("#fix-0", "本科")
    page.click("[data-phone-fix] button.wide")
    assert comes(phone, lambda: home.fact("person.education") == [("本科",)]), home.fact("person.education")
    assert comes(phone, lambda: home.undecided() == []), home.undecided()
    # The answer has brought the household back as it stands.
    assert comes(phone, lambda: page.evaluate(RAW)["keys"] == []), "something waits"

    colleague(phone, home, view, member)
    not_wanted(phone, home, view, member)

    # Somebody new: nothing is chosen for whoever fills it in, and they are there before they are sent.
    phone.context.set_offline(True)
    page.wait_for_function("() => !navigator.onLine")
    go(phone, f"member/{crockford(ROW)}", "[data-phone-member]")
    assert (page.input_value("#relation"), page.input_value("#tie")) == ("", "family")
    page.fill('[name="person.name"]', "更小宝")
    page.select_option("#relation", "child")
    inspect(phone)
    page.click("[data-phone-member] button.wide")
    page.wait_for_selector("[data-newcomer]")
    assert "更小宝" in page.inner_text("[data-newcomer]")
    inspect(phone)

    # A half-written report with its photo outlives another page and the lock.
    go(phone, f"report/{crockford(ROW)}", "[data-phone-report]")
    page.fill("#text", "楼道堆物，写到一半")
    page.set_input_files('[data-phone-report] input[type="file"]', [
        {"name": "half.png", "mimeType": "image/png", "buffer": picture(77)}])
    name = f"report-{crockford(ROW)}"
    assert comes(phone, lambda: {f"d/{name}", f"p/{name}/photo0"} <= set(drafts(phone))), drafts(phone)
    go(phone, "today", "[data-phone-lock]")
    page.click("[data-phone-lock]")
    page.wait_for_selector("[data-phone-unlock]")
    page.fill("#pin", PIN)
    page.click("[data-phone-unlock] button")
    page.wait_for_selector(".phone .tab")
    go(phone, f"report/{crockford(ROW)}", "[data-phone-report] .queue")
    assert page.input_value("#text") == "楼道堆物，写到一半"
    page.wait_for_function("() => document.querySelectorAll('[data-photos] img').length === 1")
    page.click("[data-phone-report] button.wide")
    page.wait_for_function("() => location.hash === '#unsent'")
    assert comes(phone, lambda: not [each for each in drafts(phone) if name in each]), drafts(phone)
    phone.context.set_offline(False)
    all_sent(phone)
    assert home.ask("SELECT count(*) FROM person WHERE name = '更小宝'") == [(1,)]


def colleague(phone: Visitor, home: Home, view: str, member: str) -> None:
    """What a colleague changed while a form lay half filled in stands beside what was typed."""
    page = phone.page
    go(phone, view, member)
    change(phone, education="研究生")
    assert comes(phone, lambda: f"d/edit-{crockford(ROW)}" in drafts(phone)), drafts(phone)
    go(phone, "today", "[data-phone-lock]")
    home.ask("UPDATE register_fact SET value = '中专' WHERE subject_id = ? AND field = 'person.education'", ROW)
    # Looking at the household tells the server, and its answer brings the household as it stands.
    go(phone, view, member)
    all_sent(phone)
    assert comes(phone, lambda: page.evaluate(RAW)["keys"] == []), "something waits"
    go(phone, "today", "[data-phone-lock]")
    go(phone, view, f"{member} [data-newer]")
    assert "中专" in page.inner_text(f"{member} [data-newer]")
    assert page.input_value(f'{member} [name="person.education"]') == "研究生"
    inspect(phone)
    save(phone)
    assert comes(phone, lambda: home.fact("person.education") == [("研究生",)]), home.fact("person.education")
    all_sent(phone)


def not_wanted(phone: Visitor, home: Home, view: str, member: str) -> None:
    """What was not taken and is not wanted is gone from the desk's list too."""
    page = phone.page
    phone.context.set_offline(True)
    page.wait_for_function("() => !navigator.onLine")
    go(phone, view, member)
    change(phone, work="不要的")
    save(phone)
    home.ask("UPDATE residence SET valid_to = ? WHERE id = ?", int(time.time() * 1000), ROW)
    phone.context.set_offline(False)
    go(phone, "unsent", '[data-line="refused"]')
    home.ask("UPDATE residence SET valid_to = NULL WHERE id = ?", ROW)
    assert len(home.undecided()) == 1, home.undecided()
    page.click('[data-line="refused"] [data-drop]')
    page.locator("dialog[open] button").last.click()
    page.wait_for_function("() => !document.querySelector('[data-line=\"refused\"]')")
    assert comes(phone, lambda: home.undecided() == []), home.undecided()
    assert home.fact("person.work") == []
    # Looked at once more the household is whole again.
    go(phone, view, "[data-same]")
    assert comes(phone, lambda: page.evaluate(RAW)["keys"] == []), "something waits"
    go(phone, "today", "[data-phone-lock]")
    go(phone, view, member)


def story_offline_unfinished(phone: Visitor, site: Site):
    """A report half written when the lease ends goes to the desk, and is completed there; one that is not wanted does not."""
    take_along(phone, "severalDuties", GRID, fresh=True)
    page = phone.page
    go(phone, "report", "[data-phone-report]")
    page.fill("#text", "没写完的一件")
    assert comes(phone, lambda: "d/report-here" in drafts(phone)), drafts(phone)
    go(phone, "today", "[data-phone-lock]")
    assert page.evaluate(RAW)["keys"] == [], "a draft is not sent while its copy is here"
    end_leases(site)
    page.evaluate("() => dispatchEvent(new Event('online'))")
    page.wait_for_selector("[data-phone-take]")
    all_sent(phone)
    assert drafts(phone) == []
    phone.goto("/grid/phone/entries")
    page.wait_for_selector("textarea:has-text('没写完的一件')")
    assert "还没写完" in page.inner_text("main")
    phone.look()
    not_noted(phone, site)


def end_leases(site: Site) -> None:
    with closing(sqlite3.connect(site.store / "linli.db", timeout=30)) as store, store:
        store.execute("UPDATE offline_lease SET expires_at = ? WHERE ended_at IS NULL AND division = ?",
                      (int(time.time() * 1000) - 1, GRID))


def not_noted(phone: Visitor, site: Site) -> None:
    """Left, opened again and still on the screen when the lease ends: what was kept of it is put away with it."""
    take(phone, GRID)
    page = phone.page
    go(phone, "report", "[data-phone-report]")
    page.fill("#text", "不要的一件")
    assert comes(phone, lambda: "d/report-here" in drafts(phone)), drafts(phone)
    # What is half written of the one before waits on the desk, and stands here as not taken.
    before = page.evaluate(RAW)["keys"]
    go(phone, "today", "[data-phone-lock]")
    go(phone, "report", "[data-phone-report] .queue")
    end_leases(site)
    page.evaluate("() => dispatchEvent(new Event('online'))")
    page.wait_for_selector("[data-not-noted]")
    assert "先前存下的" in page.inner_text("main")
    inspect(phone)
    page.click("[data-not-noted]")
    page.wait_for_selector("[data-phone-take]")
    all_sent(phone)
    assert comes(phone, lambda: page.evaluate(RAW)["keys"] == before), (before, page.evaluate(RAW)["keys"])
    phone.goto("/grid/phone/entries")
    assert "不要的一件" not in page.content()


# Both end or need the lease of one worker's grid.
story_offline_corrected.shares = story_offline_unfinished.shares = "the grid of several duties"


def story_offline_no_answer(phone: Visitor, site: Site):
    """A network that is there and does not answer: the PIN is asked for all the same."""
    take_along(phone, "worker", fresh=True)
    page = phone.page
    phone.context.route("**/grid/phone/state*", lambda route: None)
    page.reload()
    page.wait_for_selector("[data-phone-unlock]", timeout=15_000)
    phone.context.unroute("**/grid/phone/state*")
