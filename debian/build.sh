#!/bin/bash
# build.sh DIRECTORY - builds the Debian packages of this tree into the directory, from what `make` has built, and has
# lintian check them. The tree is not touched.
set -euo pipefail
directory=$(realpath -m "$1")
cd "$(dirname "$0")/.."

rm -rf "$directory"
mkdir -p "$directory/odmd"
git ls-files -z --cached --others --exclude-standard | tar --create --null --files-from=- |
    tar --extract --directory="$directory/odmd"
ln -s "$PWD/.build" "$directory/odmd/.build"
cd "$directory/odmd"
dpkg-buildpackage --build=binary --no-sign --no-check-builddeps > ../log 2>&1 || { tail -50 ../log >&2; exit 1; }
cd ..
rm -rf odmd
lintian --allow-root --fail-on error,warning --tag-display-limit 0 ./*.changes
