"""Every main page, for every kind of person: readable for axe, no wider than the screen, nothing refused by the policy."""

from visitor import Visitor, variants

PUBLIC = ["/", "/report", "/find", "/sign-in", "/sign-in?by=password", "/offline"]


def look(visitor: Visitor, paths: list[str]) -> None:
    for path in paths:
        visitor.goto(path)
        visitor.no_overflow()
        if visitor.has_scripts:
            visitor.axe()


@variants("phone", "narrow", "desktop", "phone_elder", "narrow_elder", "phone_english", "phone_dark", "phone_nojs")
def story_look_at_public_pages(visitor: Visitor):
    look(visitor, PUBLIC)
    visitor.goto("/there-is-no-such-page", status=404)
    visitor.no_overflow()


@variants("phone", "narrow_elder", "desktop_english", "phone_dark")
def story_look_as_resident(visitor: Visitor):
    visitor.sign_in("elderAlone")
    look(visitor, ["/", "/mine", "/me", "/report"])
    visitor.goto("/mine")
    link = visitor.page.locator("a.mycase").first.get_attribute("href")
    look(visitor, [link or "/mine"])


@variants("desktop", "phone", "narrow", "desktop_english", "desktop_dark")
def story_look_as_dispatcher(visitor: Visitor):
    visitor.sign_in("dispatcher")
    look(visitor, ["/desk", "/desk?tab=closed", "/desk/new", "/desk/search?q=电梯"])
    visitor.goto("/desk")
    link = visitor.page.locator("table a.ttl").first.get_attribute("href")
    look(visitor, [link or "/desk"])


@variants("phone", "narrow", "phone_english")
def story_look_as_grid_worker(visitor: Visitor):
    visitor.sign_in("gridWorker1")
    look(visitor, ["/grid", "/grid/report", "/desk"])


@variants("desktop", "phone", "narrow", "desktop_english", "desktop_dark")
def story_look_as_administrator(visitor: Visitor):
    visitor.sign_in("administrator")
    look(visitor, ["/admin/accounts", "/admin/accounts/new", "/admin/divisions", "/me"])
    look_at_registers(visitor)
    look(visitor, ["/admin/units/new", "/admin/places/import?under=110101001901", "/admin/holidays?year=2027"])


def look_at_registers(visitor: Visitor) -> None:
    look(visitor, ["/admin/grids?under=110101001901", "/admin/holidays"])
    for path in ["/admin/units", "/admin/places", "/admin/rosters"]:
        look(visitor, [path])
        visitor.goto(path)
        link = visitor.page.locator(f'main a[href^="{path}/"]:not([href$="/new"]):not([href*="/import"]):not([href*=".geojson"])').first
        look(visitor, [link.get_attribute("href") or path])


@variants("desktop", "narrow_dark", "phone_english")
def story_look_as_auditor(visitor: Visitor):
    visitor.sign_in("auditor")
    look(visitor, ["/admin/audit", "/admin/audit?command=nothing.here", "/admin/operations"])
    look_at_registers(visitor)
