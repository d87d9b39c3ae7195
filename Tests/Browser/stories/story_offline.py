"""Two phones of one grid without a network: nothing lost, nothing twice, conflicts shown; and what a phone holds is
unreadable without the PIN and gone after the lease or when the session was ended."""

import sqlite3
import time
from contextlib import closing

from phones import PIN, RAW, all_sent, comes, crockford, inspect, picture
from site_under_test import Site
from visitor import Visitor

GRID = 110101001902001
HOMES, MEMBERS = 12, 3

# Fills in forms as a person would, without a message to the browser for each of them.
EDIT = """async (jobs) => {
  const until = async (test) => {
    for (let tries = 0; tries < 1000; tries += 1) {
      const found = test();
      if (found) return found;
      await new Promise((go) => setTimeout(go, 10));
    }
    throw new Error('nothing came of it at ' + location.hash + ': ' + document.querySelector('main').innerText.slice(0, 300));
  };
  const waiting = () => Number(document.querySelector('[data-phone-unsent]').dataset.phoneUnsent || 0);
  for (const { home, member, field, value } of jobs) {
    const name = 'form[data-member="' + member + '"]';
    if (!document.querySelector(name)) {
      location.hash = '#home/' + home;
      await until(() => document.querySelector(name));
    }
    const form = document.querySelector(name);
    form.elements[field].value = value;
    form.requestSubmit();
    await until(() => document.querySelector(name) && document.querySelector(name) !== form);
  }
  return waiting();
}"""


