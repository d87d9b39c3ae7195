#!/usr/bin/env python3
"""What an operator types, and mistypes: every start-up error in one go and in plain sentences, commands on a folder that
is not the server's, the first administrator of a store without the demo. Python's standard library only.

commands.py --binary linli
"""
import argparse
import contextlib
import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.error
import urllib.request

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("LINLI_")}


class Bench:
    """The program in a folder of its own."""

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        # What stands before the program: something that takes rights away.
        self.before = []

    def run(self, *words, **environment):
        return subprocess.run(
            [*self.before, self.binary, *words], capture_output=True, text=True, timeout=120, cwd=self.folder,
            env={**ENVIRONMENT, **environment},
        )

    def refused(self, *words, **environment):
        """The sentences of a command that must fail, without the name in front."""
        done = self.run(*words, **environment)
        assert done.returncode == 1, f"{words} ended with {done.returncode}: {done.stdout}"
        lines = done.stderr.splitlines()
        assert lines and all(line.startswith("linli: ") for line in lines), done.stderr
        for line in lines:
            for word in ("Error(", "error:", "NIO", "Optional(", "Fatal"):
                assert word not in line, f"not a plain sentence: {line}"
        return [line.removeprefix("linli: ") for line in lines]

    def did(self, *words, **environment):
        done = self.run(*words, **environment)
        assert done.returncode == 0, f"{words}: {done.stderr}"
        return done.stdout.strip()

    @contextlib.contextmanager
    def serving(self, *flags):
        """A server over the folder `data`; gives what fetches a path: status, headers by small names, body."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]

        def get(path):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as reply:
                return reply.status, {name.lower(): value for name, value in reply.headers.items()}, reply.read()

        server = subprocess.Popen(
            [self.binary, "serve", "--data", "data", "--port", str(port), "--log-level", "error", *flags],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=self.folder, env=ENVIRONMENT,
        )
        try:
            for _ in range(200):
                try:
                    get("/health")
                    break
                except OSError:
                    assert server.poll() is None, server.stderr.read().decode()
                    time.sleep(0.1)
            yield get
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=20)
            server.stderr.close()

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return name


def holds(sentences, *parts):
    """Each part stands in a sentence of its own, and there are no more sentences."""
    left = list(sentences)
    for part in parts:
        found = [line for line in left if part in line]
        assert found, f"nothing says {part!r}: {sentences}"
        left.remove(found[0])
    assert not left, f"also said: {left}"


def check_everything_at_once(bench):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        bench.write("not-a-database", "hello, this is plain text")
        bench.write("linli.yaml", "data: ./data\nprot: 80\nsampled-percent: many\n")
        os.makedirs(bench.path("data/keys"))
        bench.write("data/keys/master.key", "tooshort\n")
        said = bench.refused(
            "serve", "--config", "linli.yaml", "--port", str(other.getsockname()[1]), "--duty-hours", "all day",
            "--database", "sqlite:not-a-database", "--vendor-dir", "nowhere", "--demo=maybe", "--colour", "red",
            LINLI_TRUST_PROXI="1",
        )
        holds(
            said, "--colour is not a setting", "LINLI_TRUST_PROXI in the environment is not a setting; did you mean "
            "LINLI_TRUST_PROXY?", "linli.yaml: prot is not a setting; did you mean port?", "--demo is a switch",
            "--duty-hours must look like", "--sampled-percent must be a number", "the folder nowhere of --vendor-dir",
            "master.key is damaged", "not-a-database is not an SQLite database", "is in use by another program",
        )


def check_addresses(bench):
    holds(bench.refused("serve", "--host", "not-a-host.invalid"), "--host not-a-host.invalid is not an address")
    holds(bench.refused("serve", "--host", "203.0.113.9", "--port", "0"), "203.0.113.9 is not an address of this machine")
    holds(bench.refused("serve", "--port", "70000"), "--port must be a number from 0 to 65535")
    holds(bench.refused("serve", "--origin", "linli.example"), "--origin must be the address people use")
    holds(bench.refused("migrate", "--database", "mysql://x"), "--database must be sqlite:PATH or postgres://")
    holds(bench.refused("migrate", "--database", "postgres://%zz@["), "not a valid URL")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    said = bench.refused("migrate", "--database", f"postgres://linli:secret@127.0.0.1:{port}/linli", "--connections", "99")
    holds(said, "--connections must be a number from 1 to 16", "does not answer: is it running?")
    assert "secret" not in "".join(said)


def check_files_and_folders(bench):
    holds(bench.refused("serve", "--config", "missing.yaml"), "there is no settings file missing.yaml")
    bench.write("broken.yaml", "data: [unclosed\n")
    (sentence,) = bench.refused("serve", "--config", "broken.yaml")
    assert "broken.yaml is not a list of `name: value` lines" in sentence, sentence
    bench.write("file", "")
    holds(bench.refused("serve", "--port", "0", "--data", "file"), "file is a file, but a folder is needed there")
    # What the file would have said is not known; what is wrong beside it is told with it.
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        said = bench.refused(
            "serve", "--config", "missing.yaml", "--port", str(other.getsockname()[1]), "--data", "file",
            "--database", "mysql://x", "--audit-roots", "nowhere",
        )
    holds(
        said, "there is no settings file missing.yaml", "is in use by another program", "file is a file, but a folder",
        "--database must be sqlite:PATH", "the folder nowhere of --audit-roots does not exist",
    )
    holds(bench.refused("migrate", "--data", "file/below"), "the folder file/below cannot be created")
    holds(bench.refused("migrate", "--database", "sqlite:no/such/folder/x.db"), "for the database does not exist")
    holds(bench.refused("migrate", "--tiles", "no.mbtiles"), "--tiles")
    # Nothing that was refused has made anything.
    assert sorted(os.listdir(bench.folder)) == ["broken.yaml", "file"], os.listdir(bench.folder)


def check_files_without_rights(bench):
    """Settings, database and key that may not be read: a sentence each, all at once."""
    bench.did("migrate", "--data", "data")
    bench.write("linli.yaml", "port: 0\n")
    for name in ("linli.yaml", "data/linli.db", "data/keys/master.key"):
        os.chmod(bench.path(name), 0)
    if os.geteuid() == 0:
        # Root reads everything, unless these powers are taken from it.
        bench.before = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
    said = bench.refused(
        "serve", "--config", "linli.yaml", "--port", "0", "--data", "data", "--database", "sqlite:data/linli.db",
        "--key-file", "data/keys/master.key",
    )
    holds(
        said, "the settings file linli.yaml cannot be read", "the database data/linli.db cannot be read and written",
        "the master key data/keys/master.key cannot be read",
    )


def check_command_with_its_place(bench):
    """What is wrong with a command's own words and files is told with what is wrong with the place."""
    bench.write("file", "")
    there = "there is no data folder wrong"
    for words, *parts in [
        (["user", "token", "--phone", "12"], "--phone must be a phone number of 11 digits"),
        (
            ["user", "add", "--phone", "12", "--role", "boss"], "--phone must be a mobile number",
            "--name must say who it is", "--role must be one of",
        ),
        (["user", "key"], "--name must say which program"),
        (["user", "coed"], "say `linli user add`"),
        (["import", "divisions", "no-file"], "the file no-file cannot be read"),
        (["import", "people", "no-file"], "say `linli import divisions FILE`"),
        (["backup", "."], ". is not empty"),
        (["backup"], "say `linli backup FOLDER`"),
        (["rates", "count", "--month", "today", "--newest", "0"], "say `linli rates recount`", "--month must look like",
         "--newest must be a number from 1"),
    ]:
        holds(bench.refused(*words, "--data", "wrong", "--connections", "99"), there, "--connections must be", *parts)
    place = "file is a file, but a folder is needed there"
    for words, *parts in [
        (
            ["demo", "ctiy", "--scale", "many", "--scale-open", "2000", "--fraction", "2"], "say `linli demo`",
            "--scale must be a number", "--scale-open must be a number", "--fraction must be a number",
        ),
        (["restore", "nowhere"], "the master key file/keys/master.key is missing", "nowhere holds no backup of an SQLite"),
        (["restore"], "the master key file/keys/master.key is missing", "say `linli restore FOLDER`"),
        (["key", "import", "no-sheet"], "the recovery sheet no-sheet cannot be read"),
        (["key", "export"], "there is no master key at file/keys/master.key"),
        (["key", "exprot"], "say `linli key export`"),
    ]:
        holds(bench.refused(*words, "--data", "file", "--connections", "99"), place, "--connections must be", *parts)
    assert os.listdir(bench.folder) == ["file"], os.listdir(bench.folder)


