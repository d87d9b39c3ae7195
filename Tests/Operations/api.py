"""The programs' side of the server, asked with rubbish: the description is valid OpenAPI, and schemathesis finds no
answer that is a fault of ours, undocumented, or unlike its description; the same for Open311."""
import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from openapi_spec_validator import validate

from node import STAFF, STAFF_PASSWORD, Node

HERE = Path(__file__).resolve().parent
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
RESIDENT, ADMINISTRATOR, HANDLER, HEAD = "19900000104", "19900000001", "19900000026", "19900000008"
# What a description cannot say (a category that does not exist, a division nobody works in) is refused with 422, so
# not everything that fits the schema is taken.
UNASKED = "positive_data_acceptance"


def check_described(binary, folder):
    node = Node(binary, os.path.join(folder, "described"))
    node.run("demo")
    node.start()
    with urllib.request.urlopen(f"http://127.0.0.1:{node.port}/api/v1/openapi.json", timeout=10) as reply:
        document = json.loads(reply.read())
    assert document["openapi"].startswith("3.1"), document["openapi"]
    validate(document)
    validate(json.loads((HERE / "open311.openapi.json").read_text()))
    count = sum(len(methods) for methods in document["paths"].values())
    print(f"  valid OpenAPI {document['openapi']} with {count} operations, and one of Open311")
    node.stop()


