"""A neighbour that defends addresses against Duplicate Address Detection (RFC 4862)."""

import socket
import struct
import threading

ETH_P_IPV6, ICMPV6, NEIGHBOUR_SOLICITATION, NEIGHBOUR_ADVERTISEMENT = 0x86DD, 58, 135, 136


class Defender(threading.Thread):
    """A neighbour that has every address it is asked for: answers each solicitation of DAD, up to a number."""

    def __init__(self, namespace, defended):
        super().__init__(daemon=True)
        with namespace:
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IPV6))
        self.socket.bind(("mn0", ETH_P_IPV6))
        self.defended = defended
        self.targets = set()

    def run(self):
        while True:
            try:
                frame = self.socket.recv(2048)
            except OSError:  # the link went with the test
                return
            source, payload = frame[22:38], frame[54:]
            if frame[20] != ICMPV6 or payload[0] != NEIGHBOUR_SOLICITATION or any(source):
                continue  # DAD asks from the unspecified address
            target = payload[8:24]
            if len(self.targets) < self.defended or target in self.targets:
                self.targets.add(target)
                self.socket.send(advertisement(target))


def advertisement(target):
    """A neighbour advertisement of the target to all nodes, in its Ethernet frame."""
    hardware, everybody = b"\x02\0\0\0\0\x99", socket.inet_pton(socket.AF_INET6, "ff02::1")
    override = 0x20000000
    option = b"\x02\x01" + hardware
    body = struct.pack("!BBHI", NEIGHBOUR_ADVERTISEMENT, 0, 0, override) + target + option
    pseudo_header = target + everybody + struct.pack("!I3xB", len(body), ICMPV6)
    total = sum(struct.unpack(f"!{(len(pseudo_header) + len(body)) // 2}H", pseudo_header + body))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    body = body[:2] + struct.pack("!H", ~total & 0xFFFF) + body[4:]
    header = struct.pack("!IHBB", 6 << 28, len(body), ICMPV6, 255) + target + everybody
    return b"\x33\x33\0\0\0\x01" + hardware + struct.pack("!H", ETH_P_IPV6) + header + body