class Register:
    """The households of the story, put into the store by hand, and what stands there afterwards."""

    def __init__(self, site: Site):
        self.path = site.store / "linli.db"
        self.people = {}
        now = int(time.time() * 1000)
        with closing(sqlite3.connect(self.path, timeout=30)) as store, store:
            place = store.execute("SELECT min(id) FROM place WHERE division = ?", (GRID,)).fetchone()[0]
            account, unit = store.execute(
                "SELECT id, unit_id FROM account WHERE phone_mask = ?", (self.mask(site),)).fetchone()
            store.execute("INSERT INTO duty_shift (id, unit_id, account_id, starts_at, ends_at) VALUES (?, ?, ?, ?, ?)",
                          (7, unit, account, now - 60_000, now + 86_400_000))
            for home in range(HOMES):
                row = 1000 + home
                store.execute(
                    "INSERT INTO dwelling (id, place_id, kind, number, floor, address, division, community, occupancy,"
                    " sort_key, source, valid_from, version) VALUES (?, ?, 'flat', ?, 1, ?, ?, ?, 'owner', ?, 'test', ?, 1)",
                    (row, place, f"{100 + home}", f"离线试验楼{100 + home}", GRID, GRID // 1000 * 1000, row, now))
                store.execute(
                    "INSERT INTO household (id, dwelling_id, division, community, kind, source, valid_from, version)"
                    " VALUES (?, ?, ?, ?, 'family', 'test', ?, 1)", (row, row, GRID, GRID // 1000 * 1000, now))
                for member in range(MEMBERS):
                    person = 2000 + home * MEMBERS + member
                    self.people[person] = f"试验{chr(0x4e00 + home * 7 + member)}民"
                    store.execute(
                        "INSERT INTO person (id, name, sex, born, number_kind, number_mask, phone_mask, division,"
                        " community, source, valid_from, is_profiled, version)"
                        " VALUES (?, ?, 1, 19600101, 'none', '', '', ?, ?, 'test', ?, 1, 1)",
                        (person, self.people[person], GRID, GRID // 1000 * 1000, now))
                    store.execute(
                        "INSERT INTO residence (id, person_id, household_id, dwelling_id, tie, relation, valid_from)"
                        " VALUES (?, ?, ?, ?, 'family', ?, ?)",
                        (person, person, row, row, "head" if member == 0 else "other", now))

    @staticmethod
    def mask(site: Site) -> str:
        phone = site.person("locustGridWorker")["phone"]
        return phone[:3] + "****" + phone[-4:]

    def ask(self, sql: str, *values) -> list:
        with closing(sqlite3.connect(self.path, timeout=30)) as store, store:
            return store.execute(sql, values).fetchall()

    def jobs(self, field: str, who: list[int], value: str) -> list[dict]:
        return [{"home": crockford(1000 + (person - 2000) // MEMBERS), "member": crockford(person),
                 "field": f"person.{field}", "value": value.format(person)} for person in who]


def take_along(visitor: Visitor, who: str) -> None:
    visitor.sign_in(who, fresh=True)
    page = visitor.page
    visitor.goto("/grid/phone")
    page.wait_for_selector("[data-phone-take]")
    inspect(visitor)
    if page.locator("#grid").count():
        page.select_option("#grid", str(GRID))
    page.fill("#pin", "111111")
    page.fill("#again", "111111")
    page.click("[data-phone-take] button")
    page.wait_for_selector("[data-phone-take] .err:not([hidden])")
    page.fill("#pin", PIN)
    page.fill("#again", PIN)
    page.click("[data-phone-take] button")
    page.wait_for_selector(".phone .tab")
    inspect(visitor)
    page.evaluate("""async () => {
        await navigator.serviceWorker.ready;
        for (let tries = 0; tries < 500 && !await caches.match('/grid/phone'); tries += 1)
          await new Promise((go) => setTimeout(go, 20));
    }""")


def reopen(visitor: Visitor, pin: str = PIN) -> None:
    """Closes the page, opens another one and gives the PIN."""
    visitor.page.close()
    visitor.page = visitor.context.new_page()
    visitor.page.goto(visitor.site.url + "/grid/phone")
    visitor.page.wait_for_selector("[data-phone-unlock]")
    unlock(visitor, pin)


def unlock(visitor: Visitor, pin: str) -> None:
    visitor.page.fill("#pin", pin)
    visitor.page.click("[data-phone-unlock] button")
    if pin == PIN:
        visitor.page.wait_for_selector(".phone .tab")
    else:
        visitor.page.wait_for_selector("[data-phone-unlock] .err:not([hidden])")


def keys(visitor: Visitor) -> set[str]:
    return set(visitor.page.evaluate(RAW)["keys"])


def report(visitor: Visitor, number: int) -> None:
    """Five photos and a sentence, without a network."""
    page = visitor.page
    page.evaluate(f"location.hash = '#report/{crockford(1000 + number % HOMES)}'")
    page.wait_for_selector("[data-phone-report]")
    page.set_input_files('[data-phone-report] input[type="file"]', [
        {"name": f"{each}.png", "mimeType": "image/png", "buffer": picture(number * 5 + each)} for each in range(5)])
    page.wait_for_function("() => document.querySelectorAll('[data-photos] img').length === 5")
    page.fill("#text", f"离线上报第{number}件：楼道堆物")
    page.click("[data-phone-report] button.wide")
    page.wait_for_function("() => location.hash === '#unsent'")


def story_offline_two_phones(phone: Visitor, narrow: Visitor, desktop: Visitor, site: Site):
    register = Register(site)
    one, other = phone, narrow
    take_along(one, "locustGridWorker")
    take_along(other, "locustWorker")
    for visitor in (one, other):
        visitor.context.set_offline(True)
    people = sorted(register.people)
    made: set[str] = set()

    # The first phone: a hundred edits, the page closed in between, a network that breaks off and one that loses a reply.
    edits = (register.jobs("education", people, "高中{}") + register.jobs("contactName", people, "联系人{}")
             + register.jobs("work", people[:28], "工厂{}"))
    one.page.evaluate(EDIT, edits[:40])
    made |= keys(one)
    reopen(one)
    for number in range(5):
        report(one, number)
    one.page.evaluate(EDIT, edits[40:70])
    made |= keys(one)
    lost = []

    def lose(route):
        """The server does the work, and its answer is lost on the way."""
        if len(lost) < 2:
            route.fetch()
            route.abort()
            lost.append(1)
        else:
            route.continue_()

    one.context.route("**/grid/phone/sync", lose)
    one.context.set_offline(False)
    one.page.wait_for_function("() => navigator.onLine")
    comes(one, lambda: bool(lost))
    one.context.set_offline(True)
    one.page.evaluate(EDIT, edits[70:])
    made |= keys(one)

    # The second phone, meanwhile: other fields of the same people, and six of the same fields.
    mine = (register.jobs("note", people, "备注{}") + register.jobs("ethnicity", people, "汉族{}")
            + register.jobs("plates", people[:22], "京A{}") + register.jobs("contactName", people[:6], "另一位{}"))
    assert len(edits) == 100 and len(mine) == 100
    other.page.evaluate(EDIT, mine[:50])
    for number in range(5, 10):
        report(other, number)
    made |= keys(other)
    reopen(other)
    other.page.evaluate(EDIT, mine[50:])
    made |= keys(other)
    raw = other.page.evaluate(RAW)
    assert raw["rounds"] >= 600_000, raw["rounds"]
    assert raw["cells"] > HOMES and len(raw["keys"]) > 100
    for word in [*register.people.values(), "离线试验楼", "另一位", "楼道堆物"]:
        assert word not in raw["words"], f"{word} lies on the phone in clear"

    # A wrong PIN opens nothing, and is counted.
    other.page.goto(site.url + "/grid/phone")
    other.page.wait_for_selector("[data-phone-unlock]")
    unlock(other, "602818")
    inspect(other)
    assert "试验" not in other.page.inner_text("body")
    unlock(other, PIN)

    # Both come back, the first one twice over a network that loses answers.
    for _ in range(4):
        one.context.set_offline(False)
        if comes(one, lambda: len(lost) == 2):
            break
        one.context.set_offline(True)
    one.context.set_offline(False)
    reopen(one)
    all_sent(one)
    assert len(lost) == 2, "no answer was lost on the way"
    other.context.set_offline(False)
    other.page.evaluate("location.hash = '#unsent'")
    all_sent(other)
    other.page.wait_for_selector("[data-conflict]")
    inspect(other)

    taken = register.ask("SELECT key, outcome FROM offline_entry")
    assert len(taken) == len({key for key, _ in taken}), "something was taken twice"
    missing = made - {key for key, _ in taken}
    assert not missing, f"{len(missing)} of {len(made)} pieces of work were lost"
    assert len(made) >= 210
    facts = dict(((person, field), value) for person, field, value in register.ask(
        "SELECT subject_id, field, value FROM register_fact WHERE subject_id BETWEEN 2000 AND 2999"))
    for person in people:
        assert facts[person, "person.education"] == f"高中{person}"
        assert facts[person, "person.contactName"] == f"联系人{person}"
        assert (person, "person.note") in facts and (person, "person.ethnicity") in facts
    changes = register.ask(
        "SELECT count(*) FROM register_change WHERE source = 'offline' AND subject_id BETWEEN 2000 AND 2999")[0][0]
    assert changes == 194, f"{changes} changes in the history, not 200 less 6 conflicts"
    cases = register.ask("SELECT id, title FROM case_item WHERE title LIKE '离线上报第%'")
    assert len(cases) == 10, f"{len(cases)} reports, not 10"
    photos = register.ask(
        "SELECT count(*), count(DISTINCT p.file_id) FROM case_photo p JOIN case_item c ON c.id = p.case_id"
        " WHERE c.title LIKE '离线上报第%'")[0]
    assert photos == (50, 50), f"{photos} photos, not 50"

    # Six conflicts, both values side by side: three decided one way, three the other.
    cards = other.page.locator("[data-conflict]")
    assert cards.count() == 6, cards.count()
    for number in range(6):
        words = cards.nth(number).inner_text()
        assert "另一位" in words and "联系人" in words, words
    for left in range(6, 0, -1):
        cards.first.locator("button").nth(0 if left > 3 else 1).click()
        other.page.wait_for_function(f"() => document.querySelectorAll('[data-conflict]').length === {left - 1}")
    all_sent(other)
    decided = register.ask(
        "SELECT count(*) FROM register_fact WHERE field = 'person.contactName' AND value LIKE '另一位%'")[0][0]
    assert decided == 3, decided
    # Of this grid's phones: another story's conflicts may be open in the same store.
    open_ = register.ask(
        "SELECT part, outcome FROM offline_entry WHERE outcome <> 'taken' AND settled_at IS NULL"
        " AND lease_id IN (SELECT id FROM offline_lease WHERE division = ?)", GRID)
    assert not open_, open_
    openings = register.ask("SELECT count(*) FROM audit_entry WHERE command = 'registers.offline' AND reason LIKE 'visit: %'")
    assert openings[0][0] >= 2 * HOMES

    for view in ("today", "homes", f"home/{crockford(1000)}", "map", "handover", f"member/{crockford(1000)}"):
        one.page.evaluate(f"location.hash = '#{view}'")
        one.page.wait_for_timeout(150)
        inspect(one)
    forgotten(one, register)
    ended(one, other, desktop, site, register)


story_offline_two_phones.is_long = True


def forgotten(one: Visitor, register: Register) -> None:
    """Whose entry is only kept from now on is off the phone at the next contact, also if it is locked meanwhile."""
    home = crockford(1001)
    first, second, third = (register.people[person] for person in (2003, 2004, 2005))

    def keep(person: int) -> None:
        register.ask("UPDATE person SET restricted_at = ? WHERE id = ?", int(time.time() * 1000), person)

    def shows(name: str, is_there: bool) -> None:
        one.page.wait_for_function(
            "([name, is]) => location.hash.startsWith('#home/') && document.querySelector('main').innerText.includes(name) === is",
            arg=[name, is_there])

    one.page.evaluate(f"location.hash = '#home/{home}'")
    shows(first, True)
    keep(2003)
    one.page.evaluate("() => dispatchEvent(new Event('online'))")
    shows(first, False)
    shows(second, True)
    keep(2004)
    reopen(one)
    one.page.evaluate(f"location.hash = '#home/{home}'")
    shows(third, True)
    shows(second, False)
    shows(first, False)
    # Written anew from a copy that was on the screen it stays without them.
    one.page.evaluate(EDIT, register.jobs("work", [2005], "学校{}"))
    shows(first, False)
    # What is corrected goes when there is a network again, not at each correction.
    one.page.evaluate("() => dispatchEvent(new Event('online'))")
    all_sent(one)


def ended(one: Visitor, other: Visitor, desktop: Visitor, site: Site, register: Register) -> None:
    """One phone's session is ended elsewhere, the other one's lease runs out."""
    one.context.set_offline(True)
    one.page.evaluate(EDIT, register.jobs("education", [2000], "夜校{}"))
    # What is not sent yet: the edit, and perhaps that the household was opened.
    left = keys(one)
    desktop.sign_in("locustGridWorker", fresh=True)
    desktop.goto("/me")
    with desktop.page.expect_navigation():
        desktop.page.locator('form[action="/sign-out/everywhere"] button').click()
        confirm = desktop.page.locator("dialog[open] button")
        if confirm.count():
            confirm.last.click()
    assert one.page.evaluate(RAW)["cells"] > 0, "without a network the PIN protects"
    one.context.set_offline(False)
    one.page.wait_for_selector('a[href^="/sign-in"]')
    raw = one.page.evaluate(RAW)
    assert (raw["cells"], raw["meta"]) == (0, 0), "the store outlived its session"
    assert left and set(raw["keys"]) == left, "unsent work went with the store"
    inspect(one)
    # Somebody else at this phone sends nothing of it.
    one.sign_in("locustHead", fresh=True)
    one.page.goto(site.url + "/grid/phone")
    one.page.wait_for_function("() => document.querySelector('[data-phone-unsent]:not([hidden])')")
    one.page.wait_for_timeout(500)
    assert keys(one) == left, "somebody else's session sent it"
    one.context.clear_cookies()
    one.sign_in("locustGridWorker", fresh=True)
    one.page.goto(site.url + "/grid/phone")
    # Nothing waits before the page has looked: what came of it stands in the store.
    for _ in range(100):
        found = register.ask("SELECT value FROM register_fact WHERE field = 'person.education' AND subject_id = 2000")
        if found == [("夜校2000",)]:
            break
        one.page.wait_for_timeout(200)
    assert found == [("夜校2000",)], f"{found}, {register.ask('SELECT key, outcome FROM offline_entry WHERE key IN (SELECT max(key) FROM offline_entry)')}"
    all_sent(one)

    # Only this grid's: other stories have phones of their own in the same store.
    register.ask("UPDATE offline_lease SET expires_at = ? WHERE ended_at IS NULL AND division = ?",
                 int(time.time() * 1000) - 1, GRID)
    other.page.goto(site.url + "/grid/phone")
    other.page.wait_for_selector("[data-phone-take]")
    raw = other.page.evaluate(RAW)
    assert (raw["cells"], raw["meta"]) == (0, 0), "the store outlived its lease"


def check_offline_app_is_installable(phone: Visitor):
    """The worker's manifest is sound, and the page stands without an account."""
    phone.goto("/grid/phone")
    phone.page.wait_for_selector('a[href^="/sign-in"]')
    phone.look()
    browser = phone.context.new_cdp_session(phone.page)
    manifest = browser.send("Page.getAppManifest")
    assert manifest["url"].endswith("/worker.webmanifest") and not manifest["errors"], manifest
