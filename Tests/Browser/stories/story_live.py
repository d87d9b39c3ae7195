"""Pages that change by themselves: the counts of the desk's tabs in another browser, and the resident's page, without a reload; by one
stream for all tabs of a browser."""

import re

from moves import Others, tell
from visitor import Visitor

# A village of its own: no other story tells or handles anything there.
NEED = "文化广场旁的路灯一连几天不亮，晚上走路看不见"
STAY = "() => { window.stayed = true; }"


def counts(visitor: Visitor) -> dict[str, int]:
    """The number on each tab of the desk."""
    tabs = visitor.page.locator("nav.seg a").evaluate_all(
        "tabs => tabs.map(tab => [new URL(tab.href).searchParams.get('tab') ?? 'open', tab.querySelector('.n').textContent])")
    return {name: int(number.rstrip("+")) for name, number in tabs}


def becomes(visitor: Visitor, expected: dict[str, int]) -> None:
    """Waits until the tabs say so, on the page that was opened before."""
    for _ in range(150):
        if {name: counts(visitor)[name] for name in expected} == expected:
            break
        visitor.page.wait_for_timeout(100)
    found = counts(visitor)
    assert {name: found[name] for name in expected} == expected, f"{visitor.name}: {found}, not {expected}"
    assert visitor.page.evaluate("() => window.stayed === true"), f"{visitor.name} was loaded again"


def story_live_counts_of_the_desk(
    phone: Visitor, desktop: Visitor, phone_elder_english: Visitor, narrow_elder_nojs: Visitor, site
):
    """A villager tells a need; both desks of the village head show it, then that it is taken and done; the villager's page follows."""
    resident, first, second, others = phone, desktop, phone_elder_english, Others(site)
    for head in (first, second):
        head.sign_in("villageHead")
        head.goto("/desk")
        head.look()
        head.page.evaluate(STAY)
    before = counts(first)
    assert counts(second) == before
    resident.sign_in("villageElder")
    number, _ = tell(resident, NEED, ("柳河村",), category="street")
    for head in (first, second):
        becomes(head, {"open": before["open"] + 1})
        row = head.page.locator("tr[data-case]", has_text=number)
        row.wait_for()
        assert head.page.evaluate("() => window.stayed === true")
    case = first.page.locator("tr[data-case]", has_text=number).get_attribute("data-case")
    told = {name: count - before[name] for name, count in counts(first).items() if count != before[name]}
    resident.goto(f"/cases/{case}")
    resident.page.evaluate(STAY)
    act_on(others, case)
    resident.page.locator('li[aria-current="step"]', has_text="正在办").wait_for(timeout=15_000)
    for head in (first, second):
        becomes(head, {"open": before["open"] + 1, "handling": before["handling"] + 1})
    assert told.get("handling", 0) == 0, f"it was in somebody's hands before anybody took it: {told}"
    others.step("villageHead", case, "finish", text="换了灯泡和线路，晚上看过，亮了")
    resident.page.locator(".state", has_text=re.compile("办完了")).wait_for(timeout=15_000)
    assert resident.page.evaluate("() => window.stayed === true"), "the resident's page was loaded again"
    resident.look()
    for head in (first, second):
        becomes(head, {"handling": before["handling"]})
    # Without scripts the same page says the same when it is opened.
    narrow_elder_nojs.sign_in("villageElder")
    narrow_elder_nojs.goto(f"/cases/{case}")
    assert "办完了" in narrow_elder_nojs.page.inner_text("main")
    narrow_elder_nojs.look()


def act_on(others: Others, case: str) -> None:
    """The head takes it; what lies with nobody yet goes to the committee first."""
    steps = others.call("villageHead", f"/api/v1/cases/{case}")["transitions"]
    if "accept" not in steps:
        others.step("villageHead", case, "claim" if "claim" in steps else "dispatch")
    if "accept" in others.call("villageHead", f"/api/v1/cases/{case}")["transitions"]:
        others.step("villageHead", case, "accept")


def story_live_one_stream_for_all_tabs(desktop: Visitor, site):
    """The tab that listens tells the other one; when it is closed, the other one listens itself."""
    resident, others = desktop, Others(site)
    case = others.tell("youngMother", "两个窗口一起看的：家里水龙头没水", category="R0301", spot="home")
    resident.sign_in("youngMother")
    listening: list[str] = []
    names = {id(resident.page): "first"}
    resident.context.on(
        "request",
        lambda request: listening.append(names.get(id(request.frame.page), "second"))
        if request.resource_type == "eventsource" else None,
    )
    first = resident.page
    resident.goto(f"/cases/{case}")
    resident.ready()
    for _ in range(100):
        if listening:
            break
        first.wait_for_timeout(100)
    second = resident.context.new_page()
    second.goto(f"/cases/{case}")
    second.wait_for_selector("html[data-ready]")
    others.step("waterHandler", case, "accept")
    for page in (first, second):
        page.locator('li[aria-current="step"]', has_text="正在办").wait_for(timeout=15_000)
    assert listening and set(listening) == {"first"}, f"both tabs listen: {listening}"
    first.close()
    for _ in range(100):
        if listening[-1] == "second":
            break
        second.wait_for_timeout(100)
    assert listening[-1] == "second", f"nobody listens any more: {listening}"
    others.step("waterHandler", case, "finish", text="阀门开了，水来了")
    second.locator(".state", has_text=re.compile("办完了")).wait_for(timeout=15_000)
