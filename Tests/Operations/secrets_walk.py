"""Numbers that people type, in whatever way: afterwards nobody finds one in any file of the server."""
import base64
import os
import re
import struct
import subprocess
import urllib.parse
import zlib

from checks import PICTURE
from node import STAFF, Person, prepared

# Made up, and valid, so that they are what the server looks for. Each comes in by one way only.
WAYS = [
    "web text", "web place", "web name", "web phone", "receipt note", "intake text", "intake place", "intake phone",
    "desk note", "api text", "api place", "api note", "photo", "photo name", "grid text", "register page",
    "register api", "sheet file", "sheet pasted", "chat", "order",
]
# The community's head, who may bring sheets.
HEAD = "19900000008"
HOMES = "幸福里小区3号楼2单元"


def phone(index):
    return f"1398765{index:04d}"


def citizen(index):
    body = f"11010119850615{index:03d}"
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights)) % 11]


KINDS = [[number(index) for index in range(len(WAYS))] for number in (phone, citizen)]


def numbers(way):
    index = WAYS.index(way)
    return f"电话 {phone(index)} 身份证 {citizen(index)}"


def photo_with_number():
    """A PNG whose description holds numbers, as some phones and scanners write them."""
    words = b"Comment\0" + numbers("photo").encode()
    chunk = struct.pack(">I", len(words)) + b"tEXt" + words + struct.pack(">I", zlib.crc32(b"tEXt" + words))
    return PICTURE[:33] + chunk + PICTURE[33:]


def tell_everything(node, token):
    """Goes every way in which words come into the server."""
    visitor = Person(node)
    visitor.get("/report")
    visitor.post(
        "/report",
        {
            "text": f"3号楼2单元电梯坏了 {numbers('web text')}", "location": numbers("web place"),
            "name": f"赵{phone(WAYS.index('web name'))}", "phone": phone(WAYS.index("web phone")),
            "once": visitor.field("once"),
        },
        [("photos", f"IMG_{phone(WAYS.index('photo name'))}.png", photo_with_number())],
    )
    receipt = re.search(r"/r/[0-9A-Za-z]+", visitor.page)
    assert receipt, f"no receipt: {visitor.page[:400]}"
    visitor.get(receipt.group())
    visitor.post(f"{receipt.group()}/note", {"text": f"补充 {numbers('receipt note')}"})
    staff = Person(node)
    staff.sign_in(STAFF, is_staff=True)
    staff.get("/desk/new")
    staff.post(
        "/desk/new",
        {
            "text": f"路灯不亮 {numbers('intake text')}", "location": numbers("intake place"), "name": "钱先生",
            "phone": phone(WAYS.index("intake phone")), "division": "110101001901", "once": staff.field("once"),
        },
    )
    case = node.call("/api/v1/cases", token, {
        "text": f"楼道灯坏了 {numbers('api text')}", "location": numbers("api place"), "category": "R0104",
        "division": "110101001901001",
    })["id"]
    node.call(f"/api/v1/cases/{case}/notes", token, {"text": numbers("api note")})
    staff.get(f"/desk/cases/{case}")
    staff.post(f"/desk/cases/{case}/note", {"text": f"联系人 {numbers('desk note')}"})
    grid = Person(node)
    grid.sign_in("19900000013", is_staff=True)
    grid.get("/grid/report")
    grid.post("/grid/report", {"text": f"井盖松动 {numbers('grid text')}", "once": grid.field("once")})
    # A search is typed too, and stands in no log.
    staff.get("/desk/search?" + urllib.parse.urlencode({"q": phone(0)}))
    return case, staff


