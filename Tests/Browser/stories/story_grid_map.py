"""Grids on maps: an administrator draws, cuts, checks and publishes them; staff look at theirs."""

import math
import re

from moves import send_or_confirm
from visitor import Visitor, variants

# Around 幸福里: west, south, east, north.
BOX = (116.40117, 39.91302, 116.40822, 39.91750)


def mercator(lon: float, lat: float) -> tuple[float, float]:
    sine = math.sin(math.radians(lat))
    return lon / 360 + 0.5, 0.5 - math.log((1 + sine) / (1 - sine)) / (4 * math.pi)


def on_screen(visitor: Visitor, lon: float, lat: float) -> tuple[float, float]:
    """Where a place is while the map shows all of the community, as it does at first."""
    canvas = visitor.page.locator("[data-canvas] canvas")
    canvas.scroll_into_view_if_needed()
    area = canvas.bounding_box()
    assert area
    (x0, y1), (x1, y0) = mercator(BOX[0], BOX[1]), mercator(BOX[2], BOX[3])
    scale = min((area["width"] - 32) / (x1 - x0), (area["height"] - 32) / (y1 - y0))
    x, y = mercator(lon, lat)
    return (
        area["x"] + area["width"] / 2 + (x - (x0 + x1) / 2) * scale,
        area["y"] + area["height"] / 2 + (y - (y0 + y1) / 2) * scale,
    )


def begin(visitor: Visitor, community: str) -> str:
    """Opens the community's draft, a new one unless there is one; returns its address."""
    visitor.sign_in("administrator")
    visitor.goto(f"/admin/grid-plans?under={community}")
    form = visitor.page.locator('main form[action="/admin/grid-plans"][method="post"]')
    if form.count() > 0:
        form.locator("button").click()
        visitor.page.wait_for_url(re.compile(r"/admin/grid-plans/\w+"))
    else:
        visitor.page.locator('main a.btn[href^="/admin/grid-plans/"]').click()
    return re.sub(r"https?://[^/]+|\?.*", "", visitor.page.url)


def drop(visitor: Visitor, path: str) -> None:
    visitor.goto(path)
    send_or_confirm(visitor, visitor.page.locator(f'form[action="{path}/drop"]'))


@variants("desktop")
def story_grids_are_drawn(visitor: Visitor):
    """A gap becomes a grid, a grid is cut, steps are taken back, the draft is stored, published and taken back."""
    page = visitor.page
    path = begin(visitor, "110101001901")
    page.locator("[data-canvas] canvas").wait_for()
    page.locator("[data-remarks] li", has_text="不属于任何网格").first.wait_for()
    visitor.look()
    page.locator("[data-remarks] button", has_text="补成一个网格").first.click()
    page.locator("[data-remarks] .ok").wait_for()
    names = page.locator(".gridlist input")
    assert names.count() == 4, names.count()

    page.locator(".tools button", has_text="切开").click()
    for lon, lat in ((116.4028, 39.91294), (116.4028, 39.91758)):
        page.mouse.click(*on_screen(visitor, lon, lat))
    page.locator(".tools button", has_text=re.compile("^切$")).click()
    names.nth(4).wait_for()
    visitor.look()
    page.locator(".tools button", has_text="撤销").click()
    assert names.count() == 4, "undo did nothing"
    page.keyboard.press("Control+y")
    assert names.count() == 5, "redo did nothing"

    # A corner moves for both neighbours: no fault appears.
    page.locator(".tools button", has_text="移动角点").click()
    x, y = on_screen(visitor, 116.40438, 39.91528)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y + 20, steps=4)
    with page.expect_response(re.compile("/edit$")):
        page.mouse.up()
    page.locator("[data-remarks] .ok").wait_for()
    assert "邻居一起动" in page.inner_text("[data-grid-edit] [role=status]")

    # The same with keys: the middle of the map picks a corner up and puts it down.
    canvas = page.locator("[data-canvas] canvas")
    canvas.focus()
    page.locator(".gridlist button", has_text="看").nth(3).click()
    canvas.focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("+")
    page.keyboard.press("-")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    visitor.look()

    page.locator(".tools button", has_text="存草稿").click()
    page.locator(".alert.ok", has_text="草稿存好了").wait_for()
    # The page that says so is a new one, and its script fills the list.
    page.wait_for_function("() => document.querySelectorAll('.gridlist input').length === 5")
    form = page.locator(f'form[action="{path}/publish"]')
    day = page.evaluate("new Date(Date.now() + 300 * 864e5).toISOString().slice(0, 10)")
    form.locator('[name="day"]').fill(day)
    form.locator('[name="reason"]').fill("楼多了，拆一个网格")
    send_or_confirm(visitor, form)
    visitor.look()
    assert "公布了" in page.inner_text("main"), page.inner_text("main")[:400]
    send_or_confirm(visitor, page.locator(f'form[action="{path}/withdraw"]'))
    visitor.look()
    drop(visitor, path)
    visitor.look()


