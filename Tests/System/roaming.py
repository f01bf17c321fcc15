"""A network to move in:

                           ar1 mn0 ----- br1 \\
    cn eth0 ---- core <                        sw port ---- up0 mn
                           ar2 mn0 ----- br2 /

Both access routers advertise a prefix of their own, 2001:db8:1::/64 and 2001:db8:2::/64. PREFIX is anchored in the
core, which sends it to the access router that the node is at, as the network's mobility management does; that sends
it on to the node's link-local address."""

import contextlib
import ipaddress
import shutil
import tempfile
import time
from pathlib import Path

from dhcp_relay import DhcpRelay
from kea import Kea
from namespaces import Namespace
from network import PREFIX
from radvd import Advertised, Radvd

NODE_HARDWARE_ADDRESS = "02:00:00:00:00:aa"
NODE = "fe80::ff:fe00:aa"
SERVER = "2001:db8:c::2"
OUTAGE_SECONDS = 0.06


class AccessRouter:
    """One of the two, with its end of the core's link."""

    def __init__(self, network, number):
        self.number = number
        self.link_local = f"fe80::{number}"
        self.prefix = ipaddress.IPv6Network(f"2001:db8:{number}::/64")
        self.namespace = Namespace()
        self._uplink = f"2001:db8:ff0{number}"
        self.namespace.set_sysctl("net/ipv6/conf/all/forwarding", 1)
        self.namespace.ip(f"""
            link add mn0 type veth peer name a{number} netns {network.sw.path}
            link add wan type veth peer name c{number} netns {network.core.path}
            link set mn0 addrgenmode none up
            link set wan up
            addr add {self.link_local}/64 dev mn0 nodad
            addr add {self.prefix[1]}/64 dev mn0 nodad
            addr add {self._uplink}::2/64 dev wan nodad
            route add default via {self._uplink}::1
            route add {PREFIX} via {NODE} dev mn0
            """)
        network.core.ip(f"""
            link set c{number} up
            addr add {self._uplink}::1/64 dev c{number} nodad
            route add {self.prefix} via {self._uplink}::2
            """)
        network.sw.ip(f"""
            link add br{number} type bridge mcast_snooping 0
            link set br{number} up
            link set a{number} master br{number} up
            """)
        self.radvd = Radvd(self.namespace, network.directory / f"radvd{number}", Advertised(self.prefix))
        self.radvd.start()

    def advertise(self, *prefixes, **options):
        """Instead of its own prefix alone."""
        self.radvd.configure(*prefixes or [Advertised(self.prefix)], **options)
        self.radvd.reload()

    @property
    def at_core(self):
        """The core's address on the link between them."""
        return f"{self._uplink}::1"

    @property
    def from_core(self):
        """Where the core sends what is for the node."""
        return f"{self._uplink}::2"

    def close(self):
        self.radvd.close()
        self.namespace.close()


