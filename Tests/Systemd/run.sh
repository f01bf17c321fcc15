#!/bin/bash
# run.sh - installs odmd into a directory and tests it as a service under a real systemd, in a container.
set -euo pipefail
cd "$(dirname "$0")/../.."

[ "$(id -u)" = 0 ] || { echo 'skipped: a container needs root'; exit 0; }
destination=$(mktemp -d)
trap 'rm -rf "$destination"' EXIT
Tests/Systemd/peer-units.sh .build/peers
make --silent install DESTDIR="$destination" PREFIX=/usr UNITDIR=/usr/lib/systemd/system > /dev/null
Tests/Systemd/container.sh "$destination" "$PWD/.build-venv/bin/pytest" -p no:cacheprovider -ra Tests/Systemd
