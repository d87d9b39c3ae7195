#!/usr/bin/env bash
# Installs a package in a clean Debian, starts the server as its systemd unit would, asks it how it is, stops it and
# removes it again.
#   packaging/test-deb.sh PACKAGE.deb
# Needs root (or sudo), debootstrap, curl and a Debian mirror: the one that this machine's apt uses.
set -euo pipefail
export LC_ALL=C.UTF-8

package=$(readlink -f "$1")
if [ "$(id -u)" != 0 ]; then exec sudo "${BASH_SOURCE[0]}" "$package"; fi
# Mounts and processes of a namespace end with it, whatever happens in here.
if [ -z "${LINLI_IN_NAMESPACE:-}" ]; then
    exec env LINLI_IN_NAMESPACE=1 unshare --mount --pid --fork --kill-child "${BASH_SOURCE[0]}" "$package"
fi

clean=$(mktemp -d)
chmod 755 "$clean"
clean_up() {
    local status=$?
    if [ "$status" != 0 ] && [ -s "$clean/server.log" ]; then
        echo "The server said:" >&2
        tail -n 50 "$clean/server.log" >&2
    fi
    umount "$clean/proc" 2>/dev/null || true
    rm -rf "$clean"
}
trap clean_up EXIT

passed=0
check() {
    local what=$1
    shift
    if ! "$@"; then
        echo "failed: $what" >&2
        exit 1
    fi
    echo "  ok  $what"
    passed=$((passed + 1))
}

