"""The server that the stories visit: a fresh demo community in a folder of its own, gone at the end."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

# How long an authenticator shows one code.
CODE_SECONDS = 30


class Site:
    """A running server with demo data; `people` are the demo's logins as `linli demo --logins` prints them."""

    def __init__(self, binary: Path):
        self.binary = binary.resolve()
        self.data = Path(tempfile.mkdtemp(prefix="linli-browser-"))
        self.log_path = self.data / "server.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.people: list[dict] = []
        # Sessions that stories share, by phone: signing in is slow on purpose.
        self.sessions: dict[str, list[dict]] = {}
        self.tokens: dict[str, str] = {}
        # Kinds of pages each kind of visitor has looked at.
        self.looked: set[tuple[str, str]] = set()
        self.signing_in = threading.Lock()
        # A code opens one door once: the half minute whose code each person (by phone) gave last.
        self._codes_given: dict[str, int] = {}
        self._giving_code = threading.Lock()
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        self.command("demo")
        self.people = json.loads(self.command("demo", "--logins"))
        self.run()

    def run(self) -> None:
        """Starts the server over the data that is there and waits until it is well."""
        with open(self.log_path, "ab") as log:
            self._process = subprocess.Popen(
                [self.binary, "serve", "--data", self.store, "--host", "127.0.0.1", "--port", str(self.port),
                 # Every story comes from one address.
                 "--requests-per-minute", "0", "--account-requests-per-minute", "0", "--forms-per-minute", "0",
                 "--account-forms-per-minute", "0"],
                stdout=log, stderr=log, env=environment(), cwd=self.data,
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"the server ended with {self._process.returncode}:\n{self.log()}")
            try:
                with urllib.request.urlopen(self.url + "/health", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        raise RuntimeError(f"the server was not well after 60 s:\n{self.log()}")

    def stop(self) -> float:
        """Asks the server to stop; returns how many seconds it took. One that does not in ten is killed."""
        if self._process is None or self._process.poll() is not None:
            return 0
        began = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        return time.monotonic() - began

    def remove(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)

    @property
    def store(self) -> Path:
        return self.data / "data"

    def command(self, *words: str) -> str:
        """Runs another word of the program over the same data and returns what it prints."""
        done = subprocess.run(
            [self.binary, *words, "--data", self.store],
            capture_output=True, text=True, timeout=300, env=environment(), cwd=self.data, check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"linli {' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def person(self, role_or_name: str) -> dict:
        for key in ("role", "name"):
            for person in self.people:
                if person[key] == role_or_name:
                    return person
        known = ", ".join(f"{person['role']} ({person['name']})" for person in self.people)
        raise LookupError(f"nobody in the demo is {role_or_name!r}; there are: {known}")

    def one_time_code(self, person: dict) -> str:
        """What the person's authenticator shows now, or, when a story has given that one, as soon as it shows another."""
        with self._giving_code:
            last = self._codes_given.get(person["phone"], 0)
            half_minute = max(last + 1, int(time.time()) // CODE_SECONDS)
            self._codes_given[person["phone"]] = half_minute
        time.sleep(max(0, half_minute * CODE_SECONDS - time.time()))
        code = self.command("user", "code", "--phone", person["phone"]).strip()
        # The command takes its time too: it may show the code of the next half minute already.
        with self._giving_code:
            shown = int(time.time()) // CODE_SECONDS
            self._codes_given[person["phone"]] = max(self._codes_given[person["phone"]], shown)
        return code

    def log(self, lines: int = 40) -> str:
        if not self.log_path.exists():
            return ""
        return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-lines:])


def environment() -> dict[str, str]:
    """The environment without anybody's own settings: a test must never open a real store."""
    return {name: value for name, value in os.environ.items() if not name.startswith("LINLI_")}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
