"""What is needed to watch a host move: the tests' roaming network, a daemon in it, an echo server, connections."""

import contextlib
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SYSTEM = ROOT / "Tests/System"
sys.path.append(str(SYSTEM))

from flow import Flow  # noqa: E402
from host import Host, configuration_with  # noqa: E402
from network import PREFIX  # noqa: E402
from roaming import SERVER, RoamingNetwork  # noqa: E402
from serving import serving  # noqa: E402

#: Without duplicate address detection in the way, as the commented sysctl.d file of odmd has it.
SYSCTLS = {"optimistic_dad": 1, "use_optimistic": 1}
START_SECONDS = 10
PAUSE_SECONDS = 0.1
ANCHORED = f"[Source anchor]\nKind=static\nTypes=fixed session-lasting\nPrefix={PREFIX}\nInterface=up0\n"
LEASED = "[Source servers]\nKind=dhcpv6\nTypes=session-lasting\nInterface=up0\n"
ADVERTISED = "[Source routers]\nKind=ra\nInterface=up0\n"


class Stage(contextlib.ExitStack):
    """Everything ends with it."""

    def __init__(self):
        super().__init__()
        if os.geteuid() != 0:
            sys.exit("This makes network namespaces: run it as root.")
        self.network = RoamingNetwork()
        self.callback(self.network.close)
        self.host = Host(self.network)
        self.callback(self.host.close)
        for name, value in SYSCTLS.items():
            self.network.mn.set_sysctl(f"net/ipv6/conf/up0/{name}", value)
        self.server = self.enter_context(serving(self.network.cn, SERVER, "echo_server.py"))

    def start(self, *sources, **sections):
        """The daemon, once the node has arrived at its first access router."""
        self.arrive()
        self.host.daemon.configure(configuration_with(*sources, **sections))
        self.host.daemon.start()

    def arrive(self):
        """The router says that it is there until the node knows."""
        deadline = time.monotonic() + START_SECONDS
        while not self._knows_router():
            if time.monotonic() > deadline:
                sys.exit("The node does not hear its router.")
            self.network.router.radvd.reload()
            time.sleep(PAUSE_SECONDS)

    def _knows_router(self):
        """And has an address that a program which asks for nothing can use."""
        mine = [address for address, length in self.host.addresses_on("up0") if length == 64]
        return bool(self.network.mn.ip_json("route", "show", "default")) and bool(mine)

    def connect(self, type=None, address="::"):
        """A connection from an address of a type, or from one that is there, or as the kernel chooses."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            if type is None:
                sock = self.host.socket()
                sock.bind((address, 0))
            else:
                sock = self.host.socket_with_address(type)[0]
            sock.settimeout(1)
            try:
                sock.connect(self.server)
            except OSError:
                # The kernel's own address can be bound to, and used, only after duplicate address detection.
                sock.close()
                if time.monotonic() > deadline:
                    raise
                continue
            flow = Flow(sock)
            self.callback(flow.close)
            return flow
