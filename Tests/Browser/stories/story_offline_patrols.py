"""A round on a phone without a network: codes and positions, photos, a hazard that a colleague reported meanwhile, an answer
that is lost on the way. Each piece comes once, at its own hour, and nothing of it lies on the phone in clear."""

import sqlite3
import time
import uuid
from contextlib import closing

from moves import Others
from phones import PIN, RAW, all_sent, comes, drafts, inspect, picture, take_along
from site_under_test import Site
from visitor import Visitor

GRID = 110101001901003
GATE, STEPS = (39.9152, 116.4020), (39.9160, 116.4031)


class Route:
    """A route with three points, walked by the community's worker on the phone and by its head at the desk."""

    def __init__(self, site: Site):
        self.path = site.store / "linli.db"
        self.others = Others(site)
        now = int(time.time() * 1000)
        with closing(sqlite3.connect(self.path, timeout=30)) as store, store:
            for row, role in ((6000, "worker"), (6001, "head")):
                phone = site.person(role)["phone"]
                account, unit = store.execute(
                    "SELECT id, unit_id FROM account WHERE phone_mask = ?", (phone[:3] + "****" + phone[-4:],)).fetchone()
                # The demo's own shift lasts a year: here somebody must be off duty two days from now.
                store.execute(
                    "UPDATE duty_shift SET ends_at = ? WHERE account_id = ? AND ends_at > ?",
                    (now + 86_400_000, account, now + 86_400_000))
                store.execute(
                    "INSERT INTO duty_shift (id, unit_id, account_id, starts_at, ends_at) VALUES (?, ?, ?, ?, ?)",
                    (row, unit, account, now - 60_000, now + 86_400_000))
        self.name = f"东门一圈{uuid.uuid4().hex[:4]}"
        made = self.others.call("head", "/api/v1/patrol-routes", {
            "name": self.name, "division": str(GRID), "from": 0, "until": 1440,
            "points": ["配电室 *", f"小区东门 @{GATE[0]},{GATE[1]}", f"下沉台阶 @{STEPS[0]},{STEPS[1]}"],
        })
        self.id = made["id"]
        codes = self.others.call("head", f"/api/v1/patrol-routes/{self.id}/codes")["codes"]
        self.codes = [each["code"] for each in codes]
        self.points = [code.split("-")[0] for code in self.codes]

    def ask(self, sql: str, *values) -> list:
        with closing(sqlite3.connect(self.path, timeout=30)) as store, store:
            return store.execute(sql, values).fetchall()

    def colleague_finds(self, hazard: str) -> None:
        """The head sees the same at the third point, with a network."""
        round_ = self.others.call("head", "/api/v1/patrols", {"route": self.id})["id"]
        self.others.call("head", f"/api/v1/patrols/{round_}/points/{self.points[2]}/findings",
                         {"code": self.codes[2], "hazard": hazard, "text": "扶手松了"})


def kept_here(visitor: Visitor) -> None:
    """Waits until the page opens without a network."""
    visitor.page.wait_for_selector("[data-patrols]")
    visitor.page.evaluate("""async () => {
        await navigator.serviceWorker.ready;
        for (let tries = 0; tries < 500 && !await caches.match('/grid/phone'); tries += 1)
          await new Promise((go) => setTimeout(go, 20));
    }""")


def scan(visitor: Visitor, code: str) -> None:
    """The phone's own camera opens the address on the wall; without a network the app answers, under its PIN."""
    visitor.page.close()
    visitor.page = visitor.context.new_page()
    visitor.page.goto(f"{visitor.site.url}/grid/patrols/at/{code}")
    visitor.page.wait_for_selector("[data-phone-unlock]")
    visitor.page.fill("#pin", PIN)
    visitor.page.click("[data-phone-unlock] button")
    visitor.page.wait_for_selector("[data-patrol-point]")


def open_point(visitor: Visitor, point: str) -> None:
    visitor.page.evaluate(f"location.hash = '#point/{point}'")
    visitor.page.wait_for_selector("[data-patrol-point]")


def press(visitor: Visitor, value: str) -> None:
    visitor.page.click(f'[data-patrol-point] button[value="{value}"]')


