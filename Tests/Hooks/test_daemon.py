"""The daemon with the programs in the kernel: what they tell it, what it has them give, and what it does without."""

import contextlib
import ipaddress
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import kernel_maps
import pytest
import unaware
from hooks import CGROUP_MOUNT, move_into, remove_group, run
from host import A_WHILE, configuration, wait_until
from network import LEGACY_ADDRESS, PREFIX
from setsc_client import NON_PERSISTENT, SESSION_LASTING
from sockets import IPPROTO_MPTCP, IPPROTO_UDPLITE
from test_on_net import ON_NET, set_preferences

KINDS = {"tcp": (socket.SOCK_STREAM, 0), "udp": (socket.SOCK_DGRAM, 0),
         "udp-lite": (socket.SOCK_DGRAM, IPPROTO_UDPLITE), "mptcp": (socket.SOCK_STREAM, IPPROTO_MPTCP),
         "raw": (socket.SOCK_RAW, socket.IPPROTO_ICMPV6)}


def call(host, method, **parameters):
    """A call of the administration socket, and its reply."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(host.daemon.admin_socket))
        message = {"method": f"org.odmd.Manager.{method}", "parameters": parameters}
        connection.sendall(json.dumps(message).encode() + b"\0")
        reply = b""
        while not reply.endswith(b"\0"):
            reply += connection.recv(65536)
    return json.loads(reply[:-1])


def subscriptions(host):
    """The groups of SOCK_DIAG that the daemon is subscribed to."""
    lines = Path(f"/proc/{host.daemon.process.pid}/net/netlink").read_text().splitlines()[1:]
    return [fields[3] for fields in map(str.split, lines) if fields[1] == "4" and int(fields[3], 16)]


def is_given(address):
    return ipaddress.ip_address(address) in PREFIX


class Assigned:
    """A control group that has a type, below the one that the programs are loaded for."""

    def __init__(self, host, group):
        self.host = host
        self.group = Path(tempfile.mkdtemp(prefix="assigned.", dir=group))
        self.path = f"/{self.group.relative_to(CGROUP_MOUNT)}"

    def assign(self, type):
        return call(self.host, "Assign", control_group=self.path, type=type)

    def start(self, *command, **options):
        """Starts a program in the group and in the host's namespace."""
        with self.host.namespace:
            return subprocess.Popen([*map(str, command)], preexec_fn=lambda: move_into(self.group), text=True,
                                    stdout=subprocess.PIPE, **options)

    def run(self, *command):
        with self.start(*command) as process:
            return process.communicate()[0].split()


@pytest.fixture
def assigned(host, surroundings):
    assigned = Assigned(host, surroundings.group)
    yield assigned
    if assigned.group.exists():
        remove_group(assigned.group)


@pytest.fixture
def server(network):
    with unaware.source_server(network.cn) as server:
        yield server


# The ends of sockets

@pytest.mark.parametrize("kind", KINDS)
def test_promise_2_the_end_of_every_socket_is_told(host, kind):
    sock, address = host.socket_with_address(kind=KINDS[kind][0], protocol=KINDS[kind][1])
    copy = sock.dup()
    sock.close()
    assert address in host.addresses
    copy.close()
    host.wait_until_gone(address, seconds=1)
    host.assert_nothing_left()


def test_nobody_else_pays_for_that(host):
    """Without the hooks the daemon subscribes to the deaths of all sockets of the host."""
    sock, _ = host.socket_with_address()
    assert subscriptions(host) == []
    host.daemon.configure(configuration())
    host.daemon.reload()
    assert len(subscriptions(host)) == 1
    host.daemon.configure(configuration(daemon="Hooks=yes"))
    host.daemon.reload()
    assert subscriptions(host) == []


def test_promise_1_a_socket_that_did_not_ask_is_followed_by_other_means(host):
    """It is found when the address would go; that it is closed then, the kernel tells."""
    sock, address = host.socket_with_address()
    with host.socket() as other:
        other.bind((address, 0))
        sock.close()
        wait_until(lambda: subscriptions(host), "the kernel is asked to tell")
        assert address in host.addresses
    host.wait_until_gone(address)
    wait_until(lambda: not subscriptions(host), "nobody pays for it any more")


def test_promise_1_through_a_kill(host):
    kept, address = host.socket_with_address()
    closed, gone = host.socket_with_address(NON_PERSISTENT, bind=False)
    with host.daemon_away():
        closed.close()
    host.wait_until_gone(gone)
    assert address in host.addresses
    kept.close()
    host.wait_until_gone(address)
    host.assert_nothing_left()


