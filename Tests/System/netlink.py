"""What the kernel says over rtnetlink, with what iproute2 does not show: the owner of an address (IFA_PROTO)."""

import ipaddress
import socket
import struct
from dataclasses import dataclass

RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR = 20, 21, 22
RTM_NEWROUTE, RTM_GETROUTE, RTM_GETNEIGH, RTM_GETRULE = 24, 26, 30, 34
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLM_F_REQUEST, NLM_F_DUMP_INTR, NLM_F_DUMP = 0x1, 0x10, 0x300
DUMP_ATTEMPTS = 100
RTMGRP_IPV6_IFADDR, RTMGRP_IPV6_ROUTE = 0x100, 0x400
IFA_ADDRESS, IFA_CACHEINFO, IFA_FLAGS, IFA_PROTO = 1, 6, 8, 11
RTA_DST, RTA_TABLE = 1, 15
SO_RCVBUFFORCE = 33
SOL_NETLINK, NETLINK_GET_STRICT_CHK = 270, 12

# The mark of the daemon: 0xd0 plus the continuity type on addresses, 0xd0 on routes and rules.
OWNER = 0xD0
OURS = range(OWNER + 1, OWNER + 5)
TABLE_LOCAL = 255
RTN_LOCAL = 2


@dataclass(frozen=True, order=True)
class Address:
    text: str
    interface: int
    prefix_length: int
    owner: int
    flags: int
    preferred_seconds: int
    valid_seconds: int


@dataclass(frozen=True, order=True)
class Route:
    destination: str
    table: int
    protocol: int
    type: int


def attributes(octets):
    """Type and content of each attribute."""
    found, offset = {}, 0
    while offset + 4 <= len(octets):
        length, kind = struct.unpack_from("=HH", octets, offset)
        if length < 4:
            break
        found[kind & 0x3FFF] = octets[offset + 4:offset + length]
        offset += (length + 3) & ~3
    return found


def flagged_messages(octets):
    """Type, flags and body of each message."""
    offset = 0
    while offset + 16 <= len(octets):
        length, kind, flags = struct.unpack_from("=IHH", octets, offset)
        yield kind, flags, octets[offset + 16:offset + length]
        offset += (length + 3) & ~3


def messages(octets):
    """Type and body of each message."""
    for kind, _, body in flagged_messages(octets):
        yield kind, body


def address_in(body):
    _, length, flags, _, index = struct.unpack_from("=BBBBI", body)
    found = attributes(body[8:])
    preferred, valid = struct.unpack_from("=II", found[IFA_CACHEINFO])
    return Address(str(ipaddress.IPv6Address(found[IFA_ADDRESS])), index, length, found.get(IFA_PROTO, b"\0")[0],
                   struct.unpack("=I", found[IFA_FLAGS])[0] if IFA_FLAGS in found else flags, preferred, valid)


def route_in(body):
    _, length, _, _, table, protocol, _, kind = struct.unpack_from("=8B", body)
    found = attributes(body[12:])
    destination = ipaddress.IPv6Address(found.get(RTA_DST, bytes(16)))
    table = struct.unpack("=I", found[RTA_TABLE])[0] if RTA_TABLE in found else table
    return Route(f"{destination}/{length}", table, protocol, kind)


class RouteSocket:
    """A socket of rtnetlink in the namespace that it was opened in."""

    def __init__(self, groups=0, buffer_octets=None):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        # The kernel refuses what it would else pass over, and filters what is asked for.
        self.socket.setsockopt(SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1)
        if buffer_octets:
            self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, buffer_octets)
        self.socket.bind((0, groups))

    def close(self):
        self.socket.close()

    def dump(self, kind, header):
        """The bodies of all answers, of a list that did not change while the kernel made it, as far as it knows."""
        for _ in range(DUMP_ATTEMPTS):
            bodies, is_whole = self._dump_once(kind, header)
            if is_whole:
                return bodies
        raise InterruptedError("the list changes all the time")

    def _dump_once(self, kind, header):
        self.socket.send(struct.pack("=IHHII", 16 + len(header), kind, NLM_F_REQUEST | NLM_F_DUMP, 1, 0) + header)
        bodies, is_whole = [], True
        while True:
            for kind, flags, body in flagged_messages(self.socket.recv(1 << 17)):
                if flags & NLM_F_DUMP_INTR:
                    is_whole = False
                if kind == NLMSG_DONE:
                    return bodies, is_whole
                if kind == NLMSG_ERROR:
                    raise OSError(-struct.unpack_from("=i", body)[0], "dump")
                bodies.append(body)

    def addresses(self):
        return [address_in(body) for body in self.dump(RTM_GETADDR, struct.pack("=B7x", socket.AF_INET6))]

    def routes(self):
        """From a list that comes in several pieces routes are left out when others go in between."""
        return [route_in(body) for body in self.dump(RTM_GETROUTE, struct.pack("=B11x", socket.AF_INET6))]

    def own_routes(self):
        """The daemon's, chosen by the kernel: so few come in one piece, which is whole."""
        header = struct.pack("=B4xB6x", socket.AF_INET6, OWNER)
        return [route_in(body) for body in self.dump(RTM_GETROUTE, header)]

    def rules(self):
        """The owner of each rule (FRA_PROTOCOL)."""
        header = struct.pack("=B11x", socket.AF_INET6)
        return [attributes(body[12:]).get(21, b"\0")[0] for body in self.dump(RTM_GETRULE, header)]

    def notices(self):
        """What has been told since the last call: type and body. OSError ENOBUFS when some were lost."""
        while True:
            try:
                octets = self.socket.recv(1 << 17, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            yield from messages(octets)