def told(visitor: Visitor, words: str) -> None:
    """Waits until the form says what is wrong: photos are read first, and what it said before stands there so long."""
    visitor.page.locator("[data-patrol-point] .err", has_text=words).wait_for()


def noted(visitor: Visitor) -> None:
    visitor.page.wait_for_selector("[data-patrol-finish]")


def walk(visitor: Visitor, route: Route) -> None:
    """Three points: the code with a photo, a position, and a hazard."""
    page = visitor.page
    page.evaluate(f"location.hash = '#patrol/{route.id}'")
    page.click("[data-patrol-begin]")
    page.wait_for_selector("[data-patrol-finish]")
    inspect(visitor)
    scan(visitor, route.codes[0])
    page = visitor.page
    assert page.input_value("#code") == route.codes[0], "the code of the address is not filled in"
    press(visitor, "sign")
    told(visitor, "要拍一张照片")
    inspect(visitor)
    page.fill("#code", route.codes[1])
    press(visitor, "sign")
    told(visitor, "不是这个点位的码")
    page.fill("#code", route.codes[0])
    page.set_input_files('[data-patrol-point] input[name="photos"]', [
        {"name": "panel.png", "mimeType": "image/png", "buffer": picture(201)}])
    page.wait_for_function("() => document.querySelectorAll('[data-photos] img').length === 1")
    press(visitor, "sign")
    noted(visitor)

    visitor.context.set_geolocation({"latitude": 39.9300, "longitude": 116.4200})
    open_point(visitor, route.points[1])
    page.click("[data-point-locate]")
    page.wait_for_function("() => document.querySelector('[data-patrol-point] [role=status]').innerText.includes('以内才能签到')")
    press(visitor, "sign")
    told(visitor, "走近一点")
    visitor.context.set_geolocation({"latitude": GATE[0] + 0.0001, "longitude": GATE[1]})
    page.click("[data-point-locate]")
    page.wait_for_function("() => document.querySelector('[data-patrol-point] [role=status]').innerText.includes('可以签到')")
    press(visitor, "sign")
    noted(visitor)
    find_a_hazard(visitor, route)


def find_a_hazard(visitor: Visitor, route: Route) -> None:
    """Half filled in, the page is closed; with the PIN it is back, and is reported twice in a hurry, once."""
    page = visitor.page
    open_point(visitor, route.points[2])
    page.locator('input[name="hazard"][value="stairwell"]').check(force=True)
    page.fill("#text", "台阶上堆了花盆，绊倒过人")
    page.fill("#code", route.codes[2])
    page.set_input_files('[data-patrol-point] input[name="photos"]', [
        {"name": "pots.png", "mimeType": "image/png", "buffer": picture(202)}])
    page.wait_for_function("() => document.querySelectorAll('[data-photos] img').length === 1")
    # The photo is kept with all that was filled in before it.
    kept = {f"d/{route.points[2]}", f"p/{route.points[2]}/photo0"}
    assert comes(visitor, lambda: kept <= set(drafts(visitor))), f"kept: {drafts(visitor)}"
    words = page.evaluate(RAW)["words"]
    for word in (route.name, "配电室", "花盆", "IHDR", route.codes[2]):
        assert word not in words, f"{word} lies on the phone in clear"
    page.evaluate("location.hash = '#today'")
    page.wait_for_selector("[data-patrols]")
    scan(visitor, route.codes[2])
    page = visitor.page
    page.wait_for_function("() => document.querySelectorAll('[data-photos] img').length === 1")
    assert page.input_value("#text").startswith("台阶上堆了花盆"), "what was filled in is lost"
    assert page.locator('input[name="hazard"][value="stairwell"]').is_checked()
    inspect(visitor)
    page.evaluate("""() => {
        const button = document.querySelector('[data-patrol-point] button[value="finding"]');
        button.click();
        button.click();
    }""")
    noted(visitor)