@pytest.mark.parametrize("how", ["unload", "unload without a word", "Hooks=no"])
def test_the_daemon_goes_on_without_hooks(host, surroundings, how):
    sock, address = host.socket_with_address()
    if how == "Hooks=no":
        host.daemon.configure(configuration())
    else:
        run("unload", "--pin", surroundings.pin)
    if how != "unload without a word":
        host.daemon.reload()
    wait_until(lambda: len(subscriptions(host)) == 1, "the kernel is asked to tell", seconds=12)
    assert host.daemon.administer("status")["hooks"] is False
    sock.close()
    host.wait_until_gone(address)


def test_hooks_that_are_not_loaded_are_done_without(host, surroundings):
    host.daemon.stop()
    run("unload", "--pin", surroundings.pin)
    host.daemon.start()
    assert "cannot open the map state: No such file or directory; going on without hooks" in host.daemon.log
    sock, address = host.socket_with_address()
    sock.close()
    host.wait_until_gone(address)
    run("load", *surroundings.options)
    host.daemon.reload()
    assert host.daemon.administer("status")["hooks"] is True


# IPV6_REQUIRE_SRC_ON_NET

def test_on_net_is_an_option_of_the_socket(host):
    first, second = host.socket(), host.socket()
    shared = host.setsc(first)
    set_preferences(second, ON_NET)
    assert host.setsc(second) != shared
    set_preferences(second, 0)
    third = host.socket()
    assert host.setsc(third) == shared


# Addresses for control groups

def test_a_static_program_gets_an_address_of_the_type(host, assigned, server, static_client):
    assert assigned.run(static_client, "connect", *server) == [LEGACY_ADDRESS]
    assert assigned.assign("session-lasting") == {"parameters": {}}
    (source,) = assigned.run(static_client, "connect", *server)
    assert is_given(source) and source in host.addresses
    (row,) = host.daemon.administer("addresses")["addresses"]
    assert (row["address"], row["type"], row["initial"]) == (source, "session-lasting", True)


def test_only_that_group_does(host, assigned, server, static_client):
    assigned.assign("session-lasting")
    with host.namespace:
        done = subprocess.run([static_client, "connect", *map(str, server)], text=True, capture_output=True, check=True)
    assert done.stdout.split() == [LEGACY_ADDRESS]


def test_promise_1_the_address_stays_with_its_sockets(host, assigned, server):
    """Also when nobody has the type any more, and through a kill."""
    assigned.assign("session-lasting")
    program = assigned.start(sys.executable, "-c", CONNECTED, *server, stdin=subprocess.PIPE)
    with program:
        address = program.stdout.readline().strip()
        assert is_given(address)
        (row,) = host.daemon.administer("sockets")["sockets"]
        # The kernel tells numbers of the first PID namespace; in another they mean nothing.
        process = program.pid if os.stat("/proc/self/ns/pid").st_ino == 0xEFFFFFFC else None
        assert (row["address"], row.get("process"), row["user"]) == (address, process, 0)
        assigned.assign(None)
        with host.daemon_away():
            pass
        assert address in host.addresses
        program.stdin.close()
    host.wait_until_gone(address)
    host.assert_nothing_left()


def test_promise_1_who_connects_while_the_daemon_is_away_is_counted(host, assigned, server):
    assigned.assign("session-lasting")
    with contextlib.ExitStack() as programs:
        with host.daemon_away():
            program = programs.enter_context(
                assigned.start(sys.executable, "-c", CONNECTED, *server, stdin=subprocess.PIPE))
            address = program.stdout.readline().strip()
            assert is_given(address)
        assert [row["address"] for row in host.daemon.administer("sockets")["sockets"]] == [address]
        assigned.assign(None)
        assert address in host.addresses
        program.stdin.close()
    host.wait_until_gone(address)


def test_promise_1_datagrams_keep_their_source(host, assigned, server):
    """Their socket is bound to nothing, so no list has it: also the next daemon knows who has the address."""
    assigned.assign("session-lasting")
    program = assigned.start(sys.executable, "-c", DATAGRAMS, *server, stdin=subprocess.PIPE)
    with program:
        address = program.stdout.readline().strip()
        assert is_given(address)
        assigned.assign(None)
        with host.daemon_away():
            pass
        program.stdin.write("again\n")
        program.stdin.flush()
        assert program.stdout.readline().strip() == address
        assert address in host.addresses
        program.stdin.close()
    host.wait_until_gone(address)
    host.assert_nothing_left()


# odmctl

