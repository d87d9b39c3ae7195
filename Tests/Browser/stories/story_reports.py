"""Reports of work: the community's head opens a month, finds the same numbers as at the desk, and takes it away as a
table; the lines behind it only for a purpose."""

import csv
import io
import re
import zipfile
from collections.abc import Callable

from visitor import Visitor, variants

# In the order of the page: visits, patrols, hazards, warnings, services, forms.
VISITS, HAZARDS, SERVICES = slice(0, 4), 8, 14
COLUMNS = 20


def numbers(head: Visitor) -> list[int]:
    """The report's last line, group by group: what all parts have together."""
    found = head.page.locator("table.t").evaluate_all(
        "tables => tables.flatMap(table => [...table.tBodies[0].lastElementChild.querySelectorAll('td')]"
        ".map(cell => cell.innerText))")
    assert len(found) == COLUMNS, found
    return [int(each) for each in found]


def steady(head: Visitor, path: str, other: Callable):
    """What a report says, and what another page says while it says so: other stories work meanwhile."""
    for _ in range(12):
        head.goto(path)
        before = numbers(head)
        found = other()
        head.goto(path)
        if numbers(head) == before:
            return before, found
    raise AssertionError(f"{path} never stood still")


def ledger(head: Visitor, month: str) -> list[str]:
    """How each visit of a month ended, line by line, out of the ledger at the desk."""
    ends: list[str] = []
    path = f"/desk/visits/ledger?month={month}"
    while path:
        head.goto(path)
        ends += head.page.locator("main tbody tr td:nth-child(5)").all_inner_texts()
        older = head.page.locator('main .pg a[href*="after="]')
        path = older.get_attribute("href") if older.count() else ""
    return ends


def file_of(head: Visitor, press: Callable) -> bytes:
    with head.page.expect_download() as download:
        press()
    return download.value.path().read_bytes()


def table(file: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.decode("utf-8-sig"))))


@variants("desktop", "phone_english")
def story_report_of_a_month(visitor: Visitor):
    head, page = visitor, visitor.page
    head.sign_in("head")
    head.goto("/desk/visits/ledger")
    with page.expect_navigation():
        page.locator('main a[href^="/desk/reports"]').click()
    head.look()
    address = page.url.removeprefix(head.site.url)
    month = re.search(r"period=(\d{4}-\d{2})", address).group(1)
    agrees_with_the_ledger(head, address, month)
    # The month before, by the page's own way there.
    with page.expect_navigation():
        page.locator("main nav a", has_text=re.compile("上一期|Earlier")).click()
    before = page.url.removeprefix(head.site.url)
    earlier = re.search(r"period=(\d{4}-\d{2})", before).group(1)
    assert earlier < month, before
    visits = agrees_with_the_ledger(head, before, earlier) + agrees_with_the_ledger(head, address, month)
    assert visits > 0, "the demo has visits, and no month counts them"
    # A quarter holds its months.
    parts, whole = steady(head, address, lambda: quarter_of(head))
    assert all(part <= all_of_it for part, all_of_it in zip(parts[VISITS], whole[VISITS])), (parts, whole)
    taken_away(head, address)
    lines_for_a_purpose(head, address if month_has_lines(head, address) else before)


def agrees_with_the_ledger(head: Visitor, address: str, month: str) -> int:
    found, ends = steady(head, address, lambda: ledger(head, month))
    met, called, replied, missed = found[VISITS]
    words = "没见到|没打通|Not met|No answer", "回复平安|All is well"
    assert len(ends) == met + called + replied + missed, f"{month}: {found[VISITS]} and {len(ends)} in the ledger"
    assert missed == sum(1 for end in ends if re.search(words[0], end)), f"{month}: {found[VISITS]}, {ends}"
    assert replied == sum(1 for end in ends if re.search(words[1], end)), f"{month}: {found[VISITS]}, {ends}"
    return len(ends)


def quarter_of(head: Visitor) -> list[int]:
    with head.page.expect_navigation():
        head.page.locator("main nav a", has_text=re.compile("季报|Quarter")).click()
    head.look()
    return numbers(head)


def taken_away(head: Visitor, address: str) -> None:
    """The counts as CSV and as a workbook: the same lines and numbers as on the page, and no person in them."""
    page = head.page

    def both() -> tuple[list[list[str]], bytes]:
        links = page.locator(".ttlbar a[href*='as=']")
        return table(file_of(head, links.nth(1).click)), file_of(head, links.nth(0).click)

    shown, (rows, book) = steady(head, address, both)
    assert re.search("不含个人信息|no personal data", rows[0][0]), rows[0]
    assert len(rows[1]) == 1 + COLUMNS, rows[1]
    counted = [row for row in rows[2:] if len(row) == 1 + COLUMNS]
    assert [int(each) for each in counted[-1][1:]] == shown, f"{counted[-1]} and {shown} on the page"
    parts = counted[:-1] if len(counted) > 1 else counted
    sums = [sum(int(row[column]) for row in parts) for column in range(1, 1 + COLUMNS)]
    assert sums == shown, f"the parts are not the whole: {sums}, {shown}"
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        sheet = archive.read(next(name for name in archive.namelist() if "sheet1" in name)).decode()
    assert len(re.findall(r"<row\b", sheet)) == len(rows), "the workbook has other lines than the CSV"


def month_has_lines(head: Visitor, address: str) -> bool:
    head.goto(address)
    found = numbers(head)
    return sum(found[VISITS]) + found[HAZARDS] + found[SERVICES] > 0


def lines_for_a_purpose(head: Visitor, address: str) -> None:
    """Without saying what for there is nothing; with it, one line for each that was counted."""
    page = head.page
    head.goto(address)
    form = page.locator('form[action="/desk/reports"]')
    form.evaluate("form => form.noValidate = true")
    with page.expect_navigation() as navigation:
        form.locator('button[value="csv"]').click()
    assert navigation.value.status == 422, navigation.value.status
    head.look()
    assert page.locator("#purpose[aria-invalid]").count() == 1

    def take() -> list[list[str]]:
        page.fill("#purpose", "月末工作检查")
        return table(file_of(head, page.locator('form[action="/desk/reports"] button[value="csv"]').click))

    counted, rows = steady(head, address, take)
    assert "月末工作检查" in rows[0][0] and "马秀英" in rows[0][0], rows[0]
    kinds = [row[1] for row in rows[2:]]
    for count, names in ((sum(counted[VISITS]), ("走访", "Visits")), (counted[HAZARDS], ("隐患", "Hazards"))):
        assert count == sum(1 for kind in kinds if kind in names), f"{names}: {count} counted, {kinds}"
