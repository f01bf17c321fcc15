#!/bin/bash
# demo.sh - a program gets a Session-lasting address, uses it and gives it back, shown in the kernel's words
# and in odmctl's. Fails, and says at which point, if anything is not as promised.
set -uo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
[ "$(id -u)" = 0 ] || { echo 'The demonstration makes network namespaces: run it as root.' >&2; exit 77; }

# In mount and PID namespaces of its own: however it ends, its processes, network and files end too.
if [ -z "${ODM_DEMO_STAGE-}" ]; then
    ODM_DEMO_STAGE=1 exec unshare --mount --propagation private --pid --fork --kill-child --mount-proc \
        "${BASH_SOURCE[0]}" "$@"
fi
trap 'exit 130' INT TERM HUP
mount -t tmpfs tmpfs /run && mkdir /run/demo && cd /run/demo || exit 1
export PATH=$top/.build/release:$top/examples:/run/demo:$PATH LD_LIBRARY_PATH=/run/demo

. "$top/Tests/Demo/stage.sh"
. "$top/Tests/Demo/network.sh"
. "$top/Tests/Demo/session.sh"
server=2001:db8:2::2
ordinary=2001:db8:1::2
linger_seconds=2

kernel_has() { ip -6 -n mn addr show to "$1" | grep -q inet6; }
kernel_lacks() { ! kernel_has "$1"; }
odmctl_lists() { in_namespace mn odmctl addresses | grep -q "$1"; }
nothing_is_listed() { [ "$(in_namespace mn odmctl addresses --json | tr -d ' \n')" = '{"addresses":[]}' ]; }
server_listens() { [ -n "$(in_namespace cn ss -Htln sport = 5000)" ]; }
server_saw() { grep -qx "connection from $1" server.log; }

start_daemon() {
    rm -f /run/odm/admin
    run_session odmd --config odmd.conf --state-directory state 2>> odmd.log &
    daemon=$!
    soon test -S /run/odm/admin || fail "odmd does not start: $(cat odmd.log)"
}

step 'A network, a server, and odmd on the mobile node'
make_network && build_example || fail 'no network or no example'
say 'mn (mobile node) --- r (router) --- cn (correspondent)'
in_namespace cn python3 "$top/Tests/Demo/server.py" $server 5000 > server.log 2>&1 &
cp "$top/Tests/Demo/odmd.conf" .
start_daemon
soon server_listens || fail 'the server does not start'
show mn cat odmd.conf
show mn odmctl sources
so 'there is no address yet' nothing_is_listed

step 'A program asks for a Session-lasting address and connects'
start_session one session_lasting $server 5000
address=$(address_of one)
show mn ip -6 addr show dev lo scope global
show mn odmctl addresses
show mn ss -Htn dport = 5000
so "the kernel has $address" kernel_has "$address"
so 'odmctl lists it' odmctl_lists "$address"
so 'the connection comes from it' grep -q "\[$address\]:.*\[$server\]:5000" <<< "$shown"
so 'the server sees it' soon server_saw "$address"
so 'lines go there and back' echoes one 'hello over there'

step 'A second program shares the address'
start_session two session_lasting $server 5000
show mn odmctl sockets
so 'its address is the same' test "$(address_of two)" = "$address"

step 'A program that wants a prefix to itself (ON_NET) gets another address'
start_session three setsc.py --on-net session-lasting $server 5000
another=$(address_of three)
show mn ip -6 -brief addr show dev lo
so "it has $another" kernel_has "$another"
so 'that is in another /64' test "${another%:*:*:*:*}" != "${address%:*:*:*:*}"
so 'the server sees it' soon server_saw "$another"

step 'A program that knows nothing of odmd does not get them'
show mn bash -c "exec 3<>/dev/tcp/$server/5000; echo hello >&3; head -n 1 <&3"
so 'the server saw the ordinary address of the host' test "$shown" = "$ordinary says: hello"

step 'The address goes with its last socket, after the linger time'
stop_session three
stop_session one
sleep 0.3
so 'one of two programs ends: it stays' kernel_has "$address"
closed=$(date +%s%N)
stop_session two
sleep 0.3
show mn odmctl addresses
so 'the other ends too: it lingers' kernel_has "$address"
so "after $linger_seconds s it is gone" soon kernel_lacks "$address"
so 'not earlier' test $(($(date +%s%N) - closed)) -ge $((linger_seconds * 1000000000))
so 'and so is the other one' soon kernel_lacks "$another"
show mn ip -6 addr show dev lo scope global

step 'odmd itself is killed while a connection is open, and started again'
start_session five session_lasting $server 5000
address=$(address_of five)
kill -9 "$daemon"
wait "$daemon" 2> /dev/null || true
so 'it is gone, and the address is there' kernel_has "$address"
so 'lines go there and back' echoes five 'anybody there'
start_daemon
show mn odmctl sockets
so 'the new one knows the socket' grep -q "$address" <<< "$shown"
stop_session five
so "its program ends; after $linger_seconds s the address is gone" soon kernel_lacks "$address"

step 'A program that is killed leaves nothing behind either'
start_session four session_lasting $server 5000
address=$(address_of four)
so "it has $address" kernel_has "$address"
kill_session four
so "killed with SIGKILL; after $linger_seconds s the address is gone" soon kernel_lacks "$address"
so 'odmctl lists nothing' soon nothing_is_listed
so 'no rule is left' test -z "$(ip -6 -n mn rule show | grep 2001:db8:a)"
so 'no route is left' test -z "$(ip -6 -n mn route show table all proto 208)"

printf '\n%sAll of it is so.%s\n' "$bold" "$plain"