def test_odmctl_runs_a_program_in_a_group_of_its_own(host, surroundings, server, static_client):
    done = host.daemon.odmctl("run", "--kernel", "--type", "session-lasting", "--", static_client, "connect", *server)
    assert done.stderr == "" and is_given(done.stdout.strip())
    (row,) = host.daemon.administer("assignments")["assignments"]
    assert "/odm-run-" in row["control_group"] and row["type"] == "session-lasting"
    wait_until(lambda: not host.daemon.administer("assignments")["assignments"], "the group is gone", seconds=15)
    host.assert_nothing_left()
    assert not list(surroundings.group.glob("odm-run-*"))


def test_odmctl_assigns_and_lists(host, assigned, server, static_client):
    done = host.daemon.odmctl("assign", "--type", "fixed", "--control-group", assigned.path)
    assert (done.stdout, done.stderr) == (f"{assigned.path} gets fixed addresses\n", "")
    assert is_given(assigned.run(static_client, "connect", *server)[0])
    assert host.daemon.odmctl("assignments").stdout.splitlines()[1].split() == [assigned.path, "fixed"]
    assert host.daemon.odmctl("assign", "--none", "--control-group", assigned.path).returncode == 0
    assert assigned.run(static_client, "connect", *server) == [LEGACY_ADDRESS]
    done = host.daemon.odmctl("assign", "--type", "fixed", "--control-group", "/nowhere")
    assert (done.returncode, done.stderr) == (65, "odmctl: there is no control group /nowhere\n")


@pytest.mark.parametrize("strict, outcome", [([], (0, "hi\n")), (["--strict"], (78, ""))])
def test_odmctl_without_hooks(host, strict, outcome):
    host.daemon.configure(configuration())
    host.daemon.reload()
    done = host.daemon.odmctl("run", "--kernel", *strict, "--type", "fixed", "--", "echo", "hi")
    assert (done.returncode, done.stdout) == outcome
    assert done.stderr.startswith("odmctl: odmd uses no hooks in the kernel: set Hooks=yes in [Daemon]")


def test_only_administrators_assign(host, assigned):
    done = host.daemon.odmctl("assign", "--type", "fixed", "--control-group", assigned.path, user=65534)
    assert done.returncode == 77


def test_assignments_outlive_the_daemon(host, assigned, server, static_client):
    assigned.assign("fixed")
    host.daemon.restart()
    reply = call(host, "ListAssignments")["parameters"]["assignments"]
    assert reply == [{"control_group": assigned.path, "type": "fixed"}]
    wait_until(lambda: is_given(assigned.run(static_client, "connect", *server)[0]), "it gets the address again")


def test_an_address_that_is_not_there_any_more_is_not_given(host, surroundings, assigned):
    """It went while no daemon was there, and the next one has no source of the type."""
    assigned.assign("session-lasting")
    (address,) = host.addresses
    addresses = kernel_maps.PinnedMap(surroundings.pin / "addresses")
    assert addresses.lookup(struct.pack("=I", SESSION_LASTING), 16) == ipaddress.IPv6Address(address).packed
    with host.daemon_away():
        host.namespace.ip(f"addr del {address}/128 dev lo")
        host.daemon.configure(configuration("fixed", daemon="Hooks=yes"))
    with pytest.raises(FileNotFoundError):
        addresses.lookup(struct.pack("=I", SESSION_LASTING), 16)
    addresses.close()


def test_a_stopped_daemon_gives_nothing(host, assigned, server, static_client):
    assigned.assign("session-lasting")
    assert is_given(assigned.run(static_client, "connect", *server)[0])
    host.daemon.stop()
    assert assigned.run(static_client, "connect", *server) == [LEGACY_ADDRESS]


def test_promise_2_a_group_that_is_gone_has_no_address(host, assigned):
    assigned.assign("session-lasting")
    assert host.addresses
    remove_group(assigned.group)
    wait_until(lambda: not host.addresses, "the address is gone", seconds=15)
    assert call(host, "ListAssignments")["parameters"]["assignments"] == []


def test_what_cannot_be_assigned(host, assigned):
    for path in ("/nowhere", "relative", "/../x", ""):
        reply = call(host, "Assign", control_group=path, type="fixed")
        assert reply["error"] == "org.odmd.Manager.ControlGroupNotFound"
    host.daemon.configure(configuration())
    host.daemon.reload()
    assert assigned.assign("fixed")["error"] == "org.odmd.Manager.HooksNotUsed"


CONNECTED = """
import socket, sys
sock = socket.create_connection((sys.argv[1], int(sys.argv[2])))
print(sock.getsockname()[0], flush=True)
sys.stdin.read()
"""

DATAGRAMS = """
import socket, sys
sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
while True:
    sock.sendto(b"?", (sys.argv[1], int(sys.argv[2])))
    print(sock.recv(100).decode().strip(), flush=True)
    if not sys.stdin.readline():
        break
"""
