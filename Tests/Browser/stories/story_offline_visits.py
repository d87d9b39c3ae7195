"""Announced visits on a phone without a network: done in one tap, with answers, missed with the code of the slip; what the
desk did meanwhile is shown beside it."""

import sqlite3
import time
from contextlib import closing

from phones import PIN, all_sent, crockford, inspect
from site_under_test import Site
from visitor import Visitor

GRID = 110101001901001
FIRST = 4000


class Announced:
    """Four visits of today, put into the store by hand, and what became of them."""

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
            for row in range(FIRST, FIRST + 4):
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

    def state(self, row: int) -> tuple:
        return self.ask("SELECT state, result, note FROM visit WHERE id = ?", row)[0]


def open_visit(visitor: Visitor, row: int) -> None:
    visitor.page.evaluate(f"location.hash = '#visit/{crockford(row)}'")
    visitor.page.wait_for_function(f"() => document.querySelector('h2.pagehead')?.innerText.endsWith('{row}')")


def story_offline_visits(phone: Visitor, desktop: Visitor, site: Site):
    announced = Announced(site, "gridWorker1")
    phone.sign_in("gridWorker1", fresh=True)
    page = phone.page
    phone.goto("/grid/phone")
    page.wait_for_selector("[data-phone-take]")
    page.fill("#pin", PIN)
    page.fill("#again", PIN)
    page.click("[data-phone-take] button")
    page.wait_for_selector("[data-visits]")
    inspect(phone)
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    phone.context.set_offline(True)

    # In the stairwell: one tap, one with answers, one where nobody opened, one that the desk withdraws meanwhile.
    open_visit(phone, FIRST)
    inspect(phone)
    page.click("[data-visit-same]")
    page.wait_for_function("() => !document.querySelector('[data-visit-same]')")
    open_visit(phone, FIRST + 1)
    page.locator('input[name="q.gasAlarm"][value="坏了"]').check(force=True)
    page.fill("#note", "报警器不响，电话 13900001111")
    page.click("[data-visit-form] button")
    page.wait_for_function("() => !document.querySelector('[data-visit-form]')")
    open_visit(phone, FIRST + 2)
    page.click("[data-visit-missed]")
    page.wait_for_selector("[data-slip] .no")
    inspect(phone)
    assert len(page.inner_text("[data-slip] .no")) == 14, "twelve characters in three groups"
    open_visit(phone, FIRST + 3)
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
    assert "没变化" in words and "已取消" in words, words
    page.locator("[data-conflict] button").first.click()
    page.wait_for_function("() => !document.querySelector('[data-conflict]')")
    all_sent(phone)
    assert announced.state(FIRST + 3)[:2] == ("done", "unchanged")
    entries = announced.ask("SELECT outcome, settled_at IS NULL FROM offline_entry WHERE part = 'visits' ORDER BY id")
    assert sorted(entries) == [("conflict", 0), *[("taken", 1)] * 4], entries
