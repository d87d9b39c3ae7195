"""The dispatcher's morning with 12345: a sheet with one wrong row comes in, a case is handled, the reply goes back, the
city's results follow."""

import re
from tempfile import TemporaryDirectory
from pathlib import Path
from zipfile import ZipFile

from moves import PHOTO, act
from visitor import Visitor

HEADERS = ["工单编号", "来电时间", "诉求人", "联系电话", "是否保密", "诉求类型", "主要内容", "事发地址", "派单时间", "办理时限"]


def workbook(path: Path, rows: list[list[str]]) -> Path:
    """A workbook as an office program writes it, with its texts shared."""
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    texts = sorted({text for row in rows for text in row})
    cells = "".join(
        f'<row r="{number}">' + "".join(f'<c t="s"><v>{texts.index(text)}</v></c>' for text in row) + "</row>"
        for number, row in enumerate(rows, 1)
    )
    with ZipFile(path, "w") as file:
        file.writestr("_rels/.rels", f'<Relationships><Relationship Id="a" Type="{kind}/officeDocument" '
                      'Target="xl/workbook.xml"/></Relationships>')
        file.writestr("xl/workbook.xml", f'<workbook xmlns:r="{kind}"><sheets><sheet name="s" r:id="s"/></sheets></workbook>')
        file.writestr("xl/_rels/workbook.xml.rels",
                      f'<Relationships><Relationship Id="s" Type="{kind}/worksheet" Target="worksheets/sheet1.xml"/>'
                      f'<Relationship Id="t" Type="{kind}/sharedStrings" Target="sharedStrings.xml"/></Relationships>')
        file.writestr("xl/worksheets/sheet1.xml", f"<worksheet><sheetData>{cells}</sheetData></worksheet>")
        file.writestr("xl/sharedStrings.xml", "<sst>" + "".join(f"<si><t>{text}</t></si>" for text in texts) + "</sst>")
    return path


def bring(staff: Visitor, path: Path, kind: str, photo: Path | None = None) -> None:
    staff.goto(f"/desk/orders/import/{kind}")
    staff.look()
    staff.page.set_input_files("#file", path)
    if photo:
        staff.page.set_input_files("#photo", photo)
    with staff.page.expect_navigation():
        staff.page.click("form.form .btns button")
    staff.look()


def press(staff: Visitor, what: str) -> str:
    with staff.page.expect_navigation():
        staff.page.locator("button", has_text=re.compile(what)).first.click()
    staff.look()
    return staff.page.inner_text("main")


def story_order_from_the_sheet_to_the_reply(desktop: Visitor, phone: Visitor):
    dispatcher, handler = desktop, phone
    dispatcher.context.grant_permissions(["clipboard-read", "clipboard-write"])
    dispatcher.sign_in("dispatcher")
    good = ["BT-1", "2026-11-22 08:00", "李四", "13800001111", "是", "求助", "二单元的电梯坏了，老人下不来",
            "幸福里小区3号楼2单元", "2026-11-22 09:00", "2099-12-01 09:00"]
    wrong = ["BT-2", "2026-11-22 08:30", "王五", "138", "否", "求助", "门口路灯不亮", "幸福里小区", "2026-11-22 09:00", "马上"]
    with TemporaryDirectory() as folder:
        sheet = workbook(Path(folder) / "orders.xlsx", [["东华门街道工单"], HEADERS, good, wrong])
        bring(dispatcher, sheet, "orders")
        words = dispatcher.page.inner_text("main")
        assert "有错 1 行" in words and "看不懂办理时限" in words and "电话号码不对" in words, words[:800]
        assert "13800001111" not in dispatcher.page.content(), "the preview shows phone numbers"
        words = press(dispatcher, "导入这 1 件")
        assert "导入 1 件" in words and "第 4 行" in words, f"the wrong row is not named: {words[:600]}"
        bring(dispatcher, sheet, "orders")
        assert "没有变化 1 件" in press(dispatcher, "导入这 1 件"), "the same order came twice"

        dispatcher.goto("/desk/orders")
        dispatcher.look()
        order = dispatcher.page.locator("tr", has_text="BT-1").locator("a").first.get_attribute("href")
        assert order
        case = order.replace("/desk/orders/", "/desk/cases/")
        dispatcher.goto(case)
        assert "以 12345 的时限为准" in dispatcher.page.inner_text("main")

        handler.sign_in("propertyHandler")
        act(handler, case, "accept")
        act(handler, case, "contact", way="电话", outcome="联系上了", text="说好下午修")
        act(handler, case, "finish", text="换了门机皮带，试了十次正常。")
        assert "李" not in handler.page.locator(".kv").first.inner_text(), "the confidential caller is shown"

        dispatcher.goto(order)
        dispatcher.look()
        dispatcher.page.click("[data-copy='#reply-text']")
        # Copying takes its time; the page says when it is done.
        dispatcher.page.locator(".toast", has_text="已复制").wait_for()
        copied = dispatcher.page.evaluate("navigator.clipboard.readText()")
        for part in ("工单编号：BT-1", "电话", "换了门机皮带", "诉求人尚未答复"):
            assert part in copied, f"{part} is not in the reply: {copied}"
        assert "已记下" in press(dispatcher, "已贴到 12345")

        results = workbook(Path(folder) / "results.xlsx", [["工单编号", "是否响应", "是否解决", "是否满意"], ["BT-1", "是", "已解决", "满意"]])
        bring(dispatcher, results, "results")
        assert "导入了 1 条" in press(dispatcher, "导入这 1 条")
        dispatcher.page.click("main .btns a")
        dispatcher.page.wait_for_load_state()
        dispatcher.look()
        words = dispatcher.page.inner_text("main")
        assert "市级考核成绩" in words and "导入" in words and "本系统自测" in words, "it is not said whose figures these are"
        dispatcher.goto(order)
        assert "市级回访" in dispatcher.page.inner_text("main")


def story_a_paper_with_its_photo(desktop_nojs: Visitor):
    staff = desktop_nojs
    staff.sign_in("dispatcher")
    staff.goto("/desk/orders/import/orders?blank=1")
    assert "工单编号：" in staff.page.input_value("#table")
    staff.page.fill("#table", "工单编号：BT-9\n内容：楼道灯不亮\n事发地址：幸福里小区3号楼\n办理时限：2099-12-01")
    staff.page.set_input_files("#photo", PHOTO)
    with staff.page.expect_navigation():
        staff.page.click("form.form .btns button")
    assert "导入 1 件" in press(staff, "导入这 1 件")
    staff.goto("/desk/orders")
    order = staff.page.locator("tr", has_text="BT-9").locator("a").first.get_attribute("href")
    staff.goto(order or "")
    photo = staff.page.request.get(f"{order}/sheet")
    assert photo.status == 200 and photo.headers["content-type"] == "image/jpeg", photo.status


def story_orders_on_a_phone(narrow: Visitor):
    narrow.sign_in("dispatcher")
    for path in ("/desk/orders", "/desk/orders?all=1", "/desk/orders/import/orders", "/desk/orders/import/results"):
        narrow.goto(path)
        narrow.look()
