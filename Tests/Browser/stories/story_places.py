"""Saying where it is: by the phone's own position, on the map, from the lists; and without any network at all."""

import re

from moves import NUMBER, send_need, tell
from visitor import Visitor, variants


@variants("phone", "desktop_english", "phone_elder")
def story_place_by_gps(visitor: Visitor):
    """The phone knows where it is: the case lies in the grid of that point."""
    visitor.context.set_geolocation({"latitude": 39.9152, "longitude": 116.4026, "accuracy": 20})
    page = visitor.page
    visitor.goto("/report")
    visitor.ready()
    page.click("[data-locate]")
    page.locator("[data-locate-status]", has_text=re.compile(r"\d+")).wait_for()
    assert page.input_value('input[name="lat"]') == "39.915200", page.input_value('input[name="lat"]')
    visitor.look()
    page.fill("#text", "小广场的长椅坏了一条腿")
    send_need(visitor)
    visitor.look()
    assert re.search("第1网格|Grid 1", page.inner_text("main")), page.inner_text("main")[:500]


@variants("phone", "desktop_english")
def story_place_not_allowed(visitor: Visitor):
    """Who does not give the position is told how else to say it, and the form goes on."""
    visitor.context.clear_permissions()
    page = visitor.page
    visitor.goto("/report")
    visitor.ready()
    page.click("[data-locate]")
    page.locator("[data-locate-status]", has_text=re.compile("在下面选|Choose the estate")).wait_for()
    visitor.look()
    assert page.input_value('input[name="lat"]') == ""


@variants("phone", "desktop_english")
def story_place_on_the_map(visitor: Visitor):
    """A tap on the map is the place."""
    page = visitor.page
    visitor.goto("/report")
    page.locator("summary", has_text=re.compile("在地图上|[Mm]ap")).first.click()
    # The drawing below it has shapes too, and takes no taps.
    box = page.locator("[data-map].leaflet-container")
    box.locator("path").first.wait_for()
    box.scroll_into_view_if_needed()
    visitor.look()
    area = box.bounding_box()
    assert area
    page.mouse.click(area["x"] + area["width"] * 0.4, area["y"] + area["height"] * 0.5)
    page.wait_for_function("() => document.querySelector('input[name=lat]').value !== ''")
    latitude = float(page.input_value('input[name="lat"]'))
    assert 39.90 < latitude < 39.93, f"the tap is at {latitude}"
    page.fill("#text", "健身器材的螺丝松了")
    send_need(visitor)
    visitor.look()


@variants("phone", "phone_elder_english")
def story_place_from_the_lists(visitor: Visitor):
    """Estate, building, entrance: what was chosen stands on the receipt."""
    tell(visitor, "声控灯一直亮着不灭", ("幸福里小区", "5号楼", "2单元"))
    assert "5号楼" in visitor.page.inner_text("main"), visitor.page.inner_text("main")[:400]


@variants("phone", "desktop_english")
def story_offline_keeps_and_sends(visitor: Visitor):
    """Without a network nothing is lost: the form is kept, the page says so, and it is sent when the network is back."""
    page = visitor.page
    visitor.goto("/report")
    visitor.ready()
    page.wait_for_function("() => navigator.serviceWorker.controller !== null || navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function(
        "async () => (await caches.keys()).some(name => name.startsWith('linli-'))"
    )
    page.fill("#text", "地下室的灯全灭了，没有信号")
    visitor.context.set_offline(True)
    page.click(".submit button")
    page.locator(".receipt").wait_for()
    assert re.search("已存在这台手机|Kept on this device", page.inner_text("main"))
    visitor.no_overflow()
    page.goto("/mine", wait_until="load")
    assert re.search("没有网络|no network", page.inner_text("main")), page.inner_text("main")[:300]
    visitor.no_overflow()
    visitor.context.set_offline(False)
    visitor.goto("/report")
    page.locator(".toasts", has_text=NUMBER).wait_for(timeout=20_000)
    number = NUMBER.search(page.inner_text(".toasts"))
    assert number
