"""Everything that passes the access router's end of the link, kept as a pcap file and read as DHCPv6."""

import socket
import struct
import threading
import time

from dhcpv6 import CLIENT_PORT, SERVER_PORT, Message

ETH_P_ALL = 0x0003
ETHERNET = 1  # LINKTYPE_ETHERNET
UDP = 17
ETHERNET_OCTETS, IPV6_OCTETS, UDP_OCTETS = 14, 40, 8


class Capture(threading.Thread):
    """From its start to its close. A frame that the node sends is there before a server on the router hears it."""

    def __init__(self, namespace, interface="mn0"):
        super().__init__(daemon=True)
        with namespace:
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.bind((interface, ETH_P_ALL))
        self.socket.settimeout(0.02)
        self.frames = []
        self._closing = threading.Event()
        self.start()

    def run(self):
        while not self._closing.is_set():
            try:
                self.frames.append((time.time(), self.socket.recv(65535)))
            except TimeoutError:
                continue

    def close(self):
        self._closing.set()
        self.join()
        self.socket.close()

    def write(self, path):
        """As a pcap file (draft-ietf-opsawg-pcap), with microseconds."""
        with path.open("wb") as file:
            file.write(struct.pack("=IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, ETHERNET))
            for seconds, frame in self.frames:
                header = struct.pack("=IIII", int(seconds), int(seconds % 1 * 1e6), len(frame), len(frame))
                file.write(header + frame)

    @property
    def asked(self):
        """The DHCPv6 messages that the node has sent."""
        return [Message.parse(frame[ETHERNET_OCTETS + IPV6_OCTETS + UDP_OCTETS:]) for _, frame in list(self.frames)
                if is_question(frame)]

    @property
    def kinds(self):
        return [message.kind for message in self.asked]


def is_question(frame):
    """From a client's port to a server's, without extension headers between."""
    if frame[12:14] != b"\x86\xdd" or frame[20] != UDP:
        return False
    return struct.unpack_from("!HH", frame, ETHERNET_OCTETS + IPV6_OCTETS) == (CLIENT_PORT, SERVER_PORT)
