# network.sh - a mobile node, a router and a correspondent, each a network namespace. Sourced by demo.sh,
# which has a /run of its own, so that names are nobody else's and everything goes with it.
#
#     mn up0 ---- mn0 r cn0 ---- eth0 cn

in_namespace() { local namespace=$1; shift; ip netns exec "$namespace" "$@"; }

make_network() {
    local namespace
    for namespace in mn r cn; do
        ip netns add $namespace
        # Duplicate address detection takes a second, and nobody else is on these links.
        in_namespace $namespace sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
        ip -n $namespace link set lo up
    done
    in_namespace r sysctl -qw net.ipv6.conf.all.forwarding=1
    ip -6 -n r -batch - <<'LINES'
link add mn0 type veth peer name up0 netns mn
link add cn0 type veth peer name eth0 netns cn
link set mn0 addrgenmode none up
link set cn0 up
addr add fe80::1/64 dev mn0 nodad
addr add 2001:db8:1::1/64 dev mn0 nodad
addr add 2001:db8:2::1/64 dev cn0 nodad
route add 2001:db8:a::/56 via fe80::2 dev mn0
LINES
    ip -6 -n mn -batch - <<'LINES'
link set up0 addrgenmode none up
addr add fe80::2/64 dev up0 nodad
addr add 2001:db8:1::2/64 dev up0 nodad
route add default via fe80::1 dev up0
LINES
    ip -6 -n cn -batch - <<'LINES'
link set eth0 up
addr add 2001:db8:2::2/64 dev eth0 nodad
route add default via 2001:db8:2::1
LINES
}
