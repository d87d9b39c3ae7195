#!/usr/bin/env bash
# Installs a package in a clean Debian, starts the server as its systemd unit would, asks it how it is, puts nginx and
# Caddy before it as the examples say, stops it and removes it again.
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

# 3. Started as the unit says, on a free port, which also shows that the settings are read; with the two lines for a
# reverse proxy, as docs/operations/tls.md says.
port=$((20000 + RANDOM % 9900))
is_taken() { (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
# The two after it are those of the proxies.
while is_taken "$port" || is_taken $((port + 1)) || is_taken $((port + 2)); do port=$((20000 + RANDOM % 9900)); done
sed -i -E "s/^port:.*/port: $port/; s/^# (origin|trust-proxy):/\1:/" "$clean/etc/linli/linli.yaml"
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

# 4. Behind a reverse proxy as the examples say, changed in nothing but ports and the certificate.
examples=/usr/share/doc/linli/examples name=linli.example.org plain=$((port + 1)) secure=$((port + 2))
token=$(as_linli linli user token --config /etc/linli/linli.yaml --phone 13900001234 2>/dev/null | tail -n 1)
head -c 30000000 /dev/zero >"$clean/large"
from_outside() {
    curl --silent --show-error --insecure --max-time 20 --resolve "$name:$plain:127.0.0.1" \
        --resolve "$name:$secure:127.0.0.1" "$@"
}
opens() {
    local tries
    for tries in $(seq 1 50); do
        if from_outside --fail --output /dev/null "https://$name:$secure/health" 2>/dev/null; then return 0; fi
        sleep 0.2
    done
    echo "not open after $((tries / 5)) s" >&2
    return 1
}
is_secured() {
    local head
    head=$(from_outside --dump-header - --output /dev/null "https://$name:$secure/" | tr -d '\r')
    grep -q '^HTTP/2 200' <<<"$head" && grep -qi '^strict-transport-security: max-age=' <<<"$head" &&
        grep -qi '^set-cookie: .*; Secure' <<<"$head" || { printf '%s\n' "$head" >&2; return 1; }
}
sends_on() {
    from_outside --output /dev/null --write-out '%{redirect_url}' "http://$name:$plain/report" |
        grep -qx "https://$name/report"
}
hides_metrics() {
    [ "$(from_outside --output /dev/null --write-out '%{http_code}' "https://$name:$secure/metrics")" = 404 ] &&
        curl --silent --fail --output /dev/null "$root/metrics"
}
lets_linli_explain() {
    from_outside "https://$name:$secure/api/v1/files" -H "Authorization: Bearer $token" -H "Content-Type: image/png" \
        --data-binary "@$clean/large" | grep -q '"id":"files.tooLarge"'
}
# What changes is told on the open stream, before the stream ends.
tells_at_once() {
    local id listener tries status=1
    id=$(from_outside "https://$name:$secure/api/v1/cases" -H "Authorization: Bearer $token" \
        -H "Content-Type: application/json" \
        -d '{"text":"路灯不亮","category":"C0118","division":"110101001"}' | pick id)
    from_outside --no-buffer "https://$name:$secure/live?topics=case/$id" -H "Authorization: Bearer $token" \
        >"$clean/stream" 2>/dev/null &
    listener=$!
    sleep 1
    from_outside --output /dev/null "https://$name:$secure/api/v1/cases/$id/notes" -H "Authorization: Bearer $token" \
        -H "Content-Type: application/json" -d '{"text":"晚上更黑"}'
    for tries in $(seq 1 50); do
        if grep -q "\"topic\":\"case/$id\"" "$clean/stream"; then status=0 && break; fi
        sleep 0.1
    done
    kill "$listener" 2>/dev/null && wait "$listener" 2>/dev/null || true
    [ "$status" = 0 ] || echo "nothing was told within $((tries / 10)) s" >&2
    return "$status"
}
stands_before() {
    check "$1 opens" opens
    check "$1: encrypted, with its headers and a secure cookie" is_secured
    check "$1: sends visitors from http to https" sends_on
    check "$1: keeps /metrics inside" hides_metrics
    check "$1: lets Linli say that a photo is too big" lets_linli_explain
    check "$1: tells what changes at once" tells_at_once
}

# Nothing is to be started by being installed.
printf '#!/bin/sh\nexit 101\n' >"$clean/usr/sbin/policy-rc.d"
chmod 755 "$clean/usr/sbin/policy-rc.d"
check "nginx and Caddy come from the archive" \
    quietly inside apt-get -q -y --no-install-recommends install nginx caddy openssl
certificates=/etc/letsencrypt/live/$name
inside mkdir -p "$certificates"
quietly inside openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=$name" \
    -keyout "$certificates/privkey.pem" -out "$certificates/fullchain.pem"
rm -f "$clean/etc/nginx/sites-enabled/default"
sed -E "s/127\.0\.0\.1:8080;/127.0.0.1:$port;/; s/^( *listen (\[::\]:)?)80;/\1$plain;/; s/^( *listen (\[::\]:)?)443 /\1$secure /" \
    "$clean$examples/nginx.conf" >"$clean/etc/nginx/sites-enabled/linli"
# A machine without IPv6 has nothing to listen on there.
[ -e /proc/net/if_inet6 ] || sed -i '/listen \[::\]/d' "$clean/etc/nginx/sites-enabled/linli"
check "the example for nginx is sound" quietly inside nginx -t
inside nginx
stands_before nginx
inside nginx -s quit
while is_taken "$secure"; do sleep 0.1; done

check "the example for Caddy is sound" \
    quietly inside env HOME=/tmp caddy validate --adapter caddyfile --config "$examples/Caddyfile"
{
    printf '{\n\tadmin off\n\thttp_port %s\n\thttps_port %s\n\tlocal_certs\n\tskip_install_trust\n}\n' "$plain" "$secure"
    sed "s/127\.0\.0\.1:8080/127.0.0.1:$port/" "$clean$examples/Caddyfile"
} >"$clean/tmp/Caddyfile"
chroot "$clean" env -i PATH=/usr/bin:/bin HOME=/tmp caddy run --adapter caddyfile --config /tmp/Caddyfile \
    >"$clean/caddy.log" 2>&1 &
caddy=$!
stands_before Caddy
kill "$caddy"
wait "$caddy" || true

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

# 5. Taken away, it leaves the residents' data and nothing else.
kept=$(find "$clean/var/lib/linli" -mindepth 1 | wc -l)
check "can be removed" quietly inside apt-get -q -y purge linli
is_gone() { [ ! -e "$clean/usr/lib/linli" ] && [ ! -e "$clean/etc/linli" ]; }
check "leaves no program and no settings" is_gone
still_kept() { [ "$kept" -gt 0 ] && [ "$(find "$clean/var/lib/linli" -mindepth 1 | wc -l)" = "$kept" ]; }
check "leaves the data" still_kept

echo "package: $passed checks passed"
