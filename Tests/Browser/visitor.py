"""Somebody with a browser: what a story's parameters are.

A parameter's name says which one: a device (`phone`, `desktop`, `narrow`) and how it is used (`elder`, `dark`,
`english`, `nojs`), joined by `_`, as in `phone_elder_nojs`. Every one is a fresh browser context. The parameter `site`
is the server itself. `@variants("phone", "desktop_english")` runs a story once for each, as its parameter `visitor`.
"""

import re
import time
from collections import deque
from collections.abc import Callable
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Response

from site_under_test import Site

DEVICES = {
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
    "narrow": {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True},
    "desktop": {"viewport": {"width": 1440, "height": 900}},
}
# The site's own switches, on every page that needs no account.
SWITCHES = {"elder": ("mode", "elder"), "dark": ("theme", "dark"), "english": ("language", "en")}
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def variants(*names: str) -> Callable:
    """Runs a story with the parameter `visitor` once for each of these visitors."""
    def mark(story: Callable) -> Callable:
        story.variants = names
        return story
    return mark


def is_visitor(name: str) -> bool:
    device, *ways = name.split("_")
    return device in DEVICES and all(way in SWITCHES or way == "nojs" for way in ways)


class Visitor:
    """One person's browser. `page` is Playwright's own; the methods are what stories say often."""

    def __init__(self, browser: Browser, site: Site, name: str):
        device, *ways = name.split("_")
        self.name = name
        self.site = site
        self.has_scripts = "nojs" not in ways
        # Faults of the page that a story need not look for: script errors, refused content, answers of 500 and more.
        self.faults: list[str] = []
        self.context = browser.new_context(
            base_url=site.url,
            locale="en-US" if "english" in ways else "zh-CN",
            timezone_id="Asia/Shanghai",
            geolocation={"latitude": 39.9300, "longitude": 116.4200},
            permissions=["geolocation"],
            java_script_enabled=self.has_scripts,
            color_scheme="dark" if "dark" in ways else "light",
            reduced_motion="reduce",
            **DEVICES[device],
        )
        self.context.set_default_timeout(10_000)
        self.context.on("console", self._heard)
        self.context.on("weberror", lambda error: self.faults.append(f"script error: {error.error}"))
        self.context.on("response", self._answered)
        self.page: Page = self.context.new_page()
        for way in ways:
            if way in SWITCHES:
                self.switch(*SWITCHES[way])

    def _heard(self, message: ConsoleMessage) -> None:
        # Chromium also reports answers of 400 and more here; those are judged by `_answered`.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.faults.append(f"console: {message.text}")

    def _answered(self, response: Response) -> None:
        is_part = response.request.resource_type in ("stylesheet", "script", "image", "font", "manifest")
        if response.status >= 500 or (response.status >= 400 and is_part):
            self.faults.append(f"{response.status} for {response.request.method} {response.url}")

    def switch(self, name: str, value: str) -> None:
        """Sets a preference with the site's own switch, unless it is set already."""
        self.page.goto("/sign-in")
        button = self.page.locator(f'button[name="{name}"][value="{value}"]')
        if button.count() > 0:
            button.first.click()

    def goto(self, path: str, status: int = 200) -> Response:
        """Opens a page of the site and insists on the status."""
        response = self.page.goto(path)
        assert response is not None, f"{path} gave no answer"
        assert response.status == status, f"{path} answered {response.status}, not {status}"
        return response

    def ready(self) -> None:
        """Waits until this page's scripts are at work: what is pressed before does what it does without them."""
        if self.has_scripts:
            self.page.wait_for_selector("html[data-ready]")

    def sign_in(self, role_or_name: str, fresh: bool = False) -> dict:
        """Signs in as somebody of the demo, by role or name; returns who it is.

        Stories share one session per person. `fresh` goes through the form again, for stories that end a session.
        """
        person = self.site.person(role_or_name)
        if fresh:
            self._fill_sign_in(person)
            return person
        with self.site.signing_in:
            cookies = self.site.sessions.get(person["phone"])
            if cookies is None:
                before = {(cookie["name"], cookie["value"]) for cookie in self.context.cookies()}
                self._fill_sign_in(person)
                self.site.sessions[person["phone"]] = [
                    cookie for cookie in self.context.cookies() if (cookie["name"], cookie["value"]) not in before
                ]
                return person
        self.context.add_cookies(cookies)
        return person

    def _fill_sign_in(self, person: dict) -> None:
        self.goto("/sign-in?by=password")
        self.page.fill('input[name="phone"]', person["phone"])
        self.page.fill('input[name="password"]', person["password"])
        self.page.press('input[name="password"]', "Enter")
        self.page.wait_for_load_state()
        if person["needsCode"]:
            self._give_code(person)
        assert "/sign-in" not in self.page.url, f"{person['name']} was not let in: {self.page.inner_text('main')}"

    def _give_code(self, person: dict) -> None:
        code = self.page.locator('input[name="code"]')
        # Twice: between asking for the code and giving it the half minute may have ended.
        for _ in range(2):
            if code.count() == 0:
                return
            code.fill(self.site.one_time_code(person))
            code.press("Enter")
            self.page.wait_for_load_state()

    def axe(self) -> None:
        """Insists that axe finds nothing against WCAG 2.2 AA on this page."""
        assert self.has_scripts, "axe is a script: look at this page with a visitor whose scripts run"
        # Violations only: what is in order is most of a page, and takes longer to hand over than to look at.
        options = {"runOnly": AXE_TAGS, "resultTypes": ["violations"]}
        found = Axe().run(self.page, options=options).response["violations"]
        assert not found, f"axe on {self.page.url}:\n" + "\n".join(
            f"  {rule['id']}: {rule['help']}\n"
            + "\n".join(f"    {' '.join(map(str, node['target']))}: {node['html'][:160]}" for node in rule["nodes"][:5])
            for rule in found
        )

    def no_overflow(self) -> None:
        """Insists that nothing sticks out to the right, so that nobody scrolls sideways."""
        wide = self.page.evaluate(
            """() => {
                const width = document.documentElement.clientWidth;
                if (document.scrollingElement.scrollWidth <= width) return null;
                const reach = e => {
                    const box = e.getBoundingClientRect();
                    const spills = getComputedStyle(e).overflowX === 'visible';
                    return Math.round(spills ? Math.max(box.right, box.left + e.scrollWidth) : box.right);
                };
                // The innermost come last, and they are the ones to mend.
                const out = [...document.body.querySelectorAll('*')].filter(e => reach(e) > width + 1);
                return out.slice(-5).map(e => reach(e) + ' px: ' + e.outerHTML.slice(0, 120));
            }"""
        )
        assert wide is None, f"{self.page.url} is wider than the screen:\n  " + "\n  ".join(wide)

    def look(self) -> None:
        """Insists that this page is in order: nothing for axe, nothing wider than the screen or than 320 px.

        Each kind of page is looked at once for each kind of visitor.
        """
        kind = (self.name, shape_of(self.page.url.removeprefix(self.site.url)) + f" {self.page.title()}")
        if kind in self.site.looked:
            return
        self.site.looked.add(kind)
        self.no_overflow()
        size = self.page.viewport_size
        self.page.set_viewport_size({"width": 320, "height": 640})
        self.no_overflow()
        if size:
            self.page.set_viewport_size(size)
        if self.has_scripts:
            self.axe()

    def every_page(self, check: Callable[["Visitor"], None], start: str = "/", of_each_kind: int = 2) -> list[str]:
        """Follows every link from `start` and checks each page; returns the paths it opened.

        Of pages that differ only by an identifier or a query's values it opens `of_each_kind`. All that fails is
        told at once, with the page that led there.
        """
        waiting, known, opened = deque([(start, "the start")]), {start}, []
        seen: dict[str, int] = {}
        failures = []
        while waiting:
            path, source = waiting.popleft()
            shape = shape_of(path)
            if seen.get(shape, 0) >= of_each_kind:
                continue
            seen[shape] = seen.get(shape, 0) + 1
            try:
                response = self.page.goto(path)
            except Error as error:
                if "Download is starting" not in error.message:
                    failures.append(f"{path} (from {source}): {error.message}")
                continue
            if response is None or response.status >= 400:
                failures.append(f"{path} (from {source}): {response.status if response else 'no answer'}")
                continue
            if "text/html" not in response.headers.get("content-type", ""):
                continue
            opened.append(path)
            try:
                check(self)
            except AssertionError as error:
                failures.append(f"{path} (from {source}): {error}")
            for href in self.page.locator("a[href]:not([download])").evaluate_all(
                "links => links.map(link => link.getAttribute('href'))"
            ):
                link = self._path_within(href)
                if link and link not in known:
                    known.add(link)
                    waiting.append((link, path))
        assert not failures, f"{len(failures)} of {len(opened)} pages:\n" + "\n".join(failures)
        return opened

    def _path_within(self, href: str) -> str | None:
        absolute = urldefrag(urljoin(self.page.url, href)).url
        if not absolute.startswith(self.site.url + "/"):
            return None
        path = absolute.removeprefix(self.site.url)
        return None if path.startswith("/api/") else path


def shape_of(path: str) -> str:
    """A path with its identifiers, numbers and query values taken out."""
    parts = urlsplit(path)
    segments = [
        ":id" if re.fullmatch(r"[0-9a-hjkmnp-tv-z]{13}|[A-Z]{2}\d{8}-\d+|\d+|[0-9A-Za-z_-]{20,}", segment) else segment
        for segment in parts.path.split("/")
    ]
    return "/".join(segments) + "?" + "&".join(sorted(key for key, _ in parse_qsl(parts.query, True)))
