"""What people of the stories do again and again: tell a need, find a case, take a step, and let others act meanwhile.

Who is not what a story is about acts through the API, with a token of their own.
"""

import base64
import hashlib
import hmac
import json
import re
import struct
import time
import urllib.error
import urllib.request
from pathlib import Path

from site_under_test import Site
from visitor import Visitor

PHOTO = Path(__file__).resolve().parents[2] / "Sources/UI/Assets/icon-512.png"
NUMBER = re.compile(r"SJ\d{8}-\d{4,}")


def unfold(visitor: Visitor, inside) -> None:
    """Opens every fold that hides an element; without scripts a summary works too."""
    folds = inside.locator("xpath=ancestor::details[not(@open)]")
    for index in range(folds.count()):
        fold = inside.locator("xpath=ancestor::details[not(@open)]").first
        if fold.count() == 0:
            return
        fold.locator("summary").first.click()


def send(visitor: Visitor, form) -> None:
    """Presses a form's button and waits for what comes back."""
    button = form.locator("button:not([type=button])").last
    with visitor.page.expect_navigation() as navigation:
        button.click()
    answer(visitor, navigation.value)


def answer(visitor: Visitor, response) -> None:
    """Insists that what was sent was taken."""
    words = visitor.page.inner_text("main")[:400]
    assert response and response.status < 400, f"{visitor.page.url} answered {response and response.status}: {words}"
    visitor.look()


def act(staff: Visitor, case: str, step: str, photo: bool = False, **fields: str) -> None:
    """Takes a step on the page of a case: opens its form, fills it, sends it."""
    staff.goto(case)
    form = staff.page.locator(f'form[action$="/{step}"]').first
    assert form.count() == 1, f"{step} is not offered at {case}: {staff.page.inner_text('main')[:600]}"
    unfold(staff, form)
    for name, value in fields.items():
        field = form.locator(f'[name="{name}"]')
        unfold(staff, field.first)
        if field.first.evaluate("node => node.tagName") == "SELECT":
            field.select_option(label=value) if not re.fullmatch(r"[0-9a-z]{13}", value) else field.select_option(value)
        elif field.first.get_attribute("type") == "radio":
            form.locator(f'[name="{name}"][value="{value}"]').check(force=True)
        elif field.first.get_attribute("type") == "checkbox":
            field.check(force=True)
        else:
            field.fill(value)
    if photo:
        form.locator('input[type="file"]').set_input_files(PHOTO)
    staff.page.once("dialog", lambda dialog: dialog.accept())
    send_or_confirm(staff, form)


def send_or_confirm(staff: Visitor, form) -> None:
    """Sends a form; one that asks first is answered yes."""
    if form.get_attribute("data-confirm") and staff.has_scripts:
        form.locator("button:not([type=button])").last.click()
        dialog = staff.page.locator("dialog[open]")
        dialog.wait_for()
        staff.look()
        with staff.page.expect_navigation() as navigation:
            dialog.locator("button").last.click()
        answer(staff, navigation.value)
    else:
        send(staff, form)


def choose_place(visitor: Visitor, estate: str, building: str = "", entrance: str = "") -> None:
    """Chooses where it is: three lists with scripts, one long list without."""
    page = visitor.page
    if not visitor.has_scripts:
        page.select_option("#place", label=building + entrance)
        return
    page.select_option("#estate", label=estate)
    if building:
        page.select_option("#building", label=building)
    if entrance:
        page.select_option("#entrance", label=entrance)


def send_need(visitor: Visitor) -> None:
    """Sends the form of residents; asked whether it is one of the cases nearby, it is another."""
    page = visitor.page
    with page.expect_response(lambda answer: answer.request.method == "POST") as sent:
        page.click(".submit button")
    if sent.value.status == 422:
        # Where scripts run the question takes the place of the form without another journey.
        page.locator("#h-similar").wait_for()
        visitor.look()
        with page.expect_navigation():
            page.locator("button", has_text=re.compile("不是，照样提交|No, send it by itself")).click()
    page.wait_for_url(re.compile("/r/"))


def tell(visitor: Visitor, text: str, place: tuple[str, ...] = (), photo: bool = False, **fields: str) -> tuple[str, str]:
    """Tells a need with the form of residents; returns its number and the address of its receipt."""
    page = visitor.page
    visitor.goto("/report")
    visitor.look()
    page.fill("#text", text)
    if place:
        choose_place(visitor, *place)
    if photo:
        page.set_input_files('input[name="photos"]', PHOTO)
    for name, value in fields.items():
        field = page.locator(f'form#report [name="{name}"]')
        if field.first.get_attribute("type") == "radio":
            choice = page.locator(f'form#report [name="{name}"][value="{value}"]')
            unfold(visitor, choice)
            choice.check(force=True)
        else:
            unfold(visitor, field.first)
            field.first.fill(value)
    send_need(visitor)
    visitor.look()
    number = NUMBER.search(page.inner_text("main"))
    assert number, f"no number on the receipt: {page.inner_text('main')[:300]}"
    return number.group(), re.sub(r"https?://[^/]+|\?.*", "", page.url)


def find_case(staff: Visitor, number: str) -> str:
    """The address of a case on the desk, found by its number."""
    staff.goto(f"/desk/search?q={number}")
    staff.look()
    link = staff.page.locator('main a[href^="/desk/cases/"]').first
    path = link.get_attribute("href") if link.count() else None
    assert path, f"{number} is not on the desk: {staff.page.inner_text('main')[:300]}"
    return path


class Others:
    """Everybody who acts without being looked at."""

    def __init__(self, site: Site):
        self.site = site

    def call(self, role: str, path: str, body: dict | None = None) -> dict:
        with self.site.signing_in:
            token = self.site.tokens.get(role)
            if token is None:
                token = self.site.command("user", "token", "--phone", self.site.person(role)["phone"]).split()[-1]
                self.site.tokens[role] = token
        request = urllib.request.Request(
            self.site.url + path, data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as reply:
                return json.loads(reply.read())
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{role} at {path}: {error.code} {error.read().decode()}") from error

    def tell(self, role: str, text: str, **more) -> str:
        """A need in the first grid; returns its identifier."""
        body = {"text": text, "division": "110101001901001", **more}
        return self.call(role, "/api/v1/cases", body)["id"]

    def step(self, role: str, case: str, transition: str, **more) -> dict:
        body = {"transition": transition, **more}
        return self.call(role, f"/api/v1/cases/{case.rsplit('/', 1)[-1]}/transitions", body)


def totp(secret: str) -> str:
    """What an authenticator shows for the letters on the page (RFC 6238)."""
    letters = re.sub(r"[^A-Z2-7]", "", secret.upper())
    key = base64.b32decode(letters + "=" * (-len(letters) % 8))
    mac = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    offset = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[offset:offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"
