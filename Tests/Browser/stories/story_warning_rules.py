"""The rules of warnings: an administrator changes a threshold in the draft, is told a mistake with its line, tries the
rules on what happened, publishes them with a reason, and finds the version; on a phone, and in English at the desk."""

import re

from moves import answer, send_or_confirm
from phones import inspect
from visitor import Visitor

RULES = "/admin/warnings"
# What the story changes, in a rule that no other story waits for.
RULE = re.compile("一类诉求集中出现|Many needs of one kind")


def press(administrator: Visitor, word: str) -> str:
    """Presses a button of the draft; what the page says then."""
    with administrator.page.expect_navigation() as navigation:
        administrator.page.locator(f'button[name="do"][value="{word}"]').click()
    answer(administrator, navigation.value)
    return administrator.page.inner_text("main")


def told_with_its_line(administrator: Visitor, text: str) -> None:
    """A number in letters: the line is named, what was typed is there, and nothing can be published."""
    page = administrator.page
    rule = text.index("  kind:\n")
    broken = text[:rule] + text[rule:].replace("within: 7", "within: seven", 1)
    line = broken[:broken.index("within: seven")].count("\n") + 1
    page.fill("#text", broken)
    words = press(administrator, "check")
    assert re.search(rf"第 {line} 行：within 要填 1 到 365 的整数|Line {line}: “within” is a whole number", words), words[:600]
    assert "within: seven" in page.locator(".alert.bad code").inner_text(), "the line itself is not shown"
    assert page.input_value("#text") == broken, "what was typed is gone"
    assert page.locator("#reason").count() == 0, "rules with a mistake can be published"
    inspect(administrator)


def tried(administrator: Visitor, text: str) -> tuple[int, int]:
    """Tries a text on the last months: how many warnings the rule in force makes, and how many it would."""
    administrator.page.fill("#text", text)
    press(administrator, "try")
    line = administrator.page.locator('section[aria-labelledby="trial"] li', has_text=RULE).inner_text()
    found = re.search(r"现在 (\d+) 条，会是 (\d+) 条|(\d+) now, would be (\d+)", line)
    assert found, line
    now, then = [int(number) for number in found.groups() if number]
    return now, then


def in_force(administrator: Visitor) -> tuple[int, str]:
    """The version in force, 0 for the shipped rules, and what it says of the rule."""
    words = administrator.page.locator('section[aria-labelledby="rules"]')
    version = re.search(r"第 (\d+) 版|version (\d+)", words.locator("h2").inner_text())
    number = next((int(each) for each in version.groups() if each), 0) if version else 0
    return number, words.locator("li", has_text=RULE).inner_text()


def change(administrator: Visitor, old: int, new: int, reason: str) -> None:
    """From the page of the rules to the next version of them."""
    page = administrator.page
    administrator.sign_in("administrator")
    administrator.goto(RULES)
    administrator.look()
    version, words = in_force(administrator)
    assert re.search(rf"反映 {old} 次|{old} needs told", words), words
    assert page.locator("#text").count() == 0, "somebody left a draft behind"
    press(administrator, "start")
    text = page.input_value("#text")
    assert text.count(f"when: need({old})") == 1, text
    told_with_its_line(administrator, text)
    now, then = tried(administrator, text.replace(f"need({old})", "need(1)"))
    inspect(administrator)
    assert then > now, f"a warning for every single need, and there are {then}, not more than {now}"
    changed = text.replace(f"need({old})", f"need({new})")
    now, then = tried(administrator, changed)
    assert then <= now if new > old else then >= now, f"{old} made {now}, {new} would make {then}"
    assert re.search(r"改了 1 处|\b1 changes from", page.inner_text(".changes >> xpath=..")), "the change is not told"
    assert in_force(administrator) == (version, words), "tried, and the rules changed"

    press(administrator, "save")
    assert in_force(administrator) == (version, words), "stored, and the rules changed"
    page.fill("#reason", reason)
    send_or_confirm(administrator, page.locator("form", has=page.locator("#reason")))
    number, words = in_force(administrator)
    assert number == version + 1, f"version {number} after {version}"
    assert re.search(rf"反映 {new} 次|{new} needs told", words), words
    entry = page.locator('section[aria-labelledby="versions"] li').first
    assert reason in entry.inner_text() and "孙立" in entry.inner_text(), entry.inner_text()
    with page.expect_download() as download:
        entry.locator("a").click()
    assert f"when: need({new})" in download.value.path().read_text(), "the file is another version's"
    assert page.locator("#text").count() == 0, "what is published is still a draft"


def story_warning_rules(phone: Visitor, desktop_english: Visitor):
    change(phone, 8, 9, "街面修路，这阵子反映多，先调到九件")
    change(desktop_english, 9, 8, "The street is mended: eight again")
    # Those of the program are there for whoever wants to compare.
    shipped = desktop_english.context.request.get(f"{RULES}/0")
    assert shipped.status == 200 and "when: need(8)" in shipped.text(), shipped.status
