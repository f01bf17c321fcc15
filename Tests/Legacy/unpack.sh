#!/bin/bash
# unpack.sh DIRECTORY PACKAGE... - unpacks packages of Debian into a directory, once, and installs nothing: their
# services would start on the machine, or they would take the place of others.
set -euo pipefail
directory=$(realpath -m "$1"); shift

[ "$(cat "$directory.made-from" 2>/dev/null)" != "$*" ] || exit 0
exec {lock}> "$directory.lock"
flock $lock
[ "$(cat "$directory.made-from" 2>/dev/null)" != "$*" ] || exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
# Into a directory of root's only root can download.
fetch() { apt-get -q -o APT::Sandbox::User=root download "$@" > log 2>&1; }
fetch "$@" || { apt-get update -q > log 2>&1 && fetch "$@"; } || { cat log >&2; exit 1; }
rm -rf "$directory"
mkdir -p "$directory"
for package in ./*.deb; do dpkg-deb --extract "$package" "$directory"; done
echo "$*" > "$directory.made-from"
