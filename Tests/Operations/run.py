#!/usr/bin/env python3
"""What an operator fears, done to a real server: kill -9 under write load, two nodes on one PostgreSQL with one of them
killed, a backup while people write. Python's standard library only; traffic stays on this machine.

run.py --binary linli [--postgres URL]      URL of a superuser database of a throw-away cluster
"""
import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

PHONE = "19900000101"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Node:
    """A `linli serve` of its own."""

    def __init__(self, binary, data, database=None):
        self.binary, self.data, self.database, self.port = binary, data, database, free_port()
        self.process = None

    def arguments(self, *words):
        where = ["--database", self.database] if self.database else []
        return [self.binary, *words, "--data", self.data, "--log-level", "error", *where]

    def run(self, *words):
        done = subprocess.run(self.arguments(*words), capture_output=True, text=True, timeout=120)
        if done.returncode:
            raise AssertionError(f"linli {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout.strip()

    def start(self):
        self.process = subprocess.Popen(
            self.arguments("serve", "--port", str(self.port), "--account-forms-per-minute", "0"),
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )
        for _ in range(200):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=1):
                    return
            except OSError:
                if self.process.poll() is not None:
                    raise AssertionError(self.process.stderr.read().decode())
                time.sleep(0.1)
        raise AssertionError("the server did not start within 20 s")

    def stop(self, how=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            started = time.monotonic()
            self.process.wait(timeout=20)
            return time.monotonic() - started
        return 0

    def call(self, path, token, body=None, timeout=10):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=timeout) as reply:
            return json.loads(reply.read())


class Load:
    """People who tell needs one after the other until they are stopped; keeps what was acknowledged."""

    def __init__(self, nodes, token, people=8):
        self.nodes, self.token, self.acknowledged, self.over = nodes, token, [], False
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.tell, args=(index,)) for index in range(people)]
        for thread in self.threads:
            thread.start()

    def tell(self, index):
        count = 0
        while not self.over:
            count += 1
            body = {"text": f"第{index}人第{count}次：楼道灯坏了", "category": "R0104", "division": "110101001901001"}
            try:
                taken = self.nodes[index % len(self.nodes)].call("/api/v1/cases", self.token, body)
            except (OSError, urllib.error.HTTPError, ValueError):
                time.sleep(0.05)
                continue
            with self.lock:
                self.acknowledged.append((taken["id"], taken["number"]))

    def count(self):
        with self.lock:
            return len(self.acknowledged)

    def wait_for(self, count):
        deadline = time.monotonic() + 60
        while self.count() < count:
            assert time.monotonic() < deadline, f"only {self.count()} of {count} cases in a minute"
            time.sleep(0.02)

    def stop(self):
        self.over = True
        for thread in self.threads:
            thread.join()


def assert_all_there(node, token, acknowledged):
    assert len({number for _, number in acknowledged}) == len(acknowledged), "a number was given twice"
    for identifier, number in acknowledged:
        found = node.call(f"/api/v1/cases/{identifier}", token)
        assert found["number"] == number, (found["number"], number)


def prepared(binary, folder, name, database=None):
    node = Node(binary, os.path.join(folder, name), database)
    node.run("demo")
    return node, node.run("user", "token", "--phone", PHONE)


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
    spent = node.stop()
    assert spent < 6, f"stopping took {spent:.1f} s"
    print(f"  {name}: {len(acknowledged)} acknowledged writes over three kill -9, all there")
    assert "all is well" in node.run("doctor")


def refused(node, *words):
    """What a command says that must not succeed."""
    done = subprocess.run(node.arguments(*words), capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, f"linli {' '.join(words)} ended with {done.returncode}: {done.stdout}"
    return done.stderr


def check_wrong_database(binary, folder, database):
    """A slip of the pen in --database makes nothing and reports nothing good; commands.py looks at folders."""
    node = Node(binary, os.path.join(folder, "typo"), database)
    os.makedirs(node.data)
    for words in [
        ("backup", os.path.join(folder, "copy")), ("doctor",), ("user", "token", "--phone", PHONE),
        ("import", "divisions", __file__), ("key", "export"),
    ]:
        said = refused(node, *words)
        what = ("the database is empty", "no master key")
        assert any(word in said for word in what), (words, said)
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


def check_backup_under_load(binary, folder, name, database=None, empty=None):
    node, token = prepared(binary, folder, "backup-" + name, database)
    node.start()
    load = Load([node], token)
    load.wait_for(40)
    before = list(load.acknowledged)
    node.run("backup", os.path.join(folder, "copy-" + name))
    load.stop()
    node.stop()
    other = Node(binary, os.path.join(folder, "restored-" + name), empty)
    os.makedirs(other.data + "/keys")
    refused = subprocess.run(
        other.arguments("restore", os.path.join(folder, "copy-" + name)), capture_output=True, text=True
    )
    assert refused.returncode and "master key" in refused.stderr, refused.stderr
    shutil.copy(node.data + "/keys/master.key", other.data + "/keys/master.key")
    print("  " + other.run("restore", os.path.join(folder, "copy-" + name)))
    other.start()
    assert_all_there(other, token, before)
    other.stop()


def check_two_nodes(binary, folder, database):
    one, token = prepared(binary, folder, "two-1", database)
    two = Node(binary, os.path.join(folder, "two-2"), database)
    os.makedirs(two.data + "/keys")
    shutil.copy(one.data + "/keys/master.key", two.data + "/keys/master.key")
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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--postgres")
    options = parser.parse_args()
    binary = os.path.abspath(options.binary)
    checks = [
        ("kill -9 under load, SQLite", lambda folder: check_kill_under_load(binary, folder, "sqlite")),
        ("kill before the first key", lambda folder: check_kill_before_the_first_key(binary, folder)),
        ("backup under load, SQLite", lambda folder: check_backup_under_load(binary, folder, "sqlite")),
    ]
    if options.postgres:

        def database(name):
            subprocess.run(["psql", options.postgres, "-qc", f"CREATE DATABASE {name}"], check=True, timeout=60)
            return options.postgres.replace("/postgres", f"/{name}", 1)

        checks += [
            (
                "kill -9 under load, PostgreSQL",
                lambda folder: check_kill_under_load(binary, folder, "postgres", database("operations_kill")),
            ),
            (
                "backup under load, PostgreSQL",
                lambda folder: check_backup_under_load(
                    binary, folder, "postgres", database("operations_backup"), database("operations_restored")
                ),
            ),
            (
                "commands on a wrong database, PostgreSQL",
                lambda folder: check_wrong_database(binary, folder, database("operations_typo")),
            ),
            ("two nodes", lambda folder: check_two_nodes(binary, folder, database("operations_two"))),
        ]
    failed = 0
    for name, check in checks:
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            try:
                check(folder)
                print(f"ok {name}, {time.monotonic() - started:.1f} s", flush=True)
            except Exception as error:  # every check is tried, whatever happened to the one before
                failed += 1
                print(f"FAILED {name}: {type(error).__name__}: {error}", flush=True)
            finally:
                subprocess.run(["pkill", "-KILL", "-f", folder], check=False)
    print(f"{len(checks) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
