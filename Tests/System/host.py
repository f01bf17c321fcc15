"""A mobile node with its daemon, in the words that tests are written in."""

import contextlib
import ipaddress
import os
import shutil
import signal
import socket as sockets
import struct
import subprocess
import sys
import time
from pathlib import Path

import setsc_client
from daemon import Daemon
from netlink import OURS, RouteSocket
from network import PREFIX
from setsc_client import SESSION_LASTING

HERE = Path(__file__).parent
TABLE_OF_FIRST_UPLINK = 0xD000
WAIT_SECONDS = 5
# Longer than the daemon takes from the last socket's end to the removal when LingerSec=0.
A_WHILE = 0.3
# By then a socket whose death is not announced, or that is in doubt, was looked at again, which is every 5 s.
LOOKED_AT_SECONDS = 8


def configuration(types="fixed session-lasting non-persistent", daemon="", source="", **sections):
    """A configuration with one static source; keyword arguments are the keys of [Type …] sections."""
    home = f"[Source home]\nKind=static\nTypes={types}\nPrefix={PREFIX}\nInterface=up0\n{source}\n"
    return configuration_with(home, daemon=daemon, **sections)


def configuration_with(*sources, daemon="", **sections):
    """A configuration with these [Source …] sections."""
    sections = {"session_lasting": "LingerSec=0", "non_persistent": "LingerSec=0"} | sections
    text = f"[Daemon]\n{daemon}\n"
    for name, keys in sections.items():
        text += f"[Type {name.replace('_', '-')}]\n{keys}\n"
    return text + "".join(sources)


def network_source(kind, types, name=None, **keys):
    """A [Source …] section for prefixes from the network that up0 is on."""
    lines = [f"{key}={value}" for key, value in keys.items()]
    return "\n".join([f"[Source {name or kind}]", f"Kind={kind}", f"Types={types}", "Interface=up0", *lines, ""])


def wait_until(condition, what, seconds=WAIT_SECONDS):
    """Waits until it is so; the daemon acts when it hears of things, not when they happen."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not so after {seconds} s: {what}"
        time.sleep(0.005)


class Host:
    def __init__(self, network):
        self.network = network
        self.namespace = network.mn
        self.daemon = Daemon(self.namespace, configuration())
        self._open = contextlib.ExitStack()

    def close(self):
        self._open.close()
        self.daemon.close()

    # Sockets

    def socket(self, kind=sockets.SOCK_STREAM, family=sockets.AF_INET6, protocol=0):
        with self.namespace:
            return self._open.enter_context(sockets.socket(family, kind, protocol))

    def close_sockets(self):
        """Ends applications, too."""
        self._open.close()

    def setsc(self, sock, type=SESSION_LASTING, **options):
        return setsc_client.setsc(self.daemon.setsc_socket, sock, type, **options)

    def getsc(self, sock):
        return setsc_client.getsc(self.daemon.setsc_socket, sock)

    def watch(self, sock):
        return setsc_client.Watch(self.daemon.setsc_socket, sock)

    def ask(self, frame, *sockets):
        """The reply to a frame of whatever kind."""
        return setsc_client.exchange(self.daemon.setsc_socket, frame, sockets)

    def socket_with_address(self, type=SESSION_LASTING, kind=sockets.SOCK_STREAM, bind=True, protocol=0, **options):
        """A socket and the address that it was given and bound to."""
        sock = self.socket(kind, protocol=protocol)
        address = self.setsc(sock, type, **options)
        if bind:
            sock.bind((address, 0))
        return sock, address

    def application(self, *arguments, user=None, **options):
        """Starts application.py as a process that can be killed; returns it and the address that it says."""
        process = self.namespace.start(
            sys.executable, str(HERE / "application.py"), str(self.daemon.setsc_socket), *arguments,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, user=user, group=user, **options)
        self._open.callback(finish, process)
        return process, process.stdout.readline().strip()

    @contextlib.contextmanager
    def daemon_away(self, end="kill"):
        """The daemon ends, by its method of this name, and starts again afterwards."""
        getattr(self.daemon, end)()
        yield
        self.daemon.start()

    def reboot(self):
        """What the machine's end leaves of the daemon: its state directory."""
        self.close_sockets()
        self.daemon.kill()
        shutil.rmtree(self.daemon.runtime_directory)
        self.namespace.ip("""
            addr flush dev lo scope global
            rule flush protocol 208
            route flush table all proto 208
            """)
        self.daemon.start()

    # The kernel's view

    @property
    def addresses(self):
        """Addresses of ours that are configured, wherever."""
        return {info["local"] for link in self.namespace.ip_json("addr") for info in link["addr_info"]
                if ipaddress.ip_address(info["local"]) in PREFIX}

    def addresses_on(self, interface):
        """Global addresses there, whoever made them, each with its prefix length."""
        return {(info["local"], info["prefixlen"]) for link in self.namespace.ip_json("addr", "show", "dev", interface)
                for info in link["addr_info"] if info["scope"] == "global"}

    def marked(self, address):
        """The address with all its attributes wherever it stands with the daemon's mark."""
        with self.namespace:
            with contextlib.closing(RouteSocket()) as kernel:
                return [found for found in kernel.addresses() if found.text == address and found.owner in OURS]

    @property
    def rules(self):
        return [rule for rule in self.namespace.ip_json("rule") if rule.get("protocol") in ("208", 208)]

    def routes(self, table="all"):
        """Routes of ours as sets of words."""
        printed = self.namespace.run("ip", "-6", "route", "show", "table", str(table), "proto", "208")
        return [line.strip() for line in printed.splitlines()]

    @property
    def uplink_table(self):
        return TABLE_OF_FIRST_UPLINK + self.namespace.ip_json("link", "show", "up0")[0]["ifindex"]

    def wait_until_gone(self, address, seconds=WAIT_SECONDS):
        wait_until(lambda: address not in self.addresses, f"{address} is gone", seconds)

    def assert_nothing_left(self, but=frozenset()):
        """No address, rule or route of ours in the kernel, and nothing in the daemon's books."""
        wait_until(lambda: self.addresses == but, "no address is left")
        wait_until(lambda: not self.rules and not self.routes(), "no rule or route is left")
        for books in ("sockets", "addresses"):
            wait_until(lambda: self.daemon.administer(books)[books] == [], f"the daemon's books of {books} are empty")

    # Talking to the correspondent

    def peer_seen_by_server(self, sock, server):
        """Connects a socket to the server on the correspondent, which answers with the address it sees."""
        sock.settimeout(5)
        sock.connect(server)
        return sock.recv(100).decode().strip()


def reset(*connections):
    """Closes TCP connections without a TIME-WAIT entry, which would keep their addresses for three seconds."""
    for connection in connections:
        connection.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, struct.pack("@ii", 1, 0))
        connection.close()


def finish(process):
    """Ends an application of ours, whatever it is doing."""
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()


def as_user(user, function, group=None, groups=()):
    """Runs a function in a child process as a user with no rights but these groups'; returns its result's repr as
    text. The main group has the user's number if it is not given."""
    group = user if group is None else group
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups(list(groups))
            os.setresgid(group, group, group)
            os.setresuid(user, user, user)
            os.write(writing, repr(function()).encode())
        except BaseException as error:  # the parent reads it
            os.write(writing, repr(error).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return text
