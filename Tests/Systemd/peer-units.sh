#!/bin/bash
# peer-units.sh DIRECTORY - puts there the units of services that do something like odmd, from their Debian packages.
# These are not installed: some of them would take over the network of whoever runs the tests.
set -euo pipefail
directory=$(realpath -m "$1")
packages='systemd systemd-resolved network-manager modemmanager iwd mptcpd'
units='systemd-networkd systemd-resolved NetworkManager ModemManager iwd mptcp'

mkdir -p "$directory"
there() { local unit; for unit in $units; do [ -e "$directory/$unit.service" ] || return 1; done; }
there && exit
unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT
cd "$unpacked"
# shellcheck disable=SC2086 - a list of names
download() { apt-get download -q $packages > log 2>&1; }
# The package lists are fetched only if those that are there are of no use.
download || { apt-get update -q > log 2>&1 && download; } || { cat log >&2; exit 1; }
for package in *.deb; do dpkg-deb -x "$package" root; done
for unit in $units; do cp "root/lib/systemd/system/$unit.service" "$directory/"; done
