"""Services that a unit brings: the meal point sees that somebody wants it but not who, takes it, opens whom it is for,
once finds nobody at home, brings it the next time with who signed; and the community's desk follows."""

import re

from moves import answer, send, unfold
from visitor import Visitor

MEALS = "/desk/care/services/meals"
LIST = "/desk/deliveries"
SERVICE = re.compile("老年助餐|Meals for elders")


def wanted(head: Visitor) -> tuple[str, str, str]:
    """Somebody who may have meals is told and says yes: their page, their name, and the offer."""
    page = head.page
    head.goto(MEALS)
    head.look()
    # The demo has told the first of the list already.
    person = page.locator("main li a.ttl").last
    name = re.split("[，,]", person.inner_text())[0]
    with page.expect_navigation() as navigation:
        person.click()
    answer(head, navigation.value)
    path = page.url.removeprefix(head.site.url)
    meals = page.locator("li.cell", has_text=SERVICE)
    for step in ('form[action$="/offer"] button[value="phone"]', 'form[action$="/answer"] button[value="yes"]'):
        button = meals.locator(step)
        if button.count():
            consent = meals.locator('form[action$="/answer"] [name="consent"]')
            if consent.count():
                consent.select_option("oral")
            with page.expect_navigation() as navigation:
                button.click()
            answer(head, navigation.value)
    action = meals.locator('form[action$="/deliver"]').get_attribute("action")
    assert action, page.inner_text("main")[:600]
    return path, name, action.split("/")[-2]


def says(visitor: Visitor, words: str) -> None:
    assert re.search(words, visitor.page.inner_text("main")), f"not {words}: {visitor.page.inner_text('main')[:600]}"


def form_of(unit: Visitor, offer: str, step: str):
    return unit.page.locator(f'form[action="{LIST}/{offer}/{step}"]')


def bring(unit: Visitor, offer: str, name: str) -> None:
    """From the list without names to the door, twice."""
    page = unit.page
    unit.goto(LIST)
    unit.look()
    assert name not in page.content(), "who it is for stands on the list before anybody took it"
    assert form_of(unit, offer, "open").count() == 0, "it is open to who has not taken it"
    send(unit, form_of(unit, offer, "take"))
    says(unit, "接下了，现在可以打开")
    assert form_of(unit, offer, "take").count() == 0 and name not in page.content()

    send(unit, form_of(unit, offer, "open"))
    assert page.inner_text("#who").strip() == name, page.inner_text("main")[:400]
    where = page.locator("dl.kv dd").first.inner_text()
    assert where and where != "没有登记", "the unit does not learn where it is"
    says(unit, "您看过已经记下，本人查得到")
    missed = form_of(unit, offer, "refuse")
    unfold(unit, missed)
    missed.locator("select").select_option("noAnswer")
    send(unit, missed)
    says(unit, "原因记下了")
    # Nobody at home is no end of it: it still lies with the unit.
    send(unit, form_of(unit, offer, "open"))
    says(unit, "联系不上、不在家")
    # Without proof it is not taken for brought.
    with page.expect_navigation() as navigation:
        form_of(unit, offer, "deliver").locator("button").click()
    assert navigation.value.status == 422, f"brought without who signed: {navigation.value.status}"
    unit.look()
    assert page.locator("#signer[aria-invalid]").count() == 1, "the field that is missing is not marked"
    page.fill("#signer", "本人")
    send(unit, form_of(unit, offer, "deliver"))
    says(unit, "已记下送达")
    due = page.locator('section[aria-labelledby^="taken-"]').locator(f'form[action="{LIST}/{offer}/open"]')
    assert due.count() == 0, "brought, and it is still to bring"
    assert form_of(unit, offer, "open").count() == 1, "closed before the days for complaints are over"


def followed(head: Visitor, person: str, name: str) -> None:
    """At the desk: which unit, that nobody was at home once, that it came, and who signed."""
    head.goto(person)
    head.look()
    meals = head.page.locator("li.cell", has_text=SERVICE).inner_text()
    for words in ("由幸福里助餐点送|brought by Happiness Lane Meal Point", "联系不上、不在家|Nobody answers", "已送到|Delivered",
                  "(签收：|signed: )本人", "崔师傅"):
        assert re.search(words, meals), f"not {words}: {meals}"
    head.goto(MEALS)
    assert head.page.locator(f'main a[href="{person}"]').count() == 0, f"{name} was reached and is still listed"


def story_unit_brings_meals(desktop_english: Visitor, phone: Visitor, narrow_elder_nojs: Visitor):
    head = desktop_english
    head.sign_in("head")
    for unit in (phone, narrow_elder_nojs):
        person, name, offer = wanted(head)
        unit.sign_in("mealManager")
        bring(unit, offer, name)
        followed(head, person, name)


def story_unit_that_brings_nothing(phone: Visitor):
    """Who handles cases for a unit that gives no service is told why the list is empty."""
    phone.sign_in("propertyHandler")
    phone.goto(LIST)
    phone.look()
    says(phone, "您的单位没有列在服务目录里")
    phone.goto(MEALS, status=403)


# The elders it takes from the list are those of story_care.py too.
story_unit_brings_meals.shares = "meals"
