"""What an operator fears: kill -9, a stop under load, a node that dies, a backup that does not come back."""
import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

from node import STAFF, Load, Node, Person, Stream, assert_all_there, prepared, sql

PICTURE = (Path(__file__).resolve().parents[2] / "Sources/UI/Assets/icon-512.png").read_bytes()
NEED = {"text": "楼道灯坏了", "category": "R0104", "division": "110101001901001"}


def check_kill_under_load(binary, folder, name, database=None):
    node, token = prepared(binary, folder, "kill-" + name, database)
    acknowledged = []
    for _ in range(3):
        node.start()
        load = Load([node], token)
        load.wait_for(60)
        node.stop(signal.SIGKILL)
        load.stop()
        acknowledged += load.acknowledged
    node.start()
    assert_all_there(node, token, acknowledged)
    node.stop()
    print(f"  {name}: {len(acknowledged)} acknowledged writes over three kill -9, all there")
    assert "all is well" in node.run("doctor")


def check_wrong_database(binary, folder, database):
    """A slip of the pen in --database makes nothing and reports nothing good; commands.py looks at folders."""
    node = Node(binary, os.path.join(folder, "typo"), database)
    os.makedirs(node.data)
    for words in [
        ("backup", os.path.join(folder, "copy")), ("doctor",), ("user", "token", "--phone", STAFF),
        ("import", "divisions", __file__), ("key", "export"),
    ]:
        done = node.run(*words, check=False)
        assert done.returncode == 1, f"linli {' '.join(words)} ended with {done.returncode}: {done.stdout}"
        what = ("the database is empty", "no master key")
        assert any(word in done.stderr for word in what), (words, done.stderr)
    assert not os.path.exists(os.path.join(folder, "copy"))


