"""A router that advertises octet by octet what a test says."""

import ipaddress
import socket
import struct
from dataclasses import dataclass

from network import ROUTER
from station import Station, join

ROUTER_SOLICITATION, ROUTER_ADVERTISEMENT = 133, 134
PREFIX_INFORMATION = 3
ON_LINK, AUTONOMOUS = 0x80, 0x40
ICMP6_FILTER = 1
IPV6_FREEBIND = 78  # linux/in6.h
ALL_NODES, ALL_ROUTERS = "ff02::1", "ff02::2"
LIFETIME_SECONDS = 600


@dataclass(frozen=True)
class PrefixInformation:
    """The option of RFC 4861, section 4.6.2, with SrvTp in its flags (draft-feng-dmm-ra-prefixtype-03)."""

    prefix: str
    service_type: int = 0
    flags: int = ON_LINK | AUTONOMOUS
    valid: int = LIFETIME_SECONDS
    preferred: int = LIFETIME_SECONDS

    def __bytes__(self):
        network = ipaddress.IPv6Network(self.prefix)
        return struct.pack(
            "!BBBBIII16s",
            PREFIX_INFORMATION, 4,  # type, and length in units of 8 octets
            network.prefixlen,
            self.flags | self.service_type,  # L, A, and SrvTp in the low three bits
            self.valid,
            self.preferred,
            0,  # reserved
            network.network_address.packed)


def advertisement(*options, router_lifetime=LIFETIME_SECONDS):
    """RFC 4861, section 4.2. The kernel fills in the checksum."""
    return struct.pack(
        "!BBHBBHII",
        ROUTER_ADVERTISEMENT, 0, 0,  # type, code, checksum
        64, 0,  # hop limit for the hosts to use, flags M and O
        router_lifetime,
        0, 0,  # reachable time, retransmission timer: unspecified
    ) + b"".join(map(bytes, options))


class FakeRouter(Station):
    """Advertises when it is told to (`advertise`), and, if it has an answer, when it is solicited."""

    def __init__(self, namespace, *, interface="mn0", answer=None):
        with namespace:
            endpoint = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
            self.index = socket.if_nametoindex(interface)
        super().__init__(endpoint)
        self.answer = answer
        self.solicitations = 0
        blocked = [0xFFFFFFFF] * 8
        blocked[ROUTER_SOLICITATION // 32] &= ~(1 << ROUTER_SOLICITATION % 32)
        endpoint.setsockopt(socket.IPPROTO_ICMPV6, ICMP6_FILTER, struct.pack("@8I", *blocked))
        join(endpoint, ALL_ROUTERS, self.index)

    def hear(self, octets, sender):
        self.solicitations += 1
        if self.answer is not None:
            self.send(self.answer)

    def advertise(self, *options, router_lifetime=LIFETIME_SECONDS, **envelope):
        self.send(advertisement(*options, router_lifetime=router_lifetime), **envelope)

    def send_from_anywhere(self):
        """Sources need not be addresses of the router's any more."""
        self.socket.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)

    def send(self, octets, source=ROUTER, hop_limit=255):
        """To all nodes, from an address of the router's."""
        packet_information = socket.inet_pton(socket.AF_INET6, source) + struct.pack("@I", self.index)
        self.socket.sendmsg([octets], [
            (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, packet_information),
            (socket.IPPROTO_IPV6, socket.IPV6_HOPLIMIT, struct.pack("@i", hop_limit)),
        ], 0, (ALL_NODES, 0, 0, self.index))