def check_examples(binary, folder):
    """Every example of docs/operations/api.md, one after the other, by the shell; what a reader has, they have."""
    node = Node(binary, os.path.join(folder, "examples"))
    node.run("demo")
    names = {"RESIDENT": RESIDENT, "STAFF": STAFF, "WORKER": "19900000009", "HEAD": "19900000008", "HANDLER": HANDLER, "PROVIDER": "19900000036", "ADMIN": ADMINISTRATOR,
             "AUDITOR": "19900000002"}
    tokens = {name: node.run("user", "token", "--phone", phone) for name, phone in names.items()}
    node.start()
    text = (HERE.parents[1] / "docs/operations/api.md").read_text()
    blocks = [block for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) if not block.startswith("linli ")]
    script = "\n".join(blocks)
    # Each call must succeed, also inside $( … ), and every name must be set.
    head = 'set -euo pipefail\ncurl() { command curl --silent --show-error --fail-with-body "$@" || { echo "curl $*" >&2; return 1; }; }\n'
    done = subprocess.run(
        ["bash", "-c", head + script], capture_output=True, text=True, timeout=120, cwd=folder,
        env={
            **os.environ, **tokens, "ROOT": f"http://127.0.0.1:{node.port}/api/v1", "PHONE": RESIDENT,
            "PASSWORD": STAFF_PASSWORD, "PICTURE": str(HERE.parents[1] / "Sources/UI/Assets/icon-512.png"),
        },
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    print(f"  {script.count('curl ')} examples of docs/operations/api.md answered")
    node.stop()


# Left out of the walk by everybody through every operation, and why.
LEFT_OUT = {
    "createToken": "guessing passwords is slow on purpose: nobody in particular asks for one below",
    "revokeToken": "whoever ends their own token has nothing more to ask: somebody else ends theirs below",
    "signOutEverywhere": "whoever ends all of their tokens has nothing more to ask",
}


def walk(node, what, location, token, described, seed=20261126):
    """Every operation there is, once each, however long it takes: none may be left because time was over."""
    but = [word for name in LEFT_OUT for word in ("--exclude-operation-id", name)]
    done = subprocess.run(
        [
            SCHEMATHESIS, "run", location, "--header", f"Authorization: Bearer {token}", *but, "--checks", "all",
            "--exclude-checks", UNASKED, "--phases", "fuzzing", "--max-examples", "1", "--seed", str(seed),
            "--workers", "1", "--generation-database", "none", "--suppress-health-check", "all",
            "--continue-on-failure", "--request-timeout", "20", "--no-color", "--warnings", "off",
        ],
        capture_output=True, text=True, timeout=900, cwd=os.path.dirname(node.data),
    )
    assert done.returncode == 0, f"{what}:\n{done.stdout[-12000:]}\n{done.stderr[-2000:]}"
    tested = int((re.search(r"Tested: (\d+)", done.stdout) or [0, 0])[1])
    print(f"  {what}: {tested} of {described} operations")
    assert tested == described - len(LEFT_OUT), f"{what} asked for {tested} of {described} operations:\n{done.stdout[-2000:]}"


def fuzz(node, what, location, seconds, *more, token=None, unasked=UNASKED, seed=20261125):
    """One run of schemathesis; what it found is printed and is a failure."""
    who = ["--header", f"Authorization: Bearer {token}"] if token else []
    done = subprocess.run(
        [
            SCHEMATHESIS, "run", location, *who, *more, "--checks", "all", "--exclude-checks", unasked,
            "--phases", "coverage,fuzzing", "--max-time", str(seconds), "--seed", str(seed), "--workers", "1",
            "--generation-database", "none", "--suppress-health-check", "all", "--continue-on-failure",
            "--request-timeout", "20", "--no-color", "--warnings", "off",
        ],
        capture_output=True, text=True, timeout=seconds * 4 + 60, cwd=os.path.dirname(node.data),
    )
    summary = [line for line in done.stdout.splitlines() if "generated" in line or "Test cases" in line]
    print(f"  {what}: {'; '.join(line.strip() for line in summary[-2:])}")
    assert done.returncode == 0, f"{what}:\n{done.stdout[-12000:]}\n{done.stderr[-2000:]}"


def check_api_fuzzed(binary, folder, database=None):
    node = Node(binary, os.path.join(folder, "fuzzed"), database)
    node.run("demo")
    token = {phone: node.run("user", "token", "--phone", phone) for phone in (STAFF, RESIDENT, ADMINISTRATOR, HANDLER, HEAD)}
    other = node.run("user", "token", "--phone", RESIDENT)
    node.start("error", "--forms-per-minute", "0")
    base = f"http://127.0.0.1:{node.port}"
    description = base + "/api/v1/openapi.json"
    with urllib.request.urlopen(description, timeout=10) as reply:
        document = json.loads(reply.read())
    described = sum(len(methods) for methods in document["paths"].values())
    names = {operation["operationId"] for methods in document["paths"].values() for operation in methods.values()}
    assert LEFT_OUT.keys() <= names, f"no such operation: {LEFT_OUT.keys() - names}"
    for what, phone in [("a resident", RESIDENT), ("a property company", HANDLER), ("the community head", HEAD),
                        ("a dispatcher", STAFF)]:
        walk(node, f"{what}, everything", description, token[phone], described)
    quick = [word for name in LEFT_OUT for word in ("--exclude-operation-id", name)]
    fuzz(node, "a dispatcher", description, 25, *quick, token=token[STAFF])
    fuzz(node, "a resident", description, 15, *quick, token=token[RESIDENT])
    fuzz(node, "ending tokens", description, 3, "--include-operation-id", "revokeToken", token=other)
    fuzz(node, "nobody", description, 8)
    for phone in token:
        node.call("/api/v1/me", token[phone])
    # Who administers may close the accounts of the others: last.
    fuzz(node, "an administrator", description, 15, *quick, "--include-path-regex", "/(admin|tokens)",
         token=token[ADMINISTRATOR])
    walk(node, "an administrator, everything", description, token[ADMINISTRATOR], described)
    node.call("/api/v1/me", token[ADMINISTRATOR])
    key = node.run("user", "key", "--name", "fuzz").splitlines()[-1]
    with_key = json.loads((HERE / "open311.openapi.json").read_text())
    with_key["servers"] = [{"url": base + "/open311/v2"}]
    theirs = Path(folder, "open311.openapi.json")
    theirs.write_text(json.dumps(with_key).replace("API-KEY", key))
    # One pattern per depth: POST is answered everywhere there, in the protocol's own words (403, 404).
    fuzz(node, "Open311", str(theirs), 12, "--url", base + "/open311/v2",
         unasked=UNASKED + ",unsupported_method,allow_header_conformance")
    with open(node.log, encoding="utf-8") as log:
        faults = [line for line in log if "kind=internal" in line]
    assert not faults, "".join(faults[:5])
    node.stop()
    assert "all is well" in node.run("doctor")
