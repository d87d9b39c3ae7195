"""The doors are open: the first page and the health check answer."""

from visitor import Visitor, variants


@variants("phone", "desktop", "narrow_elder", "phone_english_dark", "phone_nojs")
def story_first_page_opens(visitor: Visitor):
    visitor.goto("/")
    assert visitor.page.title().strip(), "the first page has no title"
    assert visitor.page.locator("h1, h2").first.is_visible(), "the first page has no heading"
    visitor.no_overflow()


def check_health(desktop: Visitor):
    visitor = desktop
    answer = visitor.context.request.get("/health")
    assert answer.status == 200, f"/health answered {answer.status}: {answer.text()}"