def check_mistyped_folder(bench):
    bench.did("migrate", "--data", "right")
    for words in (
        ["doctor"], ["backup", "copy"], ["user", "token", "--phone", "13900001234"], ["import", "divisions", "file"],
    ):
        bench.write("file", "level,code,name\n")
        holds(bench.refused(*words, "--data", "wrong"), "there is no data folder wrong")
    os.mkdir(bench.path("empty"))
    (sentence,) = bench.refused("doctor", "--data", "empty")
    assert "there is no store at empty/linli.db" in sentence, sentence
    assert not os.path.exists(bench.path("wrong")) and not os.path.exists(bench.path("copy"))


def check_words(bench):
    holds(bench.refused("sevre"), "sevre is not a command; did you mean serve?")
    holds(bench.refused("version", "--prot", "80"), "--prot is not a setting; did you mean --port?")
    holds(bench.refused("serve", "--port"), "--port needs a value")
    holds(bench.refused("sevre", "--prot", "80"), "sevre is not a command", "--prot is not a setting")
    holds(bench.refused("version", "please"), "version stands alone: please says nothing to it")
    holds(
        bench.refused("verify", "nothing", "12", "--audit-roots", "nowhere", "--prot", "80"), "nothing cannot be read",
        "the key has 64 hexadecimal digits", "the folder nowhere of --audit-roots", "--prot is not a setting",
    )
    holds(
        bench.refused("bench", "nothing", "--seconds", "0", "--prot", "80"), "say `linli bench scale`",
        "--seconds must be a number from 1 to 600", "--prot is not a setting",
    )
    assert bench.did("version").startswith("linli ")


