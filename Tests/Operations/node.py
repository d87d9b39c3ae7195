"""A `linli serve` of its own, people who use it, and what they were promised."""
import http.cookiejar
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

# The dispatcher, whose street holds the whole demo community.
STAFF = "19900000005"
STAFF_PASSWORD = "linli-demo-2026"
# Nobody's own settings: a test must never open a real store.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("LINLI_")}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Node:
    """A server over a data folder, with or without a PostgreSQL database."""

    # Folder and process of every server there was.
    started = []

    def __init__(self, binary, data, database=None):
        self.binary, self.data, self.database, self.port = binary, data, database, free_port()
        self.process = None
        self.log = data + ".log"

    def arguments(self, *words):
        where = ["--database", self.database] if self.database else []
        return [self.binary, *words, "--data", self.data, *where]

    def run(self, *words, check=True, **environment):
        done = subprocess.run(
            self.arguments(*words, "--log-level", "error"), capture_output=True, text=True, timeout=120,
            env={**ENVIRONMENT, **environment},
        )
        if not check:
            return done
        if done.returncode:
            raise AssertionError(f"linli {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout.strip()

    def start(self, level="error", *more):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.arguments(
                    "serve", "--port", str(self.port), "--log-level", level, "--account-forms-per-minute", "0",
                    "--requests-per-minute", "0", "--account-requests-per-minute", "0", *more
                ),
                stdout=log, stderr=log,
            )
        Node.started.append((self.data, self.process))
        for _ in range(200):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=1):
                    return
            except OSError:
                if self.process.poll() is not None:
                    raise AssertionError(open(self.log).read()[-2000:])
                time.sleep(0.1)
        raise AssertionError("the server did not start within 20 s")

    def stop(self, how=signal.SIGTERM):
        """Ends it and returns how many seconds that took."""
        if self.process and self.process.poll() is None:
            began = time.monotonic()
            self.process.send_signal(how)
            self.process.wait(timeout=20)
            return time.monotonic() - began
        return 0

    @staticmethod
    def stop_all(folder):
        """Ends what a failed check left running over data in its folder."""
        for data, process in list(Node.started):
            if data.startswith(folder) and process.poll() is None:
                process.kill()
                process.wait()

    def open(self, path, token, data=None, kind="application/json", timeout=10):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", data=data,
            headers={"Authorization": f"Bearer {token}", "Content-Type": kind},
        )
        return urllib.request.urlopen(request, timeout=timeout)

    def call(self, path, token, body=None, timeout=10):
        data = None if body is None else json.dumps(body).encode()
        with self.open(path, token, data, timeout=timeout) as reply:
            return json.loads(reply.read())

    def upload(self, path, token, picture):
        with self.open(path, token, picture, "image/png") as reply:
            return json.loads(reply.read())


class Person:
    """Somebody with a browser that knows cookies and forms, and no JavaScript."""

    def __init__(self, node):
        self.node = node
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        self.page = ""

    def get(self, path, node=None):
        with self.opener.open(f"http://127.0.0.1:{(node or self.node).port}{path}", timeout=20) as reply:
            self.page = reply.read().decode()
            return reply

    def field(self, name):
        found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', self.page)
        assert found, f"no field {name}: {self.page[:400]}"
        return found.group(1)

    def post(self, path, fields, files=(), node=None):
        """Sends a form with the token of the page last opened."""
        boundary = "linli" + os.urandom(8).hex()
        body = b""
        for name, value in [("csrf", self.field("csrf")), *fields.items()]:
            body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, filename, content in files:
            head = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\nContent-Type: image/png'
            body += f"--{boundary}\r\n{head}\r\n\r\n".encode() + content + b"\r\n"
        body += f"--{boundary}--\r\n".encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{(node or self.node).port}{path}", data=body,
            headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
        )
        with self.opener.open(request, timeout=30) as reply:
            self.page = reply.read().decode()
            return reply

    def sign_in(self, phone, is_staff=False):
        self.get("/sign-in?by=password")
        reply = self.post("/sign-in", {"by": "password", "phone": phone, "password": STAFF_PASSWORD})
        if is_staff:
            code = self.node.run("user", "code", "--phone", phone)
            reply = self.post("/sign-in/second", {"code": code})
        assert "/sign-in" not in reply.url, f"{phone} was not let in: {reply.url}"

    @property
    def cookie(self):
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.cookies)


class Stream(threading.Thread):
    """A browser's live stream; keeps what it heard and when it ended."""

    def __init__(self, node, topics, headers):
        super().__init__(daemon=True)
        self.heard, self.ended, self.opened = "", None, threading.Event()
        self.request = urllib.request.Request(
            f"http://127.0.0.1:{node.port}/live?topics={topics}", headers=headers
        )
        self.start()

    def run(self):
        try:
            with urllib.request.urlopen(self.request, timeout=60) as reply:
                self.opened.set()
                for line in reply:
                    self.heard += line.decode()
        except OSError as error:
            self.heard += f"\n{error}"
        self.ended = time.monotonic()

    def wait_for(self, words, seconds=10):
        deadline = time.monotonic() + seconds
        while words not in self.heard:
            assert time.monotonic() < deadline, f"{words!r} was not heard: {self.heard!r}"
            time.sleep(0.05)


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
    return node, node.run("user", "token", "--phone", "19900000101")


def sql(database, statement):
    """What PostgreSQL answers, a row a line."""
    done = subprocess.run(
        ["psql", database, "-qAtc", statement], check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout.strip()
