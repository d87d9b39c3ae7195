#!/usr/bin/env bash
# Makes linli_VERSION_ARCHITECTURE.deb of a finished build.
#   packaging/build-deb.sh BUILD_DIRECTORY OUTPUT_DIRECTORY
# BUILD_DIRECTORY holds the program and its *.resources, as swift build leaves them.
set -euo pipefail
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
built=$(cd "$1" && pwd)
output=$(cd "$2" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree
library=$tree/usr/lib/linli
documents=$tree/usr/share/doc/linli

version=$("$built/linli" version | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1)
architecture=$(dpkg --print-architecture)

install -d "$library" "$tree/usr/bin" "$documents/examples" "$tree/etc/linli" "$tree/lib/systemd/system" "$tree/DEBIAN"
strip --strip-all -o "$library/linli" "$built/linli"
# The resources that the program carries; those of test targets stay behind.
while IFS= read -r bundle; do
    cp -r "$bundle" "$library/"
done < <(find -L "$built" -maxdepth 1 -name '*.resources' ! -name '*Tests.resources')
# A build that does not hold the Swift runtime looks for it beside the program.
ldd "$built/linli" | awk '$3 ~ /\/swift\/linux\// { print $3 }' | while IFS= read -r runtime; do
    install -m 0644 "$runtime" "$library/"
done
ln -s ../lib/linli/linli "$tree/usr/bin/linli"
install -m 0644 "$here/linli.service" "$tree/lib/systemd/system/"
install -m 0644 "$here/linli.yaml" "$tree/etc/linli/"
install -m 0644 "$here/nginx.conf" "$here/Caddyfile" "$documents/examples/"
install -m 0644 "$here"/../docs/operations/*.md "$documents/"
# Debian has one copy of the Apache licence; this file says that it holds.
cat >"$documents/copyright" <<'TEXT'
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: linli

Files: *
Copyright: The Linli authors
License: Apache-2.0
 The full text is in /usr/share/common-licenses/Apache-2.0.
TEXT
chmod -R u=rwX,go=rX "$tree"
chmod 0755 "$library/linli"

# Which Debian packages hold the libraries that the program and what lies beside it are linked to.
mkdir "$work/debian"
printf 'Source: linli\n\nPackage: linli\nArchitecture: any\n' >"$work/debian/control"
mapfile -t linked < <(find "$library" -maxdepth 1 -type f \( -name linli -o -name '*.so' \) -printf '-e%p\n')
libraries=$(cd "$work" && dpkg-shlibdeps --ignore-missing-info -O -l"$library" "${linked[@]}" 2>"$work/shlibdeps" \
    | sed -n 's/^shlibs:Depends=//p')
if [ -z "$libraries" ]; then
    cat "$work/shlibdeps" >&2
    echo "dpkg-shlibdeps found no libraries for $built/linli" >&2
    exit 1
fi

echo /etc/linli/linli.yaml >"$tree/DEBIAN/conffiles"
install -m 0755 "$here/postinst" "$here/prerm" "$here/postrm" "$tree/DEBIAN/"
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" \
    -e "s/@SIZE@/$(du -sk "$tree" | cut -f 1)/" -e "s/@LIBRARIES@/$libraries/" \
    "$here/control" >"$tree/DEBIAN/control"

package=$output/linli_${version}_${architecture}.deb
dpkg-deb --root-owner-group -Zzstd --build "$tree" "$package" >/dev/null
printf '%s  %s\n' "$package" "$(du -h "$package" | cut -f 1)"
