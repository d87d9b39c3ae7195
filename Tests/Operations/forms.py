"""Every form of every page for every kind of person, sent with rubbish: never a fault of ours, and a form that is not
taken comes back with every word that was typed."""
import html
import os
import random
import re
import urllib.error
import urllib.parse
import urllib.request
from html.parser import HTMLParser

from node import Node, Person

# Who signs out or changes a password cannot go on; what a browser does by script is no form.
LEAVING = ("/sign-out", "/preferences")
ROOTS = ["/", "/report", "/find", "/mine", "/me", "/rates", "/neighbourhood", "/desk", "/grid", "/desk/new",
         "/admin/accounts", "/admin/units", "/admin/places", "/admin/divisions", "/admin/rosters", "/admin/grids",
         "/admin/holidays", "/admin/dispatch", "/admin/duties", "/sign-in"]
PEOPLE = [
    ("nobody", None, False), ("a resident", "19900000104", False), ("a grid worker", "gridWorker1", True),
    ("the community head", "head", True), ("a dispatcher", "dispatcher", True),
    ("a property company", "propertyHandler", True), ("a district officer", "districtOfficer", True),
    ("an administrator", "administrator", True),
]


class Page(HTMLParser):
    """The links and forms of a page."""

    def __init__(self, text):
        super().__init__()
        self.links, self.forms, self.form, self.area, self.select = [], [], None, None, None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        known = dict(attributes)
        if tag == "a" and known.get("href"):
            self.links.append(known["href"])
        elif tag == "form" and known.get("method") != "dialog":
            self.form = {"action": known.get("action", ""), "method": known.get("method", "get"), "fields": []}
            self.forms.append(self.form)
        elif self.form is not None and tag in ("input", "textarea", "select", "button") and known.get("name"):
            kind = known.get("type", "text") if tag == "input" else tag
            field = {"name": known["name"], "kind": kind, "value": known.get("value") or ""}
            self.form["fields"].append(field)
            self.area = field if tag == "textarea" else None
            self.select = field if tag == "select" else self.select
        elif tag == "option" and self.select and not self.select["value"]:
            self.select["value"] = known.get("value") or ""

    def handle_data(self, data):
        if self.area is not None:
            self.area["value"] += data

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        if tag == "textarea":
            self.area = None
        if tag == "select":
            self.select = None


class Stay(urllib.request.HTTPRedirectHandler):
    """Where a form leads is not followed: the status of the form itself counts."""

    def redirect_request(self, *_):
        return None


class Fuzzer:
    """One kind of person, walking from page to page."""

    def __init__(self, node, name, person, seed):
        self.node, self.name, self.person = node, name, person
        self.random = random.Random(seed)
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(person.cookies), Stay())
        self.seen, self.kinds, self.sent, self.kept, self.problems = set(), {}, 0, 0, []

    def ask(self, path, body=None, kind="application/x-www-form-urlencoded"):
        origin = f"http://127.0.0.1:{self.node.port}"
        headers = {"Content-Type": kind, "Sec-Fetch-Site": "same-origin", "Origin": origin} if body is not None else {}
        request = urllib.request.Request(origin + path, data=body, headers=headers)
        try:
            with self.opener.open(request, timeout=30) as reply:
                return reply.status, reply.headers, reply.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def walk(self, pages):
        waiting, opened = list(ROOTS), 0
        while waiting and opened < pages:
            path = waiting.pop(0)
            # Two pages of a kind are enough: what differs is their data.
            kind = re.sub(r"[0-9a-hjkmnp-tv-z]{13,}|\d{6,}", "*", path.split("?")[0])
            if path in self.seen or self.kinds.get(kind, 0) >= 2:
                continue
            self.seen.add(path)
            self.kinds[kind] = self.kinds.get(kind, 0) + 1
            status, headers, body = self.ask(path)
            opened += 1
            if status >= 500:
                self.problems.append(f"{self.name}: GET {path}: {status}")
            if "text/html" not in (headers.get("Content-Type") or ""):
                continue
            page = Page(body.decode())
            for link in page.links:
                link = urllib.parse.urljoin(path, link.split("#")[0])
                if link.startswith("/") and not link.startswith(LEAVING) and link not in self.seen:
                    waiting.append(link)
            for form in page.forms:
                self.try_form(path, form)

    def try_form(self, path, form):
        action = form["action"] or path
        names = tuple(field["name"] for field in form["fields"])
        kind = (re.sub(r"[0-9a-hjkmnp-tv-z]{13,}", "*", action), names)
        if action.startswith(LEAVING) or kind in self.kinds:
            return
        self.kinds[kind] = 1
        for variant in VARIANTS:
            # Whoever mistypes too often is locked out, and one-time codes are counted.
            if action.startswith("/sign-in") and variant.__name__ not in ("empty", "marked"):
                continue
            fields = variant(form["fields"], self.random)
            self.send(action, form["method"].lower(), fields, f"{path} {variant.__name__}")

    def send(self, action, method, fields, where):
        typed = urllib.parse.urlencode(fields, errors="surrogatepass").encode()
        self.sent += 1
        if method == "get":
            status, headers, body = self.ask(action.split("?")[0] + "?" + typed.decode())
        else:
            status, headers, body = self.ask(action, typed)
        if status >= 500:
            self.problems.append(f"{self.name}: {action} from {where}: {status}")
        shown = body.decode(errors="replace")
        if "<script>hostile" in shown:
            self.problems.append(f"{self.name}: {action} from {where}: a script got through")
        if method == "post" and status in (409, 413, 415, 422) and "text/html" in (headers.get("Content-Type") or ""):
            self.kept += 1
            plain = html.unescape(shown)
            # A password or a code is typed again.
            lost = [
                name for name, value in fields
                if value.startswith("词语") and name not in ("password", "code") and value not in plain
            ]
            if lost:
                self.problems.append(f"{self.name}: {action} from {where}: {status}, lost what was typed in {lost}")


