#!/bin/bash
# later.sh PACKAGES DIRECTORY - writes the Debian packages in PACKAGES into the directory as those of a later version,
# with the same content.
set -euo pipefail
packages=$(realpath "$1") directory=$(realpath "$2")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for name in odmd odmd-hooks libodm-preload libodm1 libodm-dev; do
    dpkg-deb --raw-extract "$packages/${name}"_*.deb "$work/$name"
    sed -i -E -e 's/^Version: .*/&+later/' -e 's/\((= [^)]+)\)/(\1+later)/' "$work/$name/DEBIAN/control"
    dpkg-deb -Znone --build "$work/$name" "$directory" > /dev/null
done
