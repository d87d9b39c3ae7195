"""Accounts, duties, second factors and divisions, as the administrator and as somebody who is new."""

import re

from moves import send_or_confirm, totp, unfold
from visitor import Visitor, variants

PASSWORD = "linli-demo-2026"
ADMINISTRATORS = ("desktop", "phone_english", "phone_elder", "desktop_elder_english", "desktop_nojs")


def submit(visitor: Visitor, action: str, **fields: str) -> None:
    """Fills and sends the form of this page that goes to `action`."""
    form = visitor.page.locator(f'form[action$="{action}"]').first
    unfold(visitor, form)
    for name, value in fields.items():
        field = form.locator(f'[name="{name}"]').first
        unfold(visitor, field)
        if field.evaluate("node => node.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    send_or_confirm(visitor, form)


@variants(*ADMINISTRATORS)
def story_administrator_and_a_new_colleague(visitor: Visitor, phone: Visitor):
    """An account is made, its owner sets up the second factor and signs out everywhere; it is reset and closed."""
    administrator, colleague = visitor, phone
    number = "1990000080" + str(ADMINISTRATORS.index(visitor.name))
    administrator.sign_in("administrator")
    administrator.goto("/admin/accounts")
    administrator.look()
    administrator.goto("/admin/accounts/new")
    administrator.look()
    unit = administrator.page.locator("#unit option", has_text=re.compile("幸福里社区居委会|Happiness Lane Residents"))
    value = unit.first.get_attribute("value") or ""
    form = administrator.page.locator('form[action$="/admin/accounts/new"]')
    form.locator("#name").fill("新来的小吴")
    form.locator("#phone").fill("12345")
    form.locator("#unit").select_option(value)
    form.evaluate("form => form.noValidate = true") if administrator.has_scripts else None
    with administrator.page.expect_navigation() as navigation:
        form.locator("button").last.click()
    assert navigation.value.status == 422, navigation.value.status
    administrator.look()
    assert administrator.page.input_value("#name") == "新来的小吴", "what was typed is lost"
    submit(administrator, "/admin/accounts/new", phone=number, password=PASSWORD)
    account = re.sub(r"https?://[^/]+|\?.*", "", administrator.page.url)
    submit(administrator, "/grants", role="communityStaff", division="110101001901")

    sign_in_for_the_first_time(colleague, number)
    colleague.goto("/desk")
    colleague.look()
    colleague.goto("/me")
    colleague.look()
    submit(colleague, "/sign-out/everywhere")
    colleague.page.goto("/desk")
    assert "/sign-in" in colleague.page.url, "the desk is open after signing out everywhere"
    colleague.look()

    administrator.goto(account)
    administrator.look()
    submit(administrator, "/second-factor/reset")
    administrator.goto(account)
    submit(administrator, "/end")
    administrator.goto(account)
    submit(administrator, "/close")
    colleague.goto("/sign-in?by=password")
    fill_password(colleague, number, status=422)
    colleague.look()


def fill_password(visitor: Visitor, number: str, status: int) -> None:
    visitor.page.fill('input[name="phone"]', number)
    visitor.page.fill('input[name="password"]', PASSWORD)
    with visitor.page.expect_navigation() as navigation:
        visitor.page.press('input[name="password"]', "Enter")
    assert navigation.value.status == status, f"signing in answered {navigation.value.status}"


def sign_in_for_the_first_time(colleague: Visitor, number: str) -> None:
    """Password, then the secret of the page in an authenticator; a wrong code is told."""
    page = colleague.page
    colleague.goto("/sign-in?by=password")
    fill_password(colleague, number, status=200)
    assert "/sign-in/second" in page.url, page.url
    colleague.look()
    page.fill("#code", "000000")
    with page.expect_navigation() as navigation:
        page.press("#code", "Enter")
    assert navigation.value.status == 422
    colleague.look()
    page.fill("#code", totp(page.inner_text(".secret")))
    with page.expect_navigation() as navigation:
        page.press("#code", "Enter")
    assert navigation.value.status == 200 and "/sign-in" not in page.url, f"not let in: {page.inner_text('main')[:300]}"


@variants(*ADMINISTRATORS[:4])
def story_administrator_of_divisions(visitor: Visitor):
    """A grid is added, named otherwise, and merged into its neighbour; where no plan of grids waits for its day."""
    visitor.sign_in("administrator")
    community = "/admin/divisions?under=110101001901000"
    visitor.goto(community)
    visitor.look()
    number = "07" + str(ADMINISTRATORS.index(visitor.name))
    submit(visitor, "/add", name="新网格", number=number)
    visitor.goto(f"/admin/divisions?under=110101001901{number}")
    visitor.look()
    submit(visitor, "/rename", name=f"幸福里东{number}网格")
    visitor.goto(f"/admin/divisions?under=110101001901{number}")
    assert f"幸福里东{number}网格" in visitor.page.inner_text("main")
    submit(visitor, "/end", successor="110101001901001")
    visitor.goto(community)
    assert f"幸福里东{number}网格" not in visitor.page.inner_text("main")
    visitor.page.goto(f"/admin/divisions?under=110101001901{number}")
    visitor.look()


def story_account_of_another_district_is_out_of_reach(desktop: Visitor):
    """What lies in another's division does not exist, by address, by form, by API."""
    page = desktop.page
    desktop.sign_in("worker")
    desktop.goto("/admin/accounts", status=403)
    desktop.look()
    desktop.goto("/desk/new")
    fields = page.evaluate(
        "() => Object.fromEntries([...new FormData(document.querySelector('main form[method=post]'))]"
        ".filter(e => typeof e[1] === 'string'))"
    )
    # The village of the demo lies in another district.
    fields |= {"text": "村口的路灯不亮，天黑看不见", "place": "", "division": "110111105200001"}
    taken = desktop.context.request.post("/desk/new", form=fields)
    assert taken.status == 422, f"a case in another's division answered {taken.status}"
    assert "村口的路灯不亮" in taken.text(), "what was typed is lost"


# The grids of 幸福里 are drawn and published by the stories of story_grid_map.py.
story_administrator_of_divisions.shares = "grid plans"