inside() {
    chroot "$clean" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

quietly() {
    if ! "$@" >"$clean.log" 2>&1; then
        tail -n 40 "$clean.log" >&2
        rm -f "$clean.log"
        return 1
    fi
    rm -f "$clean.log"
}

has_owner_and_mode() { [ "$(inside stat -c '%U:%G %a' "$1")" = "$2" ]; }

# 1. A clean root, with this machine's way to the Debian archive and nothing else of it.
. /etc/os-release
sources=$(apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
    'Created-By: Packages' 'Origin: Debian' | grep -F " $VERSION_CODENAME" | sort -u)
mirror=$(awk -v release="$VERSION_CODENAME" '$3 == release { print $2; exit }' <<<"$sources")
echo "A clean $VERSION_CODENAME from $mirror"
quietly debootstrap --variant=minbase "$VERSION_CODENAME" "$clean" "$mirror"
# Thrown away in a minute: it need not survive a power cut.
echo force-unsafe-io >"$clean/etc/dpkg/dpkg.cfg.d/unsafe-io"
mount -t proc proc "$clean/proc"
printf '%s\n' "$sources" >"$clean/etc/apt/sources.list"
apt-config dump | grep -E '^Acquire::(http|https|Check|Retries)' >"$clean/etc/apt/apt.conf.d/10machine" || true
cp -L /etc/resolv.conf /etc/hosts "$clean/etc/"

# 2. The package comes in with what it depends on, and nothing it only recommends.
cp "$package" "$clean/linli.deb"
quietly inside apt-get -q update
check "installs with its dependencies" quietly inside apt-get -q -y --no-install-recommends install /linli.deb systemd
check "runs without a Swift toolchain" inside linli version
check "has a user of its own" quietly inside getent passwd linli
check "its directory is closed to others" has_owner_and_mode /var/lib/linli "linli:linli 750"
check "its settings are closed to others" has_owner_and_mode /etc/linli/linli.yaml "root:linli 640"
check "its systemd unit is sound" quietly inside systemd-analyze verify /lib/systemd/system/linli.service

# 3. Started as the unit says, on a free port, which also shows that the settings are read.
while port=$((20000 + RANDOM % 10000)) && (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
sed -i "s/^port:.*/port: $port/" "$clean/etc/linli/linli.yaml"
unit=$clean/lib/systemd/system/linli.service
command=$(sed -n 's/^ExecStart=//p' "$unit")
directory=$(sed -n 's/^WorkingDirectory=//p' "$unit")
mask=$(sed -n 's/^UMask=//p' "$unit")
chroot --userspec=linli:linli "$clean" env -i PATH=/usr/bin:/bin HOME="$directory" \
    sh -c "cd '$directory' && umask $mask && exec $command" >"$clean/server.log" 2>&1 &
server=$!

answers() {
    for _ in $(seq 1 150); do
        kill -0 "$server" 2>/dev/null || return 1
        if curl --silent --fail --max-time 2 --output /dev/null "http://127.0.0.1:$port/health"; then
            return 0
        fi
        sleep 0.2
    done
    return 1
}
check "answers /health" answers
check "answers the first page" curl --silent --fail --output /dev/null "http://127.0.0.1:$port/"

# A photo comes in and is made small: that takes a helper and libraries which the package must have brought along.
as_linli() { chroot --userspec=linli:linli "$clean" env -i PATH=/usr/bin:/bin LC_ALL=C.UTF-8 HOME="$directory" \
    sh -c "cd '$directory' && umask $mask && exec \"\$@\"" sh "$@"; }
root=http://127.0.0.1:$port
picture=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../Sources/UI/Assets/icon-512.png
pick() { grep -o "\"$1\":\"[^\"]*\"" | head -1 | cut -d'"' -f4; }
has_thumbnail() {
    local settings=(--config /etc/linli/linli.yaml --phone 13900001234) token photo told id receipt
    as_linli linli user add "${settings[@]}" --name 测试 --role dispatcher --division 110101001 >"$clean.log" 2>&1 ||
        { cat "$clean.log" >&2; return 1; }
    token=$(as_linli linli user token "${settings[@]}" 2>"$clean.log" | tail -n 1)
    rm -f "$clean.log"
    photo=$(curl --silent --show-error --fail-with-body "$root/api/v1/files" -H "Authorization: Bearer $token" \
        -H "Content-Type: image/png" --data-binary "@$picture" | pick id)
    told=$(curl --silent --show-error --fail-with-body "$root/api/v1/cases" -H "Authorization: Bearer $token" \
        -H "Content-Type: application/json" \
        -d "{\"text\":\"路灯不亮\",\"category\":\"C0118\",\"division\":\"110101001\",\"photos\":[\"$photo\"]}")
    id=$(pick id <<<"$told")
    receipt=$(pick receipt <<<"$told")
    for size in "?size=small&" "?"; do
        curl --silent --show-error --fail --output "$clean/photo$size" "$root/cases/$id/photos/$photo${size}r=$receipt" ||
            return 1
        [ "$(head -c 2 "$clean/photo$size" | od -An -tx1 | tr -d ' ')" = ffd8 ] || return 1
    done
    [ "$(stat -c %s "$clean/photo?size=small&")" -lt "$(stat -c %s "$clean/photo?")" ]
}
check "keeps a photo that is sent, and its thumbnail" has_thumbnail

keeps_to_itself() { [ -z "$(find "$clean/var/lib/linli" -mindepth 1 \( -perm /077 -o ! -user "$1" \) -print -quit)" ]; }
check "what it keeps is closed to others" keeps_to_itself "$(inside id -u linli)"

ends_in_time() {
    local tries
    kill -TERM "$server"
    for tries in $(seq 1 50); do
        if ! kill -0 "$server" 2>/dev/null; then
            wait "$server"
            return
        fi
        sleep 0.1
    done
    echo "still running after $((tries / 10)) s" >&2
    return 1
}
check "stops within 5 seconds" ends_in_time

# 4. Taken away, it leaves the residents' data and nothing else.
kept=$(find "$clean/var/lib/linli" -mindepth 1 | wc -l)
check "can be removed" quietly inside apt-get -q -y purge linli
is_gone() { [ ! -e "$clean/usr/lib/linli" ] && [ ! -e "$clean/etc/linli" ]; }
check "leaves no program and no settings" is_gone
still_kept() { [ "$kept" -gt 0 ] && [ "$(find "$clean/var/lib/linli" -mindepth 1 | wc -l)" = "$kept" ]; }
check "leaves the data" still_kept

echo "package: $passed checks passed"
