"""The tree of labels: an administrator puts one below another, is told a mistake with its line, looks at what changes
and publishes it; in the other language it is read, and taken out again."""

import re

from moves import unfold
from phones import inspect
from visitor import Visitor

LABELS = "/admin/labels"
OLD = "      aged:\n"
NEW = """      elder70:
        name: { zh: 70 岁以上, en: 70 and older }
        parent: elder65
        rule: age(70..)
"""


def send(administrator: Visitor, form, status: int = 200) -> str:
    with administrator.page.expect_navigation() as navigation:
        form.locator("button").last.click()
    words = administrator.page.inner_text("main")
    assert navigation.value.status == status, f"{navigation.value.status}: {words[:400]}"
    inspect(administrator)
    return words


def form_of(administrator: Visitor):
    """The form that changes the text, unfolded."""
    form = administrator.page.locator("form.form[action='/admin/labels']")
    unfold(administrator, form)
    return form


def below(administrator: Visitor, name: str) -> str:
    """What the tree shows below a label."""
    branch = administrator.page.locator(".tree li", has=administrator.page.locator("> .cell .ttl", has_text=name)).last
    return branch.locator("> ul").inner_text() if branch.locator("> ul").count() else ""


def story_labels_put_one_below_another(desktop: Visitor, phone_english: Visitor):
    administrator, page = desktop, desktop.page
    administrator.sign_in("administrator")
    administrator.goto(LABELS)
    administrator.look()
    assert "高龄（80 岁以上）" in below(administrator, "65 岁以上"), page.inner_text("main")[:600]
    form = form_of(administrator)
    inspect(administrator)
    text = page.input_value("#text")
    added = text.replace(OLD, NEW + OLD, 1)
    # Below a label of another heading: the line is told, and every word is still there.
    wrong = added.replace("parent: elder65\n        rule: age(70..)", "parent: disabled\n        rule: age(70..)", 1)
    line = wrong[:wrong.index(NEW[:NEW.index("\n")])].count("\n") + 3
    page.fill("#text", wrong)
    page.fill("#reason", "七十岁以上的要单独看")
    words = send(administrator, form, 422)
    assert f"第 {line} 行：这一组里没有叫 disabled 的标签" in words, words[:800]
    form = form_of(administrator)
    assert page.input_value("#text") == wrong, "what was typed is gone"
    assert page.input_value("#reason") == "七十岁以上的要单独看", "the reason is gone"
    page.fill("#text", added)
    words = send(administrator, form)
    assert "会改 1 个标签，去掉 0 个" in words, words[:600]
    assert "70 岁以上" in page.locator('section[aria-labelledby="changes"]').inner_text()
    assert "70 岁以上" not in below(administrator, "65 岁以上"), "looked at, and it is in the tree"
    words = send(administrator, page.locator('section[aria-labelledby="changes"] form'))
    assert "已发布" in words and "七十岁以上的要单独看" in words, words[:600]
    assert "70 岁以上" in below(administrator, "65 岁以上")
    out_again(phone_english, added, text)


def out_again(reader: Visitor, added: str, text: str) -> None:
    """The same tree in English, on a phone; what is taken out is named before it goes."""
    page = reader.page
    reader.sign_in("administrator")
    reader.goto(LABELS)
    reader.look()
    assert "70 and older" in below(reader, "65 and older"), page.inner_text("main")[:600]
    assert "七十岁以上的要单独看" in page.locator('section[aria-labelledby="versions"]').inner_text()
    form = form_of(reader)
    inspect(reader)
    assert page.input_value("#text").strip() == added.strip(), "the form shows another text than the one in force"
    page.fill("#text", text)
    page.fill("#reason", "Once is enough")
    words = send(reader, form)
    assert "0 labels change, 1 go" in words, words[:600]
    gone = page.locator('section[aria-labelledby="changes"]').inner_text()
    assert "Gone: 70 and older" in gone, gone
    words = send(reader, page.locator('section[aria-labelledby="changes"] form'))
    assert "Published" in words and "Once is enough" in words, words[:600]
    assert "70 and older" not in page.locator(".tree").first.inner_text()
    assert re.search("80 and older", below(reader, "65 and older"))
