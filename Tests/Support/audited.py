#!/usr/bin/env python3
"""Every command of the program was run by a test and left an audit entry; every transition of every case type was taken.

audited.py SEEN     SEEN is what CommandLedger.swift wrote while the Swift tests ran
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# What only makes work for the benchmark.
ELSEWHERE = {"demo.scale"}


def declared_commands() -> set[str]:
    """The names written out in calls of `database.write`; `cases.<transition>` is looked at by transitions."""
    found = set()
    for path in (ROOT / "Sources").rglob("*.swift"):
        if "Bench" in path.parts:
            continue
        text = path.read_text()
        for call in re.finditer(r"(?:\bdatabase\.| )write\(", text):
            head = re.split(r"\{ *(?:\[[^\]]*\] *)?tx\b|\{ *try|\) *\{", text[call.end():call.end() + 400])[0]
            found |= set(re.findall(r'"([a-z]+\.[A-Za-z]+)"', head))
    return found


def declared_transitions() -> set[str]:
    """`need.accept` and so on, read from the case types."""
    found = set()
    for path in (ROOT / "Sources").rglob("*.casetype.yaml"):
        kind, is_inside = "", False
        for line in path.read_text().splitlines():
            if line.startswith("id:"):
                kind = line.split(":", 1)[1].strip()
            if line and not line[0].isspace() and not line.startswith("#"):
                is_inside = line.startswith("transitions:")
            name = re.match(r"  ([A-Za-z]+):", line)
            if is_inside and name:
                found.add(f"{kind}.{name.group(1)}")
    return found


def main() -> int:
    seen = set(Path(sys.argv[1]).read_text().splitlines())
    commands, transitions = declared_commands() - ELSEWHERE, declared_transitions()
    missing = sorted(f"command {name}" for name in commands) + sorted(f"transition {name}" for name in transitions)
    missing = [line for line in missing if line not in seen]
    for line in missing:
        print(f"no test ran {line}")
    print(f"{len(commands)} commands, {len(transitions)} transitions: {len(missing)} without a test")
    return 1 if missing or len(commands) < 25 or len(transitions) < 15 else 0


if __name__ == "__main__":
    sys.exit(main())
