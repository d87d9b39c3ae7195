"""Another system tells needs over Open311 and reads them, as programs do: no browser, no cookies."""

import json
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree

FORM = "application/x-www-form-urlencoded"


def ask(url: str, fields: dict | bytes | None = None, headers: dict | None = None) -> tuple[int, str, str]:
    """The status, the media type and the body of an answer."""
    body = urllib.parse.urlencode(fields).encode() if isinstance(fields, dict) else fields
    request = urllib.request.Request(url, data=body, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, reply.headers["Content-Type"], reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read().decode()


def check_open311_over_http(site):
    key = site.command("user", "key", "--name", "story").strip().splitlines()[-1]
    root = site.url + "/open311/v2"

    status, kind, text = ask(root + "/discovery.xml")
    assert (status, kind) == (200, "text/xml; charset=utf-8"), (status, kind)
    endpoint = xml.etree.ElementTree.fromstring(text).find("endpoints/endpoint")
    assert endpoint.findtext("url") == root and endpoint.findtext("type") == "test", text

    need = {
        "api_key": key, "service_code": "C0118", "lat": "39.91430", "long": "116.40275",
        "description": "北门外的路灯不亮", "phone": "13800138000",
    }
    status, kind, text = ask(root + "/requests.json", need)
    assert (status, kind) == (200, "application/json; charset=utf-8"), (status, kind, text)
    number = json.loads(text)[0]["service_request_id"]
    # A browser's signs of another site do not matter: nothing but the key says who asks.
    foreign = {"Sec-Fetch-Site": "cross-site", "Cookie": "linli_session=x; linli_visit=y", "Authorization": "Bearer x"}
    status, _, text = ask(root + "/requests.json", need, foreign)
    assert status == 200 and json.loads(text)[0]["service_request_id"] == number, (status, text)

    status, _, text = ask(f"{root}/requests/{number}.xml?api_key={key}")
    request = xml.etree.ElementTree.fromstring(text).find("request")
    assert status == 200 and request.findtext("description") == "北门外的路灯不亮", (status, text)
    assert "138" not in text, "the phone leaves again"

    for fields, path, headers, expected in [
        ({}, "/requests.xml", {}, 403),
        (need | {"api_key": "wrong"}, "/requests.xml", {}, 403),
        (need | {"lat": "0", "long": "0"}, "/requests.xml", {}, 400),
        (b"{}", "/requests.xml?api_key=" + key, {"Content-Type": "application/json"}, 400),
        (b"--x\r\nbroken", "/requests.xml", {"Content-Type": "multipart/form-data; boundary=x"}, 400),
        (b"description=" + b"x" * 300_000, "/requests.xml", {"Content-Type": FORM}, 400),
        (need, "/services.xml", {}, 405),
        (None, "/nothing.xml", {}, 404),
        (None, "/services", {}, 404),
        (None, "/services/%00.xml", {}, 404),
        (None, "/requests.xml?start_date=yesterday", {}, 400),
    ]:
        status, kind, text = ask(root + path, fields, headers)
        assert status == expected and kind == "text/xml; charset=utf-8", (path, status, kind, text[:300])
        errors = xml.etree.ElementTree.fromstring(text)
        assert errors.tag == "errors" and errors.findtext("error/code") == str(expected), text

    site.command("user", "key", "--name", "story", "--revoke")
    status, _, text = ask(root + "/requests.json", need)
    assert status == 403 and json.loads(text)[0]["code"] == 403, (status, text)
