#!/bin/bash
# run.sh PACKAGES - installs, upgrades and removes the Debian packages in the directory in a minimal Debian system:
# first without systemd, then booted in a container. It is made once, by mmdebstrap, and kept in .build/debian.
set -euo pipefail
packages=$(realpath "$1")
cd "$(dirname "$0")/../.."

[ "$(id -u)" = 0 ] || { echo 'skipped: a container needs root'; exit 0; }
system=.build/debian
# What tests need; gcc and pkg-config are for whoever builds programs with libodm-dev.
needs=systemd-sysv,dbus,libnl-3-200,libbpf1,iproute2,python3,man-db,gcc,libc6-dev,pkg-config

mkdir -p .build
exec {lock}> .build/debian.lock
flock $lock
if [ "$(cat $system.made-from 2>/dev/null)" != "$needs" ]; then
    rm -rf $system.new $system $system.made-from
    mmdebstrap --quiet --variant=minbase --include=$needs bookworm $system.new
    mv $system.new $system
    echo "$needs" > $system.made-from
fi
flock --unlock $lock
Tests/Debian/without_systemd.sh $system "$packages"
Tests/Systemd/container.sh $system /usr/bin/env "ODM_PACKAGES=$packages" \
    "$PWD/.build-venv/bin/pytest" -p no:cacheprovider -ra Tests/Debian
