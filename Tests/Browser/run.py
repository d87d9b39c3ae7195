"""Runs the browser tests: every function named story_* or check_* in stories/*.py.

    run.py --binary .build/debug/linli [--jobs 2] [--timings FILE] [WORD]

Starts the server with a fresh demo community, runs the stories in two browsers side by side, keeps a screenshot of
each failure, and ends with a line `N passed, N failed`. With WORD only stories whose name has it. What a story gets
is said in visitor.py. A function with the attribute `is_long` begins before the others; of those with the same
`shares`, the thing they all change, only one runs at a time.
"""

import argparse
import importlib.util
import inspect
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Error, sync_playwright

from site_under_test import Site
from visitor import Visitor, is_visitor

HERE = Path(__file__).resolve().parent
# No story may take longer; most take a few seconds.
STALLED_SECONDS = 300


@dataclass
class Story:
    name: str
    run: Callable
    # The story's parameters and the visitor (or site) that each one is.
    cast: dict[str, str]


@dataclass
class Outcome:
    story: Story
    seconds: float
    failure: str | None


class Waiting:
    """The stories nobody has begun, for the browsers to take from."""

    def __init__(self, stories: list[Story]):
        self.stories = list(stories)
        self.held: set[str] = set()
        self.changed = threading.Condition()

    def take(self) -> Story | None:
        """The first one that changes nothing a running one changes; None when none is left."""
        with self.changed:
            while self.stories:
                for story in self.stories:
                    shared = getattr(story.run, "shares", None)
                    if shared in self.held:
                        continue
                    self.stories.remove(story)
                    if shared:
                        self.held.add(shared)
                    return story
                self.changed.wait()
            return None

    def give_back(self, story: Story) -> None:
        with self.changed:
            self.held.discard(getattr(story.run, "shares", None))
            self.changed.notify_all()


