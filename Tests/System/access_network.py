"""The network of the tests whose prefixes come from the network: Network, with a node that has nothing of its own.

    mn up0 -------- mn0 r cn0 -------- eth0 cn
       2001:db8:1::/64         2001:db8:2::/64

The node autoconfigures itself by what the access router r advertises. Servers are started by the test; they stand on r,
or on cn behind a relay on r. What they delegate is part of PREFIX, which r routes to the node."""

import contextlib
import shutil
import tempfile
from pathlib import Path

from delegation import TYPES
from dhcp_relay import DhcpRelay
from dhcpd import Dhcpd
from fake_dhcpv6_server import FakeDhcpv6Server
from fake_router import FakeRouter
from kea import VALID_SECONDS, Kea
from network import NODE, SERVER, Network
from radvd import Radvd

HARDWARE_ADDRESS = "02:00:00:00:00:02"


class AccessNetwork(Network):
    def __init__(self):
        super().__init__()
        self.directory = Path(tempfile.mkdtemp(prefix="odm-network-", dir="/tmp"))
        self._servers = contextlib.ExitStack()

    def configure_node(self):
        self.mn.set_sysctl("net/ipv6/conf/up0/accept_ra", 1)
        self.mn.ip(f"""
            link set up0 address {HARDWARE_ADDRESS} addrgenmode none up
            addr add {NODE}/64 dev up0 nodad
            """)

    def close(self):
        self._servers.close()
        shutil.rmtree(self.directory, ignore_errors=True)
        super().close()

    # Servers, which run until the test ends

    def radvd(self, *prefixes, **options):
        return self._start(Radvd(self.r, self.directory / "radvd", *prefixes, **options))

    def kea(self, types=TYPES, valid=VALID_SECONDS):
        return self._start(Kea(self.r, self.directory / "kea", "mn0", types=types, valid=valid))

    def relayed_kea(self, types=TYPES, valid=VALID_SECONDS):
        """Kea on cn, and a relay before it."""
        self._start(DhcpRelay(self.r, self.directory / "relay"))
        return self._start(
            Kea(self.cn, self.directory / "kea", f"eth0/{SERVER}", types=types, valid=valid, relayed=True))

    def dhcpd(self, preference=None):
        return self._start(Dhcpd(self.r, self.directory / "dhcpd", preference))

    def fake_dhcpv6_server(self, **behaviour):
        return self._start(FakeDhcpv6Server(self.r, **behaviour))

    def fake_router(self, **behaviour):
        return self._start(FakeRouter(self.r, **behaviour))

    def _start(self, server):
        self._servers.callback(server.close)
        server.start()
        return server
