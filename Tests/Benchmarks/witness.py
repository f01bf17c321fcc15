"""When a DHCPv6 client asks, and when it has made something of the answer, seen from outside of it."""

import ipaddress
import socket
import struct
import time
from dataclasses import dataclass

from access_link import POOL, UPLINK
from servers import BenchError

PATIENCE_SECONDS = 10

ETH_P_ALL = 3
PROTOCOL_UDP, SERVER_PORT, SOLICIT = 17, 547, 1
RTMGRP_IPV6_IFADDR, RTM_NEWADDR = 0x100, 20
IFA_F_TENTATIVE, IFA_ADDRESS = 0x40, 1
HEADER, ADDRESS_HEADER, ATTRIBUTE = struct.Struct("=IHHII"), struct.Struct("=BBBBI"), struct.Struct("=HH")


@dataclass(frozen=True)
class Sight:
    """Moments of the monotonic clock, in nanoseconds."""

    solicit: int
    usable: int


class Witness:
    """Looks on in the network namespace that it is made in, from then on."""

    def __init__(self) -> None:
        self.link = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
        self.link.bind((UPLINK, ETH_P_ALL))
        self.addresses = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self.addresses.bind((0, RTMGRP_IPV6_IFADDR))

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        self.link.close()
        self.addresses.close()

    def sight(self) -> Sight:
        """Waits for the first Solicit, then for an address of the pool that can be bound to."""
        return Sight(self._first(self.link, is_solicit), self._first(self.addresses, has_usable_address))

    @staticmethod
    def _first(seen: socket.socket, is_it) -> int:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            seen.settimeout(left)
            try:
                octets = seen.recv(65536)
            except TimeoutError:
                break
            if is_it(octets):
                return time.monotonic_ns()
        raise BenchError(f"no {is_it.__name__} in {PATIENCE_SECONDS} s")


def is_solicit(packet: bytes) -> bool:
    """Of an IPv6 packet: UDP to the server's port, and the kind of the message behind its header."""
    return (len(packet) > 48 and packet[0] >> 4 == 6 and packet[6] == PROTOCOL_UDP
            and int.from_bytes(packet[42:44]) == SERVER_PORT and packet[48] == SOLICIT)


def has_usable_address(notice: bytes) -> bool:
    """Of a notice of the kernel's: RTM_NEWADDR of an address of the pool that is not tentative."""
    if HEADER.unpack_from(notice)[1] != RTM_NEWADDR:
        return False
    flags = ADDRESS_HEADER.unpack_from(notice, HEADER.size)[2]
    address = attribute(notice, HEADER.size + ADDRESS_HEADER.size, IFA_ADDRESS)
    return not flags & IFA_F_TENTATIVE and ipaddress.ip_address(address) in POOL


def attribute(notice: bytes, place: int, wanted: int) -> bytes:
    while place < len(notice):
        length, kind = ATTRIBUTE.unpack_from(notice, place)
        if kind == wanted:
            return notice[place + ATTRIBUTE.size : place + length]
        place += (length + 3) & ~3
    raise BenchError(f"a notice of an address without attribute {wanted}")