class RoamingNetwork:
    def __init__(self):
        self.directory = Path(tempfile.mkdtemp(prefix="odm-roaming-", dir="/tmp"))
        self.mn, self.sw, self.core, self.cn = (Namespace() for _ in range(4))
        self._open = contextlib.ExitStack()
        self.core.set_sysctl("net/ipv6/conf/all/forwarding", 1)
        self.sw.set_sysctl("net/ipv6/conf/all/disable_ipv6", 1)
        self.routers = {number: AccessRouter(self, number) for number in (1, 2)}
        self.core.ip(f"""
            link add cn0 type veth peer name eth0 netns {self.cn.path}
            link set cn0 up
            addr add 2001:db8:c::1/64 dev cn0 nodad
            """)
        self.cn.ip(f"""
            link set eth0 up
            addr add {SERVER}/64 dev eth0 nodad
            route add default via 2001:db8:c::1
            """)
        self.configure_node()
        self.place = 1
        self._delivered = []
        self.anchor()

    def configure_node(self):
        """The node autoconfigures itself, as an ordinary host does."""
        self.mn.ip(f"""
            link add up0 type veth peer name port netns {self.sw.path}
            link set up0 address {NODE_HARDWARE_ADDRESS}
            """)
        self.mn.set_sysctl("net/ipv6/conf/up0/accept_ra", 1)
        self.sw.ip("link set port master br1 up")
        self.mn.ip("link set up0 up")

    def add_uplink(self):
        """Another, up1, which is always at the second access router; the routers know the node by the same address."""
        self.mn.ip(f"""
            link add up1 type veth peer name port1 netns {self.sw.path}
            link set up1 address {NODE_HARDWARE_ADDRESS}
            """)
        self.mn.set_sysctl("net/ipv6/conf/up1/accept_ra", 1)
        self.sw.ip("link set port1 master br2 up")
        self.mn.ip("link set up1 up")

    def follow_to(self, number):
        """The network delivers the anchored prefix by this access router from now on."""
        self.place = number
        self.anchor()

    @property
    def router(self):
        """The one that the node is at."""
        return self.routers[self.place]

    def anchor(self):
        """The anchored prefix follows the node, and so do those of networks that it has left."""
        for prefix in [PREFIX, *self._delivered]:
            self.core.ip(f"route replace {prefix} via {self.router.from_core}")

    def deliver_everywhere(self, address):
        """From now on what is for an address of the network that the node is on is sent after the node, as networks do
        for Graceful-replacement."""
        self._deliver(f"{address}/128", self.router)

    def deliver_links(self):
        """The same for all addresses of both access links."""
        for router in self.routers.values():
            self._deliver(router.prefix, router)

    def _deliver(self, prefix, home):
        self._delivered.append(prefix)
        self.anchor()
        for router in self.routers.values():
            if router is not home:
                router.namespace.ip(f"route replace {prefix} via {NODE} dev mn0")

    def kea(self, **options):
        """A DHCPv6 server in the core, and relays before it in the access routers, until the test ends."""
        for router in self.routers.values():
            relay = DhcpRelay(
                router.namespace, self.directory / f"relay{router.number}", router.at_core, "wan")
            self._open.callback(relay.close)
            relay.start()
        interfaces = [f"c{router.number}/{router.at_core}" for router in self.routers.values()]
        kea = Kea(self.core, self.directory / "kea", *interfaces, relayed=True,
                  other_links=[self.routers[2].prefix], **options)
        self._open.callback(kea.close)
        kea.start()
        return kea

    def move(self, how="flap", to=None, outage=OUTAGE_SECONDS):
        """Takes the node to the other access router, or to the one that is named, by one of the methods below."""
        getattr(self, f"_{how}")(to or 3 - self.place, outage)

    def _pass(self, outage, number):
        """The outage, at whose end the network knows where the node will be."""
        end = time.monotonic() + outage
        self.place = number
        self.anchor()
        time.sleep(max(0, end - time.monotonic()))

    def _flap(self, number, outage):
        """The node's link loses its carrier for a moment, as with another access point."""
        self.sw.ip("link set port down")
        self._pass(outage, number)
        self.sw.ip(f"link set port master br{number} up")

    def _silent(self, number, outage):
        """The node's link says nothing: a switch or tunnel between it and the routers has moved. The new router sees
        the node arrive, and advertises itself."""
        self.sw.ip("link set port nomaster")
        self._pass(outage, number)
        self.sw.ip(f"link set port master br{number}")
        self.routers[number].radvd.reload()

    def _admin(self, number, outage):
        """Somebody sets the interface down and up."""
        self.mn.ip("link set up0 down")
        self.sw.ip(f"link set port master br{number}")
        self._pass(outage, number)
        self.mn.ip("link set up0 up")

    def close(self):
        self._open.close()
        for router in self.routers.values():
            router.close()
        for namespace in (self.mn, self.sw, self.core, self.cn):
            namespace.close()
        shutil.rmtree(self.directory, ignore_errors=True)
