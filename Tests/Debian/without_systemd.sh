#!/bin/bash
# without_systemd.sh SYSTEM PACKAGES - installs, upgrades, removes and purges the Debian packages in the directory in a
# Debian system in which systemd does not run, as when an image is made. What was not there before must be gone at the
# end. The system is not written to, and there is no network.
set -euo pipefail
if [ -z "${ODM_APART-}" ]; then
    [ "$(id -u)" = 0 ] || { echo 'without_systemd.sh: another root directory needs root' >&2; exit 77; }
    export ODM_APART=yes
    exec setpriv --pdeathsig KILL unshare --mount --propagation private --pid --fork --kill-child --net -- "$0" "$@"
fi

system=$(realpath "$1") packages=$(realpath "$2") tests=$(realpath "$(dirname "$0")")
mount -t tmpfs -o mode=755 tmpfs /run
root=/run/root log=/run/log
mkdir -p $root /run/changes /run/work
mount -t overlay overlay -o "lowerdir=$system,upperdir=/run/changes,workdir=/run/work" $root
mount -t proc proc $root/proc
mount -t devpts devpts $root/dev/pts
names="odmd odmd-hooks libodm-preload libodm1 libodm-dev"
mkdir -p $root/packages/later
for name in $names; do cp "$packages/$name"_*.deb $root/packages; done
"$tests/later.sh" "$packages" $root/packages/later

inside() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive chroot $root "$@"; }
# What happens is shown only if it does not end well.
quietly() { "$@" > $log 2>&1 || { cat $log >&2; fail "$*"; }; }
fail() { echo "without systemd: FAILED: $*" >&2; exit 1; }
check() { "$@" > /dev/null || fail "$*"; }
# Without what apt, dpkg and man write for themselves.
files() { (cd $root && find . -xdev | grep -vE '^\./(packages|var/(cache|log|lib/apt))(/|$)' | sort); }
state() { inside dpkg-query --show --showformat '${db:Status-Status} ${Version}' "$1"; }

# Those in a directory, as README.md says: which finds out as well whether all that they depend on is named.
install() {
    local packages
    mapfile -t packages < <(cd $root && ls "./$1"/*.deb)
    quietly inside apt-get install --yes --no-install-recommends "${packages[@]}"
    check inside systemctl is-enabled odmd.socket
    check inside getent passwd odmd
    check inside getent group odm odm-fixed
    [ "$(inside dpkg --verify $names)" = "$2" ] || fail 'files that are as they were packed'
    inside odmd --check-config | grep -q 'is good' || fail 'odmd --check-config'
    inside odmctl --help | grep -q '^USAGE: odmctl' || fail 'odmctl --help'
}

files > /run/before
install packages ''
check inside systemctl is-enabled odmd.service
version=$(state odmd)

# What the administrator has changed stays.
quietly inside systemctl disable odmd.service
echo '# of the administrator' >> $root/etc/odmd/odmd.conf
install packages/later '??5?????? c /etc/odmd/odmd.conf'
[ "$(state odmd)" = "$version+later" ] || fail "an upgrade: $(state odmd)"
[ "$(inside systemctl is-enabled odmd.service)" = disabled ] || fail 'a service that stays disabled'
grep -q administrator $root/etc/odmd/odmd.conf || fail 'configuration that stays at an upgrade'

quietly inside dpkg --remove $names
grep -q administrator $root/etc/odmd/odmd.conf || fail 'configuration that stays at removal'
[ ! -e $root/usr/sbin/odmd ] || fail 'a program that goes at removal'
quietly inside dpkg --purge $names
files > /run/after
left=$(comm -13 /run/before /run/after)
[ "$left" = '' ] || fail "nothing that is left: $left"
echo 'without systemd: installed, upgraded, removed, purged'
