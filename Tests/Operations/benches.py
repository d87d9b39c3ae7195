"""The benchmark itself, small: a measurement that stops half way is found here and not by who needs its figure."""
import os
import subprocess

from node import ENVIRONMENT


def run(binary, folder, postgres, *words):
    """Runs `linli bench WORDS`; every check of its own that is not about speed must have held."""
    where = ["--data", os.path.join(folder, words[0])] + (["--database", postgres] if postgres else [])
    done = subprocess.run(
        [binary, "bench", *words, *where], capture_output=True, text=True, timeout=600, env=ENVIRONMENT
    )
    assert done.returncode == 0, f"linli bench {' '.join(words)} ended with {done.returncode}: {done.stderr[-800:]}"
    return done.stdout


def rows(report):
    """The rows of its tables, by their first cell."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in report.splitlines() if line[:1] == "|"]
    return {row[0]: row[1:] for row in cells}


def check_benches(binary, folder, postgres=None):
    """Each item of the bench comes to its end; figures of a debug build on a busy machine are not looked at."""
    found = rows(run(binary, folder, None, "create", "home", "desk", "case", "grid", "--seconds", "1"))
    for what in ("case created durably", "home, signed-in resident", "desk, list of 50"):
        assert what in found, f"the bench did not measure: {what}"
    run(binary, folder, None, "scale", "--scale", "3000", "--seconds", "1")
    said = run(binary, folder, None, "rates", "--scale", "3000")
    assert said.count(": all equal") == 2, f"the sums were not proved twice: {said[-1500:]}"
    wrong = rows(run(binary, folder, postgres, "storm", "--scale", "100", "--seconds", "10"))
    for what in (
        "states of cases", "steps in histories", "cases in the counts of the desk", "starts and stops of clocks", "deadlines",
    ):
        assert wrong[what][1] == "0", f"the storm left wrong: {what}, {wrong[what]}"
