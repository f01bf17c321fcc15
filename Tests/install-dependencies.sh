#!/bin/sh
# install-dependencies.sh build|test|deb|legacy|bench|ci - installs the Debian packages that building, testing,
# packaging or measuring odmd needs, those that are missing only. Without root it says what to install and fails.
# The routers' and servers' services, which come with the programs, do nothing on a machine where nobody has configured
# them.
set -eu

build_packages='libsystemd-dev libnl-3-dev libbpf-dev pkg-config gcc libc6-dev binutils'
test_packages='iproute2 procps util-linux python3-venv systemd systemd-container g++ valgrind
    radvd kea-dhcp6-server isc-dhcp-relay isc-dhcp-server tshark
    man-db groff-base mandoc bpftool'
# mmdebstrap makes the Debian system in which the packages are tested.
deb_packages='debhelper dpkg-dev lintian mmdebstrap debian-archive-keyring'
# Without its service, which is in a package of its own.
bench_packages='dhcpcd-base'
# Programs that know nothing of odmd; none has a service that starts.
legacy_packages='curl wget iperf3 netcat-openbsd bind9-dnsutils git openssh-client redis-tools libwrap0
    libpython3.11-testsuite'
# It would manage the interfaces of a machine that somebody works on.
ci_packages='network-manager'

case ${1-} in
    build) packages=$build_packages ;;
    test) packages=$test_packages ;;
    deb) packages=$deb_packages ;;
    legacy) packages=$legacy_packages ;;
    bench) packages=$bench_packages ;;
    ci) packages=$ci_packages ;;
    *) echo "usage: $0 build|test|deb|legacy|bench|ci" >&2; exit 64 ;;
esac

if ! command -v dpkg-query >/dev/null; then
    echo "Not a Debian system: make sure that you have what Debian calls: $packages" >&2
    exit 0
fi

missing=
for package in $packages; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || :
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
    echo "Missing packages. Install them as root, then try again:" >&2
    echo "    apt-get install --no-install-recommends$missing" >&2
    exit 77
fi

install() {
    # shellcheck disable=SC2086 - a list of names
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
        -o DPkg::Lock::Timeout=300 $missing
}
# The package lists are fetched only if those that are there (none, on a fresh image) are of no use.
install || { apt-get update -q && install; }
