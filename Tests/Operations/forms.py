"""Every form of every page for every kind of person, sent with rubbish: never a fault of ours, no rubbish is taken, and a
form that is not taken comes back with every word that was typed."""
import html
import os
import random
import re
import urllib.error
import urllib.parse
import urllib.request
from html.parser import HTMLParser

from node import STAFF, Node, Person

# Who signs out or changes a password cannot go on; what a browser does by script is no form.
LEAVING = ("/sign-out", "/preferences")
ROOTS = ["/desk/paste", "/desk/caller", "/desk/bulk?case={case}", "/desk/export", "/desk/follow-up", "/desk/whistles",
         "/desk/orders", "/desk/alerts", "/desk/publication", "/desk/supervised", "/admin/case-types", "/", "/report", "/find", "/mine", "/me", "/rates", "/neighbourhood", "/desk", "/grid", "/desk/new",
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
            field = {"name": known["name"], "kind": kind, "value": known.get("value") or "", "options": [],
                     "most": int(known.get("maxlength") or 0), "least": known.get("min"), "largest": known.get("max")}
            self.form["fields"].append(field)
            self.area = field if tag == "textarea" else None
            self.select = field if tag == "select" else self.select
        elif tag == "option" and self.select:
            self.select["options"].append(known.get("value") or "")
            self.select["value"] = self.select["value"] or known.get("value") or ""

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


# Fields whose rubbish changes nothing, and why it may be taken. Whatever else is taken is a failure.
HARMLESS = {
    "version": "says what somebody has seen; what is no version is compared with nothing",
    "query": "is read as a filter of the list; what is none filters nothing",
}
# Forms that take more than they show, by their address: which fields, and why.
LAWFUL = {
    r"^/desk/alerts/seen": (("alert", "notice"), "an alert that is gone by now is no fault of who ticks it"),
}


def is_shaped(field, value):
    """Whether a value has the form its field asks for."""
    kind = field["kind"]
    if kind == "number":
        if not re.fullmatch(r"-?\d{1,15}(\.\d+)?", value):
            return False
        low, high = field["least"], field["largest"]
        return (low is None or float(value) >= float(low)) and (high is None or float(value) <= float(high))
    shapes = {
        "date": r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", "month": r"\d{4}-(0[1-9]|1[0-2])",
        "time": r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?",
        "datetime-local": r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?",
        "tel": r"[+\d][\d -]{6,20}", "email": r"[^@\s]+@[^@\s]+\.[^@\s]+",
    }
    return kind not in shapes or re.fullmatch(shapes[kind], value) is not None


def rubbish(declared, sent):
    """What of a form no browser would have let a person send: another type, an option that is not there, more than
    fits, signs nobody can type, a hidden value that was changed. Words in a field for words are none, however odd."""
    found, known = [], set()
    for name, value in sent:
        fields = [field for field in declared if field["name"] == name]
        # Of several values of one name the first is read.
        if not fields or name in known or name == "csrf" or value == "":
            continue
        known.add(name)
        options = [option for field in fields for option in field["options"]]
        options += [field["value"] for field in fields if field["kind"] in ("radio", "checkbox", "hidden", "button")]
        if any(field["kind"] in ("select", "radio", "checkbox", "hidden", "button") for field in fields):
            if value not in options:
                found.append((name, "no such option"))
        elif not any(is_shaped(field, value) for field in fields):
            found.append((name, "another type"))
        elif len(value) > max(field["most"] or 5000 for field in fields):
            found.append((name, "too long"))
        elif re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", value):
            found.append((name, "control characters"))
    return found


def is_excused(action, name):
    """Whether rubbish in a field of a form may be taken."""
    return name in HARMLESS or any(re.search(way, action) and name in names for way, (names, _) in LAWFUL.items())


class Fuzzer:
    """One kind of person, walking from page to page."""

    def __init__(self, node, name, person, seed, case):
        self.node, self.name, self.person, self.case = node, name, person, case
        self.random = random.Random(seed)
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(person.cookies), Stay())
        self.seen, self.kinds, self.sent, self.kept, self.problems = set(), {}, 0, 0, []
        self.taken, self.depth = 0, 0

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
        waiting, opened = [root.replace("{case}", self.case) for root in ROOTS], 0
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
            self.send(action, form, fields, f"{path} {variant.__name__}")

    def send(self, action, form, fields, where):
        method = form["method"].lower()
        typed = urllib.parse.urlencode(fields, errors="surrogatepass").encode()
        self.sent += 1
        if method == "get":
            status, headers, body = self.ask(action.split("?")[0] + "?" + typed.decode())
        else:
            status, headers, body = self.ask(action, typed)
        if status >= 500:
            self.problems.append(f"{self.name}: {action} from {where}: {status}")
        shown = body.decode(errors="replace")
        leads = headers.get("Location") or ""
        # Some refusals lead back to the list, which says why.
        is_taken = status == 303 and not leads.startswith("/sign-in") and "problem=" not in leads
        if method == "post" and is_taken:
            taken = [f"{name} ({why})" for name, why in rubbish(form["fields"], fields) if not is_excused(action, name)]
            self.taken += 1
            if taken:
                self.problems.append(f"{self.name}: {action} from {where}: took rubbish in {', '.join(taken)}")
        # What answers a form may hold other forms.
        if method == "post" and "text/html" in (headers.get("Content-Type") or "") and self.depth == 0:
            self.depth += 1
            for answer in Page(shown).forms:
                if answer["action"] and urllib.parse.urlsplit(answer["action"]).path != urllib.parse.urlsplit(action).path:
                    self.try_form(action, answer)
            self.depth -= 1
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
    # A case that the desk lists, for what is done with several at once.
    token = node.run("user", "token", "--phone", STAFF).splitlines()[-1]
    case = node.call("/api/v1/cases?tab=open", token)["cases"][0]["id"]
    problems, forms, sent, kept, taken = [], 0, 0, 0, 0
    for index, (name, who, is_staff) in enumerate(PEOPLE):
        person = Person(node)
        if who:
            person.sign_in(phones.get(who, who), is_staff)
        fuzzer = Fuzzer(node, name, person, 20261125 + index, case)
        fuzzer.walk(60)
        problems += fuzzer.problems
        sent, kept, taken = sent + fuzzer.sent, kept + fuzzer.kept, taken + fuzzer.taken
        forms += sum(1 for kind in fuzzer.kinds if isinstance(kind, tuple))
    print(f"  {forms} forms sent {sent} times, {kept} came back, {taken} were taken without a fault in them")
    assert forms > 40, f"only {forms} forms were found"
    assert not problems, f"{len(problems)} problems\n" + "\n".join(problems[:60])
    node.stop()
    assert "all is well" in node.run("doctor")
