#!/bin/sh
# A throw-away PostgreSQL for tests: its own directory, reachable by its socket only, trusting everyone on this machine.
#
#   postgres.sh start DIR     makes the cluster when DIR is new, starts it, prints its URL
#   postgres.sh restart DIR   stops it at once, as a crash would, and starts it again
#   postgres.sh url DIR       prints the URL while it runs
#   postgres.sh stop DIR      stops it and removes DIR
#
# LINLI_TEST_FSYNC=on makes commits wait for the disk and tables be vacuumed, as on a real server (off is quicker and
# enough for most tests).
# PostgreSQL refuses to run as root: then it runs as the user postgres.
set -eu

fail() {
    echo "postgres.sh: $1" >&2
    exit 1
}

[ $# -eq 2 ] || fail "usage: postgres.sh start|restart|url|stop DIR"
command=$1
case $2 in
/*) dir=$2 ;;
*) dir=$PWD/$2 ;;
esac
# The path of a socket has at most 107 bytes.
[ ${#dir} -le 80 ] || fail "the directory's path is too long for a socket: $dir"

bin=$(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || bin=$(dirname "$(command -v initdb || echo /missing/initdb)")
[ -x "$bin/initdb" ] || fail "no initdb found: install postgresql"

owned() {
    if [ "$(id -u)" -eq 0 ]; then
        # From a directory that the user may enter.
        (cd / && runuser -u postgres -- env LC_ALL=C "$@")
    else
        env LC_ALL=C "$@"
    fi
}

start() {
    owned "$bin/pg_ctl" --pgdata="$dir/data" --log="$dir/log" --wait --silent start >/dev/null ||
        fail "did not start, see $dir/log"
}

case $command in
start)
    if [ ! -d "$dir/data" ]; then
        mkdir -p "$dir"
        [ "$(id -u)" -ne 0 ] || chown postgres "$dir"
        owned "$bin/initdb" --pgdata="$dir/data" --username=postgres --auth=trust --encoding=UTF8 --no-locale \
            --no-sync >/dev/null
        owned tee -a "$dir/data/postgresql.conf" >/dev/null <<SETTINGS
listen_addresses = ''
unix_socket_directories = '$dir'
max_connections = 300
shared_buffers = 64MB
fsync = ${LINLI_TEST_FSYNC:-off}
full_page_writes = ${LINLI_TEST_FSYNC:-off}
autovacuum = ${LINLI_TEST_FSYNC:-off}
max_wal_size = 4GB
SETTINGS
    fi
    owned "$bin/pg_ctl" --pgdata="$dir/data" status >/dev/null 2>&1 || start
    echo "postgres:///postgres?host=$dir&user=postgres"
    ;;
restart)
    owned "$bin/pg_ctl" --pgdata="$dir/data" --mode=immediate --silent stop >/dev/null
    start
    ;;
url)
    owned "$bin/pg_ctl" --pgdata="$dir/data" status >/dev/null 2>&1 || fail "does not run in $dir"
    echo "postgres:///postgres?host=$dir&user=postgres"
    ;;
stop)
    # It may have stopped by itself.
    owned "$bin/pg_ctl" --pgdata="$dir/data" --mode=immediate --silent stop >/dev/null 2>&1 || true
    rm -rf "$dir/data" "$dir/log"
    rmdir "$dir" 2>/dev/null || true
    ;;
*) fail "unknown command: $command" ;;
esac
