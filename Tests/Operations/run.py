#!/usr/bin/env python3
"""What an operator fears, done to a real server: kill -9 under write load, a stop while browsers listen, two nodes on
one PostgreSQL with one of them killed, a backup while people write, numbers left readable; and rubbish for every
operation of the API and every form. Python's standard library, schemathesis and an OpenAPI validator; traffic stays on
this machine.

run.py --binary linli [--postgres URL] [WORD]      URL of a superuser database of a throw-away cluster
"""
import argparse
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import api
import benches
import checks
import forms
from node import Node
from secrets_walk import check_secrets


def list_of_checks(binary, postgres):
    """Two lists of names and functions that get a folder of their own: where seconds count, and the others."""

    def database(name):
        subprocess.run(["psql", postgres, "-qc", f"CREATE DATABASE {name}"], check=True, timeout=60)
        return postgres.replace("/postgres", f"/{name}", 1)

    engines = [("SQLite", "sqlite", lambda name: None)]
    if postgres:
        engines.append(("PostgreSQL", "postgres", lambda name: database("operations_" + name)))
    # The longest first, so that it does not end alone.
    patient = [
        # Whichever engine says no to more: PostgreSQL, when there is one.
        ("API fuzzed", lambda folder: api.check_api_fuzzed(
            binary, folder, database("operations_fuzz") if postgres else None)),
        ("the bench, small", lambda folder: benches.check_benches(binary, folder, postgres)),
        ("forms fuzzed", lambda folder: forms.check_forms_fuzzed(
            binary, folder, database("operations_forms") if postgres else None)),
        ("API examples", lambda folder: api.check_examples(binary, folder)),
        ("API described", lambda folder: api.check_described(binary, folder)),
        ("key sheet", lambda folder: checks.check_key_sheet(binary, folder)),
    ]
    hurried = [("kill before the first key", lambda folder: checks.check_kill_before_the_first_key(binary, folder))]
    for title, name, make in engines:
        hurried += [
            (f"kill -9 under load, {title}", lambda folder, name=name, make=make: checks.check_kill_under_load(
                binary, folder, name, make("kill"))),
            (f"stop under load, {title}", lambda folder, name=name, make=make: checks.check_graceful_stop(
                binary, folder, name, make("stop"))),
            (f"backup under load, {title}", lambda folder, name=name, make=make: checks.check_backup_under_load(
                binary, folder, name, make("backup"), make("restored"))),
        ]
        patient += [
            (f"demo twice, {title}", lambda folder, name=name, make=make: checks.check_demo_twice(
                binary, folder, name, make("demo"), make("demo_again"))),
            (f"doctor names faults, {title}", lambda folder, name=name, make=make: checks.check_doctor_names_faults(
                binary, folder, name, make("doctor"))),
            (f"restore without people, {title}", lambda folder, name=name, make=make:
                checks.check_restore_without_people(binary, folder, name, make("people"), make("people_restored"))),
            (f"nothing readable, {title}", lambda folder, name=name, make=make: check_secrets(
                binary, folder, name, make("secrets"))),
        ]
    if postgres:
        hurried += [
            ("two nodes, one killed", lambda folder: checks.check_two_nodes(binary, folder, database("operations_two"))),
            ("two nodes share", lambda folder: checks.check_shared_nodes(
                binary, folder, database("operations_shared"))),
        ]
        patient.append(("commands on a wrong database", lambda folder: checks.check_wrong_database(
            binary, folder, database("operations_typo"))))
    return hurried, patient


def passes(named):
    """Whether one check passes; says so."""
    name, check = named
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        try:
            check(folder)
            print(f"ok {name}, {time.monotonic() - started:.1f} s", flush=True)
            return True
        except Exception as error:  # every check is tried, whatever happened to the one before
            print(f"FAILED {name}: {type(error).__name__}: {error}", flush=True)
            return False
        finally:
            Node.stop_all(folder)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--postgres")
    parser.add_argument("word", nargs="?", default="", help="run only checks whose name has this")
    options = parser.parse_args()
    hurried, patient = (
        [named for named in checks if options.word in named[0]]
        for checks in list_of_checks(os.path.abspath(options.binary), options.postgres)
    )
    passed = [passes(named) for named in hurried]
    with ThreadPoolExecutor(max_workers=2) as pool:
        passed += pool.map(passes, patient)
    print(f"{sum(passed)} passed, {len(passed) - sum(passed)} failed")
    sys.exit(0 if all(passed) else 1)


main()
