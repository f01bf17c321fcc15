"""The network of the tests:

    mn up0 -------- mn0 r cn0 -------- eth0 cn
       2001:db8:1::/64         2001:db8:2::/64

The router r routes PREFIX to the mobile node mn as a delegated prefix is routed: to its link-local address.
mn has an ordinary address of its own too, which programs that do not know odmd use."""

import ipaddress

from namespaces import Namespace

PREFIX = ipaddress.IPv6Network("2001:db8:a::/56")
LEGACY_ADDRESS = "2001:db8:1::2"
ROUTER = "fe80::1"
NODE = "fe80::2"
SERVER = "2001:db8:2::2"
LINGERING_SECONDS = 1


class Network:
    def __init__(self):
        self.mn, self.r, self.cn = Namespace(), Namespace(), Namespace()
        self.r.set_sysctl("net/ipv6/conf/all/forwarding", 1)
        self.r.ip(f"""
            link add mn0 type veth peer name up0 netns {self.mn.path}
            link add cn0 type veth peer name eth0 netns {self.cn.path}
            link set mn0 addrgenmode none up
            link set cn0 up
            addr add {ROUTER}/64 dev mn0 nodad
            addr add 2001:db8:1::1/64 dev mn0 nodad
            addr add 2001:db8:2::1/64 dev cn0 nodad
            route add {PREFIX} via {NODE} dev mn0
            """)
        self.configure_node()
        self.cn.ip(f"""
            link set eth0 up
            addr add {SERVER}/64 dev eth0 nodad
            route add default via 2001:db8:2::1
            """)

    def configure_node(self):
        """What the node has of its own, without a daemon."""
        self.mn.ip(f"""
            link set up0 addrgenmode none up
            addr add {NODE}/64 dev up0 nodad
            addr add {LEGACY_ADDRESS}/64 dev up0 nodad
            route add default via {ROUTER} dev up0
            """)

    def close(self):
        for namespace in (self.mn, self.r, self.cn):
            namespace.close()