def check_kill_before_the_first_key(binary, folder):
    """However early the first start is killed, the next one goes on."""
    for delay in range(0, 200, 20):
        node = Node(binary, os.path.join(folder, f"first-{delay}"))
        node.process = subprocess.Popen(
            node.arguments("migrate"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(delay / 1000)
        node.stop(signal.SIGKILL)
        node.run("migrate")
        assert "all is well" in node.run("doctor")


def check_graceful_stop(binary, folder, name, database=None):
    """SIGTERM while people write and forty browsers listen: over within five seconds, nothing acknowledged is lost."""
    node, token = prepared(binary, folder, "stop-" + name, database)
    node.start()
    case = node.call("/api/v1/cases", token, NEED)["id"]
    streams = [Stream(node, f"case/{case}", {"Authorization": f"Bearer {token}"}) for _ in range(40)]
    for stream in streams:
        assert stream.opened.wait(10), "a stream did not open"
    load = Load([node], token)
    load.wait_for(40)
    spent = node.stop()
    load.stop()
    assert node.process.returncode == 0, f"ended with {node.process.returncode}"
    assert spent < 5, f"stopping took {spent:.1f} s"
    for stream in streams:
        stream.join(timeout=5)
        assert stream.ended, "a stream was left open"
    node.start()
    assert_all_there(node, token, load.acknowledged)
    node.stop()
    print(f"  {name}: stopped in {spent:.2f} s with 8 writers and 40 streams, {load.count()} writes all there")


def below(folder):
    """Every file under a folder."""
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file())


def check_backup_under_load(binary, folder, name, database=None, empty=None):
    node, token = prepared(binary, folder, "backup-" + name, database)
    node.start()
    load = Load([node], token)
    load.wait_for(20)
    photo = node.upload("/api/v1/files", token, PICTURE)["id"]
    case = node.call("/api/v1/cases", token, {**NEED, "photos": [photo]})["id"]
    pictures = [f"/cases/{case}/photos/{photo}", f"/cases/{case}/photos/{photo}?size=small"]
    seen = [node.open(path, token).read() for path in pictures]
    assert all(bytes.startswith(b"\xff\xd8\xff") for bytes in seen)
    load.wait_for(40)
    before = list(load.acknowledged)
    node.run("backup", os.path.join(folder, "copy-" + name))
    load.stop()
    node.stop()
    other = Node(binary, os.path.join(folder, "restored-" + name), empty)
    os.makedirs(other.data + "/keys")
    refused = other.run("restore", os.path.join(folder, "copy-" + name), check=False)
    assert refused.returncode and "master key" in refused.stderr, refused.stderr
    # Another server's key: nothing of the backup is put down, so that the next try does not find a store there.
    stranger = Node(binary, os.path.join(folder, "stranger-" + name))
    stranger.run("migrate")
    shutil.copy(stranger.data + "/keys/master.key", other.data + "/keys/master.key")
    refused = other.run("restore", os.path.join(folder, "copy-" + name), check=False)
    assert refused.returncode == 1 and "is not the one this backup was made with" in refused.stderr, refused.stderr
    assert below(other.data) == ["keys/master.key"], below(other.data)
    if empty:
        assert sql(empty, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "0"
    # What a restore that was killed has left.
    Path(other.data, "linli.db.restoring").write_bytes(b"half a store")
    shutil.copy(node.data + "/keys/master.key", other.data + "/keys/master.key")
    print("  " + other.run("restore", os.path.join(folder, "copy-" + name)))
    again = other.run("restore", os.path.join(folder, "copy-" + name), check=False)
    assert again.returncode == 1 and "restore into" in again.stderr, again.stderr
    if not empty:
        assert not [path for path in below(other.data) if ".restoring" in path], below(other.data)
    other.start()
    assert_all_there(other, token, before)
    assert [other.open(path, token).read() for path in pictures] == seen, "a photo is not what it was"
    other.stop()
    assert "all is well" in other.run("doctor")


def check_restore_without_people(binary, folder, name, database=None, empty=None):
    """A store that nobody has signed in to yet tells its own key from another one, too."""
    node = Node(binary, os.path.join(folder, "people-" + name), database)
    node.run("migrate")
    node.run("backup", os.path.join(folder, "copy-" + name))
    stranger = Node(binary, os.path.join(folder, "stranger-" + name))
    stranger.run("migrate")
    other = Node(binary, os.path.join(folder, "restored-" + name), empty)
    os.makedirs(other.data + "/keys")
    shutil.copy(stranger.data + "/keys/master.key", other.data + "/keys/master.key")
    refused = other.run("restore", os.path.join(folder, "copy-" + name), check=False)
    assert refused.returncode == 1 and "is not the one this backup was made with" in refused.stderr, refused.stderr
    assert below(other.data) == ["keys/master.key"], below(other.data)
    shutil.copy(node.data + "/keys/master.key", other.data + "/keys/master.key")
    print("  " + other.run("restore", os.path.join(folder, "copy-" + name)))
    if empty is None:
        check_restore_after_rotation(binary, folder, name, node)


def check_restore_after_rotation(binary, folder, name, node):
    """A copy made after a rotation and before the next start tells the old key from both."""
    before = Path(node.data, "keys/master.key").read_bytes()
    assert "master key 2 is in" in node.run("key", "rotate")
    copy = os.path.join(folder, "rotated-" + name)
    node.run("backup", copy)
    late = Node(binary, os.path.join(folder, "late-" + name))
    os.makedirs(late.data + "/keys")
    key = Path(late.data, "keys/master.key")
    key.write_bytes(before)
    refused = late.run("restore", copy, check=False)
    assert refused.returncode == 1 and "is not the one this backup was made with" in refused.stderr, refused.stderr
    shutil.copy(node.data + "/keys/master.key", key)
    late.run("restore", copy)


def second_node(one, folder):
    """Another node on the same database, with the same key and the same photos."""
    two = Node(one.binary, os.path.join(folder, "two-2"), one.database)
    os.makedirs(two.data + "/keys")
    shutil.copy(one.data + "/keys/master.key", two.data + "/keys/master.key")
    return two


def check_two_nodes(binary, folder, database):
    one, token = prepared(binary, folder, "two-1", database)
    two = second_node(one, folder)
    one.start()
    two.start()
    load = Load([one, two], token)
    load.wait_for(60)
    one.stop(signal.SIGKILL)
    at_the_kill = load.count()
    load.wait_for(at_the_kill + 30)
    load.stop()
    assert_all_there(two, token, load.acknowledged)
    two.stop()
    print(f"  two nodes: {load.count()} cases, one node killed, all there")
    assert "all is well" in two.run("doctor")


def check_shared_nodes(binary, folder, database):
    """A session holds on both nodes, what one writes is told by the other, regular work is done once."""
    one, token = prepared(binary, folder, "two-1", database)
    two = second_node(one, folder)
    one.start()
    two.start()
    resident = Person(one)
    resident.sign_in("19900000104")
    assert resident.get("/me", node=two).url.endswith("/me"), "the session does not hold on the other node"
    resident.get("/report")
    resident.post("/report", {"text": "6号楼1单元的楼道灯不亮"}, node=two)
    case = one.call("/api/v1/cases", token, NEED)["id"]
    headers = {"Authorization": f"Bearer {token}"}
    streams = [Stream(node, f"case/{case}", headers) for node in (one, two)]
    for stream in streams:
        assert stream.opened.wait(10)
    began = time.monotonic()
    one.call(f"/api/v1/cases/{case}/notes", token, {"text": "晚上更黑"})
    for stream in streams:
        stream.wait_for(f'"topic":"case/{case}"')
    told = time.monotonic() - began
    # Both nodes reach for the same regular work: cases that waited too long for an answer.
    waiting = int(sql(database, "SELECT count(*) FROM case_item WHERE state = 'confirming'"))
    sql(database, "UPDATE case_item SET due_at = 1 WHERE state = 'confirming'")
    sql(database, "UPDATE job SET run_at = 0 WHERE unique_key IS NOT NULL")
    deadline = time.monotonic() + 20
    while sql(database, "SELECT count(*) FROM case_item WHERE state = 'confirming' AND due_at = 1") != "0":
        assert time.monotonic() < deadline, "the regular work was not done"
        time.sleep(0.1)
    twice = sql(
        database,
        "SELECT case_id FROM case_entry WHERE transition LIKE 'lapse%' GROUP BY case_id, at / 60000 HAVING count(*) > 1",
    )
    assert waiting > 0 and twice == "", f"{waiting} waited; lapsed twice: {twice}"
    one.stop(signal.SIGKILL)
    sql(database, "UPDATE job SET run_at = 0 WHERE unique_key IS NOT NULL")
    deadline = time.monotonic() + 20
    while sql(database, "SELECT count(*) FROM job WHERE run_at = 0") != "0":
        assert time.monotonic() < deadline, "the other node does not go on with the jobs"
        time.sleep(0.1)
    case = two.call("/api/v1/cases", token, NEED)["id"]
    stream = Stream(two, f"case/{case}", headers)
    assert stream.opened.wait(10)
    two.call(f"/api/v1/cases/{case}/notes", token, {"text": "还是不亮"})
    stream.wait_for(f'"topic":"case/{case}"')
    two.stop()
    print(f"  two nodes: told on both after {told:.2f} s, {waiting} cases lapsed once, the survivor goes on")


def check_demo_twice(binary, folder, name, database=None, other=None):
    node = Node(binary, os.path.join(folder, "demo-" + name), database)
    node.run("demo")
    cases = names(node)
    assert "there already" in node.run("demo"), "the demo is added twice"
    assert names(node) == cases
    again = Node(binary, os.path.join(folder, "again-" + name), other)
    again.run("demo")
    assert names(again) == cases, "the demo differs from one time to the next"
    assert len(cases) > 40, f"only {len(cases)} cases"


def names(node):
    """What the demo's cases say and where they stand."""
    if node.database:
        return sorted(sql(node.database, "SELECT title || state || place_address FROM case_item").splitlines())
    with sqlite3.connect(node.data + "/linli.db") as store:
        return sorted(row[0] for row in store.execute("SELECT title || state || place_address FROM case_item"))


def lays_down_roots(node, folder):
    """While it serves, the audit's root goes to the folder outside, once a day; the doctor compares with it."""
    roots = os.path.join(folder, "roots")
    file = Path(roots, "linli-audit-roots.txt")

    def serve_until(done, what):
        node.start("error", "--audit-roots", roots)
        deadline = time.monotonic() + 20
        while not done():
            assert time.monotonic() < deadline, what
            time.sleep(0.05)
        node.stop()
        assert node.process.returncode == 0, f"ended with {node.process.returncode}"

    # What cannot be written is told in the log, and everything else goes on.
    file.mkdir(parents=True)
    serve_until(lambda: "audit.roots" in Path(node.log).read_text(), "the log does not say that no root was laid down")
    file.rmdir()
    serve_until(file.exists, "no root was laid down")
    first = file.read_text()
    day, sequence, root, signature = first.split()
    assert len(root) == 64 and len(signature) == 128 and int(sequence) > 0, first
    # Begun again on the same day, perhaps at midnight: no day is there twice.
    began = time.monotonic()
    serve_until(lambda: time.monotonic() > began + 2, "")
    days = [line.split()[0] for line in file.read_text().splitlines()]
    assert file.read_text().startswith(first) and len(days) == len(set(days)), file.read_text()
    done = node.run("doctor", "--audit-roots", roots, check=False)
    assert f"audit roots: {len(days)} laid down outside" in done.stdout and "audit roots:" not in done.stderr, done
    file.write_text(first.replace(root, "0" * 64))
    done = node.run("doctor", "--audit-roots", roots, check=False)
    assert done.returncode == 1, done.stdout
    assert f"audit roots: batch {sequence} is not the one laid down on {day}" in done.stderr, done.stderr


def check_doctor_names_faults(binary, folder, name, database=None):
    """What the doctor finds it names, and ends with 1: a changed entry of the audit, a count that is not the cases', a
    root of the audit that is not the one laid down outside."""
    node = Node(binary, os.path.join(folder, "doctor-" + name), database)
    node.run("demo")
    assert "all is well" in node.run("doctor")
    spoiled = [
        ("UPDATE audit_entry SET command = 'x' WHERE id = (SELECT min(id) FROM audit_entry)", "audit: an entry of batch"),
        (
            "UPDATE case_count SET total = total + 1 WHERE owner_kind = 'unit' AND owner = "
            "(SELECT min(owner) FROM case_count WHERE owner_kind = 'unit' AND total > 0)",
            "counts: unit",
        ),
    ]
    for count, (statement, _) in enumerate(spoiled, 1):
        if database:
            sql(database, statement)
        else:
            with contextlib.closing(sqlite3.connect(node.data + "/linli.db")) as store, store:
                store.execute(statement)
        done = node.run("doctor", check=False)
        assert done.returncode == 1 and "all is well" not in done.stdout, (done.returncode, done.stdout)
        for _, words in spoiled[:count]:
            assert words in done.stderr, (words, done.stderr)
    lays_down_roots(node, folder)


def check_key_sheet(binary, folder):
    """The master key comes back from its sheet, never over another one, never with another passphrase."""
    node = Node(binary, os.path.join(folder, "key"))
    node.run("demo")
    token = node.run("user", "token", "--phone", STAFF)
    key = Path(node.data, "keys/master.key")
    typo = Node(binary, os.path.join(folder, "typo"))
    assert typo.run("key", "export", check=False).returncode == 1 and not os.path.exists(typo.data)
    before = key.read_bytes()
    sheet = Path(folder, "sheet.txt")
    sheet.write_text(node.run("key", "export", LINLI_PASSPHRASE="桥 long enough words") + "\n")
    assert before.decode().strip() not in sheet.read_text(), "the sheet shows the key"
    short = node.run("key", "export", check=False, LINLI_PASSPHRASE="short")
    assert short.returncode and "12 characters" in short.stderr, short.stderr
    over = node.run("key", "import", str(sheet), check=False, LINLI_PASSPHRASE="桥 long enough words")
    assert over.returncode and "never overwritten" in over.stderr, over.stderr
    key.unlink()
    lost = node.run("doctor", check=False)
    assert lost.returncode and "master key" in lost.stderr, lost.stderr
    wrong = node.run("key", "import", str(sheet), check=False, LINLI_PASSPHRASE="桥 long enough Words")
    assert wrong.returncode and "passphrase is wrong" in wrong.stderr and not key.exists(), wrong.stderr
    node.run("key", "import", str(sheet), LINLI_PASSPHRASE="桥 long enough words")
    assert key.read_bytes() == before and key.stat().st_mode & 0o077 == 0, "the key is not what it was"
    # As it comes back from another system or from paper: other line ends, capitals, blanks between the letters.
    key.unlink()
    typed = sheet.read_text().upper().splitlines()
    typed = [" ".join(line[start:start + 4] for start in range(0, len(line), 4)) for line in typed]
    sheet.write_bytes(("\ufeff" + "\r\n".join(typed) + "\r\n\r\n").encode())
    node.run("key", "import", str(sheet), LINLI_PASSPHRASE="桥 long enough words")
    assert key.read_bytes() == before, "the key is not what it was"
    key.write_bytes(before.strip().upper() + b"\r\n")
    node.start()
    assert node.call("/api/v1/me", token)["name"], "the token does not open with the key"
    node.stop()