TEXTS = ("text", "textarea", "search", "tel", "email", "url")
# What a browser lets nobody fill with words.
SHAPED = ("number", "date", "datetime-local", "time", "month", "color")


SHAPELESS = "2026-13-45"


def filled(fields, make):
    """Hidden fields and buttons as they are, what is typed from `make`."""
    found, buttons = [], 0
    for field in fields:
        if field["kind"] in ("file", "checkbox"):
            continue
        if field["kind"] == "button":
            buttons += 1
            if buttons > 1:
                continue
        value = make(field) if field["kind"] in TEXTS else SHAPELESS if field["kind"] in SHAPED else field["value"]
        found.append((field["name"], value))
    return found


def empty(fields, _):
    return filled(fields, lambda field: "")


def marked(fields, random_source):
    """Words of an ordinary length that can be found again in what comes back."""
    count = iter(range(1000))
    return filled(fields, lambda field: f"词语{next(count)}号<script>hostile</script>")


def huge(fields, _):
    return filled(fields, lambda field: "长" * 6000)


def wrong(fields, random_source):
    """Every field, chosen and hidden ones too, of another type."""
    values = ["-1", "99999999999999999999", "1e309", "NaN", "2026-13-45", "0000000000000", "true", "[]", "{}", "%00"]
    return [
        (name, value if name == "csrf" else random_source.choice(values))
        for name, value in filled(fields, lambda field: "x")
    ]


def control(fields, _):
    return filled(fields, lambda field: "a\x00b\x07\x1b[31m\r\n\x7f\ufeff")


def unicode(fields, _):
    return filled(fields, lambda field: "👩‍👩‍👧‍👦" * 30 + "\u202e\u0301" * 40 + "𠮷ﷺ")


def doubled(fields, _):
    """Each field twice, the second time otherwise."""
    once = filled(fields, lambda field: "一次")
    return once + [(name, value if name == "csrf" else value + "二") for name, value in once]


def missing(fields, _):
    return [(name, value) for name, value in filled(fields, lambda field: "") if name == "csrf"]


def strange(fields, _):
    """Fields nobody declared."""
    return filled(fields, lambda field: "词") + [("id", "1"), ("__proto__", "x"), ("role", "administrator"), ("a[]", "1")]


VARIANTS = [empty, marked, huge, wrong, control, unicode, doubled, missing, strange]


def check_forms_fuzzed(binary, folder, database=None):
    import json

    node = Node(binary, os.path.join(folder, "forms"), database)
    node.run("demo")
    phones = {login["role"]: login["phone"] for login in json.loads(node.run("demo", "--logins"))}
    node.start("error", "--forms-per-minute", "0")
    problems, forms, sent, kept = [], 0, 0, 0
    for index, (name, who, is_staff) in enumerate(PEOPLE):
        person = Person(node)
        if who:
            person.sign_in(phones.get(who, who), is_staff)
        fuzzer = Fuzzer(node, name, person, 20261125 + index)
        fuzzer.walk(60)
        problems += fuzzer.problems
        sent, kept = sent + fuzzer.sent, kept + fuzzer.kept
        forms += sum(1 for kind in fuzzer.kinds if isinstance(kind, tuple))
    print(f"  {forms} forms sent {sent} times, {kept} came back")
    assert forms > 40, f"only {forms} forms were found"
    assert not problems, f"{len(problems)} problems\n" + "\n".join(problems[:60])
    node.stop()
    assert "all is well" in node.run("doctor")
