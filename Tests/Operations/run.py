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

import api
import benches
import checks
import forms
from node import Node
from secrets_walk import check_secrets


def list_of_checks(binary, postgres):
    """Names and functions that get a folder of their own."""

    def database(name):
        subprocess.run(["psql", postgres, "-qc", f"CREATE DATABASE {name}"], check=True, timeout=60)
        return postgres.replace("/postgres", f"/{name}", 1)

    engines = [("SQLite", "sqlite", lambda name: None)]
    if postgres:
        engines.append(("PostgreSQL", "postgres", lambda name: database("operations_" + name)))
    found = []
    for title, name, make in engines:
        both = [
            ("kill -9 under load", lambda folder, name=name, make=make: checks.check_kill_under_load(
                binary, folder, name, make("kill"))),
            ("stop under load", lambda folder, name=name, make=make: checks.check_graceful_stop(
                binary, folder, name, make("stop"))),
            ("backup under load", lambda folder, name=name, make=make: checks.check_backup_under_load(
                binary, folder, name, make("backup"), make("restored"))),
            ("demo twice", lambda folder, name=name, make=make: checks.check_demo_twice(
                binary, folder, name, make("demo"), make("demo_again"))),
            ("nothing readable", lambda folder, name=name, make=make: check_secrets(
                binary, folder, name, make("secrets"))),
        ]
        found += [(f"{word}, {title}", check) for word, check in both]
    found += [
        ("kill before the first key", lambda folder: checks.check_kill_before_the_first_key(binary, folder)),
        ("the bench, small", lambda folder: benches.check_benches(binary, folder, postgres)),
        ("key sheet", lambda folder: checks.check_key_sheet(binary, folder)),
    ]
    found += [
        ("API described", lambda folder: api.check_described(binary, folder)),
        ("API examples", lambda folder: api.check_examples(binary, folder)),
        # Whichever engine says no to more: PostgreSQL, when there is one.
        ("API fuzzed", lambda folder: api.check_api_fuzzed(
            binary, folder, database("operations_fuzz") if postgres else None)),
        ("forms fuzzed", lambda folder: forms.check_forms_fuzzed(
            binary, folder, database("operations_forms") if postgres else None)),
    ]
    if postgres:
        found += [
            ("commands on a wrong database", lambda folder: checks.check_wrong_database(
                binary, folder, database("operations_typo"))),
            ("two nodes, one killed", lambda folder: checks.check_two_nodes(binary, folder, database("operations_two"))),
            ("two nodes share", lambda folder: checks.check_shared_nodes(
                binary, folder, database("operations_shared"))),
        ]
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--postgres")
    parser.add_argument("word", nargs="?", default="", help="run only checks whose name has this")
    options = parser.parse_args()
    chosen = [
        (name, check) for name, check in list_of_checks(os.path.abspath(options.binary), options.postgres)
        if options.word in name
    ]
    failed = 0
    for name, check in chosen:
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            try:
                check(folder)
                print(f"ok {name}, {time.monotonic() - started:.1f} s", flush=True)
            except Exception as error:  # every check is tried, whatever happened to the one before
                failed += 1
                print(f"FAILED {name}: {type(error).__name__}: {error}", flush=True)
            finally:
                Node.stop_all()
    print(f"{len(chosen) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