def check_table_of_settings(bench):
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "../../docs/operations/configuration.md"), encoding="utf-8") as page:
        assert bench.did("settings") in page.read(), "docs/operations/configuration.md is not what `linli settings` prints"


def check_key_before_schema(bench):
    bench.did("migrate", "--data", "data")
    mode = stat.S_IMODE(os.stat(bench.path("data/keys/master.key")).st_mode)
    assert mode == 0o600, oct(mode)
    os.remove(bench.path("data/keys/master.key"))
    (sentence,) = bench.refused("migrate", "--data", "data")
    assert "the master key data/keys/master.key is missing" in sentence, sentence
    assert not os.path.exists(bench.path("data/keys/master.key"))


PNG = b"\x89PNG\r\n\x1a\n" + bytes(60)


def check_base_map(bench):
    """Pictures of a file, the address of another server, and what pages may then load."""
    with sqlite3.connect(bench.path("map.mbtiles")) as map_file:
        map_file.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
        map_file.execute("CREATE TABLE tiles (zoom_level INT, tile_column INT, tile_row INT, tile_data BLOB)")
        map_file.execute("INSERT INTO metadata VALUES ('attribution', '示例地图')")
        map_file.execute("INSERT INTO tiles VALUES (3, 6, 5, ?)", (PNG,))
    map_file.close()
    os.chmod(bench.path("map.mbtiles"), 0o444)
    bench.did("demo", "--data", "data")
    with bench.serving("--tiles", "map.mbtiles") as get:
        status, headers, body = get("/tiles/3/6/2")
        assert (status, headers["content-type"], body) == (200, "image/png", PNG), (status, headers, body[:20])
        assert get("/tiles/3/6/3")[0] == 204
        page = get("/report")[2].decode()
        assert 'data-tiles="/tiles/{z}/{x}/{y}"' in page and 'data-attribution="示例地图"' in page
    with bench.serving("--tiles", "https://tiles.example.org/{z}/{x}/{y}.png", "--tiles-attribution", "©示例") as get:
        status, headers, body = get("/report")
        assert "img-src 'self' data: blob: https://tiles.example.org;" in headers["content-security-policy"]
        assert 'data-tiles="https://tiles.example.org/{z}/{x}/{y}.png"' in body.decode()
    with bench.serving() as get:
        assert "img-src 'self' data: blob:;" in get("/report")[1]["content-security-policy"]
        try:
            get("/tiles/3/6/2")
            raise AssertionError("there is no base map")
        except urllib.error.HTTPError as error:
            assert error.code == 404
    bench.write("text.mbtiles", "no map at all")
    holds(bench.refused("serve", "--port", "0", "--tiles", "text.mbtiles"), "text.mbtiles is not an MBTiles file")
    holds(bench.refused("serve", "--port", "0", "--tiles", "https://x/{z}.png"), "--tiles must be an MBTiles file or look")


def check_first_administrator(bench):
    """A store without the demo: divisions are there, the first administrator gets a link, and it opens."""
    store = ["--data", "data", "--origin", "https://linli.example.org"]
    bench.did("migrate", *store)
    wish = ["--phone", "13900001234", "--name", "钱进", "--role", "administrator", "--division", "110101"]
    said = bench.did("user", "add", *wish, *store).splitlines()
    assert said[-1].startswith("https://linli.example.org/setup/"), said
    holds(bench.refused("user", "code", "--phone", "13900001234", *store), "has no second factor yet")
    again = bench.did("user", "password", "--phone", "13900001234", *store).splitlines()
    assert again[-1] != said[-1]
    holds(
        bench.refused("user", "add", "--phone", "13900001235", "--role", "boss", *store),
        "--name must say who it is", "--role must be one of gridWorker",
    )
    with bench.serving() as get:
        path = again[-1].removeprefix("https://linli.example.org")
        assert "钱进，您好" in get(path)[2].decode()
        assert get("/api/v1/divisions")[2].decode().count("\"code\"") == 16


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    binary = os.path.abspath(parser.parse_args().binary)
    checks = [value for name, value in sorted(globals().items()) if name.startswith("check_")]
    failed = 0
    for check in checks:
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            try:
                check(Bench(binary, folder))
                print(f"ok {check.__name__}, {time.monotonic() - started:.1f} s", flush=True)
            except Exception as error:  # every check is tried, whatever happened to the one before
                failed += 1
                print(f"FAILED {check.__name__}: {type(error).__name__}: {error}", flush=True)
                traceback.print_exc(limit=-1)
    print(f"{len(checks) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