@variants("desktop_nojs")
def story_grids_without_script(visitor: Visitor):
    """Without JavaScript the drawing shows, and forms with coordinates cut and store."""
    page = visitor.page
    path = begin(visitor, "110101001902")
    assert page.locator("[data-canvas] svg path").count() >= 2
    page.locator("details[data-by-hand] summary").click()
    visitor.look()
    before = page.locator("#plan").input_value().count('"number"')
    form = page.locator(f'form[action="{path}/edit"]').filter(has=page.locator('[name="line"]')).last
    form.locator('[name="grid"]').select_option("1")
    form.locator('[name="line"]').fill("116.4028,39.9170\n116.4028,39.9215")
    form.locator("button").click()
    page.locator(".alert.ok").wait_for()
    assert page.locator("#plan").input_value().count('"number"') == before + 1, "the cut made no grid"
    visitor.look()
    drop(visitor, path)


@variants("phone", "phone_english")
def story_grids_on_a_phone(visitor: Visitor):
    """Fingers: a tap says which grid it is, buttons are large enough, nothing runs over the edge."""
    page = visitor.page
    begin(visitor, "110101001901" if visitor.name == "phone" else "110101001902")
    canvas = page.locator("[data-canvas] canvas")
    canvas.wait_for()
    canvas.scroll_into_view_if_needed()
    visitor.look()
    area = canvas.bounding_box()
    assert area
    page.touchscreen.tap(area["x"] + area["width"] * 0.35, area["y"] + area["height"] * 0.55)
    page.wait_for_function("() => /网格|[Gg]rid/.test(document.querySelector('[data-grid-edit] [role=status]').textContent)")


@variants("desktop", "phone", "desktop_english", "desktop_dark", "desktop_nojs")
def story_map_of_grids(visitor: Visitor):
    """Staff see their grids with what is open, press one, and read the same as a table."""
    page = visitor.page
    visitor.sign_in("dispatcher")
    visitor.goto("/desk/map")
    assert page.locator("main table tbody tr").count() > 0
    if not visitor.has_scripts:
        visitor.look()
        visitor.goto("/desk/map?under=110101001901")
        page.locator("#layer").select_option("group.elderAlone")
        page.locator("form[data-layers] button").click()
        assert "独居老人" in page.locator("main table thead").inner_text()
        assert page.locator("[data-canvas] svg path").count() >= 3
        visitor.look()
        return
    canvas = page.locator("[data-canvas] canvas")
    canvas.wait_for()
    visitor.look()
    visitor.goto("/desk/map?under=110101001901")
    canvas.wait_for()
    page.wait_for_timeout(600)
    visitor.look()
    canvas.scroll_into_view_if_needed()
    area = canvas.bounding_box()
    assert area
    page.mouse.click(area["x"] + area["width"] * 0.33, area["y"] + area["height"] * 0.62)
    page.locator("[data-map-info] p").wait_for()
    visitor.look()
    page.locator("#layer").select_option("devices")
    page.locator("[data-levels] li", has_text=re.compile("^(多|Most)$")).wait_for()
    page.locator("#layer").select_option("group.elderAlone")
    page.wait_for_url(re.compile(r"layer=group\.elderAlone"))
    visitor.look()
    canvas.focus()
    page.keyboard.press("Enter")
    page.locator('[data-map-info] a[href^="/desk"]').first.wait_for()


# All of them draw the demo's grids, and a community has one draft.
for story in (story_grids_are_drawn, story_grids_without_script, story_grids_on_a_phone):
    story.shares = "grid plans"