def register_everything(node, staff):
    """The doors of the registers: a page, a program, a file, what is pasted, a chat and an order of the hotline."""
    token = node.run("user", "token", "--phone", HEAD).splitlines()[-1]
    dwelling = node.call("/api/v1/registers/dwelling?division=110101001901001&limit=1", token)["entries"][0]["id"]

    def person(way):
        index = WAYS.index(way)
        return {"person.name": way, "person.number": citizen(index), "person.phone": phone(index)}

    node.call("/api/v1/registers/person", token, {"fields": person("register api"), "dwelling": dwelling})
    head = Person(node)
    head.sign_in(HEAD, is_staff=True)
    head.get(f"/registers/person/new?dwelling={dwelling}")
    head.post("/registers/person/new", {**person("register page"), "dwelling": dwelling})

    def table(way, separator):
        index = WAYS.index(way)
        cells = [way, citizen(index), f"{HOMES}{1700 + index}", phone(index)]
        return separator.join(["姓名", "身份证号", "住址", "电话"]) + "\n" + separator.join(cells)

    where = {"kind": "person", "division": "110101001901"}
    for fields, files in [
        ({"table": ""}, [("file", "people.csv", table("sheet file", ",").encode())]),
        ({"table": table("sheet pasted", "\t")}, []),
    ]:
        head.get("/desk/sheets")
        reply = head.post("/desk/sheets", {**where, **fields}, files)
        assert re.search(r"/desk/sheets/[0-9a-z]{13}", reply.url), head.page[:400]
        # The second one is only looked at.
        if files:
            head.post(reply.url.split("?")[0].removeprefix(f"http://127.0.0.1:{node.port}"), {
                "kind": "person", "do": "import"})
    head.get("/desk/paste")
    head.post("/desk/paste", {"text": f"样例：\n楼道灯坏了 {numbers('chat')}"})
    staff.get("/desk/orders/import/orders")
    index = WAYS.index("order")
    heads = ["工单编号", "来电时间", "诉求人", "联系电话", "诉求类型", "主要内容", "事发地址", "派单时间", "办理时限"]
    cells = ["12345-9001", "2026-11-22 08:00", "李四", phone(index), "求助", f"电梯坏了 {citizen(index)}", HOMES,
             "2026-11-22 09:00", "2026-11-24 09:00"]
    reply = staff.post("/desk/orders/import/orders", {
        "division": "110101001", "table": "\t".join(heads) + "\n" + "\t".join(cells)})
    assert re.search(r"/desk/orders/import/orders/[0-9a-z]{13}", reply.url), staff.page[:400]
    staff.post(reply.url.removeprefix(f"http://127.0.0.1:{node.port}").split("?")[0], {"do": "import"})


def forms_of(word):
    """How a value may lie in a file: as it is, in wide characters, as digits of a blob, in base 64 wherever it begins."""
    plain = word.encode()
    forms = [plain, word.encode("utf-16-le"), word.encode("utf-16-be"), plain.hex().encode(), plain.hex().upper().encode()]
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + plain)
        forms.append(encoded[4 if shift else 0:(shift + len(plain)) // 3 * 4])
    return forms


def files_below(folder):
    for parent, _, names in os.walk(folder):
        for name in names:
            yield os.path.join(parent, name)


def beginnings(words):
    """What all of some words begin with, in each of the forms they may have: what a file is searched for first."""
    common = [os.path.commonprefix(forms) for forms in zip(*(forms_of(word) for word in words))]
    assert all(len(each) >= 6 for each in common), f"too short to search for: {common}"
    return common


def readable(folder, kinds):
    """Files below a folder that show a word of one of the kinds, as it is or as digits of a blob.

    A kind is a list of words that begin alike: most files have nothing that begins so, and are done with that."""
    found = []
    begun = [(words, beginnings(words)) for words in kinds]
    for path in files_below(folder):
        try:
            with open(path, "rb") as file:
                content = file.read()
        except OSError:
            # A server that runs removes files of its own.
            continue
        for words, starts in begun:
            for word in words if any(start in content for start in starts) else []:
                if any(form in content for form in forms_of(word)):
                    found.append(f"{word} ({WAYS[int(word[7:11])] if len(word) == 11 else word}) in {path}")
    return found


def check_search(folder):
    """The search finds each word in each form, so that finding nothing says something."""
    os.makedirs(folder)
    path = os.path.join(folder, "seen")
    for words in KINDS:
        for word in (words[0], words[-1]):
            for form in forms_of(word):
                with open(path, "wb") as file:
                    file.write(b"\x00" * 7 + form + b"\xff")
                assert readable(folder, [words]), f"{form} was not found"
    os.remove(path)


def check_secrets(binary, folder, name, database=None):
    check_search(os.path.join(folder, "search"))
    node, token = prepared(binary, folder, "secrets-" + name, database)
    node.start("debug")
    case, staff = tell_everything(node, token)
    register_everything(node, staff)
    node.run("backup", os.path.join(folder, "copy-" + name))
    places = [folder]
    if database:
        cluster = urllib.parse.parse_qs(urllib.parse.urlsplit(database).query)["host"][0]
        subprocess.run(["psql", database, "-qc", "CHECKPOINT"], check=True, timeout=60)
        places.append(cluster + "/data")
    else:
        assert os.path.exists(node.data + "/linli.db-wal"), "the log of SQLite is not there to look at"
    found = [line for place in places for line in readable(place, KINDS)]
    assert not found, "readable:\n    " + "\n    ".join(found)
    # What was told is there all the same, masked, so that the search above looked at the right place.
    detail = node.call(f"/api/v1/cases/{case}", token)
    assert "139****" in detail["text"], detail["text"]
    looked = sum(1 for place in places for _ in files_below(place))
    node.stop()
    print(f"  {name}: {sum(map(len, KINDS))} numbers told in {len(WAYS)} ways, none readable in {looked} files")