def story_offline_patrol(phone: Visitor, desktop: Visitor, site: Site):
    route = Route(site)
    take_along(phone, "worker", GRID)
    kept_here(phone)
    inspect(phone)
    phone.context.set_offline(True)
    walk(phone, route)
    page = phone.page
    assert "3 / 3" in page.inner_text("main"), page.inner_text("main")[:300]
    page.click("[data-patrol-finish]")
    page.locator("dialog[open] button").last.click()
    page.wait_for_function("() => document.querySelector('main').innerText.includes('巡完了')")
    inspect(phone)
    assert route.ask("SELECT 1 FROM patrol WHERE route_id = (SELECT route_id FROM patrol_point WHERE name = '下沉台阶')") == []
    route.colleague_finds("stairwell")

    # The first answer is lost on the way: the work is done, and is not done again.
    lost = []

    def lose(call):
        if not lost:
            call.fetch()
            call.abort()
            lost.append(1)
        else:
            call.continue_()

    phone.context.route("**/grid/phone/sync", lose)
    phone.context.set_offline(False)
    assert comes(phone, lambda: bool(lost), 30), "nothing was sent when the network came back"
    page.evaluate("location.hash = '#unsent'")
    page.wait_for_selector("[data-phone-unsent] button, [data-conflict]")
    if page.locator("[data-phone-unsent]:not([hidden]) button").count():
        page.click("[data-phone-unsent] button")
    all_sent(phone)
    page.wait_for_selector("[data-conflict]")
    inspect(phone)
    words = page.inner_text("[data-conflict]")
    assert "同事已上报" in words and "有隐患，要上报" in words, words
    came_once(route)
    page.locator("[data-conflict] button").first.click()
    page.wait_for_function("() => !document.querySelector('[data-conflict]')")
    all_sent(phone)

    def mine():
        return route.ask(
            "SELECT c.number, c.title, (SELECT count(*) FROM case_photo p WHERE p.case_id = c.id) FROM patrol_finding f"
            " JOIN case_item c ON c.id = f.case_id WHERE c.title LIKE '%花盆%'")

    # What was decided may not wait to be sent yet when the conflict is gone from the screen.
    assert comes(phone, lambda: bool(mine()), 30), "what was decided never came"
    all_sent(phone)
    assert len(mine()) == 1 and mine()[0][2] == 1, mine()
    desktop.sign_in("head")
    desktop.goto("/desk/patrols")
    assert "花盆" in desktop.page.inner_text("main")
    off_duty(phone, route)


def came_once(route: Route) -> None:
    rounds = route.ask(
        "SELECT x.id, x.started_at, x.ended_at FROM patrol x WHERE x.phone_key IS NOT NULL AND x.division = ?", GRID)
    assert len(rounds) == 1 and rounds[0][2], f"one round, ended: {rounds}"
    signs = route.ask("SELECT at, way, is_normal, metres FROM patrol_sign WHERE patrol_id = ? ORDER BY at", rounds[0][0])
    assert [sign[1:3] for sign in signs] == [("code", 1), ("position", 1)], signs
    assert rounds[0][1] <= signs[0][0] < signs[1][0] <= rounds[0][2], "not at its own hour"
    assert 5 <= signs[1][3] <= 20, signs
    photos = route.ask("SELECT count(*) FROM patrol_photo p JOIN patrol_sign s ON s.id = p.sign_id WHERE s.patrol_id = ?",
                       rounds[0][0])
    assert photos == [(1,)], photos
    track = route.ask("SELECT at FROM patrol_track WHERE patrol_id = ?", rounds[0][0])
    assert track and all(rounds[0][1] <= at <= rounds[0][2] for (at,) in track), f"{track} outside {rounds}"
    taken = route.ask("SELECT outcome FROM offline_entry WHERE part = 'patrols' ORDER BY outcome")
    assert taken == [("conflict",), ("taken",), ("taken",), ("taken",)], taken


def off_duty(visitor: Visitor, route: Route) -> None:
    """Two days later, still without a word from the server: nothing begins, and nobody is followed."""
    page = visitor.page
    page.evaluate("() => { const now = Date.now; Date.now = () => now() + 48 * 3_600_000; }")
    page.evaluate(f"location.hash = '#patrol/{route.id}'")
    page.wait_for_function("() => document.querySelector('main').innerText.includes('不在班上')")
    assert page.locator("[data-patrol-begin]").count() == 0
    inspect(visitor)


# Its pieces are a round of the same worker as in story_visits.py.
story_offline_patrol.shares = "rounds of the worker"