def find_stories(word: str) -> list[Story]:
    stories = []
    for path in sorted((HERE / "stories").glob("*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for name, function in vars(module).items():
            if not name.startswith(("story_", "check_")) or getattr(function, "__module__", "") != path.stem:
                continue
            parameters = list(inspect.signature(function).parameters)
            for variant in getattr(function, "variants", [None]):
                cast = {each: variant if each == "visitor" else each for each in parameters}
                strangers = [each for each in cast.values() if each != "site" and not (each and is_visitor(each))]
                if strangers:
                    sys.exit(f"{path.name}: {name} asks for {strangers[0]!r}, which visitor.py does not know")
                full_name = f"{path.stem}.{name}" + (f"[{variant}]" if variant else "")
                stories.append(Story(full_name, function, cast))
    # The long ones first: begun last, one of them would run alone while the other browser has nothing left.
    stories.sort(key=lambda story: not getattr(story.run, "is_long", False))
    return [story for story in stories if word in story.name]


def run_story(story: Story, browser: Browser, site: Site, evidence: Path) -> Outcome:
    began = time.monotonic()
    visitors: list[Visitor] = []
    failure = None
    try:
        arguments: dict[str, Site | Visitor] = {}
        for parameter, name in story.cast.items():
            if name == "site":
                arguments[parameter] = site
            else:
                visitors.append(Visitor(browser, site, name))
                arguments[parameter] = visitors[-1]
        story.run(**arguments)
        faults = [f"{visitor.name}: {fault}" for visitor in visitors for fault in visitor.faults]
        assert not faults, "\n".join(faults)
    except Exception as error:  # whatever a story throws is its failure, not the runner's
        failure = describe(error)
        for visitor in visitors:
            failure += keep_evidence(visitor, evidence / f"{story.name}-{visitor.name}")
    for visitor in visitors:
        try:
            visitor.context.close()
        except Error:
            # The browser is gone; the story has failed on that already.
            pass
    return Outcome(story, time.monotonic() - began, failure)


def describe(error: Exception) -> str:
    """What went wrong and where in the story; the library's own frames do not help."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(HERE)]
    places = [
        f"{Path(frame.filename).name}:{frame.lineno}: {frame.line}"
        for frame in frames
        if Path(frame.filename) != HERE / "run.py"
    ]
    return "\n".join([f"{type(error).__name__}: {error}", *places])


def keep_evidence(visitor: Visitor, stem: Path) -> str:
    try:
        visitor.page.screenshot(path=f"{stem}.png", full_page=True)
        Path(f"{stem}.html").write_text(visitor.page.content())
        return f"\n{visitor.name} was at {visitor.page.url}: {stem}.png"
    except Error as error:
        return f"\n{visitor.name} could not be photographed: {error.message}"


def work(
    waiting: Waiting, done: "queue.Queue[Outcome]", running: set[str], site: Site, evidence: Path
) -> None:
    """One browser, taking stories until none is left."""
    arguments = ["--disable-dev-shm-usage"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    with sync_playwright() as playwright:
        # The browser without its windows: a quarter less work than the whole one, and everything a page can see.
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium-headless-shell", args=arguments)
        while story := waiting.take():
            running.add(story.name)
            try:
                done.put(run_story(story, browser, site, evidence))
            finally:
                waiting.give_back(story)
            running.discard(story.name)
        browser.close()


def run_all(stories: list[Story], jobs: int, site: Site, evidence: Path) -> list[Outcome]:
    waiting = Waiting(stories)
    done: queue.Queue[Outcome] = queue.Queue()
    running: set[str] = set()
    workers = [
        threading.Thread(target=work, args=(waiting, done, running, site, evidence), daemon=True)
        for _ in range(min(jobs, len(stories)))
    ]
    for worker in workers:
        worker.start()
    outcomes: list[Outcome] = []
    last_heard = time.monotonic()
    while len(outcomes) < len(stories):
        try:
            outcome = done.get(timeout=1)
        except queue.Empty:
            if not any(worker.is_alive() for worker in workers):
                break
            if time.monotonic() - last_heard > STALLED_SECONDS:
                print(f"FAIL nothing for {STALLED_SECONDS} s; still running: {', '.join(sorted(running))}", flush=True)
                break
            continue
        last_heard = time.monotonic()
        outcomes.append(outcome)
        print(f"{'FAIL' if outcome.failure else 'ok  '} {outcome.seconds:6.1f} s  {outcome.story.name}", flush=True)
        if outcome.failure:
            print("     " + outcome.failure.replace("\n", "\n     "), flush=True)
    for worker in workers:
        worker.join(timeout=10)
    return outcomes


def main() -> int:
    parser = argparse.ArgumentParser(description="Runs the browser tests.")
    parser.add_argument("--binary", type=Path, required=True, help="the program to test")
    parser.add_argument("--jobs", type=int, default=2, help="how many browsers work side by side")
    parser.add_argument("--timings", type=Path, help="where to write each story's seconds and name")
    parser.add_argument("word", nargs="?", default="", help="run only stories whose name has this")
    options = parser.parse_args()

    stories = find_stories(options.word)
    outcomes: list[Outcome] = []
    evidence = Path(tempfile.mkdtemp(prefix="linli-browser-failures-"))
    site = Site(options.binary)
    stopped_in = 0.0
    # Ended from outside, it still takes its server along.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        if stories:
            site.start()
            outcomes = run_all(stories, options.jobs, site, evidence)
    except (RuntimeError, OSError, ValueError, subprocess.SubprocessError) as error:
        print(f"The demo did not open: {error}")
    finally:
        stopped_in = site.stop()
        log = site.log(lines=10_000)
        site.remove()
    passed = sum(1 for outcome in outcomes if outcome.failure is None)
    # A story that no browser got to has not passed.
    failed = len(stories) - passed
    if stopped_in > 5:
        print(f"FAIL the server took {stopped_in:.1f} s to stop, more than 5")
        failed += 1
    if options.timings:
        options.timings.write_text("".join(f"{each.seconds:.2f}\t{each.story.name}\n" for each in outcomes))
    if failed:
        (evidence / "server.log").write_text(log)
        print(f"Screenshots, pages and the server's log: {evidence}")
    else:
        evidence.rmdir()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
